"""A folder of the file system as a place for files."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flows.core.errors import NotReadable, NotThere, StoreError
from flows.stores import rights
from flows.stores.entry import AGAIN, PART, PIECE, UNFINISHED, Entry

# a pipe would be waited for, and a link may lead anywhere; the flags that a system does not have are left out
_PLAINLY = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"):
    _PLAINLY |= getattr(os, _flag, 0)


class Folder:
    """A folder of the file system; one that is private is closed to other users, with all that is written to it."""

    def __init__(self, root: Path, private: bool = False) -> None:
        self.root, self.private = root, private

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        with self._opened(path) as file:
            return file.read()

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield a file's content piece by piece."""
        with self._opened(path) as file:
            while piece := file.read(PIECE):
                yield piece

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        number = os.open(self._inside(path), _PLAINLY)
        try:
            mode = os.fstat(number).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            if not stat.S_ISREG(mode):
                raise StoreError(f"{self.root / path} is a pipe or a device, where a file is needed; move it away.")
            with open(number, "rb", closefd=False) as file:
                yield file
        finally:
            os.close(number)

    @contextmanager
    def beside(self) -> Iterator[Path]:
        """Give a folder from which `take` only renames."""
        self._make(self.root)
        yield self.root

    def take(self, path: str, file: Path) -> None:
        """Move a file of `beside` to its place, once it is on the disk."""
        target = self._inside(path)
        self._make(target.parent)
        if self.private:
            file.chmod(rights.FILE)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.replace(target)

    def write(self, path: str, data: bytes, *, lasting: bool = True) -> None:
        """Write a file beside its place, then put it there; what is not `lasting` is not waited for."""
        with self._written(path, data, lasting) as part:
            part.replace(self._inside(path))

    def create(self, path: str, data: bytes) -> bool:
        """Write a file only if there is none of that name, and tell whether this call did."""
        with self._written(path, data) as part:
            try:
                # unlike an exclusive open, a link shows the file only once it is whole
                os.link(part, self._inside(path))
            except FileExistsError:
                # over a network a link may be made, its answer lost, and the call made again
                return os.path.samefile(part, self.root / path)
            except OSError as error:
                if error.errno in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
                    raise StoreError(
                        f"The file system of {self.root} has no hard links, which releases need; use another folder."
                    ) from error
                raise
        return True

    def exists(self, path: str) -> bool:
        """Tell whether a file is there."""
        try:
            return stat.S_ISREG((self.root / path).stat().st_mode)
        except OSError as error:
            # what may not be looked at is not missing
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                return False
            raise

    def entries(self, folder: str) -> Iterator[Entry]:
        """Yield what is below a folder, links among it, which are not followed, and folders that cannot be read."""
        if any((self.root / part).is_symlink() for part in [Path(folder), *Path(folder).parents][:-1]):
            return
        closed: list[OSError] = []
        for parent, folders, names in os.walk(self.root / folder, onerror=closed.append):
            for name in [*names, *(one for one in folders if Path(parent, one).is_symlink())]:
                file = Path(parent, name)
                if name.startswith(".") and name.endswith(PART):
                    continue
                with suppress(FileNotFoundError):  # gone since the folder was read
                    found = file.lstat()
                    modified = datetime.fromtimestamp(found.st_mtime, UTC)
                    is_file = stat.S_ISREG(found.st_mode)
                    yield Entry(file.relative_to(self.root).as_posix(), found.st_size, modified, is_file)
        for error in closed:
            if not isinstance(error, FileNotFoundError):
                yield self._closed(Path(error.filename), error)

    def unfinished(self) -> Iterator[Entry]:
        """Yield the files that are being written beside their place, or were when their writer was stopped."""
        for parent, _, names in os.walk(self.root):
            for file in (Path(parent, name) for name in names if UNFINISHED.fullmatch(name)):
                with suppress(FileNotFoundError):
                    found = file.lstat()
                    modified = datetime.fromtimestamp(found.st_mtime, UTC)
                    yield Entry(file.relative_to(self.root).as_posix(), found.st_size, modified)

    def _closed(self, folder: Path, error: OSError) -> Entry:
        """Return the entry of a folder that cannot be read; raises the error where it is the whole place."""
        if folder == self.root:
            raise error
        return Entry(folder.relative_to(self.root).as_posix(), 0, datetime.fromtimestamp(0, UTC), False, True)

    def children(self, folder: str) -> Iterator[Entry]:
        """Yield what stands in a folder itself: files, folders, links."""
        with suppress(FileNotFoundError), os.scandir(self.root / folder) as found:
            for one in found:
                with suppress(FileNotFoundError):
                    seen = one.stat(follow_symlinks=False)
                    modified = datetime.fromtimestamp(seen.st_mtime, UTC)
                    path = Path(folder, one.name).as_posix()
                    yield Entry(path, seen.st_size, modified, stat.S_ISREG(seen.st_mode), stat.S_ISDIR(seen.st_mode))

    def one_in_each(self, folder: str, name: str) -> Iterator[Entry]:
        """Yield the files of a name in the folders of a folder."""
        with suppress(FileNotFoundError), os.scandir(self.root / folder) as found:
            for one in found:
                with suppress(FileNotFoundError, NotADirectoryError):
                    if one.is_symlink():
                        continue
                    seen = os.lstat(f"{one.path}/{name}")
                    if stat.S_ISREG(seen.st_mode):
                        modified = datetime.fromtimestamp(seen.st_mtime, UTC)
                        yield Entry(f"{folder}/{one.name}/{name}", seen.st_size, modified)

    def delete(self, path: str) -> None:
        """Remove a file, if it is there."""
        self._inside(path).unlink(missing_ok=True)

    def drop_unfinished(self, older_than: timedelta) -> int:
        """Remove files that were being written and are older: whoever wrote them was killed. Returns how many."""
        gone, before = 0, datetime.now(UTC).timestamp() - older_than.total_seconds()
        for part in sorted(self.root.rglob(f".*{PART}")):
            with suppress(FileNotFoundError):  # put in its place meanwhile
                if part.is_file() and not part.is_symlink() and part.lstat().st_mtime < before:
                    part.unlink()
                    gone += 1
        return gone

    def _inside(self, path: str) -> Path:
        """Return where a path is; raises StoreError where a linked folder leads out of the store."""
        file, folder = self.root / path, str(self.root)
        for name in path.split("/")[:-1]:
            folder = f"{folder}/{name}"
            # without a link nothing leads out, and the whole way need not be asked for
            if os.path.islink(folder) and not Path(folder).resolve().is_relative_to(self.root.resolve()):
                raise StoreError(f"A link in {self.root} leads out of it at {path}; put the folder itself there.")
        return file

    def _make(self, folder: Path) -> None:
        """Make a folder of the store where it is not there; a private store is closed first."""
        if self.private:
            rights.close(self.root)
            rights.make(folder, self.root)
        else:
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _written(self, path: str, data: bytes, lasting: bool = True) -> Iterator[Path]:
        """Write the data beside its place, for the body to move there; what is left of it goes."""
        folder = self._inside(path).parent
        self._make(folder)
        part = folder / f".{uuid.uuid4().hex}{PART}"
        try:
            with open(part, "xb", opener=rights.opener if self.private else None) as file:
                file.write(data)
                file.flush()
                # a release's last file must not reach the disk before its others
                if lasting:
                    os.fsync(file.fileno())
            yield part
        finally:
            part.unlink(missing_ok=True)


def failure(uri: str, where: str, error: BaseException) -> StoreError:
    """Return what is told of a folder that failed; `where` is the path that was asked for."""
    number = getattr(error, "errno", None)
    match number:
        case errno.ENOENT:
            return NotThere(f"There is no file {where}; check the name.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return NotReadable(f"There is no permission to use {where}; allow this user to read and write there.")
        case errno.ENOSPC | errno.EDQUOT:
            return StoreError(f"The disk of {uri} is full; make room on it and {AGAIN}.")
        case errno.EFBIG:
            return StoreError(f"The disk of {uri} takes no file of that size; use another disk, or raise its limit.")
        case errno.ENOTDIR | errno.EEXIST:
            return StoreError(f"A file stands where {where} needs a folder; move it away, or use another folder.")
        case errno.ELOOP:
            return StoreError(f"{where} is a link, where a file is needed; put the file itself there.")
        case errno.EISDIR:
            return StoreError(f"{where} is a folder, where a file is needed; move it away.")
        case errno.ENAMETOOLONG:
            return StoreError(f"The name {where} is too long for its disk; rename the file.")
    kind = NotReadable if number in {errno.EIO, errno.ESTALE} else StoreError
    return kind(f"The folder {uri} failed ({getattr(error, 'strerror', None) or error}); check its disk.")
