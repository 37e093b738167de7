"""The tables of a draft with what heads their rows and columns, and the sentences of a text."""

from __future__ import annotations

import re

from config.proof import Proof
from flows.documents.drafts.passages import Cell, Draft, Kind, Passage
from flows.releases.proof.numbers import What, found
from flows.releases.proof.words import plain, words

_CAPTION = re.compile(r"(?:table|tableau|figure|chart|graphique|annex|annexe|box|encadre)\b")
_ABBREVIATED = (
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bno)(?<!\bNo)(?<!\bapprox)(?<!\bSt)(?<!\bca)(?<!\bvs)(?<!\bSept)(?<!\b[A-Z])"
)
_SENTENCE = re.compile(rf"(?:{_ABBREVIATED}[.!?]|;)[\"'”’»)]*[¹²³⁴⁵⁶⁷⁸⁹⁰]*\s+(?=[\"“«(\[]*[A-ZÀ-Þ\d])|;\s+|\s\|\s")


class Tables:
    """The cells of a draft's tables, and what heads them."""

    def __init__(self, draft: Draft, proof: Proof) -> None:
        self.cells: dict[tuple[int, int, int], list[Passage]] = {}
        self.captions: dict[int, str] = {}
        self.caption_of: dict[int, int] = {}
        self._proof = proof
        before: Passage | None = None
        for passage in draft.passages:
            if passage.cell is None:
                before = passage
                continue
            at = passage.cell
            self.cells.setdefault((at.table, at.row, at.column), []).append(passage)
            if at.table not in self.captions:
                near = before is not None and (before.kind == Kind.CAPTION or _may_head(before.text))
                self.captions[at.table] = before.text if near and before is not None else ""
                self.caption_of[at.table] = before.number if near and before is not None else -1
        self._heads: dict[int, int] = {}

    def text(self, table: int, row: int, column: int) -> str:
        """Return what stands in a cell."""
        return " ".join(one.text for one in self.cells.get((table, row, column), ()))

    def size(self, table: int) -> tuple[int, int]:
        """Return how many rows and columns a table has."""
        rows = [key for key in self.cells if key[0] == table]
        return 1 + max(key[1] for key in rows), 1 + max(key[2] for key in rows)

    def heads(self, table: int) -> int:
        """Return how many rows stand at the top of a table as headers: those before the first with a number in it."""
        if table not in self._heads:
            rows, columns = self.size(table)
            number = 1
            while (
                number < min(rows - 1, 3)
                and not any(self._counts(self.text(table, number, column)) for column in range(1, columns))
                and not self.text(table, number, 0)
            ):
                number += 1
            self._heads[table] = number
        return self._heads[table]

    def _counts(self, text: str) -> bool:
        return any(one.what == What.NUMBER for one in found(text, self._proof.names, self._proof.durations))

    def column_head(self, cell: Cell) -> tuple[str, ...]:
        """Return what heads a column: in each row of headers the cell above, or the last one left of it, if merged."""
        said = []
        for row in range(self.heads(cell.table)):
            if row >= cell.row:
                break
            at = cell.column
            while at > 0 and not self.text(cell.table, row, at) and row < self.heads(cell.table) - 1:
                at -= 1
            said.append(self.text(cell.table, row, at) if at or not cell.column else "")
        return tuple(filter(None, said))

    def not_of_it(self, cell: Cell) -> set[str]:
        """Return the words that other columns add to what heads a cell's: `malicious`, for `Deaths`."""
        own = set(words(" ".join(self.column_head(cell))).split())
        found: set[str] = set()
        for column in range(1, self.size(cell.table)[1]):
            other = set(words(" ".join(self.column_head(Cell(cell.table, cell.row, column)))).split())
            if own < other:
                found |= other - own
        return found

    def corner(self, table: int) -> str:
        """Return what stands above the heads of a table's rows."""
        return " . ".join(filter(None, (self.text(table, row, 0) for row in range(self.heads(table)))))

    def row_head(self, cell: Cell) -> tuple[str, ...]:
        """Return what heads a row: its first cell, or the last one above where that is left blank."""
        if cell.column == 0:
            return ()
        row = cell.row
        while row > self.heads(cell.table) and not self.text(cell.table, row, 0):
            row -= 1
        said = [self.text(cell.table, row, 0)]
        # a second column of words belongs to it
        second = self.text(cell.table, cell.row, 1)
        numbered = not any(map(str.isalpha, said[0])) and any(map(str.isalpha, second))
        if cell.column > 1 and second and (numbered or not any(map(str.isdigit, second))):
            said.append(second)
        return tuple(filter(None, said))


def _may_head(text: str) -> bool:
    """Tell whether a paragraph above a table can be its caption: a short one that is no whole sentence."""
    return len(text) < 200 and (
        _CAPTION.match(plain(text)) is not None or not re.search(r"[.!?;][\"”»)]*$", text.strip())
    )


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end; a semicolon and a bar between blanks end one too."""
    ends, at = [], 0
    for match in _SENTENCE.finditer(text):
        ends.append((at, match.end()))
        at = match.end()
    ends.append((at, len(text)))
    return ends


def clause_before(text: str, start: int) -> str:
    """Return what stands in a whole sentence before a part of it that a semicolon begins."""
    before = text[:start].rstrip()
    if not before.endswith(";"):
        return ""
    return re.split(r"[.!?]\s", before)[-1]
