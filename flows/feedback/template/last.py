"""What stood in a table in the cycle before, as a template says it: in its headers' notes, and row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from config import Table

# longer tables are not told again, cell by cell
_MOST_ROWS = 12
_LONGEST = 200


@dataclass(frozen=True)
class Last:
    """The rows of a table that were accepted in the cycle before, as text; none where none were."""

    rows: pl.DataFrame
    table: Table

    @property
    def named(self) -> Sequence[dict[str, str]]:
        """The rows that a template names already: of a sheet that lists the same things each cycle, each thing once.

        Where only the name stood it is not given: who leaves it as it was would not know that it does not count.
        """
        name = self.table.row_name
        if not self.table.rows_recur or name is None or name not in self.rows.columns:
            return ()
        there = self.rows.filter(pl.col(name).str.strip_chars() != "")
        rows = map(_holding, there.unique(name, keep="first", maintain_order=True).iter_rows(named=True))
        return [row for row in rows if len(row) > 1]

    @property
    def by_row(self) -> Sequence[dict[str, str]]:
        """What is told beside the cells that are filled in, row by row."""
        return self.named or ([_holding(self.rows.row(0, named=True))] if self.rows.height == 1 else ())

    def of_column(self, column: str) -> str | None:
        """Return what stood in a column, in a line: `Induction: 12; Refresher: None`."""
        if column not in self.rows.columns or self.rows.height > _MOST_ROWS:
            return None
        first = self.rows.columns[0]
        cells = [
            cell if self.rows.height == 1 or column == first else f"{of}: {cell}"
            for of, cell in zip(self.rows[first], self.rows[column], strict=True)
            if cell and cell.strip()
        ]
        return _short("; ".join(cells)) or None


def _holding(row: dict[str, str | None]) -> dict[str, str]:
    return {name: _short(cell.strip()) for name, cell in row.items() if cell and cell.strip()}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
