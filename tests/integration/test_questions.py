"""The whole way of a question on real servers: a file, a mail, an answer, a release that is final, and a new number.

The stores are folders, and in the sweep buckets of an S3 server too.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from flows.feedback.alerts import dispatch
from flows.stores import Store
from tests.integration.mail_server import PASSWORD, USER, Mailbox, certificate, mail_server
from tests.support import sharing
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow
FIGURE = "conduct_discipline_trainings"
SHEET, COLUMN = "Conduct trainings", "Number of sessions"
ALERTS = """\
smtp:
  host: 127.0.0.1
  port: {port}
  security: starttls
  user_env: A4P_SMTP_USER
  password_env: A4P_SMTP_PASSWORD
  sender: A4P+ <a4p@example.org>
"""


@dataclass
class Desk:
    """The stores of a coordinator who has a mail server, and the workbook of a mission."""

    folder: Path
    box: Mailbox
    settings: dict[str, str] = field(default_factory=dict)

    def a4p(self, *arguments: str) -> str:
        code, out, err = sharing.a4p(self.folder, *arguments, **self.settings)
        assert code == 0, err
        return out

    def refresh(self) -> str:
        """Refresh, and return the status of the release."""
        out = self.a4p("refresh", "--cycle", "5")
        return str(re.findall(r"\((final|provisional)\)", out)[-1])

    def figure(self, mission: str = "UNMISS") -> tuple[str, int, str | None]:
        rows = json.loads(self.a4p("figures", "--cycle", "5", "--format", "json"))
        (row,) = (row for row in rows if (row["figure"], row["mission"]) == (FIGURE, mission))
        return row["obs_status"], row["questions"], row["answers"]

    def asked(self) -> list[dict[str, object]]:
        """Return the questions to UNMISS that are open."""
        every = json.loads(self.a4p("questions", "--cycle", "5", "--format", "json"))
        return [one for one in every if one["mission"] == "UNMISS" and one["source"] == "mission_report"]

    def mailed(self) -> dict[str, str]:
        """Send what is due; returns to UNMISS alone what it was sent, by its subject."""
        self.a4p("alerts", "--cycle", "5", "--send")
        return {str(one.mail["Subject"]): one.plain for one in self.box.take() if "unmiss-a4p@example.org" in one.to}

    @property
    def workbook(self) -> Path:
        (file,) = (self.folder / "inbox/cycle-05/mission_report/UNMISS").glob("*.xlsx")
        return file

    def write(self, times: float, why: str | None = None) -> int:
        """Multiply the sessions of the first kind of training in the workbook; returns the number."""
        book = openpyxl.load_workbook(self.workbook)
        sheet = book[SHEET]
        header = next(number for number, row in enumerate(sheet.values, 1) if row and COLUMN in row)
        titles = [cell.value for cell in sheet[header]]
        at = titles.index(COLUMN) + 1
        cell = sheet.cell(header + 1, at)
        cell.value = round(int(cell.value) * times)
        if why:
            last = len([title for title in titles if title])
            sheet.cell(header, last + 1, "Explanation")
            sheet.cell(header + 1, last + 1, why)
        book.save(self.workbook)
        self.put()
        return int(cell.value)

    def put(self) -> None:
        """Have the workbook where the pipeline looks for it."""
        if inbox := self.settings.get("A4P_INBOX_URI"):
            path = str(self.workbook.relative_to(self.folder / "inbox"))
            Store(inbox, self.settings["A4P_S3_ENDPOINT_URL"]).write(path, self.workbook.read_bytes())


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["folders", pytest.param("s3", marks=pytest.mark.skipif(not SWEEP, reason="make sweep"))])
def desk(
    request: pytest.FixtureRequest, released: Path, tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setattr(dispatch, "FIRST_WAIT_S", 0.01)
    shutil.copytree(released / "inbox", tmp_path / "inbox")
    sharing.with_results(released, tmp_path / "store/private")
    with mail_server(pem) as box:
        (tmp_path / "config").mkdir()
        (tmp_path / "config/alerts.yaml").write_text(ALERTS.format(port=box.port), encoding="utf-8")
        settings = {
            "A4P_CONFIG": str(tmp_path / "config"),
            "A4P_SMTP_USER": USER,
            "A4P_SMTP_PASSWORD": PASSWORD,
            "SSL_CERT_FILE": str(pem),
        }
        if request.param == "s3":
            settings |= _in_buckets(request, tmp_path)
        yield Desk(tmp_path, box, settings)


def _in_buckets(request: pytest.FixtureRequest, folder: Path) -> dict[str, str]:
    """Bring what lies in folders into a bucket; returns the settings that name it."""
    s3, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")
    client = s3.client()
    for name in ("inbox", "store/private"):
        for file in sorted((folder / name).rglob("*")):
            if file.is_file():
                key = str(file.relative_to(folder)).replace("store/", "")
                client.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    places = {f"A4P_{name.upper()}_URI": f"s3://{bucket}/{name}" for name in ("inbox", "private", "public")}
    return {
        **places,
        "A4P_S3_ENDPOINT_URL": s3.endpoint,
        "AWS_ACCESS_KEY_ID": s3.key,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
    }


def test_a_question_goes_by_mail_is_answered_and_is_put_again_where_the_number_changes(desk: Desk) -> None:
    before = desk.write(1)
    assert desk.refresh() == "final"
    assert desk.figure() == ("A", 0, None)
    desk.mailed()

    tenfold = desk.write(10)
    assert desk.refresh() == "provisional"
    assert desk.figure() == ("P", 1, None)
    assert desk.figure("ALL") == ("P", 1, None)
    (question,) = desk.asked()
    assert (question["value"], question["mission"], question["column"]) == (tenfold, "UNMISS", "sessions")
    ((subject, letter),) = desk.mailed().items()
    assert subject.endswith("1 question")
    assert str(question["message"]) in letter

    identity = str(question["identity"])
    desk.a4p("decide", "answer", identity[:8], "--text", "ten new training centres", "--by", "Desk")
    assert desk.refresh() == "final"
    assert desk.figure() == ("A", 0, "ten new training centres")
    assert desk.figure("ALL")[2] == "UNMISS: ten new training centres"
    assert "Unusual, and explained: UNMISS: ten new training centres" in desk.a4p("explain", FIGURE, "--cycle", "5")
    assert desk.asked() == []
    # that all is settled is told on another day
    assert desk.mailed() == {}
    # within what was answered nothing is asked
    desk.write(0.9)
    assert desk.refresh() == "final"

    desk.write(20 * before / desk.write(1))
    assert desk.refresh() == "provisional"
    # two rules ask: it is far from before, and more than the days have room for
    assert {one["value"] for one in desk.asked()} == {20 * before}
    ((_, letter),) = desk.mailed().items()
    assert "Are these numbers right?" in letter

    # the mission itself says what explains it, beside the row
    desk.write(1, "ten more centres since May")
    assert desk.refresh() == "final"
    assert desk.figure() == ("A", 0, "ten more centres since May")
    assert desk.asked() == []
    (told,) = (one for one in json.loads(desk.a4p("record", "--format", "json")) if one["kind"] == "answer")
    assert told["state"] == "holds"
