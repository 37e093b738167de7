"""Drafts as HTML: what a browser shows of it, as passages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flows.documents.drafts.gathering import LONG_CELL, RAISED, Gathered, is_caption, tidy
from flows.documents.drafts.passages import Cell, Kind, Passage

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# text in these is not shown, or is not text
_UNSEEN = frozenset(
    {"head", "script", "style", "template", "noscript", "svg", "math", "del", "select", "object", "title"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd",
     "label", "mark", "output", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
     "var", "wbr", "br", "img", "del", "script", "svg", "math", "object", "select", "button", "input", "noscript",
     "template"}
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_SPANNED = 1000
_MARGINS = frozenset({"nav", "footer"})


@dataclass
class _Table:
    number: int
    row: int = -1
    column: int = 0
    # cells of rows above that reach down: column to the row up to which they do
    taken: dict[int, int] = field(default_factory=dict)
    cell: Cell | None = None
    said: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Gathers passages while a page goes by."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Gathered()
        self._open: list[str] = []
        self._unseen_from: int | None = None
        self._raised = 0
        self._text: list[str] = []
        self._tables: list[_Table] = []
        self._kinds: list[tuple[int, Kind]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in _INLINE:
            self._end_passage()
        elif tag == "br":
            self._text.append(" ")
        if tag in _VOID:
            return
        self._close_forgotten(tag)
        self._open.append(tag)
        depth = len(self._open)
        if self._unseen_from is None and (
            tag in _UNSEEN or "hidden" in said or _HIDDEN.search(said.get("style", "")) or self._refers(tag, said)
        ):
            self._unseen_from = depth
        if self._unseen_from is not None:
            return
        if tag == "table":
            self._tables.append(_Table(self.found.table()))
        elif tag == "tr" and self._tables:
            self._tables[-1].row += 1
            self._tables[-1].column = 0
        elif tag in ("td", "th") and self._tables:
            self._begin_cell(said)
        elif tag == "sup":
            self._raised += 1
        elif tag in ("caption", "figcaption"):
            self._kinds.append((depth, Kind.CAPTION))
        elif tag in _MARGINS:
            self._kinds.append((depth, Kind.MARGIN))
        elif tag == "aside" or "footnote" in said.get("role", "") + said.get("class", "") + said.get("id", ""):
            self._kinds.append((depth, Kind.NOTE))

    def _refers(self, tag: str, said: dict[str, str]) -> bool:
        """Whether this is the sign of a note, which is no part of the number beside it."""
        return tag == "a" and "sup" in self._open and said.get("href", "").startswith("#")

    def _close_forgotten(self, tag: str) -> None:
        """End what HTML lets one leave open: an item, paragraph or cell before the next one."""
        ended = {"li": ("li",), "p": ("p",), "td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr")}.get(tag)
        while ended and self._open and self._open[-1] in ended:
            self.handle_endtag(self._open[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        # only near ones: text that closes what was never opened closes nothing
        if tag in _VOID or tag not in self._open[-64:]:
            return
        while self._open:
            last = self._open[-1]
            if last not in _INLINE:
                self._end_passage()
            self._leave(last)
            self._open.pop()
            if last == tag:
                return

    def _leave(self, tag: str) -> None:
        depth = len(self._open)
        if self._unseen_from is not None:
            if self._unseen_from == depth:
                self._unseen_from = None
            return
        if self._kinds and self._kinds[-1][0] == depth:
            self._kinds.pop()
        if tag == "sup":
            self._raised = max(0, self._raised - 1)
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
        elif tag == "table" and self._tables:
            self._end_cell()
            self._tables.pop()

    def handle_data(self, data: str) -> None:
        if self._unseen_from is None:
            self._text.append(data.translate(RAISED) if self._raised else data)

    def _begin_cell(self, said: dict[str, str]) -> None:
        table = self._tables[-1]
        self._end_cell()
        table.row = max(table.row, 0)
        while table.taken.get(table.column, -1) >= table.row:
            table.column += 1
        table.cell, table.said = Cell(table.number, table.row, table.column), []
        wide, high = (_spans(said.get(name, "1")) for name in ("colspan", "rowspan"))
        for column in range(table.column, table.column + wide):
            if high > 1:
                table.taken[column] = table.row + high - 1
        table.column += wide

    def _end_passage(self) -> None:
        text, self._text = tidy("".join(self._text)), []
        if not text:
            return
        table = self._tables[-1] if self._tables else None
        heading = next((_HEADINGS[tag] for tag in reversed(self._open) if tag in _HEADINGS), None)
        kind = self._kinds[-1][1] if self._kinds else Kind.PARAGRAPH
        if table and table.cell:
            table.said.append(text)
        elif heading:
            self.found.head(text, heading)
        else:
            self.found.add(text, Kind.CAPTION if kind is Kind.PARAGRAPH and is_caption(text) else kind)

    def _end_cell(self) -> None:
        table = self._tables[-1]
        said, table.said = table.said, []
        if sum(map(len, said)) <= LONG_CELL:
            said = [" ".join(said)] if said else []
        for text in said:
            self.found.add(text, Kind.CELL, table.cell)
        table.cell = None

    def finish(self) -> list[Passage]:
        self.close()
        self._end_passage()
        while self._tables:
            self._end_cell()
            self._tables.pop()
        return self.found.passages


def passages(text: str) -> list[Passage]:
    """Return the passages of a page in their order."""
    reader = _Reader()
    reader.feed(text)
    return reader.finish()


def _spans(said: str) -> int:
    return min(max(int(said), 1), _MOST_SPANNED) if said.strip().isdecimal() else 1
