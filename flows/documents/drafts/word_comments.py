"""A .docx with comments beside some of its letters, as Word's own proof-readers leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.core.xml_edits import NotXml, append, as_xml, elements, spliced
from flows.documents.drafts.gathering import tidy
from flows.documents.drafts.package import Package
from flows.documents.drafts.passages import Kind, Remark
from flows.documents.drafts.word_edits import BEGINS, ENDS, Insertions, begin_of, covering, end_of
from flows.documents.drafts.word_pieces import Located, Piece, Text
from flows.documents.drafts.word_text import text_of

AUTHOR = "a4p proof"
_INITIALS = "a4p"
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_LONGEST_QUOTE = 60


def marked(shown: str, content: bytes, remarks: Sequence[Remark]) -> bytes:
    """Return a .docx with a comment on exactly the letters of each remark; nothing else of it is changed.

    Word takes no comment on headers and footers, LibreOffice none on notes. A remark on a header stands at the
    beginning of the text, one on a note where it is referred to, and both quote them.
    """
    if not remarks:
        return content
    package = Package(shown, content)
    text = text_of(package)
    known = {one.passage.number: one for one in text.located}
    try:
        path, comments, number, others = _comments(package, text.data[package.main])
        put = {part: Insertions(data) for part, data in text.data.items()}
        written = []
        for remark in remarks:
            place = _place(text, known[remark.passage], remark, package.main)
            if place is None:
                continue
            located, pieces, told = place
            _put(put[located.part], pieces, told, number)
            written.append(_comment(number, told.text))
            number += 1
        root = elements(comments)[0]
        prefix = root.prefix
        said = "".join(written).replace("w:", prefix) if prefix != "w:" else "".join(written)
        changed = {path: spliced(comments, [append(comments, root, said.encode())]), **others}
        for part, insertions in put.items():
            if edits := insertions.edits():
                changed[part] = spliced(text.data[part], edits)
    except NotXml:
        raise package.damaged() from None
    return package.written(changed)


def _place(text: Text, located: Located, remark: Remark, main: str) -> tuple[Located, list[Piece], Remark] | None:
    """Return where a remark is put, at which pieces, and what it says there."""
    if located.part != main:
        body = [one for one in text.located if one.part == main and one.pieces]
        if not body:
            return None
        where = "header or footer"
        anchor, piece = body[0], body[0].pieces[0]
        if located.passage.kind is not Kind.MARGIN:
            where, at = "note", text.referred.get(located.note or ("", ""), 0)
            before = [(one.run.start, number) for number, held in enumerate(body) for one in held.pieces]
            nearest = max((one for one in before if one[0] <= at), default=before[0])
            anchor = body[nearest[1]]
            piece = [one for one in anchor.pieces if one.run.start == nearest[0]][-1]
        said = f"In the {where} “{_quoted(located.passage.text)}”, {located.passage.text[remark.start : remark.end]}: "
        end = piece.at + len(piece.text)
        # the last word before a note's sign
        start = piece.at + len(piece.text.rstrip().rpartition(" ")[0]) if where == "note" else piece.at
        located, remark = anchor, replace(remark, start=start, end=end, text=said + remark.text)
    pieces = covering(located, remark.start, remark.end)
    return (located, pieces, remark) if pieces else None


def _quoted(said: str) -> str:
    said = tidy(said)
    return said if len(said) <= _LONGEST_QUOTE else said[: _LONGEST_QUOTE - 1] + "…"


def _put(insertions: Insertions, pieces: list[Piece], remark: Remark, number: int) -> None:
    first, last = pieces[0], pieces[-1]
    data, name = insertions.data, first.run.prefix + ":" if first.run.prefix else ""
    begin = begin_of(data, first, max(remark.start, first.at))
    end = end_of(data, last, min(remark.end, last.at + len(last.text)))
    insertions.put(begin, BEGINS, f'<{name}commentRangeStart {name}id="{number}"/>'.encode())
    mark = f'<{name}r><{name}commentReference {name}id="{number}"/></{name}r>'
    insertions.put(end, ENDS, f'<{name}commentRangeEnd {name}id="{number}"/>{mark}'.encode())


def _comments(package: Package, main: bytes) -> tuple[str, bytes, int, dict[str, bytes]]:
    """Return the part with the comments, what it holds, the next free number, and what changes where it is new."""
    for path in package.related("comments"):
        if (there := package.part(path)) is not None:
            numbers = [one.get("id") or "" for one in elements(there, "comment")[1:]]
            return path, there, max((int(one) for one in numbers if one.isdecimal()), default=-1) + 1, {}
    path = package.free("word/comments.xml")
    space = _STRICT if _STRICT.encode() in main[:4096] else _MAIN
    empty = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:comments xmlns:w="{space}"/>'
    return path, empty.encode(), 0, package.relation("comments", path, _TYPE)


def _comment(number: int, said: str) -> str:
    lines = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{as_xml(line)}</w:t></w:r></w:p>' for line in said.split("\n")
    )
    return f'<w:comment w:id="{number}" w:author="{AUTHOR}" w:initials="{_INITIALS}">{lines}</w:comment>'
