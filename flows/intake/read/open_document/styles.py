"""The styles of a spreadsheet of LibreOffice: which sheets they hide, what they strike out, raise and lower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows.intake.read.open_document.names import STYLE, TABLE


@dataclass
class Look:
    """What a style says; None where it leaves it to the style that it is made from."""

    parent: str | None = None
    hides: bool = False
    struck: bool | None = None
    raised: str | None = None


class Styles:
    """The styles of sheets, cells and texts, by family and name."""

    def __init__(self) -> None:
        self._looks: dict[tuple[str, str], Look] = {}
        self._now = Look()
        self.any_struck = False

    def start(self, name: str, said: Mapping[str, str]) -> None:
        """Take an element's start."""
        if name == f"{STYLE}style":
            self._now = Look(said.get(f"{STYLE}parent-style-name"))
            self._looks[said.get(f"{STYLE}family", ""), said.get(f"{STYLE}name", "")] = self._now
        elif name == f"{STYLE}table-properties":
            self._now.hides = said.get(f"{TABLE}display") == "false"
        elif name == f"{STYLE}text-properties":
            line = said.get(f"{STYLE}text-line-through-style", said.get(f"{STYLE}text-line-through-type"))
            self._now.struck = None if line is None else line != "none"
            self._now.raised = said.get(f"{STYLE}text-position")
            self.any_struck = self.any_struck or bool(self._now.struck)

    def end(self, name: str) -> None:
        """Take an element's end; what follows a style is none of it."""
        if name == f"{STYLE}style":
            self._now = Look()

    def text(self, said: str) -> None:
        """Take text, of which styles have none."""

    def hides(self, name: str) -> bool:
        """Whether sheets of a style are hidden."""
        return self._looks.get(("table", name), Look()).hides

    def look(self, family: str, name: str | None) -> Look:
        """Return what a style says, with what it leaves to others."""
        found, seen = Look(), set[str]()
        while name and name not in seen and (own := self._looks.get((family, name))):
            seen.add(name)
            found.struck = own.struck if found.struck is None else found.struck
            found.raised = own.raised if found.raised is None else found.raised
            name = own.parent
        return found
