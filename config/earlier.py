"""Which numbers of a source table are held against earlier ones, and how columns beside them are called."""

from __future__ import annotations

from config.models import Table

# what is known of a column's earlier numbers, as it stands behind the column's name: the last one, the usual ones from
# the lowest to the highest, the median, the spread of their logarithms, how many there are, of which cycle the last is
KNOWN = ("last", "low", "high", "median", "spread", "times", "then")
# whether the last numbers of a row are of the year that the row is of
SAME_YEAR = "_same_year"


def known(column: str, what: str) -> str:
    """Return the name of the column with what is known of the earlier numbers of another."""
    return f"{column}__{what}"


def compared_numbers(table: Table) -> list[str]:
    """Return the columns of a table whose numbers are held against earlier ones, in the contract's order.

    A share that is stated beside its part and its base is held against these.
    """
    left_out = {*table.key, *(statement.share.column for statement in table.states if statement.share)}
    columns = table.columns_read.items()
    return [name for name, column in columns if column.type in ("count", "number") and name not in left_out]


def year_of(table: Table) -> str | None:
    """Return the column of a table's key that says of which year a row is; None where there is none."""
    years = [name for name in table.key if name in table.columns and table.columns[name].type == "count"]
    return years[0] if years else None
