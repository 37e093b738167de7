"""One flipped bit in each class of file of the private store: what comes next is right, or says which file is damaged.

One file of each class is tried, and of every sixth class beside a file that is sent; each command but verify is tried
with a third of the classes; no release has a page or a workbook. With make sweep all of them (an hour on two cores).
"""

from __future__ import annotations

import io
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import openpyxl
import pytest

from config import load
from flows.cli.commands.group import NOT_PUBLISHED
from flows.core.errors import StoreError
from flows.feedback import alerts
from flows.intake.books import ledger
from flows.intake.receive import news
from flows.refresh.story import refresh
from flows.releases import copies, shelf
from flows.releases.make import lineage
from flows.stores import Store, checked, frames
from flows.stores.from_settings import Places
from tests.support.sharing import a4p, places_in, sources
from tests.support.sweeping import SWEEP
from tests.support.without_documents import without_documents

CONFIG = load()
CYCLE, BEFORE = CONFIG.cycle(5), CONFIG.cycle(4)
NOW = datetime(2024, 7, 1, tzinfo=UTC)
FEW = ("hospitals", "paet_visits", "noticas", "mission_report/UNMISS", "mission_report/UNIFIL")
ALL = SWEEP
pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.usefixtures("no_documents")]
# what is neither made again nor silently used: the file that is to be brought back is named
TRUTH = re.compile(
    r"raw/.*/received/.*\.json|ledger/cycle-05(/sent)?\.parquet|pulled/cycle-0[45]/.*\.json"
    # what the numbers of the cycle are held against
    r"|ledger/cycle-04/numbers\.json|numbers/.*\.parquet"
    # by what is published, and what the releases before were made of
    r"|hash-key\.json|lineage/.*\.json"
)


@dataclass(frozen=True)
class Outcome:
    """What readers see after a refresh, and what the ledger says."""

    shown: str
    hashes: dict[str, str]
    ledger: bytes


@dataclass(frozen=True)
class Whole:
    """A folder with stores that are whole, its files by class, and what comes of a refresh of it."""

    folder: Path
    classes: dict[str, list[str]]
    corrected: bytes
    next: dict[bool, Outcome]


def corrected(folder: Path) -> bytes:
    """A mission's workbook with a row less."""
    (file,) = (folder / "inbox/cycle-05/mission_report/UNMISS").glob("*.xlsx")
    book, saved = openpyxl.load_workbook(file), io.BytesIO()
    book["Coordination mechanisms"].delete_rows(book["Coordination mechanisms"].max_row)
    book.save(saved)
    return saved.getvalue()


def send(folder: Path, data: bytes) -> None:
    """Have a mission send a corrected file, so that what is kept of the others is used with it."""
    file = folder / "inbox/cycle-05/mission_report/UNMISS/corrected.xlsx"
    file.write_bytes(data)
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))


def copied(folder: Path, to: Path) -> Path:
    """Copy a folder with stores, which replace files and never change one, so that links are enough."""
    return shutil.copytree(folder, to, copy_function=os.link)


def outcome(places: Places) -> Outcome:
    refresh(CYCLE, places, CONFIG, now=NOW)
    shown = shelf.latest(places.public, CYCLE)
    assert shown
    for path in shown.hashes:
        shelf.read_file(places.public, shown, path)
    return Outcome(shown.name, shown.hashes, ledger.load(places.private, CYCLE).write_json().encode())


def outcome_or_error(places: Places) -> Outcome | StoreError:
    try:
        return outcome(places)
    except StoreError as error:
        return error


@pytest.fixture(scope="module")
def whole(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    with nullcontext() if ALL else without_documents():
        return made(sample_inbox, tmp_path_factory)


def made(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    sources(sample_inbox, folder / "inbox", *FEW, cycle=5)
    sources(sample_inbox, folder / "inbox", "hospitals", "mission_report/UNMISS", cycle=4)
    places = places_in(folder)
    refresh(BEFORE, places, CONFIG, now=NOW)
    refresh(CYCLE, places, CONFIG, now=NOW)
    # the command keeps how long it took
    code, _, err = a4p(folder, "refresh", "--cycle", "5")
    assert code == 0, err
    alerts.send(CYCLE, places.private, CONFIG, NOW, {})
    news.note(places.private, CYCLE, news.look(places.inbox, CONFIG, CYCLE), NOW)
    classes: dict[str, list[str]] = {}
    for entry in places.private.entries():
        classes.setdefault(kind(entry.path), []).append(entry.path)
    data, following = corrected(folder), {}
    for sent in (False, True):
        copy = copied(folder, tmp_path_factory.mktemp("next") / "copy")
        if sent:
            send(copy, data)
        following[sent] = outcome(places_in(copy))
    assert following[False].hashes != following[True].hashes
    return Whole(folder, classes, data, following)


def kind(path: str) -> str:
    """The class of a file: its folder, and what it is there."""
    parts = PurePosixPath(path)
    inside = "/received" if "/received/" in path else ""
    name = parts.name if parts.parts[0] in {"ledger", "alerts", "runs", "inbox", "releases"} else parts.suffix
    name = parts.suffix if parts.suffix in {".eml", ".zip"} else name
    return f"{parts.parts[0]}{inside}/*{name}"


def flip(file: Path, chance: random.Random) -> None:
    """Flip one bit of a file, as a disk does: nothing else says that it was changed."""
    stat, data = file.stat(), bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.unlink()
    file.write_bytes(data)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def trials(whole: Whole, work: Path, seed: str, classes: Collection[str]) -> Iterator[tuple[str, str, Path]]:
    """Yield a class, a file of it, and a copy of the folder in which one of the file's bits is flipped."""
    chance = random.Random(seed)
    for named, paths in sorted(whole.classes.items()):
        if named not in classes:
            continue
        for path in paths if ALL else chance.sample(paths, 1):
            shutil.rmtree(work, ignore_errors=True)
            copied(whole.folder, work)
            flip(work / "store/private" / path, chance)
            yield named, path, work


def trials_of_both(whole: Whole, work: Path) -> Iterator[tuple[str, str, str, Path]]:
    """Yield a store, a class, a file of it, and a copy of the folder in which one of the file's bits is flipped."""
    chance = random.Random("both")
    for store in ("private", "public"):
        classes: dict[str, list[str]] = {}
        for entry in Store(str(whole.folder / "store" / store)).entries():
            of = (
                kind(entry.path)
                if store == "private"
                else f"{entry.path.partition('/')[0]}/*{PurePosixPath(entry.path).suffix}"
            )
            classes.setdefault(of, []).append(entry.path)
        for named, paths in sorted(classes.items())[:: 1 if ALL else 4]:
            for path in paths if ALL else chance.sample(paths, 1):
                shutil.rmtree(work, ignore_errors=True)
                copied(whole.folder, work)
                flip(work / "store" / store / path, chance)
                yield store, named, path, work


def test_each_class_of_file_is_there(whole: Whole) -> None:
    wanted = {
        "raw",
        "read",
        "staged",
        "quarantine",
        "numbers",
        "findings",
        "curated",
        "previous",
        "built",
        "kept",
        "ledger",
        "pulled",
        "lineage",
        "internal",
        "hash-key.json",
    }
    assert {name.partition("/")[0] for name in whole.classes} == wanted | {"releases", "runs", "inbox", "alerts"}
    assert {"raw/received/*.json", "releases/*.zip", "ledger/*late.json", "alerts/*told.json"} <= set(whole.classes)


@pytest.mark.parametrize("sent", [False, True], ids=["nothing sent", "a file sent"])
def test_the_next_refresh_is_right_or_says_which_file_is_damaged(whole: Whole, tmp_path: Path, sent: bool) -> None:
    right, named = Counter[str](), Counter[str]()
    # what a refresh does not read, but for whether it is there, is the same whatever was sent
    beside = ("alerts/", "inbox/", "runs/", "releases/")
    classes = {of for of in whole.classes if ALL or not sent or not of.startswith(beside)}
    if sent and not ALL:
        classes = {*sorted(classes)[::6]}
    for of, path, folder in trials(whole, tmp_path / "work", f"refresh {sent}", classes):
        if sent:
            send(folder, whole.corrected)
        found = outcome_or_error(places_in(folder))
        if isinstance(found, StoreError):
            assert path in str(found), (path, str(found))
            assert TRUTH.fullmatch(path), str(found)
            named[of] += 1
        else:
            wanted = whole.next[sent]
            # what was told since the last refresh is then not known; who sends next is told that the file is damaged
            assert found == (replace(wanted, ledger=found.ledger) if path.endswith("told.json") else wanted), path
            right[of] += 1
    for of in sorted(classes):
        print(f"{of}: {right[of]} right, {named[of]} named of {len(whole.classes[of])} files")
    assert set(right) | set(named) == classes


def test_other_commands_say_the_same_or_which_file_is_damaged(whole: Whole, tmp_path: Path) -> None:
    commands = {
        "verify": ("verify", "--cycle", "5"),
        "explain": ("explain", "fatalities_malicious", "--cycle", "5", "--rows", "3"),
        "status": ("status", "--cycle", "5"),
        "alerts": ("alerts", "--cycle", "5"),
        "clean": ("clean", "--older-than", "1"),
        "restore": ("restore",),
    }
    usual = {name: a4p(whole.folder, *arguments) for name, arguments in commands.items()}
    seen = Counter[tuple[str, int]]()
    for number, (_, path, folder) in enumerate(trials(whole, tmp_path / "work", "commands", whole.classes)):
        # verify reads all that there is
        some = [name for turn, name in enumerate(commands, number) if ALL or name == "verify" or turn % 3 == 0]
        for name in some:
            code, out, err = a4p(folder, *commands[name])
            seen[name, code] += 1
            told = (out + err).replace(str(folder), str(whole.folder))
            assert code in {0, 1, 3}, (name, path, told)
            if told != "".join(map(str, usual[name][1:])):
                assert path in told or path.rpartition("/")[2] in told, (name, path, told)
    print(dict(seen))
    assert seen["verify", 1] >= 4


def test_a_bit_of_either_store_is_noticed_or_mended(whole: Whole, tmp_path: Path) -> None:
    """Each file of both stores: verify or the next refresh tells of it, or the refresh writes it as it was."""
    found, wrong = Counter[tuple[str, str]](), []
    for store, of, path, folder in trials_of_both(whole, tmp_path / "work"):
        number = "4" if "cycle-04" in path else "5"
        looked, refreshed = (a4p(folder, name, "--cycle", number) for name in ("verify", "refresh"))
        how = became(whole.folder / "store" / store / path, folder / "store" / store / path, path, looked, refreshed)
        found[f"{store}/{of}", how] += 1
        if looked[0] not in {0, NOT_PUBLISHED, 3} or refreshed[0] not in {0, 3} or how == "unnoticed":
            wrong.append((store, path, looked, refreshed))
    for (of, how), number_of in sorted(found.items()):
        print(f"{of}: {number_of} {how}")
    assert wrong == []


def became(before: Path, now: Path, path: str, looked: tuple[int, str, str], refreshed: tuple[int, str, str]) -> str:
    """What became of a flipped bit, by what the two commands said and what stands there now."""
    if looked[0] and path.rpartition("/")[2] in looked[1] + looked[2]:
        return "told by verify"
    if refreshed[0] == 3 and path in refreshed[2]:
        return "told by the refresh"
    if not now.exists() or now.read_bytes() == before.read_bytes():
        return "mended"
    wanted = checked.hash_in(path)
    if (checked.hash_of(now) != wanted) if wanted else not checked._holds(now.read_bytes()):
        # nothing needed it this time; whoever does looks first whether it is whole
        return "told or made again once it is needed"
    # it is written anew with each refresh, or a draft of a message that nothing reads again
    return "of no weight" if path.startswith(("runs/", "alerts/", "releases/cycle-05/refreshing/")) else "unnoticed"


def test_what_is_worked_out_is_written_anew(whole: Whole, tmp_path: Path) -> None:
    """After one refresh every file is whole that the release names, so that it can be explained and verified."""
    folder = copied(whole.folder, tmp_path / "copy")
    places, chance = places_in(folder), random.Random(0)
    before = {entry.path: places.private.read(entry.path) for entry in places.private.entries()}
    latest = shelf.latest(places.public, CYCLE)
    assert latest
    made_of = lineage.read(latest.descriptor, places.private)
    raws = {one["raw"] for one in made_of["submissions"]}
    damaged = sorted({*made_of["staged"].values(), *made_of["quarantine"].values(), made_of["previous"], *raws})
    for path in damaged:
        flip(folder / "store/private" / path, chance)
    code, out, _ = a4p(folder, "verify", "--cycle", "5")
    assert code == NOT_PUBLISHED
    assert [path for path in damaged if path not in out] == []
    assert outcome(places) == whole.next[False]
    assert [path for path in damaged if places.private.read(path) != before[path]] == []
    assert a4p(folder, "verify", "--cycle", "5")[0] == 0


def test_a_raw_file_that_the_inbox_has_no_more_is_named(whole: Whole, tmp_path: Path) -> None:
    folder = copied(whole.folder, tmp_path / "copy")
    places = places_in(folder)
    (file,) = (folder / "inbox/cycle-05/hospitals").iterdir()
    (raw,) = (
        entry.path
        for entry in places.private.entries("raw/hospitals")
        if places.private.read(entry.path) == file.read_bytes()
    )
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(b"not a workbook")
    flip(folder / "store/private" / raw, random.Random(0))
    # the refused file is replaced by what came before, of which what was read is kept
    refresh(CYCLE, places, CONFIG, now=NOW)
    for entry in places.private.entries("read/hospitals"):
        places.private.delete(entry.path)
    with pytest.raises(StoreError, match=re.escape(f"{raw} is damaged; put the same file into the inbox again")):
        refresh(CYCLE, places, CONFIG, now=NOW)
    # under any name
    (file.parent / "again.xlsx").write_bytes(data)
    refresh(CYCLE, places, CONFIG, now=NOW)


def test_a_damaged_copy_of_a_release_is_made_again_once_it_is_removed(whole: Whole, tmp_path: Path) -> None:
    folder = copied(whole.folder, tmp_path / "copy")
    places, path = places_in(folder), "releases/cycle-05/r001.zip"
    data = places.private.read(path)
    places.private.write(path, data[: len(data) // 2])
    (problem,) = a4p(folder, "verify", "--cycle", "5")[1].splitlines()[1:]
    assert f"{path} is damaged; bring it back from a backup of the private store, or, where" in problem
    places.private.delete(path)
    refresh(CYCLE, places, CONFIG, now=NOW)
    assert places.private.read(path) == data
    copies.copied(CYCLE, "r001", places.private)


def test_stores_of_version_0_5_0_go_on(whole: Whole, tmp_path: Path) -> None:
    """Documents without a checksum are read as they are."""
    folder = copied(whole.folder, tmp_path / "copy")
    places = places_in(folder)
    sealed = re.compile(rb',?\n  "a4p_checksum": "a4p_sha256:[0-9a-f]{64}"\n}')
    plain = 0
    for entry in places.private.entries():
        if entry.path.endswith(".json"):
            data, found = sealed.subn(b"\n}", places.private.read(entry.path))
            places.private.write(entry.path, data)
            plain += found
    known = ledger.load(places.private, CYCLE)
    places.private.write("ledger/cycle-05.parquet", frames.parquet(known))
    assert plain > 20
    assert outcome(places) == whole.next[False]
