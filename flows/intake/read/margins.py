"""What stands between and below a table's rows and is none of them: lines of totals, notes, sources.

They are told and never counted. What a line of totals states is held against the rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config import Table
from config.unclear import is_percent

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
_TAIL = 60
_LONG = 40
_NUMBER = r"^-?\d+(?:\.\d+)?$"


@dataclass(frozen=True)
class Margins:
    """The rows that are lines of totals or notes, by their numbers, and which totals are not those of the rows.

    `apart` are rows that stand alone below the table and were kept.
    """

    totals: tuple[int, ...] = ()
    disagreeing: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    def then(self, later: Margins) -> Margins:
        """Return what is found in one part of a table and a later one together."""
        return Margins(
            self.totals + later.totals,
            self.disagreeing + later.disagreeing,
            self.notes + later.notes,
            self.apart + later.apart,
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that are none of the table."""
        return self.totals + self.notes


def margins(rows: pl.DataFrame, order: Sequence[str], table: Table, *, whole: bool = True) -> Margins:
    """Tell which rows of a table are none of it.

    In: the table's columns as text, with `_row`; `order`, its columns from left to right as they stand in the file;
    `whole` is false where the rows are a piece of a file, so that nothing can be said of what stands at its end.
    """
    if rows.is_empty() or not order:
        return Margins()
    totals = _totals(rows, order, table)
    notes, apart = _notes(rows.filter(~pl.col("_row").is_in(totals)), order, table, whole=whole)
    disagreeing = _disagreeing(rows, totals, (*notes, *totals), order, table) if whole and totals else ()
    return Margins(tuple(totals), disagreeing, notes, apart)


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


def _notes(rows: pl.DataFrame, order: Sequence[str], table: Table, *, whole: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    named = rows.filter(pl.col(order[0]).str.contains(_NOTE).fill_null(False))
    notes = [int(row["_row"]) for row in named.iter_rows(named=True) if _is_remark(row, order, table)]
    apart: list[int] = []
    if not whole:
        return tuple(notes), ()
    required = sum(1 for name in order if table.columns[name].required)
    before = rows.filter(~pl.col("_row").is_in(notes))
    tail = before.tail(_TAIL).select(*order, "_row").to_dicts()
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


def _disagreeing(
    rows: pl.DataFrame, totals: Sequence[int], others: Sequence[int], order: Sequence[str], table: Table
) -> tuple[int, ...]:
    """Return the lines of totals of which a number is not the sum of rows: of all, or of those since the line before."""
    counted = [name for name in order if table.columns[name].type == "count" and not is_percent(table.columns[name])]
    numbers = rows.select(
        "_row",
        *(
            pl.when(pl.col(name).str.strip_chars().str.contains(_NUMBER)).then(
                pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
            )
            for name in counted
        ),
    )
    wrong = []
    before = 0
    for total in totals:
        said = numbers.row(by_predicate=pl.col("_row") == total, named=True)
        text = rows.row(by_predicate=pl.col("_row") == total, named=True)
        if re.search(r"(?i)average|moyenne|mean|medi|médi", " ".join(str(text[name] or "") for name in order[:3])):
            continue
        parts = [
            numbers.filter(~pl.col("_row").is_in(others)),
            numbers.filter(pl.col("_row").is_between(before, total, closed="none"), ~pl.col("_row").is_in(others)),
            numbers.filter(pl.col("_row") < total, pl.col("_row").is_in(totals)),
            numbers.filter(pl.col("_row") < total, ~pl.col("_row").is_in(others)),
        ]
        sums = [part.select(pl.col(counted).sum()).row(0, named=True) for part in parts]
        if any(said[name] is not None and all(said[name] != each[name] for each in sums) for name in counted):
            wrong.append(total)
        before = total
    return tuple(wrong)
