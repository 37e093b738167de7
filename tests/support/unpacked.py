"""All that is kept in a folder, unpacked as far as anybody could unpack it, and where a word stands in it."""

import io
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import polars as pl


def held(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that is kept below a folder, unpacked as far as anybody could unpack it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from unpacked(str(path.relative_to(folder)), path.read_bytes())


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, name.encode()
    yield name, data
    if data[:4] == b"PAR1":
        frame = pl.read_parquet(io.BytesIO(data))
        yield name, frame.with_columns(pl.all().cast(pl.String, strict=False)).write_csv().encode()
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for member in package.namelist():
                yield from unpacked(f"{name}!{member}", package.read(member))
    elif name.endswith(".eml"):
        mail = message_from_bytes(data, policy=policy.default)
        yield f"{name} headers", str(mail.items()).encode()
        for part in mail.walk():
            # the source's own workbook goes back to the source
            if not part.is_attachment() and not part.is_multipart():
                yield f"{name} {part.get_content_type()}", str(part.get_content()).encode()
            yield f"{name} attachment's name", (part.get_filename() or "").encode()


def leaks(found: Iterator[tuple[str, bytes]], *words: str) -> list[str]:
    """Return where one of the words stands, in whatever case and encoding."""
    wanted = [form for word in words for form in (word.lower().encode(), word.lower().encode("utf-16-le"))]
    return sorted({name for name, data in found if any(form in data.lower() for form in wanted)})
