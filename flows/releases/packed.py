"""Several files as one: a store on a server takes a call for each, and what is a copy is read as a whole."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

_PACKED = frozenset({".parquet", ".xlsx"})
# what reading a zip fails with; a flipped bit may make it encrypted, packed otherwise, or longer than it is
_NO_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, KeyError, MemoryError),
)


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files as one, in their order; without the time of packing, so that the same files are the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in files:
            kind = zipfile.ZIP_STORED if PurePosixPath(path).suffix in _PACKED else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(path), data, kind, compresslevel=1)
    return packed.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of one that holds several; none where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except _NO_ZIP:
        return {}
