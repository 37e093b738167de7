"""Comments on cells: their text, and the boxes in which Excel shows it. Comments that are there stay."""

from __future__ import annotations

import re
from collections.abc import Mapping

from config import Language
from expectations.messages import form
from flows.core.xml_edits import Edit, append, as_xml, first, spliced
from flows.feedback.marked_copy.package import NotMarkable, Package
from flows.feedback.marked_copy.scan import Scanned

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_BOX_WIDTH, _LINE, _ROW = 320, 16, 20
_LETTERS_A_LINE = 48
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
_DRAWING = (
    f'<xml{_DECLARED}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>{_SHAPE_TYPE}</xml>'
)
Cell = tuple[int, int]


def comment(
    package: Package, sheet: str, scanned: Scanned, said: Mapping[Cell, tuple[str, str]], language: Language
) -> Edit | None:
    """Put comments on cells of a sheet.

    In: the sheet's part, and for each cell (row, column) its address and the text. A cell that has a comment keeps it
    and has the text added. Returns the edit of the sheet that makes it refer to the comments, where it does not yet.
    """
    path = _comments(package, sheet)
    has = _write(package, path, said, language)
    edit = None
    if scanned.legacy_drawing:
        drawing = next((one.target for one in package.relations(sheet) if one.id == scanned.legacy_drawing), None)
        if drawing is None:
            raise NotMarkable
    else:
        drawing = package.free("xl/drawings/vmlDrawing{}.vml")
        package.put(drawing, _DRAWING.encode())
        package.declare_ending("vml", _DRAWING_TYPE)
        new = package.relate(sheet, "vmlDrawing", drawing)
        reference = f'<{scanned.prefix}legacyDrawing xmlns:r="{package.relation_ns}" r:id="{new}"/>'
        edit = (scanned.behind_comments, scanned.behind_comments, reference.encode())
    boxes = {cell: one for cell, one in said.items() if one[0] not in has}
    _draw(package, drawing, scanned, boxes)
    return edit


def _comments(package: Package, sheet: str) -> str:
    """Return the part with the sheet's comments; a new one where it has none."""
    known = [one.target for one in package.relations(sheet) if one.kind == "comments"]
    if known:
        return known[0]
    path = package.free("xl/comments{}.xml")
    package.put(path, f'<comments xmlns="{package.main_ns}"><authors/><commentList/></comments>'.encode())
    package.relate(sheet, "comments", path)
    package.declare(path, _CONTENT_TYPE)
    return path


def _write(package: Package, path: str, said: Mapping[Cell, tuple[str, str]], language: Language) -> set[str]:
    """Write the texts; returns the addresses of cells that had a comment before."""
    data = package.part(path)
    found = package.elements(path, "authors", "author", "commentList", "comment", "text", "t", "r")
    authors, comments = first(found, "authors"), first(found, "commentList")
    if authors is None or comments is None:
        raise NotMarkable
    p = found[0].prefix
    author = form("author", language)
    heading = form("also_said", language, author=author)
    number = sum(1 for one in found if one.local == "author")
    edits = [append(data, authors, f"<{p}author>{as_xml(author)}</{p}author>".encode())]
    old = {one.attributes.get("ref", ""): one for one in found if one.local == "comment"}
    new = []
    for address, text in said.values():
        run = f'<{p}r><{p}t xml:space="preserve">'
        if address not in old:
            new.append(
                f'<{p}comment ref="{address}" authorId="{number}"><{p}text>{run}{as_xml(text)}</{p}t></{p}r></{p}text>'
                f"</{p}comment>"
            )
            continue
        whole = old[address]
        inside = [one for one in found if whole.inner <= one.start < whole.close]
        holder = first(inside, "text")
        if holder is None:
            raise NotMarkable
        # behind the last piece of its text, before what else may follow there
        pieces = [one.end for one in inside if one.local in ("t", "r") and one.depth == holder.depth + 1]
        more = f"{run}{as_xml(chr(10).join(('', '', heading, text)))}</{p}t></{p}r>".encode()
        edits.append((pieces[-1], pieces[-1], more) if pieces else append(data, holder, more))
    edits.append(append(data, comments, "".join(new).encode()))
    package.put(path, spliced(data, edits))
    return set(old)


def _draw(package: Package, path: str, scanned: Scanned, boxes: Mapping[Cell, tuple[str, str]]) -> None:
    # what Excel writes here is not always XML, so it is only added to
    drawing = package.part(path)
    end = drawing.rfind(b"</xml>")
    if end < 0:
        raise NotMarkable
    number = max((int(one) for one in re.findall(rb"_x0000_s(\d+)", drawing)), default=1024)
    shapes = [] if b'"_x0000_t202"' in drawing else [_SHAPE_TYPE]
    for place, ((row, column), (_, text)) in enumerate(boxes.items(), start=1):
        shapes.append(_shape(number + place, scanned, row, column, text))
    said = "".join(shapes)
    if not all(f'xmlns:{prefix}="{uri}"'.encode() in drawing for prefix, uri in _NAMESPACES.items()):
        # some programs use other prefixes
        said = said.replace("<v:shape ", f"<v:shape{_DECLARED} ").replace("<v:shapetype ", f"<v:shapetype{_DECLARED} ")
    package.put(path, spliced(drawing, [(end, end, said.encode())]))


def _shape(number: int, scanned: Scanned, row: int, column: int, text: str) -> str:
    lines = 1 + sum(1 + len(line) // _LETTERS_A_LINE for line in text.split("\n"))
    right, beyond = column, _BOX_WIDTH
    while beyond > scanned.width(right + 1):
        right, beyond = right + 1, beyond - scanned.width(right + 1)
    top = max(row - 2, 0)
    down, rest = divmod(lines * _LINE, _ROW)
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:{_BOX_WIDTH * 3 // 4}pt;'
        f'height:{lines * _LINE * 3 // 4}pt;z-index:{number};visibility:hidden" fillcolor="#fffdf2" '
        'o:insetmode="auto"><v:fill color2="#fffdf2"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
        '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column}, 12, {top}, 4, {right}, {beyond}, {top + down}, {rest + 4}</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData>"
        "</v:shape>"
    )
