"""The sheets that the pipeline itself puts into its templates and marked copies, known by what they hold.

A sheet that only has the name of one is somebody's own, and is told like any other that is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from config import normalised_header
from flows.intake.read.grids import Grid

# as config/messages.yaml has them, in English and in French
INSTRUCTIONS = frozenset({"instructions"})
LISTS = frozenset({"lists", "listes"})
FINDINGS = frozenset({"findings", "constatations"})
# with what the first cell of a list of findings begins
FINDINGS_IN = ("Findings in ", "Constatations dans ")
# what the instructions of every template tell, in whichever language
_CHECK = "a4p check "
_VERSION = re.compile(r"version ([1-9][0-9]{0,3})")
_NUMBER = re.compile(r"[\d\s.,%+-]*\d[\d\s.,%+-]*")


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


def _is_instructions(grid: Grid) -> bool:
    return any(_CHECK in text for text in _texts(grid)) and not _holds_number(grid)


def _holds_number(grid: Grid) -> bool:
    return any(_NUMBER.fullmatch(text) for text in _texts(grid))


def _texts(grid: Grid) -> Iterator[str]:
    for *cells, _, _ in grid.cells.iter_rows():
        yield from (cell.strip() for cell in cells if cell and cell.strip())
