"""A file that is erased is nowhere in the private store any more, and does not come back."""

from __future__ import annotations

import email
import hashlib
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from config import ConfigError
from flows.cli.commands import a4p
from flows.core.records import Astray, Published
from flows.feedback.alerts import drop_drafts, sending
from flows.intake.books import earlier, erasures, ledger, record
from flows.intake.books.record import Decision
from flows.intake.receive import pulled
from flows.refresh import erasing, reuse
from flows.refresh.rebuild import rebuild
from flows.refresh.story import refresh
from flows.releases import deciding, editions, shelf
from flows.releases.make import lineage
from flows.releases.verify import verify
from flows.stores import Store, checked
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, mission_book, noticas

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
RIGHT = noticas(casualty(1), casualty(2))
# one row that is accepted, one that is refused, and one of which somebody is told
SECRETS = ("UNIFIL-2024-01-7654321", "SECRET-CAUSE", "UNIFIL-2024-01-7654322")
WRONG = noticas(casualty(7654321), casualty(7654322, cause="SECRET-CAUSE"))
NAME = "Names of the dead.csv"


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def contents(path: str, data: bytes) -> Iterator[bytes]:
    """Yield what a file says: as it is, and unpacked where it is packed."""
    yield path.encode()
    yield data
    if data[:4] == b"PAR1":
        frame = pl.read_parquet(io.BytesIO(data))
        yield str(frame.rows()).encode()
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from contents(name, archive.read(name))
    elif path.endswith(".eml"):
        message = email.message_from_bytes(data, policy=default)
        assert isinstance(message, EmailMessage)
        for part in message.walk():
            if not part.is_multipart():
                yield from contents(part.get_filename() or "text", part.get_payload(decode=True))  # type: ignore[arg-type]


def holding(private: Store, *words: str) -> list[str]:
    """Return the files of the private store that have one of these words in them, however they are packed."""
    found = []
    for entry in private.entries():
        every = b"\n".join(contents(entry.path, private.read(entry.path)))
        if any(word.encode() in every for word in words):
            found.append(entry.path)
    return found


class Desk(Rooms):
    """Rooms whose files come one hour after the other."""

    def __init__(self, folder: Path, private: Store | None = None) -> None:
        super().__init__(folder)
        self.at = datetime(2024, 5, 20, tzinfo=UTC)
        if private:
            self.private, self.places = private, type(self.places)(self.places.inbox, private, self.places.public)

    def hand_in(self, data: bytes, name: str = "n.csv") -> str:
        self.at += timedelta(hours=1)
        return self.put(f"noticas/{name}", data, self.at)

    def refresh(self) -> Published:
        return refresh(CYCLE, self.places, CONFIG, now=NOW)

    def erase(self, wanted: str = sha256_of(WRONG)) -> erasing.Erasure:
        return erasing.erase(wanted, "Coordinator", "sent by mistake", NOW, self.places, CONFIG)

    def in_use(self) -> list[str]:
        """Return the casualties that are accepted now."""
        staged = self.staged(self.gather(), "noticas")
        return sorted(staged["casualty_id"])

    def left_out(self) -> list[Astray]:
        """Return what the last pull left out."""
        return list(pulled.last(CONFIG.contract("noticas"), CONFIG, CYCLE, self.private).left_out)

    @property
    def shown(self) -> shelf.Release:
        release = shelf.latest(self.places.public, CYCLE)
        assert release
        return release

    def table(self, name: str) -> pl.DataFrame:
        return editions.read_table(self.shown, name, self.places.public, self.places.internal)

    @property
    def stores(self) -> Any:
        return self.places.public, self.private


def mission_file(mission: str) -> bytes:
    """Return a mission's workbook with a remark that no other one has."""
    return mission_book(mission, mission_plan=[("approved_plan", "remarks"), ("Y", f"SECRET-{mission}")])


ONE_AND_TWO = ["UNIFIL-2024-01-0001", "UNIFIL-2024-01-0002"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def once_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = Desk(tmp_path_factory.mktemp("wrong"))
    desk.hand_in(WRONG)
    desk.gather()
    return desk.folder


@pytest.fixture
def wrong_read(once_read: Path, desk: Desk) -> None:
    """The wrong file was read at the desk."""
    shutil.copytree(once_read, desk.folder, dirs_exist_ok=True)
    desk.at += timedelta(hours=1)


@pytest.fixture(params=["", "memory://test-erasing"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """A desk with a private store in a folder, or in a place that is none."""
    return Desk(tmp_path, Store(f"{request.param}/{tmp_path.name}", private=True) if request.param else None)


@pytest.fixture
def ran(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    for name in ("inbox", "private", "public"):
        monkeypatch.setenv(f"A4P_{name.upper()}_URI", str(desk.folder / name))

    def ran(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(a4p, [*arguments])
        assert result.exit_code == code, result.output
        return result.output

    return ran


@pytest.mark.slow
def test_nothing_of_it_is_left_it_is_not_read_again_and_the_file_before_it_counts(anywhere: Desk) -> None:
    desk = anywhere
    desk.hand_in(RIGHT)
    assert desk.in_use() == ONE_AND_TWO
    # it takes the other's place in the inbox too, which has no copy of that any more
    path = desk.hand_in(WRONG)
    assert SECRETS[0] in desk.in_use()
    assert holding(desk.private, *SECRETS)
    done = desk.erase()
    assert (done.decision.kind, done.decision.by, done.decision.reason) == ("erase", "Coordinator", "sent by mistake")
    assert done.decision.about == {"sha256": sha256_of(WRONG), "slots": ["cycle-05/noticas"]}
    assert done.in_inbox == (path,)
    assert holding(desk.private, *SECRETS) == []
    assert not list(record.problems(desk.private))
    assert desk.in_use() == ONE_AND_TWO
    assert holding(desk.private, *SECRETS) == []
    (desk.inbox / path).unlink()
    assert desk.in_use() == ONE_AND_TWO
    desk.hand_in(noticas(casualty(3)))
    assert desk.in_use() == ["UNIFIL-2024-01-0003"]
    # it is the content that is known
    desk.hand_in(WRONG, "another name.csv")
    assert desk.in_use() == ["UNIFIL-2024-01-0003"]
    assert [(one.file, one.trouble, one.day) for one in desk.left_out()] == [
        ("cycle-05/noticas/another name.csv", "erased", "2024-06-03")
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("wrong_read")
def test_without_a_file_before_it_there_is_none(desk: Desk) -> None:
    desk.erase(sha256_of(WRONG)[:8])
    assert not any(one.submission.source == "noticas" for one in desk.gather().reads)
    assert holding(desk.private, *SECRETS) == []


@pytest.mark.slow
def test_files_that_were_read_together_are_read_again_without_it(desk: Desk) -> None:
    books = {mission: mission_file(mission) for mission in ("UNIFIL", "UNISFA")}
    for mission, data in books.items():
        desk.put(f"mission_report/{mission}/report.xlsx", data, desk.at)
    staged = desk.staged(desk.gather(), "mission_plan")
    assert set(staged["mission"]) == set(books)
    done = desk.erase(sha256_of(books["UNIFIL"]))
    assert done.decision.about["slots"] == ["cycle-05/mission_report/UNIFIL"]
    assert holding(desk.private, "SECRET-UNIFIL") == []
    assert set(desk.staged(desk.gather(), "mission_plan")["mission"]) == {"UNISFA"}
    # that of the other mission has the same name, and stays
    assert holding(desk.private, "SECRET-UNISFA")


@pytest.mark.parametrize("stopped_before", list(erasing.PLACES))
def test_who_is_killed_in_between_does_it_again(stopped_before: str, desk: Desk, read: Path) -> None:
    shutil.copytree(read, desk.folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasing, "PLACES", {**erasing.PLACES, stopped_before: killed})
        with pytest.raises(KeyboardInterrupt):
            desk.erase()
    assert erasures.back(record.entries(desk.private), desk.private)
    there = record.entries(desk.private)
    assert erasing.finish(there, desk.places, CONFIG) == there
    assert holding(desk.private, *SECRETS) == []
    assert erasing.finish(there, desk.places, CONFIG) == []
    # the command may be given as often as one likes
    again = desk.erase()
    assert (again.again, again.decision.number, again.done) == (True, 1, {})
    assert len(record.entries(desk.private)) == 1


def killed(_: object) -> int:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("wrong_read")
def test_what_was_left_half_written_goes_too(desk: Desk) -> None:
    old, new = (desk.folder / "private" / name for name in (".0a.part", "raw/.0b.part"))
    for part in (old, new):
        part.write_bytes(WRONG)
    new.touch()
    past = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    os.utime(old, (past, past))
    assert desk.erase().done["unfinished"] == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_a_file_that_was_not_opened_is_named_by_the_note_of_it(desk: Desk) -> None:
    path = desk.hand_in(WRONG)
    (desk.inbox / path).rename(desk.folder / "elsewhere.csv")
    (desk.inbox / path).symlink_to(desk.folder / "elsewhere.csv")
    (left,) = (one for one in desk.gather().reads if one.submission.source == "noticas")
    assert left.submission.problem
    assert desk.erase(left.submission.sha256).in_inbox == (path,)
    desk.gather()
    assert [(one.file, one.trouble) for one in desk.left_out()] == [(path, "erased")]


def test_the_ledger_forgets_what_is_of_it_and_what_may_quote_it(tmp_path: Path) -> None:
    store, sha256 = Store(str(tmp_path), private=True), sha256_of(WRONG)
    where = {"source": "noticas", "file": "cycle-05/noticas/n.csv"}
    rows = [
        ("of it", {**where, "sent_as": sha256}),
        # the file before it had the same name
        ("before it", {**where, "sent_as": sha256_of(RIGHT)}),
        ("names it", {"source": "hospitals", "message": f"Not like '{NAME}' of last month.", "sent_as": "a"}),
        ("names another", {"source": "hospitals", "message": f"Not like 'All {NAME}s'.", "sent_as": "a"}),
    ]
    ledger.save(store, CYCLE, entries(rows))
    later = [
        ("asked beside it", {"source": "noticas", "value": 80.0, "earlier": 8.0}),
        ("of the row alone", {"source": "noticas", "value": 80.0}),
        ("asked of others", {"source": "hospitals", "value": 80.0, "earlier": 8.0}),
    ]
    ledger.save(store, CONFIG.cycle(6), entries(later))
    submissions = [("cycle-05/noticas/n.csv", sha256), (f"cycle-05/noticas/{NAME}", sha256), ("h.xlsx", "a")]
    frame = pl.DataFrame(submissions, schema=["file", "sha256"], orient="row")
    checked.write_frame(store, "ledger/cycle-05/submissions.parquet", frame)
    sent = pl.DataFrame([("n.csv", sha256_of(RIGHT))], schema=["file", "sha256"], orient="row")
    checked.write_frame(store, "ledger/cycle-05/sent.parquet", sent)
    sums = {"cycle-05/noticas/n.csv": {"noticas": {}}, "h.xlsx": {"hospitals": {}}}
    checked.write_json(store, "ledger/cycle-05/counted.json", sums)
    earlier.note({"noticas": "numbers/a.parquet", "hospitals": "numbers/b.parquet"}, CYCLE, store)
    erased = erasures.Erased(sha256, ("cycle-05/noticas",))

    assert erasures.forget(erasures.trace(erased, store, {"noticas"}), store) == 5
    assert list(ledger.load(store, CYCLE)["identity"]) == ["before it", "names another"]
    assert list(ledger.load(store, CONFIG.cycle(6))["identity"]) == ["of the row alone", "asked of others"]
    assert checked.read_frame(store, "ledger/cycle-05/submissions.parquet")["file"].to_list() == ["h.xlsx"]
    assert checked.read_frame(store, "ledger/cycle-05/sent.parquet").height == 1
    assert list(checked.read_json(store, "ledger/cycle-05/counted.json", checked.OBJECT)) == ["h.xlsx"]
    assert earlier.noted(CYCLE, store) == {"hospitals": "numbers/b.parquet"}


def test_drafts_since_then_go_and_are_told_anew(tmp_path: Path) -> None:
    store = Store(str(tmp_path), private=True)
    told = {"alerted_on": NOW}
    rows = [
        ("its own", {"source": "mission_report", "mission": "UNIFIL", **told}),
        ("of another", {"source": "mission_report", "mission": "UNMISS", **told}),
    ]
    ledger.save(store, CYCLE, entries(rows))
    drafts = [
        *("20240602T100000Z-mission_report-UNIFIL", "20240603T120000Z-mission_report-UNIFIL"),
        *("20240603T120000Z-mission_report-UNMISS", "20240603T120000Z-reader-1234"),
    ]
    for name in drafts:
        store.write(f"alerts/cycle-05/outbox/{name}.eml", b"")
    assert drop_drafts({"mission_report/UNIFIL": NOW}, [CYCLE], store) == 1
    assert not store.exists(f"alerts/cycle-05/outbox/{drafts[1]}.eml")
    assert len(store.entries("alerts/cycle-05/outbox")) == 3
    known = ledger.load(store, CYCLE)
    assert dict(known.select("identity", pl.col("alerted_on").is_null()).iter_rows()) == {
        "its own": True,
        "of another": False,
    }


def entries(rows: list[tuple[str, dict[str, Any]]]) -> pl.DataFrame:
    """Return a ledger with these findings, each with its identity."""
    return pl.DataFrame([{"identity": name, **said} for name, said in rows], schema=ledger.SCHEMA)


@pytest.mark.usefixtures("wrong_read")
def test_it_cannot_be_taken_back(desk: Desk) -> None:
    desk.erase()
    with pytest.raises(ConfigError, match="erased a file, which cannot be brought back"):
        deciding.take_back(1, "Coordinator", "it was right", CONFIG, NOW, desk.stores)


@pytest.mark.usefixtures("wrong_read")
def test_one_file_must_be_meant(desk: Desk) -> None:
    for wanted, told in (
        ("n.csv", "is no SHA-256"),
        (sha256_of(WRONG)[:7], "is no SHA-256"),
        ("0" * 64, "Neither the private store nor the inbox"),
    ):
        with pytest.raises(ConfigError, match=told):
            desk.erase(wanted)
    twin = f"{sha256_of(WRONG)[:8]}{'0' * 56}"
    desk.private.write(f"raw/noticas/{twin}/n.csv", b"")
    with pytest.raises(ConfigError, match="Several files"):
        desk.erase(sha256_of(WRONG)[:8])
    assert record.entries(desk.private) == []


def test_it_may_be_decided_before_it_was_read(desk: Desk) -> None:
    desk.hand_in(RIGHT)
    desk.gather()
    desk.hand_in(WRONG)
    done = desk.erase()
    assert done.decision.about["slots"] == []
    assert desk.in_use() == ONE_AND_TWO
    assert holding(desk.private, *SECRETS) == []


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk at which the wrong file was read after the right one."""
    desk = Desk(tmp_path_factory.mktemp("read"))
    desk.hand_in(RIGHT)
    desk.gather()
    desk.hand_in(WRONG, NAME)
    desk.gather()
    return desk.folder


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a release of the right file, one of the wrong file, and a message on that."""
    desk = Desk(tmp_path_factory.mktemp("released"))
    desk.hand_in(RIGHT)
    desk.refresh()
    desk.hand_in(WRONG, NAME)
    desk.refresh()
    sending.send(CYCLE, desk.private, CONFIG, NOW, {})
    return desk.folder


@pytest.mark.slow
def test_a_release_was_made_with_it(desk: Desk, released: Path, ran: Callable[..., str]) -> None:
    shutil.copytree(released, desk.folder, dirs_exist_ok=True)
    sha256, second = sha256_of(WRONG), desk.shown
    record.add(Decision("withdraw", "Coordinator", f"{NAME} is not ours", 5, {"submissions": []}), NOW, desk.private)
    drafts = [path for path in holding(desk.private, NAME) if path.endswith(".eml")]
    assert drafts
    assert {one.path.partition("/")[0] for one in desk.private.entries()} <= {
        *erasing.PLACES,
        *erasing.STAYS,
        *reuse.WORKED_OUT,
    }
    assert not ledger.load(desk.private, CYCLE).filter(pl.col("sent_as") == sha256).is_empty()

    said = ran("decide", "erase", sha256[:12], "--reason", "sent by mistake", "--by", "Coordinator")
    for told in (
        "is erased by decision 2.",
        f"cycle-05/noticas/{NAME}",
        "decisions that name it, and stay as they are: 1 ",
        "cycle 5, r002 (readers see it): lead readers back before the next refresh, with: "
        "a4p decide withdraw --cycle 5 --to r001",
        "Next: a4p refresh --cycle 5",
    ):
        assert told in said, said
    assert "r001 (" not in said
    # what was published stands as it was published, here and there
    assert holding(desk.private, *SECRETS) == []
    assert {path.partition("/")[0] for path in holding(desk.private, NAME)} == {"decisions", "decisions-copied"}
    assert not any(secret.encode() in part for part in public(desk) for secret in SECRETS)
    assert [one for one in drafts if desk.private.exists(one)] == []
    assert ledger.load(desk.private, CYCLE).filter(pl.col("sent_as") == sha256).is_empty()
    assert "file with sha256" in ran("record", "--cycle", "5")

    # the release before still shows its rows; the one that was made with it cannot be made again
    first = shelf.get(desk.places.public, CYCLE, "r001")
    assert desk.frame(lineage.read(first.descriptor, desk.private)["staged"]["noticas"]).height == 2
    verified = verify(second, CYCLE, *desk.stores)
    assert (verified.holds, verified.raw_files) == (True, 1)
    assert "r002 cannot be made again" in verified.told[0]
    explained = ran("explain", "fatalities_malicious", "--cycle", "5")
    assert "The rows are not shown: a file that they came from was erased by decision 2." in explained
    with pytest.raises(ConfigError, match="cannot be made again"):
        rebuild(second, CYCLE, CONFIG, *desk.stores)

    said = ran("decide", "withdraw", "--cycle", "5", "--to", "r001", "--reason", "sent by mistake")
    assert NAME not in str(record.entries(desk.private)[-1])
    assert desk.refresh().release == first
    found = ledger.last_refresh(desk.private, CYCLE)
    assert found
    (finding,) = found.findings.filter(pl.col("rule") == "file_was_not_erased").iter_rows(named=True)
    assert finding["message"].startswith("The file was erased on ")
    assert finding["remedy"].startswith("Remove it from the inbox")
    assert holding(desk.private, *SECRETS) == []


@pytest.mark.slow
def test_a_backup_that_is_brought_back_has_it_again(desk: Desk, released: Path, ran: Callable[..., str]) -> None:
    shutil.copytree(released, desk.folder, dirs_exist_ok=True)
    desk.erase()
    assert verify(desk.shown, CYCLE, *desk.stores).holds
    shutil.copytree(released / "private", desk.folder / "private", dirs_exist_ok=True)
    (problem,) = verify(desk.shown, CYCLE, *desk.stores).problems
    assert problem.endswith("which decision 1 erased, is in the private store; erase it again with: a4p restore")
    assert "A file that decision 1 erased was in the private store, and is erased again." in ran("restore")
    assert holding(desk.private, *SECRETS) == []
    assert verify(desk.shown, CYCLE, *desk.stores).holds
    shutil.copytree(released / "private", desk.folder / "private", dirs_exist_ok=True)
    desk.refresh()
    assert holding(desk.private, *SECRETS) == []
    assert desk.table("submissions").filter(pl.col("sha256") == sha256_of(WRONG)).is_empty()


def public(desk: Desk) -> Iterator[bytes]:
    for entry in desk.places.public.entries():
        yield from contents(entry.path, desk.places.public.read(entry.path))
