"""Files for people on disks that are full, and in folders that do not allow them: one sentence, and nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config import ConfigError
from flows.core.errors import StoreError
from flows.stores import for_people


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, link = tmp_path / "out.txt", tmp_path / "link.txt"
    out.write_bytes(b"old")
    out.chmod(0o640)
    link.symlink_to(out)
    for_people.write(link, b"new")
    assert (out.read_bytes(), link.is_symlink(), out.stat().st_mode & 0o777) == (b"new", True, 0o640)
    with pytest.raises(ConfigError, match="There is no folder"):
        for_people.write(tmp_path / "none" / "out.txt", b"")
    for_people.write(Path(os.devnull), b"anything")
    # a name that the disk does not take
    with pytest.raises(StoreError, match="is too long for its disk"):
        for_people.write(tmp_path / ("x" * 300), b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.txt", "out.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission_the_folder_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    with pytest.raises(StoreError, match=r"no permission to use .*closed/out\.txt"):
        for_people.write(closed / "out.txt", b"")


def test_what_is_written_into_a_folder_comes_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    (folder / "cycle").mkdir(parents=True)
    (folder / "cycle/own.txt").write_bytes(b"own")

    def half() -> None:
        with for_people.beside(folder) as new:
            (new / "a.txt").write_bytes(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        half()
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["own.txt"]
    with for_people.beside(folder) as new:
        (new / "cycle").mkdir()
        (new / "cycle/a.txt").write_bytes(b"whole")
    assert sorted(path.name for path in tmp_path.rglob("*.txt")) == ["a.txt", "own.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["inbox"]


PROGRAM = Path(__file__).parents[3] / "a4p.py"
COMMANDS = {
    "out.xlsx": ("template", "--source", "mission_report", "--mission", "UNMISS", "--cycle", "5", "--out", "out.xlsx"),
    "dictionary.md": ("dictionary", "--out", "dictionary.md"),
    "prefect.yaml": ("serve", "--write", "prefect.yaml"),
    "inbox": ("sample", "inbox"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_disk_without_room_leaves_the_old_file_and_no_stump(tmp_path: Path, name: str) -> None:
    """The kernel takes no more than 2 kB of a file, which is how a full disk looks in the middle of one."""

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    if name == "dictionary.md":
        (tmp_path / name).write_text("old")
    elif name == "inbox":
        (tmp_path / name).mkdir()
    before = {path.name: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()}
    ran = subprocess.run(
        [sys.executable, PROGRAM, *COMMANDS[name]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=little_room,
        check=False,
    )
    assert ran.returncode == 3, ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert {path.name: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()} == before
