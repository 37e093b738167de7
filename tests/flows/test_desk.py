"""What is too large to be held goes another way through the pipeline, and comes out the same, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import sample
from flows import desk, limits
from flows.records import Gathered
from tests.flows.files import Rooms
from tests.sharing import sources

ROOT = Path(__file__).parents[2]


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
    patch.setattr(desk, "MOST_ROWS_HELD", -1)
    patch.setattr(limits, "is_large", lambda size: True)
    return gathered(inbox, folder)


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


def test_the_same_rows_are_the_same_bytes_whatever_machine_writes_them(tmp_path: Path) -> None:
    """With other numbers of threads and other pieces at a time."""
    write = (
        "import sys, pathlib, polars as pl; from flows import frames; "
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
