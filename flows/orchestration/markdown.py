"""Markdown for Prefect's page, in which nothing that comes from outside is markup.

`Markdown` is what was made here: what is put into a table or a list went through `text`, or mypy says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NewType
from urllib.parse import quote

from flows.core import visible

Markdown = NewType("Markdown", str)

# what means something wherever it stands, as the dot of an address does that has no scheme
_MARKS = re.compile(r"[\\`*_\[\]{}<>&|!~:@#$^]|(?<=www)\.", re.IGNORECASE)
# what begins a list, an underlined heading or a rule where it comes first; a number may have a sign
_BEGINS = re.compile(r"[-+=](?!\d)|\d{1,9}[.)](?=\s|$)")
_IN_ADDRESSES = "%/:?#@!$&*+,;=~-._"


def text(said: str) -> Markdown:
    """Return a text so that it is shown as it is written, in one line."""
    marked = _MARKS.sub(r"\\\g<0>", visible.in_line(said).strip())
    if begins := _BEGINS.match(marked):
        at = begins.end() - 1
        marked = f"{marked[:at]}\\{marked[at:]}"
    return Markdown(marked)


def bold(said: str) -> Markdown:
    """Return a text in bold letters."""
    return Markdown(f"**{text(said)}**")


def code(said: str) -> Markdown:
    """Return a text as code, such as a path or a command."""
    said = visible.in_line(said).strip()
    # a fence is longer than any that stands in it
    fence = "`" * (max((len(run) for run in re.findall("`+", said)), default=0) + 1)
    room = " " if "`" in said else ""
    return Markdown(f"{fence}{room}{said}{room}{fence}")


def link(said: str, address: str) -> Markdown:
    """Return a link to an address that we know; what would end it is written %XX."""
    return Markdown(f"[{text(said)}]({quote(address, safe=_IN_ADDRESSES)})")


def table(head: Sequence[str], rows: Sequence[Sequence[Markdown]], numbers: int) -> Markdown:
    """Return a table whose last columns, so many, are numbers."""
    ruled = ["---"] * (len(head) - numbers) + ["--:"] * numbers
    lines: list[Sequence[str]] = [[text(name) for name in head], ruled, *rows]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
