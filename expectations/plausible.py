"""Rules that ask: numbers that are in form and may be wrong, by the row alone and beside those of earlier cycles."""

from __future__ import annotations

from collections.abc import Iterator

from config import Table
from expectations.engine import asked
from expectations.messages import named
from expectations.questions import Asks
from expectations.rule import Rule, Setting, told


def questions_of_the_row(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules that ask about numbers of a row beside each other, as its table's contract says.

    They are for the frame that transforms.standardise gives.
    """
    return told(_of_statements(table, setting), setting.config.messages, table=table, cycle=setting.cycle)


def _of_statements(table: Table, setting: Setting) -> Iterator[Rule]:
    for statement in table.states:
        if of := statement.counted_share:
            yield Rule(
                "share_fits_its_count",
                asked.ExpectShareOfAWholeNumber(column_list=[of.column, of.base], severity="warning"),
                of.column,
                words={"base": named(of.base, table)},
                asks=Asks(of.column, of.base, row=_row_name(table)),
            )


def _row_name(table: Table) -> str | None:
    """Return the column that names a row to people; None where its mission does, or several do."""
    name = table.row_name
    return name if name and table.columns[name].type == "text" else None
