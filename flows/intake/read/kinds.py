"""What a file is that is none of those which are read: told from its bytes, so that the refusal calls it what it is."""

from __future__ import annotations

from collections.abc import Collection

from flows.intake.read.limits import COMPRESSED

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
# Windows' .lnk and .url, a link of a Linux desktop, macOS' alias and .webloc
_SHORTCUTS = (
    b"L\x00\x00\x00\x01\x14\x02\x00",
    b"[InternetShortcut]",
    b"[Desktop Entry]",
    b"book\x00\x00\x00\x00mark",
    b"bplist00",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# the streams by which a compound file is known; without one it is a workbook of before 2007
# how files of OpenDocument begin what they say of themselves, as it stands in the archive's first part
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
# an archive's list of its parts stands in its last bytes
_LIST = 1 << 16
_STREAMS = (("EncryptedPackage", "locked"), ("WordDocument", "word"), ("PowerPoint Document", "slides"))


def other_kind(data: bytes) -> str | None:
    """Return the problem (expectations.files.PROBLEMS) of what a file is by its bytes; None where it may be read.

    An archive may be a workbook; what stands in it says `other_archive`.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(_OLE):
        return next((problem for stream, problem in _STREAMS if stream.encode("utf-16-le") in data), "old_workbook")
    if data.startswith(_PICTURES) or (data[:2] == b"BM" and b"\x00" in data[:16]):
        return "picture"
    if data[8:12] == b"WEBP" or data[4:12] in (b"ftypheic", b"ftypmif1"):
        return "picture"
    if start.startswith(_SHORTCUTS):
        return "shortcut"
    if data.startswith(COMPRESSED):
        return "archive"
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"{\\rtf"):
        return "word"
    return _of_markup(start) if start.startswith(b"<") else None


def _of_markup(start: bytes) -> str:
    if b"<svg" in start:
        return "picture"
    if b"<!DOCTYPE plist" in start:
        return "shortcut"
    # a workbook of 2003 as XML
    return "old_workbook" if b"urn:schemas-microsoft-com:office:spreadsheet" in start else "web_page"


def other_archive(names: Collection[str]) -> str | None:
    """Return the problem of an archive that is no workbook, by the names in it in small letters; None of one."""
    if "word/document.xml" in names:
        return "word"
    if "ppt/presentation.xml" in names:
        return "slides"
    if "xl/workbook.bin" in names:
        return "no_workbook"
    if {"content.xml", "mimetype"} & set(names):
        return "no_workbook"
    return None if "xl/workbook.xml" in names else "archive"


def is_open_document(data: bytes) -> bool:
    """Whether an archive says of itself that it is of OpenDocument: in its first part, unpacked, or by its parts."""
    end = data[-_LIST:]
    return b"mimetype" + OPEN_DOCUMENT in data[:200] or (b"content.xml" in end and b"mimetype" in end)


def other_document(said: bytes, names: Collection[str]) -> str | None:
    """Return the problem of a file of OpenDocument that is no spreadsheet, by what it says of itself; None of one."""
    kind = said.strip().removeprefix(OPEN_DOCUMENT)
    if kind.startswith((b"text", b"presentation")):
        return "word" if kind.startswith(b"text") else "slides"
    return None if kind in (b"spreadsheet", b"spreadsheet-template") and "content.xml" in names else "no_workbook"
