"""What stands between and below a table's rows and is none of them: lines of totals, notes, sources.

They are told and never counted. What a line of totals states is held against the rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config import Table

_TOTAL = (
    r"(?i)^[\s*(–—-]*(?:(?:grand|overall|general|sub|sous|cumulative|running)[\s–-]*)?"
    r"(?:tota(?:l|ls|ux|le|les)|sum|somme|average|moyenne|mean|median|médiane|ensemble)"
    r"(?:\s+(?:g[eé]n[eé]ra(?:l|le|ux)|cumul\w*|overall|all|of|for|per|du|de|des|par|pour|et|and)\b.*|[\s:=)*.–—-]*|"
    r"\s*[(:=–—-].*|\s+\d.*|\s+(?-i:[A-Z0-9][A-Z0-9 /-]*)|\s+\w+)$"
)
_NOTE = (
    r"(?i)^[\s*]*(?:(?:foot)?notes?|n\.?\s?b\.?|sources?|remar(?:k|que)s?|comment(?:s|aires?)?|l[eé]gend[e]?|"
    r"disclaimer|avertissement|explanation|explication)s?\s*(?:\d{0,2}|\([a-z0-9]\))\s*(?:[:：–—]|-\s|\.\s*$|$)"
    r"|^\s*(?:prepared|compiled|approved|validated|reported|submitted|cleared) (?:by|on)\b"
    r"|^\s*(?:[ée]tabli|pr[ée]par[ée]|valid[ée]|approuv[ée]) (?:par|le)\b"
    r"|^\s*(?:data|figures?|données|chiffres?) (?:as of|as at|au|arrêté\w*)\b|^\s*(?:last updated|mis à jour)\b"
)
_MARK = r"^\s*(?:[*†‡§¹²³⁴-⁹]|\(?[a-z0-9]\)\s|[a-z]/\s|\[[a-z0-9]\]|\d\.\s)"
# notes below a table are few
TAIL = 60
_LONG = 40
_NUMBER = r"^-?\d+(?:\.\d+)?$"
_NO_SUM = r"(?i)average|moyenne|mean|m[eé]dian"
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Margins:
    """The rows that are lines of totals or notes, by their numbers.

    `apart` are rows that stand alone below the table and were kept.
    """

    totals: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    def then(self, later: Margins) -> Margins:
        """Return what is found in one part of a table and a later one together."""
        return Margins(
            self.totals + later.totals,
            self.notes + later.notes,
            self.apart + later.apart,
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that are none of the table."""
        return self.totals + self.notes


def margins(rows: pl.DataFrame, order: Sequence[str], table: Table, *, whole: bool) -> Margins:
    """Tell which rows of a table are none of it.

    In: the table's columns as text, with `_row`; `order`, its columns from left to right as they stand in the file;
    `whole` is false where others follow, so that nothing can be said of what stands at the end.
    """
    if rows.is_empty() or not order:
        return Margins()
    totals = _totals(rows, order, table)
    notes, apart = _notes(rows.filter(~pl.col("_row").is_in(totals)), order, table, whole=whole)
    return Margins(tuple(totals), notes, apart)


def _totals(rows: pl.DataFrame, order: Sequence[str], table: Table) -> list[int]:
    likely = rows.filter(pl.any_horizontal(pl.col(name).str.contains(_TOTAL) for name in order[:3]).fill_null(False))
    read_as_rows = [(stated.total_row.column, stated.total_row.says) for stated in table.states if stated.total_row]
    found = []
    for row in likely.select(*order, "_row").iter_rows(named=True):
        filled = [(name, cell) for name in order if (cell := (row[name] or "").strip())]
        name, first = filled[0]
        if not re.search(_TOTAL, first) or not _is_text(name, table):
            continue
        # a free text beside others may begin so
        if any(column == name and first.casefold() == says.casefold() for column, says in read_as_rows):
            continue
        if len(filled) > 1 or re.fullmatch(r"\W*\w+\W*", first):
            found.append(int(row["_row"]))
    return found


def _is_text(name: str, table: Table) -> bool:
    return table.columns[name].type not in ("count", "number")


def _notes(
    rows: pl.DataFrame, order: Sequence[str], table: Table, *, whole: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    named = rows.filter(pl.col(order[0]).str.contains(_NOTE).fill_null(False))
    notes = [int(row["_row"]) for row in named.iter_rows(named=True) if _is_remark(row, order, table)]
    apart: list[int] = []
    if not whole:
        return tuple(notes), ()
    required = sum(1 for name in order if table.columns[name].required)
    before = rows.filter(~pl.col("_row").is_in(notes))
    tail = before.tail(TAIL).select(*order, "_row").to_dicts()
    body = len(tail) - sum(1 for _ in _alone_at_the_end(tail, order))
    marked = any(re.search(_MARK, str(row[order[0]] or "")) for row in tail[:body])
    last = int(tail[body - 1]["_row"]) if body else 0
    gap = False
    for row in tail[body:]:
        gap = gap or int(row["_row"]) > last + 1
        last = int(row["_row"])
        text = next((row[name] or "").strip() for name in order if (row[name] or "").strip())
        if body == 0 and not re.search(_NOTE, text):
            continue
        if re.search(_NOTE, text) or (re.search(_MARK, text) and not marked):
            notes.append(last)
        elif gap and not re.fullmatch(_NUMBER, text):
            is_note = required > 1 or len(text) > _LONG or text.endswith((".", ":")) or ": " in text
            (notes if is_note else apart).append(last)
    return tuple(sorted(notes)), tuple(apart)


def _is_remark(row: dict[str, object], order: Sequence[str], table: Table) -> bool:
    """Whether a row that begins like a note has nothing else than text in a cell beside it, at most."""
    filled = [str(cell).strip() for name in order if (cell := row[name]) and str(cell).strip()]
    return len(filled) == 1 or (len(filled) == 2 and not re.fullmatch(_NUMBER, filled[1]))


def _alone_at_the_end(tail: Sequence[dict[str, object]], order: Sequence[str]) -> list[int]:
    """Return the numbers of the last rows of which each has one cell alone, where the table has more columns."""
    found: list[int] = []
    if len(order) < 2:
        return found
    for row in reversed(tail):
        if sum(1 for name in order if str(row[name] or "").strip()) != 1:
            break
        found.append(int(str(row["_row"])))
    # where every row is so, they are the table
    return found if len(found) < len(tail) else []


class Sums:
    """What a table's numbers add up to while its rows go by, and what its lines of totals say."""

    def __init__(self, order: Sequence[str], table: Table) -> None:
        """Begin before the first row; `order` are the columns that are there, from left to right."""
        self._order = order
        self._counted = [name for name in order if table.columns[name].type == "count"]
        self._all = dict.fromkeys(self._counted, 0.0)
        self._since = dict.fromkeys(self._counted, 0.0)
        self._totals = dict.fromkeys(self._counted, 0.0)
        self._open: list[tuple[int, dict[str, float], list[dict[str, float]]]] = []

    def add(self, rows: pl.DataFrame, totals: Sequence[int]) -> None:
        """Add up rows, among which some are lines of totals."""
        if not self._counted or rows.is_empty():
            return
        numbers = rows.select(
            "_row", *(pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) for name in self._counted)
        )
        before = 0
        for total in sorted(totals):
            self._add(numbers.filter(pl.col("_row").is_between(before, total, closed="none")))
            self._hold(numbers.row(by_predicate=pl.col("_row") == total, named=True), rows)
            before = total
        self._add(numbers.filter(pl.col("_row") > before))

    def wrong(self) -> tuple[int, ...]:
        """Return the lines of which a number is the sum of nothing: of all rows, of those above, or since the last."""
        return tuple(
            row
            for row, said, sums in self._open
            if any(
                all(abs(value - each[name]) > _ROUNDING for each in (*sums, self._all)) for name, value in said.items()
            )
        )

    def _add(self, numbers: pl.DataFrame) -> None:
        for name, value in numbers.select(pl.col(self._counted).sum()).row(0, named=True).items():
            self._all[name] += value
            self._since[name] += value

    def _hold(self, said: dict[str, float | None], rows: pl.DataFrame) -> None:
        row = int(said["_row"] or 0)
        text = rows.row(by_predicate=pl.col("_row") == row, named=True)
        numbers = {name: value for name in self._counted if (value := said[name]) is not None}
        if not re.search(_NO_SUM, " ".join(str(text[name] or "") for name in self._order[:3])):
            self._open.append((row, numbers, [dict(self._all), self._since, self._totals]))
        self._totals = {name: self._totals[name] + numbers.get(name, 0) for name in self._counted}
        self._since = dict.fromkeys(self._counted, 0.0)
