"""Which figures keep a release from being final though every source is in: a value that cannot be right, or is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from config import Config, Cycle
from flows.core.wording import listed, shown
from flows.intake.books.accepted import SURE, accepted
from transforms.catalogue import staged_for
from transforms.certainty import WHOLE


def undecided(figures: pl.DataFrame, config: Config, cycle: Cycle) -> pl.DataFrame:
    """Return the figures that are not known for certain, and that no decision names."""
    decided = accepted(figures, config.accepted, cycle)
    unsure = figures.filter(~pl.col("obs_status").is_in(SURE))
    return unsure.join(decided, on=["figure", "mission"], how="anti")


def told(figures: pl.DataFrame, config: Config, cycle: Cycle, *, inside: bool) -> tuple[str, ...]:
    """Return a sentence for each figure that is not known and of which what is missing of the sources does not tell.

    `inside`: with what to do about it, for those who can do it.
    """
    open_ones = undecided(figures, config, cycle)
    return tuple(_sentences(open_ones, config, cycle, inside))


def _sentences(open_ones: pl.DataFrame, config: Config, cycle: Cycle, inside: bool) -> Iterator[str]:
    required = {table for contract in config.contracts.values() if contract.required for table in contract.tables}
    for name, definition in config.figures.items():
        own = open_ones.filter(pl.col("figure") == name)
        title = definition.title.of_year(cycle.last_calendar_year).en
        given, absent = own.filter(pl.col("value").is_not_null()), own.filter(pl.col("value").is_null())
        wrong = given.filter(pl.col("obs_status") == "V")
        if wrong.height:
            values = [f"{shown(row['value'], 0, row['unit'])}{_of(row['mission'])}" for row in _singly(wrong)]
            them = "it" if len(values) == 1 else "them"
            remedy = f"; have {them} mended, or accept {them} with “a4p decide accept”" if inside else ""
            yield f"{title}: {listed(values)} cannot be right{remedy}."
        asked = given.filter(pl.col("questions") > 0)
        if asked.height:
            yield f"{title}: being confirmed{_of(*(row['mission'] for row in _singly(asked)))}, its source is asked."
        checked = absent.filter(pl.col("obs_status") == "V")
        if checked.height:
            yield f"{title}: under validation{_of(*(row['mission'] for row in _singly(checked)))}."
        nowhere = absent.filter(pl.col("obs_status") == "O")
        if nowhere.height and not staged_for(definition.table) & required:
            yield f"{title}: not received{_of(*(row['mission'] for row in _singly(nowhere)))}."


def _singly(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of missions, or of the whole where it stands alone."""
    missions = rows.filter(pl.col("mission") != WHOLE)
    return (missions if missions.height else rows).to_dicts()


def _of(*missions: object) -> str:
    named = [str(mission) for mission in missions if mission != WHOLE]
    return f" for {listed(named)}" if named else ""
