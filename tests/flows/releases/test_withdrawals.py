"""What was withdrawn does not come back, and a source that is not pulled stands as its last pull left it."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from config import Config, ConfigError, load
from flows.cli.commands import a4p
from flows.core.errors import StoreError
from flows.core.records import Published
from flows.refresh.story import refresh
from flows.releases import shelf, withdrawals
from flows.stores import Store
from flows.stores.checked import hash_of
from flows.stores.from_settings import Places
from tests.support.sharing import take_results
from tests.support.sweeping import SWEEP

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

CONFIG = load()
CYCLE = CONFIG.cycle(5)
NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
HOSPITALS, VISITS, UNIFIL = "hospitals", "paet_visits", "mission_report/UNIFIL"
# after this its tests put their files
BEGUN = datetime(2024, 5, 3, 8, tzinfo=UTC)
SEQUENCES = range(30) if SWEEP else (3,)


@pytest.fixture(scope="module")
def originals(sample_inbox: Path) -> dict[str, Path]:
    """A right file of each of three slots."""
    return {slot: next((sample_inbox / "cycle-05" / slot).iterdir()) for slot in (HOSPITALS, VISITS, UNIFIL)}


def variant(file: Path, number: int, into: Path) -> Path:
    """Write a right file that says something else: fewer hospitals, a later visit, more sessions of training."""
    book = openpyxl.load_workbook(file)
    if "Hospitals" in book.sheetnames:
        sheet = book["Hospitals"]
        sheet.delete_rows(sheet.max_row - number + 1, number)
    elif "PAET visits" in book.sheetnames:
        book["PAET visits"]["B3"].value += timedelta(days=number)
    else:
        (cell,) = [cell for cell in book["Conduct trainings"][1] if "sessions" in str(cell.value).lower()]
        book["Conduct trainings"].cell(2, cell.column).value += number
    book.save(into)
    return into


@dataclass
class Desk:
    """An inbox and the stores of a pipeline, with a clock that moves on with each file."""

    folder: Path
    at: datetime = datetime(2024, 5, 2, 8, tzinfo=UTC)
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(*(Store(str(self.folder / name)) for name in ("inbox", "private", "public")))

    def put(self, slot: str, name: str, content: Path) -> Path:
        path = self.folder / "inbox" / "cycle-05" / slot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(content, path)
        self.at += timedelta(hours=1)
        os.utime(path, (self.at.timestamp(),) * 2)
        return path

    def refresh(self, *only: str, config: Config = CONFIG) -> Published:
        return refresh(CYCLE, self.places, config, only=only, now=NOW)

    def roll_back(self, to: str) -> tuple[list[str], list[withdrawals.Named]]:
        target = shelf.get(self.places.public, CYCLE, to)
        return withdrawals.roll_back(
            CYCLE, target, "Coordinator", "wrong file", NOW, self.places.public, self.places.private
        )

    def reinstate(self, wanted: str) -> list[withdrawals.Named]:
        return withdrawals.reinstate(
            wanted, CYCLE, "Coordinator", "it was right", NOW, self.places.public, self.places.private
        )

    @property
    def wrong(self) -> Path:
        (file,) = (self.folder / "inbox" / "cycle-05" / HOSPITALS).glob("wrong.*")
        return file

    @property
    def shown(self) -> shelf.Release:
        found = shelf.latest(self.places.public, CYCLE)
        assert found
        return found

    def table(self, name: str) -> pl.DataFrame:
        return shelf.read_table(self.places.public, self.shown, name)

    def hospitals(self) -> int:
        return int(self.table("hospitals")["hospitals"].sum())


@pytest.fixture(scope="module")
def begun(originals: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline with one release of three right files."""
    desk = Desk(tmp_path_factory.mktemp("begun"))
    for slot, file in originals.items():
        desk.put(slot, f"right{file.suffix}", file)
    assert desk.refresh().new
    return desk.folder


@pytest.fixture
def desk(begun: Path, tmp_path: Path) -> Desk:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path, BEGUN)


@pytest.fixture(scope="module")
def wrong(originals: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A hospitals file that lacks its last rows."""
    right, folder = originals[HOSPITALS], tmp_path_factory.mktemp("wrong")
    return cache(lambda rows: variant(right, rows, folder / f"{rows}{right.suffix}"))


@pytest.fixture(scope="module")
def gone_wrong(begun: Path, wrong: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with a second release of a hospitals file that lacks a row."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("wrong") / "desk")
    desk = Desk(folder, BEGUN)
    desk.put(HOSPITALS, f"wrong{wrong(1).suffix}", wrong(1))
    assert desk.refresh().new
    return folder


@pytest.fixture
def right(desk: Desk, gone_wrong: Path) -> int:
    """How many hospitals the right file has; the desk has released a wrong one since."""
    hospitals = desk.hospitals()
    shutil.rmtree(desk.folder)
    shutil.copytree(gone_wrong, desk.folder)
    desk.at += timedelta(hours=1)
    return hospitals


def test_a_rollback_over_two_releases_is_not_undone_by_the_same_inbox(desk: Desk, wrong: Callable[[int], Path]) -> None:
    right = desk.hospitals()
    for rows in (1, 2):
        desk.put(HOSPITALS, f"wrong {rows}{wrong(rows).suffix}", wrong(rows))
        assert desk.refresh().new
    later, out = desk.roll_back("r001")
    assert later == ["r002", "r003"]
    assert [one.file.rpartition("/")[2].split(".")[0] for one in out] == ["wrong 1", "wrong 2"]
    assert desk.hospitals() == right
    again = desk.refresh()
    assert (again.new, again.like) == (False, None)
    assert desk.shown.name == "r001"
    said = again.submissions.filter(pl.col("status") == "withdrawn")["file"]
    assert [file.rpartition("/")[2].split(".")[0] for file in said] == ["wrong 1", "wrong 2"]


def test_it_holds_too_where_the_wrong_file_has_overwritten_the_right_one(
    desk: Desk, wrong: Callable[[int], Path]
) -> None:
    right, name = desk.hospitals(), f"right{wrong(1).suffix}"
    for rows in (1, 2):
        desk.put(HOSPITALS, name, wrong(rows))
        assert desk.refresh().new
    desk.roll_back("r001")
    assert not desk.refresh().new
    assert (desk.shown.name, desk.hospitals()) == ("r001", right)


def test_what_was_taken_out_does_not_come_back_with_another_source(
    desk: Desk, right: int, originals: dict[str, Path], tmp_path: Path
) -> None:
    mistake = desk.wrong
    assert desk.hospitals() == right - 1
    desk.roll_back("r001")
    mistake.unlink()
    desk.put(VISITS, "newer.xlsx", variant(originals[VISITS], 1, tmp_path / "visits.xlsx"))
    assert desk.refresh(VISITS).new
    assert desk.hospitals() == right


def test_a_half_uploaded_file_does_not_come_back_with_another_source(
    desk: Desk, originals: dict[str, Path], tmp_path: Path
) -> None:
    half = variant(originals[VISITS], 1, tmp_path / "half.xlsx")
    upload = desk.put(VISITS, "upload.xlsx", half)
    desk.refresh()
    # the whole file keeps the time that its sender gave it
    shutil.copyfile(originals[VISITS], upload)
    os.utime(upload, (desk.at.timestamp() - 60,) * 2)
    desk.refresh()
    whole = desk.table("paet_visits")
    desk.put(HOSPITALS, "more.xlsx", variant(originals[HOSPITALS], 1, tmp_path / "hospitals.xlsx"))
    assert desk.refresh(HOSPITALS).new
    assert desk.table("paet_visits").equals(whole)


def test_a_source_that_is_not_pulled_is_not_looked_for_in_the_inbox(desk: Desk, wrong: Callable[[int], Path]) -> None:
    right = desk.hospitals()
    desk.put(HOSPITALS, f"wrong{wrong(1).suffix}", wrong(1))
    assert not desk.refresh(VISITS).new
    assert desk.hospitals() == right


def test_another_file_replaces_what_was_withdrawn(desk: Desk, wrong: Callable[[int], Path], right: int) -> None:
    desk.roll_back("r001")
    desk.put(HOSPITALS, f"corrected{wrong(2).suffix}", wrong(2))
    corrected = desk.refresh()
    assert (corrected.new, desk.shown.name, desk.hospitals()) == (True, "r003", right - 2)
    # a refused one replaces nothing, and what was withdrawn does not come back in its place
    desk.put(HOSPITALS, f"corrected{wrong(2).suffix}", Path(__file__))
    desk.refresh()
    assert desk.hospitals() == right


def test_what_is_reinstated_counts_again_and_is_published_again(desk: Desk, right: int) -> None:
    (out,) = desk.roll_back("r001")[1]
    assert not desk.refresh().new
    with pytest.raises(ConfigError, match=r"no withdrawn submission 'other'; withdrawn are: cycle-05/hospitals/wrong"):
        desk.reinstate("other")
    assert desk.reinstate(out.sha256[:12]) == [out]
    again = desk.refresh()
    assert (again.new, desk.shown.name, desk.hospitals()) == (True, "r003", right - 1)
    assert not desk.refresh().new


def test_a_rollback_is_undone_by_the_same_command(desk: Desk, right: int) -> None:
    desk.roll_back("r001")
    desk.refresh()
    assert desk.roll_back("r002") == ([], [])
    assert desk.hospitals() == right - 1
    desk.refresh()
    assert desk.hospitals() == right - 1
    assert not withdrawals.out(CYCLE, desk.places.public, desk.places.private)


def test_what_only_a_definition_made_new_is_not_published_again(desk: Desk) -> None:
    name = next(name for name, one in CONFIG.figures.items() if one.table == "hospitals")
    figure = CONFIG.figures[name].model_copy(update={"unit": "buildings"})
    changed = replace(CONFIG, figures={**CONFIG.figures, name: figure})
    assert desk.refresh(config=changed).new
    assert desk.roll_back("r001") == (["r002"], [])
    again = desk.refresh(config=changed)
    assert (again.new, again.like, desk.shown.name) == (False, "r002", "r001")
    assert not desk.refresh().new


def test_a_release_withdrawn_by_an_earlier_version_stays_withdrawn(desk: Desk, right: int) -> None:
    """Version 0.5.0 noted neither what was pulled nor what was withdrawn, but for the mark on the release."""
    mistake = desk.wrong
    desk.roll_back("r001")
    for folder in ("pulled", "decisions", "decisions-copied"):
        for entry in desk.places.private.entries(folder):
            desk.places.private.delete(entry.path)
    assert not desk.refresh(VISITS).new
    assert not desk.refresh().new
    assert (desk.shown.name, desk.hospitals()) == ("r001", right)
    mistake.unlink()
    assert not desk.refresh().new


@pytest.mark.usefixtures("right")
def test_who_is_stopped_while_rolling_back_gives_the_command_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:

    def stopped(*_: object) -> list[str]:
        raise StoreError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "mark_withdrawn", stopped)
        with pytest.raises(StoreError):
            desk.roll_back("r001")
    desk.roll_back("r001")
    assert len(withdrawals.entries(CYCLE, desk.places.public, desk.places.private)) == 1
    assert desk.shown.name == "r001"


@pytest.mark.usefixtures("right")
def test_a_damaged_decision_is_named(desk: Desk) -> None:
    desk.roll_back("r001")
    noted = desk.places.private.read("decisions/000001.json")
    desk.places.private.write("decisions/000001.json", noted.replace(b"hospitals", b"hospitalt"))
    with pytest.raises(StoreError, match=r"decisions/000001\.json is damaged; bring it back with: a4p restore"):
        desk.refresh()


def test_the_commands_say_what_is_out(
    desk: Desk, wrong: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("inbox", "private", "public"):
        monkeypatch.setenv(f"A4P_{name.upper()}_URI", str(desk.folder / name))
    desk.put(HOSPITALS, f"wrong{wrong(1).suffix}", wrong(1))
    run = CliRunner(catch_exceptions=False).invoke
    assert "Published release r002" in run(a4p, ["refresh", "--cycle", "5"]).output
    told = run(a4p, ["rollback", "--cycle", "5", "--to", "r001", "--why", "wrong file"]).output
    assert "Readers of cycle 5 now see r001" in told
    assert f"hospitals/wrong{wrong(1).suffix}, sha256 " in told
    told = run(a4p, ["refresh", "--cycle", "5"]).output
    assert "Left out, since they came with a release that was withdrawn" in told
    assert "Nothing changed; release r001" in told
    assert "accepted, newer file withdrawn" in " ".join(run(a4p, ["status", "--cycle", "5"]).output.split())
    told = run(a4p, ["decide", "reinstate", f"wrong{wrong(1).suffix}", "--cycle", "5", "--why", "it was right"]).output
    assert "counts again from the next refresh on" in told
    assert "Published release r003" in run(a4p, ["refresh", "--cycle", "5"]).output
    noted = json.loads(desk.places.private.read("decisions/000002.json"))
    assert (noted["kind"], noted["reason"], noted["cycle"]) == ("reinstate", "it was right", 5)


# Random sequences


@dataclass
class Model:
    """What ought to be in use, kept by the simplest means: of each slot the files as last pulled, and what is out."""

    pulled: dict[str, list[tuple[str, float, Path]]] = field(default_factory=dict)
    used: dict[str, list[Path]] = field(default_factory=dict)
    out: set[tuple[str, Path]] = field(default_factory=set)
    # of each release, by slot: what was pulled, and that it was made of
    made_of: dict[str, dict[str, set[Path]]] = field(default_factory=dict)

    def pull(self, slot: str, files: list[tuple[str, float, Path]]) -> None:
        self.pulled[slot] = sorted(files, key=lambda one: (one[1], one[0]), reverse=True)
        if not files:
            self.used[slot] = []

    def chosen(self, slot: str, refused: set[Path]) -> Path | None:
        """Return the newest file that is neither out nor refused, else what was in use before."""
        own = [content for _, _, content in self.pulled.get(slot, [])]
        good = [one for one in own if one not in refused and (slot, one) not in self.out]
        before = [one for one in self.used.get(slot, []) if (slot, one) not in self.out] if own else []
        return next(iter([*good, *before]), None)

    def refreshed(self, refused: set[Path]) -> dict[str, Path]:
        found = {}
        for slot in self.pulled:
            one = self.chosen(slot, refused)
            if one:
                found[slot] = one
                stack = self.used.setdefault(slot, [])
                self.used[slot] = stack[stack.index(one) :] if one in stack else [one, *stack]
        return found


@dataclass
class Story:
    """A random sequence of what people do, with the model beside it."""

    chance: random.Random
    desk: Desk
    contents: dict[str, list[Path]]
    refused: set[Path]
    fresh: Iterator[Path]
    model: Model = field(default_factory=Model)
    inbox: dict[str, dict[str, tuple[float, Path]]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    new: dict[tuple[tuple[str, Path], ...], dict[str, str]] = field(default_factory=dict)

    def put(self, slot: str, name: str) -> None:
        content = self.chance.choice(self.contents[slot])
        self.desk.put(slot, name + content.suffix, content)
        self.inbox.setdefault(slot, {})[name + content.suffix] = (self.desk.at.timestamp(), content)
        self.done.append(f"put {slot}/{name}: {content.name}")

    def act(self) -> None:
        slot = self.chance.choice(list(self.contents))
        there = self.inbox.get(slot, {})
        what = self.chance.choice(["add", "replace", "take out", "rename", "add", "replace"])
        if what == "add" or not there:
            self.put(slot, f"f{len(self.done)}")
            return
        name = self.chance.choice(sorted(there))
        path = self.desk.folder / "inbox" / "cycle-05" / slot / name
        if what == "replace":
            content = self.chance.choice([one for one in self.contents[slot] if one.suffix == path.suffix])
            self.desk.put(slot, name, content)
            there[name] = (self.desk.at.timestamp(), content)
            self.done.append(f"replace {slot}/{name}: {content.name}")
        elif what == "take out":
            path.unlink()
            del there[name]
            self.done.append(f"take out {slot}/{name}")
        else:
            path.rename(path.with_name(f"again {name}"))
            there[f"again {name}"] = there.pop(name)
            self.done.append(f"rename {slot}/{name}")

    def refresh(self) -> None:
        only = () if self.chance.random() < 0.5 else (self.chance.choice([HOSPITALS, VISITS, "mission_report"]),)
        if not any(self.inbox.values()):
            return
        self.done.append(f"refresh {only}")
        for slot in self.contents:
            if not only or slot.split("/")[0] in only:
                files = self.inbox.get(slot, {})
                self.model.pull(slot, [(name, at, content) for name, (at, content) in files.items()])
        if not any(self.model.pulled.values()):
            return
        published = self.desk.refresh(*only)
        wanted = self.model.refreshed(self.refused)
        if published.release is None:
            assert not wanted, self.done
            return
        made = published.like or published.release.name
        if published.new:
            self.model.made_of[made] = {
                slot: {content for _, _, content in files if (slot, content) not in self.model.out}
                | ({wanted[slot]} if slot in wanted else set())
                for slot, files in self.model.pulled.items()
            }
        assert self.tables(self.desk, made) == self.of_a_new_store(wanted), self.done

    def of_a_new_store(self, wanted: dict[str, Path]) -> dict[str, str]:
        """The tables that a new store makes of these files; what it made once it makes again (test_reuse).

        But in the sweep it knows what was worked out of them before, and nothing of what was decided.
        """
        files = tuple(sorted(wanted.items()))
        if files not in self.new:
            desk = Desk(next(self.fresh))
            if not SWEEP:
                take_results(self.desk.folder / "private", desk.folder / "private")
            for slot, content in files:
                desk.put(slot, f"only{content.suffix}", content)
            published = desk.refresh()
            assert published.release
            self.new[files] = self.tables(desk, published.release.name)
        return self.new[files]

    @staticmethod
    def tables(desk: Desk, name: str) -> dict[str, str]:
        # without the release's number, which each has in it
        hashes = shelf.contents(shelf.get(desk.places.public, CYCLE, name))
        return {path: of for path, of in hashes.items() if path.startswith("tables/") and path.endswith(".parquet")}

    def roll_back(self) -> None:
        names = shelf.committed(self.desk.places.public, CYCLE)
        if len(names) < 2:
            return
        to = self.chance.choice(names)
        self.done.append(f"roll back to {to}")
        later, _ = self.desk.roll_back(to)
        own = {(slot, one) for slot, files in self.model.made_of[to].items() for one in files}
        self.model.out -= own
        for name in later:
            self.model.out |= {
                (slot, one)
                for slot, files in self.model.made_of[name].items()
                for one in files
                if (slot, one) not in own
            }
        assert self.desk.shown.name == to, self.done

    def reinstate(self) -> None:
        still = withdrawals.out(CYCLE, self.desk.places.public, self.desk.places.private)
        if not still:
            return
        one = self.chance.choice(sorted(still.values(), key=lambda one: one.known[2]))
        self.done.append(f"reinstate {one.file}")
        self.desk.reinstate(one.sha256)
        slot = f"{one.source}/{one.mission}" if one.mission else one.source
        back = next(content for content in self.contents[slot] if hash_of(content) == one.sha256)
        self.model.out -= {(slot, back)}


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEQUENCES)
def test_what_is_released_is_what_a_new_store_makes_of_it(
    seed: int, originals: dict[str, Path], tmp_path: Path
) -> None:
    contents: dict[str, list[Path]] = {}
    refused = set()
    for slot, right in originals.items():
        folder = tmp_path / "contents" / slot
        folder.mkdir(parents=True)
        bad = folder / f"bad{right.suffix}"
        bad.write_bytes(f"%PDF-1.7 {slot}".encode())
        refused.add(bad)
        contents[slot] = [right, *(variant(right, n, folder / f"variant {n}{right.suffix}") for n in (1, 2, 3)), bad]
    fresh = (tmp_path / "new" / str(number) for number in range(1_000))
    run = Story(random.Random(seed), Desk(tmp_path / "desk"), contents, refused, fresh)
    for slot in contents:
        run.put(slot, "first")
    at_random = (run.chance.choices([run.refresh, run.roll_back, run.reinstate], [6, 2, 1])[0] for _ in range(8))
    for what in at_random if SWEEP else (run.refresh, run.roll_back, run.roll_back, run.reinstate):
        for _ in range(run.chance.randint(1, 2)):
            run.act()
        what()
        run.refresh()
    done = {one.partition(" ")[0] for one in run.done}
    assert SWEEP or {"refresh", "roll", "reinstate"} <= done, run.done
