"""Each figure over the cycles, by the releases that readers see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from config import Cycle, Figure
from transforms.dictionary import FieldEntry, TableEntry
from transforms.figures import ENTRY as FIGURES
from transforms.figures import former_names

NAME = "figure_series"
_TAKEN = ("mission", "value", "unit", "obs_status", "as_of", "window", "year")
ENTRY = TableEntry(
    name=NAME,
    description="Each figure over all cycles of which a release is out; one row a figure, mission and cycle.",
    fields={
        "figure": FieldEntry(
            "Name of the figure, in every cycle that which it has now.",
            kind=pl.String(),
        ),
        "mission": FIGURES.fields["mission"],
        "cycle": FIGURES.fields["cycle"],
        "release": FieldEntry("Release of the cycle that the value is of.", kind=pl.String()),
        **{name: FIGURES.fields[name] for name in _TAKEN[1:]},
    },
    key=("figure", "mission", "cycle"),
    source="the releases of all cycles",
    rule="Of each cycle the release that readers are led to; a later one, or a withdrawal, changes the table.",
)
SCHEMA = ENTRY.schema


def over_cycles(released: Iterable[tuple[Cycle, str, pl.DataFrame]], now: Mapping[str, Figure]) -> pl.DataFrame:
    """Return the figures of several cycles as one table, as ENTRY says.

    In: of each cycle the release's name and its table `figures`; how figures are defined `now`. One that was renamed
    has the name that it has now.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    for cycle, release, table in released:
        former, there = former_names(now, cycle, ever=True), set(table["figure"])
        names = {old: name for name, old in former.items()}
        # those that are found under two names are taken once
        own = table.filter(~pl.col("figure").is_in([old for name, old in former.items() if name in there]))
        missing = [name for name in _TAKEN if name not in own.columns]
        found.append(
            own.with_columns(pl.lit(None, SCHEMA[name]).alias(name) for name in missing)
            .with_columns(
                pl.col("figure").replace(names),
                cycle=pl.lit(cycle.number, pl.Int64),
                release=pl.lit(release),
            )
            .select(list(SCHEMA))
            .cast(SCHEMA)  # type: ignore[arg-type]
        )
    return pl.concat(found).sort("figure", pl.col("mission") != "ALL", "mission", "cycle")
