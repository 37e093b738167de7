"""A .docx as the archive that it is: its parts taken out within limits, and written again with few of them changed.

Nothing that the archive says of itself is believed. What is not changed is copied as it lies in the file, packed.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import unquote

from flows.core.errors import NotReadable
from flows.core.xml_edits import NotXml, append, as_xml, elements, spliced

# the text of a report of a thousand pages has some ten; pictures are not unpacked
MOST_PART_MB = 32
MOST_ENTRIES = 5_000
# word processors' XML shrinks to a twentieth, at best to a fiftieth; below so much it does no harm
_MOST_RATIO = 200
_SMALL_MB = 4
_MB = 1_000_000
_CENTRAL, _LOCAL, _END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
_LOCAL_BYTES, _CENTRAL_BYTES = 30, 46
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# sizes in a longer form, which no word processor needs
_LONG = 0xFFFFFFFF
_TYPES = "[Content_Types].xml"
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Package:
    """A .docx, opened. Raises NotReadable where it is damaged, locked, or put together as no word processor does it."""

    def __init__(self, shown: str, content: bytes) -> None:
        self._shown = shown
        self._content = content
        self._unpacked: dict[str, bytes] = {}
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            raise NotReadable(
                f"The draft {shown} is locked with a password, or of Word's old kind; save it as an open .docx."
            )
        self._entries = self._listed()
        self.main = self._main()

    def part(self, name: str) -> bytes | None:
        """Return a part, in UTF-8, or None where there is none of that name; raises NotReadable as this class does."""
        if name not in self._entries:
            return None
        if name not in self._unpacked:
            self._unpacked[name] = self._in_utf8(self._unpack(self._entries[name]))
        return self._unpacked[name]

    def related(self, kind: str) -> list[str]:
        """Return the parts that the text refers to as of a kind, such as `footnotes`, in their order."""
        return [path for named, path in self._relations if named == kind]

    def written(self, changed: Mapping[str, bytes]) -> bytes:
        """Return the file with some parts changed or, behind the others, added; all else stays byte for byte."""
        out, listed = io.BytesIO(), io.BytesIO()
        entries = sorted(self._entries.values(), key=lambda one: one.header_offset)
        ends = [one.header_offset for one in entries[1:]] + [self._central_at]
        offsets: dict[str, tuple[int, bytes | None]] = {}
        out.write(self._content[: entries[0].header_offset])
        for entry, end in zip(entries, ends, strict=True):
            offsets[entry.filename] = (out.tell(), changed.get(entry.filename))
            if entry.filename in changed:
                self._write(out, entry, changed[entry.filename])
            else:
                out.write(self._content[entry.header_offset : end])
        for name, record in self._central:
            at, new = offsets[name]
            listed.write(_moved(record, at, new))
        added = [name for name in changed if name not in self._entries]
        for name in added:
            entry = zipfile.ZipInfo(name, entries[0].date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            at = out.tell()
            self._write(out, entry, changed[name])
            listed.write(_record(entry, at, changed[name]))
        begin = out.tell()
        out.write(listed.getvalue())
        count = len(self._central) + len(added)
        out.write(struct.pack("<4sHHHHIIH", _END, 0, 0, count, count, listed.tell(), begin, len(self._comment)))
        out.write(self._comment)
        return out.getvalue()

    def relation(self, kind: str, path: str, content_type: str) -> dict[str, bytes]:
        """Return the parts that change where the text is to refer to a new part of a kind."""
        rels = _relations_of(self.main)
        said = self.part(rels)
        target = posixpath.relpath(path, posixpath.dirname(self.main) or ".")
        if said is None:
            said = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
        root, *others = elements(said, "Relationship")
        known = {one.attributes.get("Id") for one in others}
        name = next(f"rIdA4P{number}" for number in range(1, len(known) + 2) if f"rIdA4P{number}" not in known)
        strict = any("purl.oclc.org" in one.attributes.get("Type", "") for one in others)
        of = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else _OFFICE
        line = f'<{root.prefix}Relationship Id="{name}" Type="{of}/{kind}" Target="{as_xml(target)}"/>'
        types = self.part(_TYPES) or b""
        top, *_ = elements(types)
        override = f'<{top.prefix}Override PartName="/{as_xml(path)}" ContentType="{content_type}"/>'
        return {
            rels: spliced(said, [append(said, root, line.encode())]),
            _TYPES: spliced(types, [append(types, top, override.encode())]),
        }

    def free(self, path: str) -> str:
        """Return a name for a new part that no other has."""
        stem, ending = posixpath.splitext(path)
        known = {name.lower() for name in self._entries}
        tried = (path, *(f"{stem}{number}{ending}" for number in range(2, len(known) + 3)))
        return next(one for one in tried if one.lower() not in known)

    def damaged(self, how: str = "it is damaged, or no Word file") -> NotReadable:
        """Return what is said where the file cannot be read."""
        return NotReadable(f"The draft {self._shown} cannot be read: {how}.")

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        content = self._content
        if content.count(_CENTRAL) > MOST_ENTRIES:
            raise self.damaged("it has more parts than any Word file")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
                self._comment = archive.comment
                self._central_at = archive.start_dir
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError):
            raise self.damaged() from None
        if not entries:
            raise self.damaged()
        if any(entry.flag_bits & 1 for entry in entries):
            raise self.damaged("it is locked with a password")
        names = [entry.filename for entry in entries]
        odd = len({name.lower() for name in names}) < len(names)
        free = 0
        for entry in sorted(entries, key=lambda one: one.header_offset):
            long = _LONG in (entry.compress_size, entry.file_size, entry.header_offset)
            odd = odd or entry.header_offset < free or long or entry.compress_type not in _PACKED
            free = entry.header_offset + _LOCAL_BYTES + entry.compress_size
        at, self._central = self._central_at, list[tuple[str, bytes]]()
        for entry in entries:
            if odd or content[at : at + 4] != _CENTRAL:
                raise self.damaged("it is put together as no word processor does it")
            size = _CENTRAL_BYTES + sum(struct.unpack_from("<HHH", content, at + 28))
            self._central.append((entry.filename, content[at : at + size]))
            at += size
        return {entry.filename: entry for entry in entries}

    def _unpack(self, entry: zipfile.ZipInfo) -> bytes:
        content, at = self._content, entry.header_offset
        if content[at : at + 4] != _LOCAL or entry.file_size > MOST_PART_MB * _MB:
            raise self.damaged(
                f"its text unpacks to more than {MOST_PART_MB} MB" if content[at : at + 4] == _LOCAL else ""
            )
        begin = at + _LOCAL_BYTES + sum(struct.unpack_from("<HH", content, at + 26))
        packed = content[begin : begin + entry.compress_size]
        most = max(_SMALL_MB * _MB, _MOST_RATIO * len(packed))
        if entry.compress_type == zipfile.ZIP_STORED:
            return packed
        inflating = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = inflating.decompress(packed, min(most, MOST_PART_MB * _MB) + 1)
        except zlib.error:
            raise self.damaged() from None
        if len(data) > min(most, MOST_PART_MB * _MB):
            raise self.damaged("its text unpacks to more than any report holds")
        if not inflating.eof or zlib.crc32(data) != entry.CRC:
            raise self.damaged()
        return data

    def _in_utf8(self, data: bytes) -> bytes:
        """Return XML in UTF-8, in which places are counted; nearly all of it is."""
        try:
            if data.startswith((b"\xff\xfe", b"\xfe\xff")):
                data = data.decode("utf-16").encode()
            elif (said := _DECLARATION.match(data[:200])) and said[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
                data = data.decode(said[1].decode()).encode()
            else:
                return data
        except (UnicodeDecodeError, LookupError):
            raise self.damaged() from None
        said = _DECLARATION.match(data[:200])
        return data[: said.start(1)] + b"UTF-8" + data[said.end(1) :] if said else data

    def _main(self) -> str:
        top = self._read_relations("")
        found = next((path for kind, path in top if kind == "officeDocument"), None)
        if found is None or found not in self._entries:
            raise self.damaged("it is no Word file")
        return found

    @cached_property
    def _relations(self) -> list[tuple[str, str]]:
        return self._read_relations(self.main)

    def _read_relations(self, part: str) -> list[tuple[str, str]]:
        said = self.part(_relations_of(part))
        if said is None:
            return []
        try:
            _, *found = elements(said, "Relationship")
        except NotXml:
            raise self.damaged() from None
        folder, relations = posixpath.dirname(part), []
        for one in found:
            if one.attributes.get("TargetMode") == "External":
                continue
            target = unquote(one.attributes.get("Target", ""))
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            relations.append((one.attributes.get("Type", "").rpartition("/")[2], path))
        return relations

    def _write(self, out: io.BytesIO, entry: zipfile.ZipInfo, data: bytes) -> None:
        name, flags = _name(entry)
        packed = _deflated(data)
        out.write(
            struct.pack(
                "<4sHHHHHIIIHH", _LOCAL, 20, flags, zipfile.ZIP_DEFLATED, *_time(entry), zlib.crc32(data),
                len(packed), len(data), len(name), 0,
            )
        )  # fmt: skip
        out.write(name + packed)


def _name(entry: zipfile.ZipInfo) -> tuple[bytes, int]:
    """Return a part's name as it stands in the archive, and the flags that say in which letters."""
    if entry.flag_bits & 0x800 or not entry.filename.isascii():
        return entry.filename.encode(), 0x800
    return entry.filename.encode("ascii"), 0


def _deflated(data: bytes) -> bytes:
    packing = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


def _time(entry: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = entry.date_time
    return hour << 11 | minute << 5 | second // 2, (max(year, 1980) - 1980) << 9 | month << 5 | day


def _moved(record: bytes, at: int, new: bytes | None) -> bytes:
    """Return a line of the archive's list with where the part lies now, and of a changed one its sizes."""
    made = bytearray(record)
    struct.pack_into("<I", made, 42, at)
    if new is not None:
        flags = struct.unpack_from("<H", made, 8)[0] & 0x800
        struct.pack_into("<HH", made, 8, flags, zipfile.ZIP_DEFLATED)
        struct.pack_into("<III", made, 16, zlib.crc32(new), len(_deflated(new)), len(new))
    return bytes(made)


def _record(entry: zipfile.ZipInfo, at: int, data: bytes) -> bytes:
    name, flags = _name(entry)
    fixed = (_CENTRAL, 20, 20, flags, zipfile.ZIP_DEFLATED, *_time(entry), zlib.crc32(data), len(_deflated(data)))
    return struct.pack("<4sHHHHHHIIIHHHHHII", *fixed, len(data), len(name), 0, 0, 0, 0, 0, at) + name


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
