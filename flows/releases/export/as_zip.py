"""A ZIP file with the files as they are in the store."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from flows.releases.export.content import Content

_PACKED = frozenset({".parquet", ".xlsx"})


def write(file: Path, content: Content) -> None:
    """Write the files, with their paths in the release or in `current/all`. Raises OSError."""
    with zipfile.ZipFile(file, "w") as archive:
        for path, data in content.files.items():
            kind = zipfile.ZIP_STORED if PurePosixPath(path).suffix in _PACKED else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(path), data, kind)
