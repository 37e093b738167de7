"""Nobody else on the machine reads the private store: it is closed whatever the umask, and an older one is closed."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from config import ConfigError
from flows.cli import commands
from flows.core.errors import StoreError
from flows.stores import Store, rights
from flows.stores.from_settings import places_of
from tests.support import watched as small
from tests.support.files import CYCLE
from tests.support.sharing import CLOSED, modes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    with umask(0o022):
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can get into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="a4p-rights-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def read_by_nobody(folder: Path) -> set[Path]:
    """The files that another user of the machine can read."""
    found = subprocess.run(
        ["find", str(folder), "-type", "f", "-readable"],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    return {Path(line) for line in found.stdout.splitlines()}


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_after_a_refresh_all_of_the_private_store_is_closed_and_the_public_one_is_not(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    small.fill(open_folder)
    with umask(mask):
        assert small.refresh(open_folder).release
    private, public = open_folder / "private", open_folder / "public"
    assert len([path for path in private.rglob("*") if path.is_file()]) > 100
    assert modes(private) == CLOSED
    assert modes(public) == {"folders": {0o777 & ~mask}, "files": {0o666 & ~mask}}
    if os.geteuid() == 0:
        assert read_by_nobody(private) == set()
        assert read_by_nobody(public) == {path for path in public.rglob("*") if path.is_file()}


@as_root
def test_a_store_that_an_older_version_left_open_is_closed_by_the_first_command_that_writes(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("A4P_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(open_folder)
    small.fill(open_folder)
    released = small.refresh(open_folder).release
    assert released
    for path in ((open_folder / "private"), *(open_folder / "private").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(read_by_nobody(open_folder / "private")) > 100
    for name in ("inbox", "private", "public"):
        monkeypatch.setenv(f"A4P_{name.upper()}_URI", str(open_folder / name))
    sent = next(path.parent.parent.name for path in (open_folder / "private/raw").glob("*/*/received/*"))
    with suppress(SystemExit):
        commands.main(["decide", "withdraw", sent, "--cycle", str(CYCLE.number), "--reason", "a draft"])
    assert modes(open_folder / "private") == CLOSED
    assert read_by_nobody(open_folder / "private") == set()


def wide(root: Path) -> Path:
    (root / "raw/deep").mkdir(parents=True)
    (root / "raw/deep/file").write_bytes(b"1")
    (root / "raw/script").write_bytes(b"")
    (root / "raw/script").chmod(0o755)
    return root


def test_what_is_narrowed_keeps_its_owners_rights_and_what_lies_around_it_stays(tmp_path: Path) -> None:
    root = wide(tmp_path / "store/private")
    (tmp_path / "outside").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "linked").symlink_to(tmp_path / "folder")
    (root / "broken").symlink_to(tmp_path / "nowhere")
    public = Store(str(tmp_path / "store/public"))
    public.write("a/b", b"")
    Store(str(root), private=True).write("new", b"")
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in (root, *(root / "raw").rglob("*"))} == {
        "private": 0o700,
        "deep": 0o700,
        "file": 0o600,
        "script": 0o700,
    }
    for path, mode in (("outside", 0o644), ("folder", 0o755), ("store", 0o755), ("store/public/a/b", 0o644)):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode


def test_one_that_was_killed_while_it_narrowed_is_made_up_for_and_then_nothing_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = wide(tmp_path / "private")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rights, "_close", killed)
        with pytest.raises(KeyboardInterrupt):
            rights.close(root)
    # nobody gets in from the first moment on
    assert not stat.S_IMODE(root.stat().st_mode) & 0o077
    rights.close(root)
    assert stat.S_IMODE((root / "raw/deep/file").stat().st_mode) == 0o600
    monkeypatch.setattr(rights, "_close", killed)
    rights.close(root)
    Store(str(root), private=True).write("raw/deep/other", b"")


def test_what_is_too_large_to_be_held_is_never_open_either(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "private"), private=True)
    with umask(0), store.scratch() as file:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with file.open("wb") as written:
            written.write(b"1")
        store.take("a/b/c", file)
    with umask(0), Store("memory://private", private=True).scratch() as file:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert modes(tmp_path / "private") == CLOSED


@as_root
def test_a_folder_of_somebody_else_is_refused_with_what_to_do(open_folder: Path) -> None:
    root = open_folder / "private"
    root.mkdir()
    root.chmod(0o777)
    child = os.fork()
    if child == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            Store(str(root), private=True).write("a", b"1")
        except StoreError as error:
            os._exit(3 if "cannot be closed to other users of this machine" in str(error) else 4)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert list(root.iterdir()) == []
    assert stat.S_IMODE(root.stat().st_mode) == 0o777


def test_a_folder_for_everybody_is_not_taken_away_from_them(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(StoreError, match=r"a folder for everybody .* A4P_PRIVATE_URI, such as a new one inside it\.$"):
        Store(str(shared), private=True).write("a", b"1")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    Store(str(shared / "own"), private=True).write("a", b"1")


@pytest.mark.parametrize("name", ["inbox", "public"])
def test_what_others_must_reach_does_not_lie_in_the_private_store(tmp_path: Path, name: str) -> None:
    places = {f"{one}_uri": str(tmp_path / one) for one in ("inbox", "private", "public")}
    inside = {f"{name}_uri": f"file://{tmp_path}/private/{name}"}
    with pytest.raises(ConfigError, match=f"which is closed to everybody else; correct A4P_{name.upper()}_URI"):
        places_of(small.Settings(**{**places, **inside}))
    assert places_of(small.Settings(**places)).private.private


def test_a_file_where_the_store_should_be_is_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "private").write_bytes(b"1")
    with pytest.raises(StoreError, match="A file stands where"):
        Store(str(tmp_path / "private"), private=True).write("a", b"1")
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o644
