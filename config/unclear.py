"""Of which columns the cells may be such as can be read in more than one way."""

from __future__ import annotations

from config.models import Column, Table

# what stands in place of a value that a workbook does not hold: of a formula, of a number that is of several rows
UNCALCULATED, MERGED = "(formula without result)", "(merged with other cells)"


def may_be_unclear(column: Column) -> bool:
    """Tell whether a cell may say several numbers or days: thousands or decimals, seconds or milliseconds."""
    if column.type == "date":
        return "epoch_ms" in column.formats or has_both_orders(column)
    return column.type in ("count", "number")


def has_both_orders(column: Column) -> bool:
    """Tell whether dates of a column may begin with the day and with the month."""
    return {"dmy", "mdy"} <= set(column.formats)


def is_percent(column: Column) -> bool:
    """Tell whether a column holds shares in percent, which may be written as shares of one."""
    return column.type == "number" and column.unit == "percent"


def compared_key(name: str, table: Table) -> str:
    """Return the column by which a key is compared: of a text that may be spelt in several ways `<name>__key`."""
    column = table.columns.get(name)
    freely = column is not None and column.type == "text" and column.one_of is None
    return f"{name}__key" if freely else name


def names_country(name: str, table: Table) -> bool:
    """Tell whether a column names countries, which may be spelt in many ways."""
    return table.columns[name].country or any(column.of == name for column in table.columns.values())
