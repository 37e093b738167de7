"""Faults of whole files and of whole tables of a file."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sample.faults.delivery import Delivery, Row

LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session has expired.</body></html>\n"
)

# tables whose columns and sheet can be lost without another fault being lost with them
BREAKABLE = ("integration", "women_in_patrols", "mental_health_support", "communications", "coordination")

TableChange = Callable[[Delivery, str, Random], None]


def column_is_lost(delivery: Delivery, table: str, chance: Random) -> None:
    """Take a required column out of a table."""
    page = delivery.pages[table]
    place = page.place(chance.choice([name for name, column in page.definition.columns.items() if column.required]))
    del page.header[place]
    for cells in page.rows:
        del cells[place]


def column_stands_twice(delivery: Delivery, table: str, chance: Random) -> None:
    """Put a column into a table a second time."""
    page = delivery.pages[table]
    place = chance.randrange(len(page.header))
    page.header.append(page.header[place])
    for cells in page.rows:
        cells.append(cells[place])


def sheet_is_lost(delivery: Delivery, table: str, chance: Random) -> None:
    """Take the sheet out of the workbook."""
    del delivery.pages[table]


TABLE_FAULTS: dict[str, TableChange] = {
    "required_columns_are_there": column_is_lost,
    "columns_are_named_once": column_stands_twice,
    "sheet_is_there": sheet_is_lost,
}


def cut_off(delivery: Delivery) -> None:
    """Leave only the first part of the file, as a broken upload does."""
    data = delivery.path.read_bytes()
    delivery.overwrite(data[: len(data) * 2 // 3])


def of_another_cycle(delivery: Delivery, cycle: int) -> None:
    """Write another cycle on the cover."""
    Row(delivery.pages["cover"], 0)["cycle"] = cycle
    delivery.save()
