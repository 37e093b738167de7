"""What is too large to be held goes another way through the pipeline, and comes out the same, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sample
from flows.core.records import Gathered
from flows.intake.gate import workspace
from flows.intake.read import limits
from flows.stores import Store, frames
from flows.stores.checked import Damaged
from tests.support.files import Rooms
from tests.support.sharing import sources

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory, sample_inbox: Path) -> Path:
    """The sample of a cycle with its fifty faults: each rule refuses or reports something."""
    folder = sources(sample_inbox, tmp_path_factory.mktemp("faulty"))
    sample.plant(folder, 5)
    return folder


def gathered(inbox: Path, folder: Path) -> tuple[Gathered, Rooms]:
    rooms = Rooms(folder)
    folder.mkdir()
    rooms.inbox.symlink_to(inbox)
    return rooms.gather(), rooms


def streamed(inbox: Path, folder: Path, patch: pytest.MonkeyPatch) -> tuple[Gathered, Rooms]:
    patch.setattr(workspace, "MOST_ROWS_HELD", -1)
    patch.setattr(limits, "is_large", lambda size: True)
    return gathered(inbox, folder)


@pytest.mark.slow
def test_the_large_way_gives_the_same_rows_findings_and_hashes(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, rooms = gathered(inbox, tmp_path / "usual")
    large, others = streamed(inbox, tmp_path / "large", monkeypatch)
    assert large.pulled == usual.pulled
    assert [one.found for one in large.reads] == [one.found for one in usual.reads]
    assert (large.judged.refused, large.judged.refused_tables) == (usual.judged.refused, usual.judged.refused_tables)
    assert sum(one.rows[file][2] for one in usual.tables for file in one.rows) > 20
    for ours, theirs in zip(large.tables, usual.tables, strict=True):
        assert (ours.table, ours.rows, ours.newest, ours.used) == (
            theirs.table,
            theirs.rows,
            theirs.newest,
            theirs.used,
        )
        for part in ("staged", "quarantine", "findings"):
            assert_frame_equal(others.frame(getattr(ours, part)), rooms.frame(getattr(theirs, part)))
    # nothing is left on the way
    assert not [path for path in others.folder.rglob("*") if path.name.endswith(".part")]


@pytest.mark.slow
def test_the_same_rows_are_the_same_bytes_whatever_machine_writes_them(tmp_path: Path) -> None:
    """With other numbers of threads and other pieces at a time."""
    write = (
        "import sys, pathlib, polars as pl; from flows.stores import frames; "
        "rows = pl.scan_parquet(sys.argv[1]); "
        "frames.sink(rows.filter(pl.col('number') % 7 != 0), pathlib.Path(sys.argv[2]))"
    )
    source = tmp_path / "rows.parquet"
    number = pl.int_range(3 * 262_144 + 5, eager=True)
    frame = pl.DataFrame({"number": number, "text": "row " + (number * 37 % 1001).cast(pl.String)})
    frame.write_parquet(source, row_group_size=10_000)
    written = set()
    for threads, at_once in ((1, 100_000), (2, 7_777), (5, 1_000_000)):
        file = tmp_path / f"{threads}.parquet"
        environment = {"POLARS_MAX_THREADS": str(threads), "POLARS_IDEAL_MORSEL_SIZE": str(at_once)}
        command = [sys.executable, "-c", write, str(source), str(file)]
        subprocess.run(command, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)}, check=True)
        written.add(file.read_bytes())
    assert len(written) == 1
    assert pl.read_parquet(file).equals(frame.filter(pl.col("number") % 7 != 0))


def test_a_damaged_file_that_is_too_large_to_be_held_is_named(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_MOST_BYTES_HELD", -1)
    private = Store(str(tmp_path))
    frame = pl.DataFrame({"a": [1, 2]})
    path = frames.put(private, "staged/hospitals", frame)
    assert_frame_equal(frames.scan(private, path).collect(), frame)
    whole = private.read(path)
    private.write(path, whole[:9] + bytes([whole[9] ^ 1]) + whole[10:])
    with ExitStack() as stack:
        for scan in (lambda: frames.scan(private, path), lambda: workspace.OnDisk(private, stack).scan(path)):
            with pytest.raises(Damaged, match=f"{path} is damaged; a4p refresh makes it again"):
                scan()
        # what is put there again takes its place, by either way
        for put in (workspace.InMemory(private).put, workspace.OnDisk(private, stack).put):
            again, _ = put("staged/hospitals", frame.lazy())
            private.write(again, b"damaged")
            assert put("staged/hospitals", frame.lazy())[0] == again
            assert_frame_equal(frames.scan(private, again).collect(), frame)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.slow
def test_a_damaged_raw_file_is_named_whatever_its_size(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    monkeypatch.setattr(limits, "is_large", lambda size: large)
    rooms = Rooms(tmp_path)
    data = next((inbox / "cycle-05/hospitals").glob("*.xlsx")).read_bytes()
    file = rooms.put("hospitals/sites.xlsx", data)
    ((submission,),) = rooms.gather().pulled.values()
    rooms.private.write(submission.raw, data[:-1] + bytes([data[-1] ^ 1]))
    for entry in rooms.private.entries("read"):
        rooms.private.delete(entry.path)
    # the others are as they were last pulled
    (rooms.folder / "inbox" / file).unlink()
    with pytest.raises(Damaged, match=f"{submission.raw} is damaged; put the same file into the inbox again"):
        rooms.gather("noticas")
    # where it stands in the inbox, that takes its place
    rooms.put("hospitals/sites.xlsx", data)
    assert rooms.gather("noticas").pulled
    assert rooms.private.read(submission.raw) == data
