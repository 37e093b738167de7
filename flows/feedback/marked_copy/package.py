"""The parts of an xlsx file, their relationships and content types; what is not touched is copied as it is."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, count

from flows.core.xml_edits import Element, NotXml, append, as_xml, elements, spliced

WORKBOOK_PART = "xl/workbook.xml"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "[Content_Types].xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class NotMarkable(Exception):
    """A workbook that can be read and is yet not put together as one, so that nothing can be put into it."""


@dataclass(frozen=True)
class Relation:
    """What a part refers to: `kind` is the last word of its type, `target` the path of the other part."""

    id: str
    kind: str
    target: str


class Package:
    """An xlsx file in memory."""

    def __init__(self, data: bytes) -> None:
        self._parts: dict[str, bytes] = {}
        self._stored: set[str] = set()
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                for entry in file.infolist():
                    self._parts[entry.filename] = file.read(entry)
                    if entry.compress_type == zipfile.ZIP_STORED:
                        self._stored.add(entry.filename)
        except (zipfile.BadZipFile, NotImplementedError, EOFError):
            raise NotMarkable from None
        strict = _STRICT in self.part(WORKBOOK_PART)[:4096]
        base = "http://purl.oclc.org/ooxml" if strict else "http://schemas.openxmlformats.org"
        self.main_ns = f"{base}/spreadsheetml/main" if strict else f"{base}/spreadsheetml/2006/main"
        self.relation_ns = (
            f"{base}/officeDocument/relationships" if strict else f"{base}/officeDocument/2006/relationships"
        )

    @property
    def paths(self) -> frozenset[str]:
        """The paths of all parts."""
        return frozenset(self._parts)

    def part(self, path: str) -> bytes:
        """Return a part as UTF-8; raises NotMarkable where it is missing."""
        data = self._parts.get(path)
        if data is None:
            raise NotMarkable
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            said = data.decode("utf-16")
            # the declaration would name the other encoding
            data = (said.partition("?>")[2] if said.startswith("<?xml") else said).encode()
        return data

    def put(self, path: str, data: bytes) -> None:
        """Set a part."""
        self._parts[path] = data

    def free(self, pattern: str, first: str | None = None) -> str:
        """Return a path that no part has: `first` where it is free, else the pattern, its `{}` a number."""
        taken = {name.lower() for name in self._parts}
        paths = chain([first] if first else [], (pattern.format(number) for number in count(1)))
        return next(path for path in paths if path.lower() not in taken)

    def elements(self, path: str, *wanted: str) -> list[Element]:
        """Return the elements of a part; raises NotMarkable where it is missing or no XML."""
        try:
            return elements(self.part(path), *wanted)
        except NotXml:
            raise NotMarkable from None

    def relations(self, part: str) -> list[Relation]:
        """Return what a part refers to inside the file."""
        path = _relations_of(part)
        if path not in self._parts:
            return []
        return [
            Relation(
                element.attributes.get("Id", ""),
                element.attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", posixpath.dirname(part), element.attributes.get("Target", "")))[
                    1:
                ],
            )
            for element in self.elements(path, "Relationship")
            if element.attributes.get("TargetMode") != "External"
        ]

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship from a part to another; returns its id."""
        path = _relations_of(part)
        if path not in self._parts:
            self._parts[path] = f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode()
        root, *others = self.elements(path, "Relationship")
        taken = {other.attributes.get("Id") for other in others}
        new = next(one for number in range(1, 1_000_000) if (one := f"rId{number}") not in taken)
        where = posixpath.relpath(target, posixpath.dirname(part))
        said = (
            f'<{root.prefix}Relationship Id="{new}" Type="{self.relation_ns}/{kind}" Target="{as_xml(where)}"/>'
        ).encode()
        data = self.part(path)
        self._parts[path] = spliced(data, [append(data, root, said)])
        return new

    def remove(self, part: str, target: str) -> None:
        """Take a part out, with the relationship that leads to it, what is said of its content, and its own relations.

        What it refers to stays, and is reached by nobody.
        """
        self.forget(part, {one.id for one in self.relations(part) if one.target == target})
        types = self.elements(_TYPES, "Override")
        self._take_out(_TYPES, [one for one in types if one.attributes.get("PartName") == f"/{target}"])
        for left in (target, _relations_of(target)):
            self._parts.pop(left, None)

    def forget(self, part: str, ids: Collection[str]) -> None:
        """Take relationships of a part out, by their ids; what they lead to stays."""
        path = _relations_of(part)
        if path in self._parts:
            known = self.elements(path, "Relationship")
            self._take_out(path, [one for one in known if one.attributes.get("Id") in ids])

    def _take_out(self, path: str, gone: Sequence[Element]) -> None:
        self._parts[path] = spliced(self.part(path), [(one.start, one.end, b"") for one in gone])

    def declare(self, path: str, content_type: str) -> None:
        """Say what kind of content a part has."""
        self._of_type("Override", "PartName", f"/{path}", content_type)

    def declare_ending(self, ending: str, content_type: str) -> None:
        """Say what kind of content parts with this ending have."""
        self._of_type("Default", "Extension", ending, content_type)

    def _of_type(self, what: str, key: str, value: str, content_type: str) -> None:
        root, *others = self.elements(_TYPES, what)
        if any(other.attributes.get(key, "").lower() == value.lower() for other in others):
            return
        said = f'<{root.prefix}{what} {key}="{as_xml(value)}" ContentType="{content_type}"/>'.encode()
        data = self.part(_TYPES)
        # endings are declared before parts, as Excel writes them
        at = (root.inner, root.inner, said) if what == "Default" else append(data, root, said)
        self._parts[_TYPES] = spliced(data, [at])

    def bytes(self) -> bytes:
        """Return the file; the same parts give the same bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name, data in self._parts.items():
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.compress_type = zipfile.ZIP_STORED if name in self._stored else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o600 << 16
                file.writestr(entry, data, compresslevel=None if name in self._stored else 6)
        return buffer.getvalue()


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
