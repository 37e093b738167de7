"""Where elements stand in the bytes of an XML part, so that something can be put in and all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from xml.parsers import expat

Edit = tuple[int, int, bytes]
START_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class NotXml(Exception):
    """A part that is not well-formed, or declares entities of its own."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element: `start` to `inner` is its start tag, `close` to `end` its end tag; one without content has none."""

    name: str
    attributes: dict[str, str]
    depth: int
    start: int
    inner: int
    close: int
    end: int

    @property
    def prefix(self) -> str:
        """The namespace prefix with its colon, or nothing."""
        return self.name[: self.name.rfind(":") + 1]

    @property
    def local(self) -> str:
        """The name without the prefix."""
        return self.name[self.name.rfind(":") + 1 :]

    def get(self, name: str) -> str | None:
        """Return an attribute by its name without the prefix."""
        return next((value for key, value in self.attributes.items() if key.rpartition(":")[2] == name), None)


def parser() -> expat.XMLParserType:
    """Return a parser that takes no document type, and so no entities."""
    made = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise NotXml

    made.StartDoctypeDeclHandler = refuse
    return made


def elements(data: bytes, *wanted: str) -> list[Element]:
    """Return the elements with these local names, and the root first, in the order of the document."""
    found: list[tuple[int, Element]] = []
    opened: list[tuple[str, dict[str, str], int]] = []
    reading = parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        opened.append((name, attributes, reading.CurrentByteIndex))

    def end(name: str) -> None:
        _, attributes, at = opened.pop()
        if opened and name[name.rfind(":") + 1 :] not in wanted:
            return
        close = reading.CurrentByteIndex
        inner = tag_end(data, at)
        # an element without content ends where it starts
        after = inner if data[inner - 2 : inner] == b"/>" else data.index(b">", close) + 1
        found.append((at, Element(name, attributes, len(opened), at, inner, min(max(close, inner), after), after)))

    reading.StartElementHandler, reading.EndElementHandler = start, end
    try:
        reading.Parse(data, True)
    except expat.ExpatError:
        raise NotXml from None
    return [element for _, element in sorted(found, key=lambda one: one[0])]


def tag_end(data: bytes, start: int) -> int:
    """Return where the start tag that begins here ends."""
    tag = START_TAG.match(data, start)
    if tag is None:
        raise NotXml
    return tag.end()


def spliced(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return data with each stretch `start` to `end` replaced; what is put in at one place keeps its order."""
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [data[at:start], new]
        at = end
    return b"".join([*parts, data[at:]])


def append(data: bytes, element: Element, content: bytes) -> Edit:
    """Return the edit that puts content at the end of an element."""
    if element.inner == element.end:
        tag = data[element.start : element.inner].removesuffix(b"/>").rstrip()
        return (element.start, element.end, tag + b">" + content + f"</{element.name}>".encode())
    return (element.close, element.close, content)


def with_attributes(tag: bytes, **values: object) -> bytes:
    """Return a start tag with attributes set."""
    for name, value in values.items():
        given = f'{name}="{value}"'.encode()
        tag, changed = re.subn(rb"""(?<=\s)""" + name.encode() + rb"""\s*=\s*("[^"]*"|'[^']*')""", given, tag, count=1)
        if not changed:
            end = b"/>" if tag.endswith(b"/>") else b">"
            tag = tag.removesuffix(end).rstrip() + b" " + given + end
    return tag


def first(found: Sequence[Element], local: str) -> Element | None:
    """Return the first element of this name."""
    return next((element for element in found if element.local == local), None)


def as_xml(said: str) -> str:
    """Return a text as it may stand in an element or attribute."""
    return escape(_NOT_IN_XML.sub("\ufffd", said))
