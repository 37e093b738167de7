"""Elements of a part of a workbook, found in its bytes in one pass, however the part is put together.

A pattern from an opening tag to the next closing one looks through all that follows for each tag that is not closed,
such as those within a remark: some hundred thousand of them hold it for days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# so many ways of writing the prefix of a name no program has
_MOST_PREFIXES = 8


class Element(NamedTuple):
    """An element: where it begins and ends, its prefix with the colon, what stands in its opening tag and in it.

    `content` is None where it has none (`<si/>`).
    """

    start: int
    end: int
    prefix: bytes
    attributes: bytes
    content: bytes | None


def elements(data: bytes, name: bytes) -> Iterator[Element]:
    """Yield the elements of a name, whatever its prefix, in their order; one within another is part of that one."""
    at, lacking = 0, set[bytes]()
    while tag := _opening(name).search(data, at):
        prefix, attributes = tag[1], tag[2]
        at = tag.end()
        if attributes.endswith(b"/"):
            yield Element(tag.start(), at, prefix, attributes[:-1], None)
            continue
        closing = b"</" + prefix + name + b">"
        if closing in lacking:
            continue
        close = data.find(closing, at)
        if close < 0:
            lacking.add(closing)
            if len(lacking) > _MOST_PREFIXES:
                return
            continue
        yield Element(tag.start(), close + len(closing), prefix, attributes, data[tag.end() : close])
        at = close + len(closing)


@cache
def _opening(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<((?:\w{1,64}:)?)" + re.escape(name) + rb"(?=[\s/>])([^<>]*)>")
