"""Which figures are accepted as they are: named in a decision, with reason and owner, that still holds."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from config import Acceptance, Cycle

# a figure of these may be part of a final release by itself: it is what it says, cannot exist, is known and withheld,
# or will not be collected any more
SURE = ("A", "M", "Q", "L")
# one row a figure and mission
ACCEPTED: dict[str, pl.DataType] = {
    "figure": pl.String(),
    "mission": pl.String(),
    "value": pl.Float64(),
    "reason": pl.String(),
    "owner": pl.String(),
    "place": pl.String(),
}


def accepted(figures: pl.DataFrame, decided: Iterable[Acceptance], cycle: Cycle) -> pl.DataFrame:
    """Return the figures of a cycle that decisions which hold accept as they are, as ACCEPTED says.

    In: the table `figures` of the cycle, and what is decided (`config.accepted`). A decision holds while the figure has
    the value that it names. Where several do for one figure, the last counts.
    """
    rows = [
        (one.figure, one.mission, one.value, one.reason, one.owner, one.place)
        for one in decided
        if one.cycle == cycle.number
    ]
    named = pl.DataFrame(rows, schema=ACCEPTED, orient="row").unique(["figure", "mission", "value"], keep="last")
    held = figures.select("figure", "mission", pl.col("value").cast(pl.Float64))
    return named.join(held, on=["figure", "mission", "value"], how="semi").sort("figure", "mission")


def with_reasons(figures: pl.DataFrame, decided: Iterable[Acceptance], cycle: Cycle) -> pl.DataFrame:
    """Return figures with why, and by whom, those that are not certain are accepted as they are (`accepted`)."""
    reasons = accepted(figures, decided, cycle).select(
        "figure", "mission", why=pl.format("{} ({})", pl.col("reason"), pl.col("owner"))
    )
    both = figures.join(reasons, on=["figure", "mission"], how="left", maintain_order="left")
    uncertain = ~pl.col("obs_status").is_in(SURE)
    return both.with_columns(accepted=pl.when(uncertain).then("why")).drop("why")
