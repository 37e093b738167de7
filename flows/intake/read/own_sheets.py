"""The sheets that the pipeline itself puts into its templates and marked copies, known by what they hold.

A sheet that only has the name of one is somebody's own, and is told like any other that is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from config import normalised_header
from flows.intake.read.grids import Grid

# as config/messages.yaml has them, in English and in French
INSTRUCTIONS = frozenset({"instructions"})
LISTS = frozenset({"lists", "listes"})
FINDINGS = frozenset({"findings", "constatations"})
# with what the first cell of a list of findings begins
FINDINGS_IN = ("Findings in ", "Constatations dans ")
# how a column of the hidden lists begins that holds which rows of a table, by which of its columns, are named already
ROWS_OF = "rows of "
# what the instructions of every template tell, in whichever language
_CHECK = "a4p check "
_VERSION = re.compile(r"version ([1-9][0-9]{0,3})")
_NUMBER = re.compile(r"[\d\s.,%+-]*\d[\d\s.,%+-]*")


class Named(NamedTuple):
    """The rows of a table that its template names: in which column, and how."""

    column: str
    names: frozenset[str]


def own(found: Sequence[Grid]) -> list[Grid]:
    """Return the sheets that the pipeline puts into its templates and marked copies, and that hold nothing else."""
    of_template = version(found) is not None
    return [grid for grid in found if _is_own(grid, of_template)]


def _is_own(grid: Grid, of_template: bool) -> bool:
    name = normalised_header(grid.sheet or "")
    if name in INSTRUCTIONS:
        return _is_instructions(grid)
    if name in LISTS:
        return grid.looks.hidden and of_template
    return is_list_of_findings(grid)


def is_list_of_findings(grid: Grid) -> bool:
    """Whether a sheet is the list of findings of a marked copy; a second one has a number behind its name."""
    name = re.sub(r"_\d+$", "", normalised_header(grid.sheet or ""))
    return name in FINDINGS and next(_texts(grid), "").startswith(FINDINGS_IN)


def version(found: Sequence[Grid]) -> int | None:
    """Return the version of the template that a workbook was made from; None where it was made from none.

    Templates of before there were versions are of the first.
    """
    for grid in found:
        if normalised_header(grid.sheet or "") in INSTRUCTIONS and _is_instructions(grid):
            stated = (_VERSION.fullmatch(text) for text in _texts(grid))
            return next((int(match[1]) for match in stated if match), 1)
    return None


def named_rows(found: Sequence[Grid]) -> dict[str, Named]:
    """Return, by table, the rows that a workbook's template named before it was filled in."""
    named: dict[str, Named] = {}
    if version(found) is None:
        return named
    for grid in found:
        if normalised_header(grid.sheet or "") not in LISTS or not grid.looks.hidden:
            continue
        for name in grid.cells.drop("_row", "_length").columns:
            first, *others = grid.cells[name].drop_nulls().to_list() or [""]
            table, _, column = first.removeprefix(ROWS_OF).partition(".")
            if first.startswith(ROWS_OF) and column:
                named[table] = Named(column, frozenset(text.strip() for text in others))
    return named


def _is_instructions(grid: Grid) -> bool:
    return any(_CHECK in text for text in _texts(grid)) and not _holds_number(grid)


def _holds_number(grid: Grid) -> bool:
    return any(_NUMBER.fullmatch(text) for text in _texts(grid))


def _texts(grid: Grid) -> Iterator[str]:
    for *cells, _, _ in grid.cells.iter_rows():
        yield from (cell.strip() for cell in cells if cell and cell.strip())
