"""Files that a person names: read within a limit; written whole or not at all, and the old one stays until then."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.errors import ConfigError
from flows.core.errors import StoreError
from flows.stores.entry import AGAIN, PART
from flows.stores.folder import failure

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENAMETOOLONG}
_IN_TEXT = re.compile(r"\(os error ([0-9]{1,4})\)")


def content(file: Path, most_mb: int) -> bytes:
    """Return what a file holds that a person names, up to so many million bytes.

    Raises ConfigError where it is no file or too large, StoreError where it is not allowed to be read.
    """
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{file} is no file.")
        if found.st_size > most_mb * 1_000_000:
            raise ConfigError(f"{file} has {-(-found.st_size // 1_000_000)} MB; the limit is {most_mb} MB.")
        return file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"There is no file {file}.") from None
    except (OSError, ValueError) as error:
        said = failure(str(file.parent), str(file), error) if isinstance(error, OSError) else None
        raise said or ConfigError(f"There is no file {file}.") from None


def write(out: Path, data: bytes) -> None:
    """Write a file beside its place, then put it there; of one that is replaced the rights stay.

    Raises ConfigError where there is no such folder, StoreError where the disk is full or does not allow it.
    """
    # what a link leads to is replaced, and not the link
    place = Path(os.path.realpath(out))
    if not place.parent.is_dir():
        raise ConfigError(f"There is no folder {out.parent}; make it, or choose another name.")
    part = place.with_name(f".{uuid.uuid4().hex}{PART}")
    try:
        mode = place.stat().st_mode if place.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            # a pipe or the terminal takes what comes
            place.write_bytes(data)
            return
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            part.chmod(stat.S_IMODE(mode))
        part.replace(place)
    except OSError as error:
        raise failure(str(out.parent), str(out), error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def failed(error: OSError) -> StoreError | None:
    """Return what is told of a disk that failed where nobody expected it; None where it is no failure of a disk."""
    number = error.errno or _number(error)
    if number in _FULL and not error.filename:
        # a file that is open tells no name
        return StoreError(f"A disk is full, or takes no file of that size; make room on it and {AGAIN}.")
    if number not in _FULL | _CLOSED or not isinstance(error.filename, str):
        return None
    return failure(str(Path(error.filename).parent), error.filename, error)


def _number(error: OSError) -> int | None:
    """Return the number of an error as Polars tells it, in its text."""
    found = _IN_TEXT.search(str(error))
    return int(found[1]) if found else None


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """Give a new folder beside another one, into which what is written in it is moved at the end, where all went well.

    Files there of the same name are replaced, the others stay. Raises OSError as the disk does.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{uuid.uuid4().hex}{PART}")
    new.mkdir()
    try:
        yield new
        for file in sorted(path for path in new.rglob("*") if path.is_file()):
            place = folder / file.relative_to(new)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
