"""What every place for files has: the files in it, and what is told where it fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

# of files that are not whole yet
PART = ".part"
# as stores name them; what others leave under a like name is theirs
UNFINISHED = re.compile(rf"\.[0-9a-f]{{32}}{re.escape(PART)}")
# large files are read so many bytes at a time
PIECE = 1 << 23
AGAIN = "run this again"


@dataclass(frozen=True)
class Entry:
    """One file of a store: its path in it, its size in bytes, and when it was last written (UTC).

    `is_file` is false for what only stands there: a symbolic link, a pipe, a device, or a folder (`is_folder`).
    """

    path: str
    size: int
    modified: datetime
    is_file: bool = True
    is_folder: bool = False


def is_one_in_each(path: str, folder: str, name: str) -> bool:
    """Tell whether a path is that of a file of a name in a folder of a folder."""
    inside, _, last = path.removeprefix(f"{folder}/").partition("/")
    return path.startswith(f"{folder}/") and last == name and bool(inside)
