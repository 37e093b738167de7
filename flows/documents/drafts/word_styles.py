"""What the styles of a .docx say of a paragraph: whether it is a heading, of which level, or a caption.

A style's name is English in all languages of Word; its identity is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows.core.xml_edits import Element, NotXml, elements
from flows.documents.drafts.package import Package

_HEADING = re.compile(r"heading\s*([1-9])$")
_MOST_BASES = 20


@dataclass(frozen=True)
class Style:
    """What a paragraph of a style is: the level of a heading from 1, None where it is none."""

    level: int | None = None
    caption: bool = False
    contents: bool = False


def styles(package: Package) -> Mapping[str, Style]:
    """Return the styles of a .docx by their identities; raises NotReadable where they are damaged."""
    names: dict[str, str] = {}
    bases: dict[str, str] = {}
    levels: dict[str, int] = {}
    for part in package.related("styles"):
        data = package.part(part)
        if data is None:
            continue
        try:
            found = elements(data, "style", "name", "basedOn", "outlineLvl")
        except NotXml:
            raise package.damaged() from None
        at: Element | None = None
        for one in found[1:]:
            value = one.get("val") or ""
            if one.local == "style":
                at = one
            elif at is not None and one.start < at.end:
                of = at.get("styleId") or ""
                if one.local == "name":
                    names[of] = value.lower()
                elif one.local == "basedOn":
                    bases[of] = value
                elif value.isdecimal() and int(value) < 9:
                    levels[of] = int(value) + 1
    return {of: _style(of, names, bases, levels) for of in names}


def _style(of: str, names: Mapping[str, str], bases: Mapping[str, str], levels: Mapping[str, int]) -> Style:
    for _ in range(_MOST_BASES):
        name = names.get(of, "")
        if name.startswith("toc ") and name[4:].isdecimal():
            return Style(contents=True)
        if name in ("caption", "table caption", "figure caption") or name.endswith("caption"):
            return Style(caption=True)
        if heading := _HEADING.match(name):
            return Style(level=int(heading[1]))
        if name == "title":
            return Style(level=1)
        if of in levels:
            return Style(level=levels[of])
        if of not in bases:
            break
        of = bases[of]
    return Style()
