"""Folders and files that no other user of the machine may read, whatever the umask.

On Windows modes do nothing: a folder there has the rights of the one that it lies in.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from flows.core.errors import StoreError

FOLDER, FILE = 0o700, 0o600
# as a umask, too
OTHERS = stat.S_IRWXG | stat.S_IRWXO
# on a folder that is closed while what is below it is not yet, so that a run that is killed meanwhile is made up for
_UNDONE = stat.S_ISVTX


def opener(path: str, flags: int) -> int:
    """Open a file for the built-in `open`; one that is made is this user's alone from its first byte on."""
    return os.open(path, flags, FILE)


def make(folder: Path, root: Path) -> None:
    """Make a folder of a private store, and those between it and the store's root, which is there."""
    missing = []
    while folder != root and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        with suppress(FileExistsError):  # another process was first; of a file in its place the next call tells
            one.mkdir(FOLDER)


def close(root: Path, what: str = "The private store", setting: str = "A4P_PRIVATE_URI") -> None:
    """Close a folder, which is made where it is not there, and all that an older version left open in it.

    What lies above it stays as it is. `what` it is, and the setting that names it, are told where that cannot be done.
    Raises StoreError then.
    """
    try:
        mode = root.stat().st_mode
    except FileNotFoundError:
        root.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            root.mkdir(FOLDER)
        mode = root.stat().st_mode
    if os.name == "nt" or not stat.S_ISDIR(mode) or not mode & (OTHERS | _UNDONE):
        return
    # one like /tmp is for everybody
    if not (mode & _UNDONE and mode & OTHERS):
        with suppress(PermissionError):
            # the door first, for nobody gets past it
            root.chmod(FOLDER | _UNDONE)
            mode = root.stat().st_mode
    if mode & OTHERS:
        raise StoreError(
            f"{what} {root} cannot be closed to other users of this machine: it is a folder for everybody or somebody "
            f"else's, or its disk keeps no rights. Name another folder in {setting}, such as a new one inside it."
        )
    for parent, folders, files in os.walk(root):
        for name in (*folders, *files):
            _close(Path(parent, name))
    root.chmod(FOLDER)


def _close(one: Path) -> None:
    # gone meanwhile, or another user's, of whom nobody but this one gets here
    with suppress(FileNotFoundError, PermissionError):
        mode = one.lstat().st_mode
        # what a link leads to lies elsewhere
        if mode & OTHERS and not stat.S_ISLNK(mode):
            one.chmod(stat.S_IMODE(mode) & ~OTHERS)
