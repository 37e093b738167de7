"""What is decided holds in the next refresh, is told by the record, and what readers see follows from it."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from config import Config, ConfigError
from flows import Pipeline
from flows.cli.commands import a4p
from flows.core.errors import StoreError
from flows.core.records import Published
from flows.intake.books import record
from flows.refresh.rebuild import rebuild
from flows.refresh.story import refresh
from flows.releases import deciding, editions, shelf, withdrawals
from flows.releases.verify import verify
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, noticas
from tests.support.sweeping import SWEEP

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]
BY, WHY, NOW = "Coordinator", "confirmed by telephone", datetime(2024, 6, 3, 12, tzinfo=UTC)
FAULTY = noticas(casualty(1), casualty(2, mission="ATLANTIS"), casualty(3, cause="Typo"))


class Desk(Rooms):
    """Rooms with releases, whose files come one hour after the other."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.at = datetime(2024, 5, 20, tzinfo=UTC)

    def hand_in(self, data: bytes, name: str = "n.csv") -> None:
        self.at += timedelta(hours=1)
        self.put(f"noticas/{name}", data, self.at)

    def refresh(self, config: Config = CONFIG) -> Published:
        return refresh(CYCLE, self.places, config, now=NOW)

    @property
    def shown(self) -> shelf.Release:
        release = shelf.latest(self.places.public, CYCLE)
        assert release
        return release

    def table(self, name: str) -> pl.DataFrame:
        if name in editions.tables(self.shown, self.places.internal):
            return editions.read_table(self.shown, name, self.places.public, self.places.internal)
        return shelf.read_table(self.places.public, self.shown, name)

    @property
    def stores(self) -> Any:
        return self.places.public, self.private

    def states(self) -> list[str]:
        from flows.releases.decided import view

        # those of the configuration stand in front
        return view(replace(CONFIG, accepted=()), *self.stores, NOW.date())["state"].to_list()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def begun(folder: Path, *files: tuple[bytes, str]) -> Path:
    """Make a folder with a release of each of these files, to be copied."""
    desk = Desk(folder)
    for data, name in files:
        desk.hand_in(data, name)
        assert desk.refresh().new
    return folder


def going_on(folder: Path, desk: Desk, files: int) -> Desk:
    shutil.copytree(folder, desk.folder, dirs_exist_ok=True)
    desk.at += timedelta(hours=files)
    return desk


@pytest.fixture(scope="module")
def of_faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(tmp_path_factory.mktemp("faulty"), (FAULTY, "n.csv"))


@pytest.fixture
def faulty(of_faulty: Path, desk: Desk) -> Desk:
    """The desk, with a release of the faulty file."""
    return going_on(of_faulty, desk, 1)


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = ((noticas(*map(casualty, range(1, number + 1))), f"{number}.csv") for number in (1, 2))
    return begun(tmp_path_factory.mktemp("two"), *files)


@pytest.fixture
def with_two(of_two: Path, desk: Desk) -> Desk:
    """The desk, with two releases, the second one of a casualty more."""
    return going_on(of_two, desk, 2)


@pytest.fixture
def ran(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    for name in ("inbox", "private", "public"):
        monkeypatch.setenv(f"A4P_{name.upper()}_URI", str(desk.folder / name))

    def ran(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(a4p, [*arguments])
        assert result.exit_code == code, result.output
        return result.output

    return ran


@pytest.mark.usefixtures("faulty")
def test_the_commands_decide_and_the_record_tells_it(desk: Desk, ran: Callable[..., str]) -> None:
    why, by = ("--reason", WHY), ("--by", BY)
    key = ("--key", "casualty_id=atlantis\u20132024-01-0002")
    said = ran(
        *("decide", "correct", "--source", "noticas", "--table", "noticas", *key, "--column", "mission"),
        *("--from", "ATLANTIS", "--to", "UNMISS", "--cycle", "5", *why, *by),
    )
    assert "Decision 1 is in the record (correct, by Coordinator)." in said
    typo = desk.table("findings").filter(pl.col("column") == "cause", pl.col("severity") == "critical")["identity"][0]
    ran("decide", "waive", "--finding", typo[:8], "--cycle", "5", *why, *by)
    ran("decide", "answer", typo, "--text", "It is an illness.", *by)
    # the key is compared as people read it
    assert desk.refresh().new
    assert desk.table("findings").filter(pl.col("rule") == "corrected_by_config").height == 1
    waived = desk.table("findings").filter(pl.col("identity") == typo)["waived"]
    assert waived.to_list() == [f"{BY}: {WHY}"]
    assert desk.table("submissions")["rows_quarantined"].sum() == 0

    told = json.loads(ran("record", "--format", "json"))
    mine = [one for one in told if one["decision"].isdecimal()]
    assert [(one["decision"], one["kind"], one["by"], one["reason"], one["state"]) for one in mine] == [
        ("1", "correct", BY, WHY, "holds"),
        ("2", "waive", BY, WHY, "holds"),
        ("3", "answer", BY, "It is an illness.", "holds"),
    ]
    assert "casualty_id=atlantis" in mine[0]["about"]
    # what stands in the configuration stands in the record's view
    assert [one["decision"].partition(":")[0] for one in told if one not in mine] == ["config/accepted.yaml"] * 4

    said = ran("decide", "take-back", "1", *why, *by)
    assert f"Decision 1 (correct, {BY}: {WHY}) is taken back." in said
    desk.refresh()
    assert desk.table("submissions")["rows_quarantined"].sum() == 1
    assert desk.states() == ["taken back by 4", "holds", "holds", "holds"]
    assert "taken back by 4" in " ".join(ran("record", "--cycle", "5").split())


@pytest.mark.usefixtures("faulty")
def test_a_waiver_of_a_finding_holds_until_its_source_sends_another_file(desk: Desk) -> None:
    typo = desk.table("findings").filter(pl.col("column") == "cause", pl.col("severity") == "critical")["identity"][0]
    about = deciding.finding(typo, CYCLE, CONFIG, *desk.stores)
    assert about["key"] == {"casualty_id": "UNIFIL-2024-01-0003"}
    deciding.decide(record.Decision("waive", BY, WHY, 5, about), CONFIG, NOW, desk.private)
    desk.refresh()
    assert desk.states() == ["holds"]
    # another file with the same mistake is not what was decided on
    desk.hand_in(noticas(casualty(1), casualty(3, cause="Typo"), casualty(4)))
    published = desk.refresh()
    assert published.findings.filter(pl.col("identity") == typo)["waived"].to_list() == [None]
    assert desk.states() == ["no longer needed"]
    told = published.findings.filter(pl.col("rule") == "waiver_is_still_needed")
    assert told["remedy"].to_list() == ["Take it back with: a4p decide take-back 1"]
    assert "(decision 1)" in told["message"][0]


@pytest.mark.usefixtures("faulty")
def test_a_figure_is_accepted_while_it_keeps_its_value(desk: Desk) -> None:

    def accept(figure: str, mission: str = "ALL") -> record.Entry:
        return deciding.accept(figure, mission, CYCLE, BY, WHY, CONFIG, NOW, desk.stores)

    assert accept("Fatalities-Total", "all").about == {"figure": "fatalities_total", "mission": "ALL", "value": 1.0}
    assert desk.states() == ["holds"]
    with pytest.raises(ConfigError, match=r"There is no figure 'nothing'; see them with: a4p figures --cycle 5"):
        accept("nothing")
    with pytest.raises(ConfigError, match=r"There is no figure 'fatalites_total'; did you mean fatalities_total\?"):
        accept("fatalites_total")
    desk.hand_in(noticas(casualty(1), casualty(2), casualty(3, cause="Typo")))
    published = desk.refresh()
    assert desk.states() == ["holds no more: the figure is 2 now"]
    told = published.findings.filter(pl.col("rule") == "acceptance_is_still_needed")["message"].to_list()
    assert told == [
        "The decision to accept the figure fatalities_total of ALL (decision 1) holds no more: 1 was accepted, "
        "and it is 2 now."
    ]
    desk.hand_in(noticas(casualty(1)))
    desk.refresh()
    assert desk.states() == ["no longer needed"]


@pytest.mark.usefixtures("with_two")
def test_history_explain_and_releases_mark_what_is_withdrawn_and_diff_says_which_way(ran: Callable[..., str]) -> None:
    ran("rollback", "--cycle", "5", "--to", "r001", "--reason", "the wrong file", "--by", BY)
    rows = json.loads(ran("history", "fatalities_total", "--cycle", "5", "--format", "json"))
    today = datetime.now(UTC).date().isoformat()
    assert [(one["release"], one["withdrawn"]) for one in rows] == [
        ("r001", None),
        ("r002", f"on {today}: the wrong file"),
    ]
    assert "the wrong file" in ran("history", "fatalities_total", "--cycle", "5")
    gone = ran("explain", "fatalities_total", "--cycle", "5", "--release", "r002")
    assert f"This release is withdrawn, on {today}: the wrong file." in gone
    assert "Published as: r001 1, r002 2 (withdrawn)" in gone
    shown = ran("explain", "fatalities_total", "--cycle", "5")
    assert "This release is withdrawn" not in shown
    assert "Published as: r001 1, r002 2 (withdrawn)" in shown
    assert "Cycle 5: from the older r001 to the newer r002" in ran("diff", "r001", "r002", "--cycle", "5")
    assert "Cycle 5: back from the newer r002 to the older r001" in ran("diff", "r002", "r001", "--cycle", "5")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("decide", "waive", "--source", "noticas", "--rule", "x"), "A decision needs a reason"),
        (("rollback", "--cycle", "5", "--to", "r001"), "A decision needs a reason"),
        (("decide", "waive", "--source", "gone", "--rule", "x", "--reason", WHY), "There is no source 'gone'; the"),
        (("decide", "waive", "--source", "noticas", "--rule", "x", "--reason", WHY, "--by", "a: b"), "without a colon"),
        (("decide", "waive", "--reason", WHY), "Say what is waived"),
        (("decide", "waive", "--finding", "abc", "--reason", WHY, "--cycle", "5"), "has no finding 'abc'"),
        (("decide", "take-back", "9", "--reason", WHY), "has no decision 9"),
        (("decide", "withdraw", "--cycle", "5", "--reason", WHY), "Say what is withdrawn"),
        (("decide", "accept", "--figure", "x", "--cycle", "5", "--reason", WHY), "Cycle 5 has no release yet"),
    ],
)
def test_a_decision_that_says_too_little_is_refused_and_leaves_nothing(
    ran: Callable[..., str], desk: Desk, command: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli import commands

    with pytest.raises(SystemExit) as stopped:
        commands.main(list(command))
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err
    assert record.entries(desk.private) == []


@pytest.mark.documents
@pytest.mark.usefixtures("faulty")
def test_a_release_is_made_again_with_the_decisions_of_its_time(desk: Desk) -> None:
    about = {"source": "noticas", "table": "noticas", "key": {"casualty_id": "ATLANTIS-2024-01-0002"}}
    about |= {"column": "mission", "from": "ATLANTIS", "to": "UNMISS"}
    deciding.decide(record.Decision("correct", BY, WHY, 5, about), CONFIG, NOW, desk.private)
    assert desk.refresh().new
    for name in ("r001", "r002"):
        release = shelf.get(desk.places.public, CYCLE, name)
        assert rebuild(release, CYCLE, CONFIG, *desk.stores).problems == (), name
    # what is decided and changes nothing makes no release
    deciding.decide(record.Decision("answer", BY, WHY, 5, {"finding": "x"}), CONFIG, NOW, desk.private)
    assert not desk.refresh().new
    assert verify(desk.shown, CYCLE, *desk.stores).problems == ()
    for folder in ("decisions", "decisions-copied"):
        for number in (1, 2):
            desk.private.delete(f"{folder}/{number:06d}.json")
    assert "is not the one of 1 entries that the release was made with" in "".join(
        verify(desk.shown, CYCLE, *desk.stores).problems
    )


@pytest.mark.documents
def test_a_release_says_its_number_in_page_workbook_and_catalogue_entry(desk: Desk) -> None:
    days = []
    for many in (1, 2, 3):
        desk.at += timedelta(days=1)
        desk.hand_in(noticas(*map(casualty, range(1, many + 1))))
        days.append(desk.at.date().isoformat())
        assert desk.refresh().new
        # the number is no part of what releases are compared by
        assert not desk.refresh().new
    for name, day in zip(("r001", "r002", "r003"), days, strict=True):
        release = shelf.get(desk.places.public, CYCLE, name)
        files = {path: shelf.read_file(desk.places.public, release, path) for path in release.hashes}
        assert f"Release {name}".encode() in files["report.html"]
        (front, *_) = openpyxl.load_workbook(io.BytesIO(files["a4p-cycle-05.xlsx"])).worksheets
        assert f"Release {name}" in str(front["A2"].value)
        entry = json.loads(files["dataset.jsonld"])
        assert (entry["version"], entry["dcat:version"]) == (name, name)
        assert (entry["dct:issued"], entry["dct:modified"]) == (days[0], day), "issued with the first"
        croissant = json.loads(files["croissant.json"])
        assert croissant["version"] == release.descriptor["version"] == f"5.{int(name[1:])}.0"
        assert (croissant["datePublished"], croissant["dateModified"]) == (days[0], day)
        assert all(f"release {name}" in cited for cited in (croissant["citeAs"], entry["creditText"]))
        (book,) = [one for one in entry["distribution"] if one["@id"] == "a4p-cycle-05.xlsx"]
        assert f"sha256:{book['sha256']}" == release.hashes["a4p-cycle-05.xlsx"]
        assert book["dcat:byteSize"] == len(files["a4p-cycle-05.xlsx"])
        assert not [path for path, data in files.items() if b"Release r000" in data]


@pytest.mark.usefixtures("faulty")
def test_the_python_face_decides_too(desk: Desk) -> None:
    from flows import Stores

    pipeline = Pipeline(config=CONFIG, stores=Stores(desk.inbox, desk.private.uri, desk.places.public.uri))
    entry = pipeline.decide.accept("fatalities_total", 5, reason=WHY, by=BY)
    assert (entry.number, entry.by) == (1, BY)
    pipeline.decide.take_back(entry.number, reason="a mistake", by=BY)
    mine = pipeline.record(5).filter(pl.col("decision").str.contains(r"^\d+$"))
    assert mine.select("kind", "state").rows() == [("accept", "taken back by 2"), ("take-back", "holds")]


# Whatever happens in between


@dataclass
class Sequence:
    """A random sequence of what people do, with what ought to be in the record beside it."""

    chance: random.Random
    desk: Desk
    monkeypatch: pytest.MonkeyPatch
    told: list[tuple[str, str]] = field(default_factory=list)
    back: set[int] = field(default_factory=set)
    many: int = 2

    def refresh(self) -> None:
        self.desk.refresh()
        assert not withdrawals.unsettled(CYCLE, *self.desk.stores)

    def hand_in(self) -> None:
        self.many += 1
        self.desk.hand_in(noticas(*map(casualty, range(1, self.many + 1))), f"{self.many}.csv")
        self.refresh()

    def roll_back(self, *, killed: bool = False) -> None:
        names = shelf.committed(self.desk.places.public, CYCLE)
        target = shelf.get(self.desk.places.public, CYCLE, self.chance.choice(names))
        before = len(record.entries(self.desk.private))
        why = f"reason {len(self.told)}"

        def stopped(*_: object) -> bool:
            raise StoreError("killed")

        with self.monkeypatch.context() as patch:
            if killed:
                patch.setattr(shelf, "mark_withdrawn", stopped)
            try:
                withdrawals.roll_back(CYCLE, target, BY, why, NOW, *self.desk.stores)
            except StoreError:
                assert killed
        there = record.entries(self.desk.private)
        self.told += [(one.kind, one.reason) for one in there[before:]]
        assert len(there) <= before + 1
        if not killed:
            assert self.desk.shown.name == target.name

    def killed(self) -> None:
        self.roll_back(killed=True)
        if self.chance.random() < 0.5:
            self.desk.private.delete(f"decisions-copied/{len(self.told):06d}.json")

    def reinstate(self) -> None:
        out = sorted(withdrawals.out(CYCLE, *self.desk.stores).values(), key=lambda one: one.sha256)
        if out:
            why = f"reason {len(self.told)}"
            withdrawals.reinstate(self.chance.choice(out).sha256, CYCLE, BY, why, NOW, *self.desk.stores)
            self.told.append(("reinstate", why))

    def withdraw(self) -> None:
        used = self.desk.table("submissions").filter(pl.col("status") == "accepted")
        if used.height:
            why = f"reason {len(self.told)}"
            withdrawals.withdraw(used["sha256"][0], CYCLE, BY, why, NOW, *self.desk.stores)
            self.told.append(("withdraw", why))

    def waive(self) -> None:
        about = {"source": "noticas", "rule": "mission_is_a_mission"}
        decision = record.Decision("waive", BY, f"reason {len(self.told)}", 5, about)
        deciding.decide(decision, CONFIG, NOW, self.desk.private)
        self.told.append(("waive", decision.reason))

    def take_back(self) -> None:
        there = record.standing(record.entries(self.desk.private))
        if there:
            number, why = self.chance.choice(there).number, f"reason {len(self.told)}"
            deciding.take_back(number, BY, why, CONFIG, NOW, self.desk.stores)
            self.told.append(("take-back", why))
            self.back.add(number)

    def check(self) -> None:
        there = record.entries(self.desk.private)
        assert [(one.kind, one.reason) for one in there] == self.told
        standing = [one for one in there if one.kind != "take-back" and one.number not in self.back]
        # by the simplest means: the newest release that no standing withdrawal led readers past, or led them back to
        gone: set[str] = set()
        out: set[str] = set()
        for one in standing:
            contents = {named["sha256"] for named in one.about.get("submissions", ())}
            if one.kind == "withdraw":
                gone |= set(one.about.get("releases", ()))
                out |= contents
            elif one.kind == "reinstate":
                out -= contents
            out -= {named["sha256"] for named in one.about.get("back", ())}
            gone -= {one.about.get("to")}
        public = self.desk.places.public
        assert self.desk.shown.name == [name for name in shelf.committed(public, CYCLE) if name not in gone][-1]
        used = self.desk.refresh().submissions.filter(pl.col("status") == "accepted")["sha256"]
        assert not set(used) & out
        assert not list(record.problems(self.desk.private))
        assert verify(self.desk.shown, CYCLE, *self.desk.stores).problems == ()


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100) if SWEEP else (1, 2, 3))
def test_the_record_tells_all_and_what_readers_see_follows_from_it(
    seed: int, with_two: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Sequence(random.Random(seed), with_two, monkeypatch)
    often = {"hand_in": 3, "roll_back": 3, "killed": 2, "reinstate": 2, "withdraw": 1, "waive": 1, "take_back": 4}
    for what in run.chance.choices(list(often), list(often.values()), k=8 if SWEEP else 5):
        getattr(run, what)()
        if run.chance.random() < 0.5:
            run.refresh()
    run.refresh()
    run.check()
