"""The workbook's styles: for each that a marked cell has, the same once more with a coloured ground."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.core.xml_edits import Edit, Element, append, spliced, with_attributes
from flows.feedback.marked_copy.package import WORKBOOK_PART, NotMarkable, Package

GROUNDS = {"critical": "FFF8CBC0", "warning": "FFFCE5A6", "info": "FFD6E9F5"}
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_BARE = (
    '<styleSheet xmlns="{ns}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Styles:
    """Collects the styles to add; `write` puts them into the workbook."""

    def __init__(self, package: Package) -> None:
        self._package = package
        known = [one.target for one in package.relations(WORKBOOK_PART) if one.kind == "styles"]
        self._path = known[0] if known else self._bare()
        self._data = package.part(self._path)
        found = package.elements(self._path, "fonts", "fills", "cellXfs", "font", "fill", "xf")
        self._holders: dict[str, Element] = {}
        self._old: dict[str, list[Element]] = {}
        for holder, item in (("fonts", "font"), ("fills", "fill"), ("cellXfs", "xf")):
            # what a differential style has of the same name stands deeper
            whole = next((one for one in found if one.local == holder and one.depth == 1), None)
            if whole is None:
                raise NotMarkable
            self._holders[holder] = whole
            inside = (one for one in found if whole.inner <= one.start < whole.close)
            self._old[holder] = [one for one in inside if one.local == item and one.depth == 2]
        self._new: dict[str, list[bytes]] = {"fonts": [], "fills": [], "cellXfs": []}
        self._p = found[0].prefix

    def marked(self, style: int, severity: str) -> int:
        """Return the style that is like this one, with the severity's ground."""
        old = self._old["cellXfs"]
        if style < len(old):
            xf = self._data[old[style].start : old[style].end]
            tag = self._data[old[style].start : old[style].inner]
        else:
            xf = tag = f"<{self._p}xf/>".encode()
        return self._add("cellXfs", with_attributes(tag, fillId=self._ground(severity), applyFill=1) + xf[len(tag) :])

    def before(self, style: int, used: Mapping[int, int]) -> int:
        """Return the style that a style was before it was marked: itself where it is not one of ours.

        In: how many cells have each style. Of several that differ from it by their ground alone the one that most have;
        where no program has left such a one, the same without a ground.
        """
        old, fills = self._old["cellXfs"], self._old["fills"]
        if style >= len(old):
            return style
        ours = {number for number, fill in enumerate(fills) if self._is_ground(fill)}
        look, fill = self._look(old[style])
        if fill not in ours:
            return style
        looks = (self._look(xf) for xf in old)
        like = [number for number, (other, ground) in enumerate(looks) if other == look and ground not in ours]
        if like:
            return max(like, key=lambda number: (used.get(number, 0), -number))
        xf = self._data[old[style].start : old[style].end]
        tag = self._data[old[style].start : old[style].inner]
        return self._add("cellXfs", with_attributes(tag, fillId=0) + xf[len(tag) :])

    def _is_ground(self, fill: Element) -> bool:
        said = self._data[fill.start : fill.end].decode()
        colour = re.search(r"""fgColor[^<>]{0,200}\brgb=["'](\w{8})["']""", said)
        return colour is not None and colour[1].upper() in GROUNDS.values() and "solid" in said

    def _look(self, xf: Element) -> tuple[object, int]:
        """How a style looks but for its ground, and the number of that."""
        others = {key: value for key, value in xf.attributes.items() if key not in ("fillId", "applyFill")}
        inside = re.sub(rb"\s+", b" ", self._data[xf.inner : xf.close])
        return (tuple(sorted(others.items())), inside), int(xf.attributes.get("fillId", 0))

    def own(self, *, font: str = "", ground: str | None = None, wrap: bool = True) -> int:
        """Return a style for a sheet of our own; `font` are elements of a font, with `p:` for the prefix."""
        p = self._p
        said = f'<{p}font>{font.replace("p:", p)}<{p}name val="Calibri"/></{p}font>'
        of_font = self._add("fonts", said.encode())
        of_ground = self._fill(ground) if ground else 0
        align = f'<{p}alignment vertical="top" wrapText="{int(wrap)}"/>'
        xf = (
            f'<{p}xf numFmtId="0" fontId="{of_font}" fillId="{of_ground}" borderId="0" applyFont="1"'
            f' applyFill="1" applyAlignment="1">{align}</{p}xf>'
        )
        return self._add("cellXfs", xf.encode())

    def write(self) -> None:
        """Put the new styles into the workbook."""
        edits: list[Edit] = []
        for holder, new in self._new.items():
            whole = self._holders[holder]
            if not new:
                continue
            tag = self._data[whole.start : whole.inner]
            counted = with_attributes(tag, count=len(self._old[holder]) + len(new))
            if whole.inner == whole.end:
                shorter = Element(whole.name, {}, whole.depth, 0, len(counted), len(counted), len(counted))
                edits.append((whole.start, whole.end, append(counted, shorter, b"".join(new))[2]))
                continue
            edits += [(whole.start, whole.inner, counted), append(self._data, whole, b"".join(new))]
        self._package.put(self._path, spliced(self._data, edits))

    def _ground(self, severity: str) -> int:
        return self._fill(GROUNDS.get(severity, GROUNDS["info"]))

    def _fill(self, colour: str) -> int:
        p = self._p
        fill = (
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/><{p}bgColor indexed="64"/>'
            f"</{p}patternFill></{p}fill>"
        )
        return self._add("fills", fill.encode())

    def _add(self, holder: str, item: bytes) -> int:
        new = self._new[holder]
        if item not in new:
            new.append(item)
        return len(self._old[holder]) + new.index(item)

    def _bare(self) -> str:
        # some programs look for it under this name only
        path = self._package.free("xl/styles{}.xml", "xl/styles.xml")
        self._package.put(path, _BARE.format(ns=self._package.main_ns).encode())
        self._package.relate(WORKBOOK_PART, "styles", path)
        self._package.declare(path, _CONTENT_TYPE)
        return path
