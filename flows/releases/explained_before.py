"""Where the previous value of a figure comes from: from the same files, or from a release of the cycle before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from config import Config, ConfigError, Cycle, Figure
from flows.core.errors import StoreError
from flows.core.records import Release
from flows.releases import shelf
from flows.stores import Store
from transforms.figures import former_names, under_both_names

if TYPE_CHECKING:
    from flows.releases.explain import Explained

_OF_A_YEAR = "last calendar year"


@dataclass(frozen=True)
class Before:
    """A figure's previous value: of which days it is, where it was published, and what explains it.

    `release` is that of the cycle before which gives the value, and `explained` where it comes from there. `same_files`
    tells that the files of this release give it, those of a year having the year before too. `said` says in one
    sentence what else is to be known: why there is none, why it is not explained, what readers see now.
    """

    value: float | None
    start: date | None = None
    end: date | None = None
    status: str | None = None
    cycle: int | None = None
    release: str | None = None
    same_files: bool = False
    explained: Explained | None = None
    said: str = ""


def before(
    row: Mapping[str, Any],
    template: str,
    of: Release,
    cycle: Cycle,
    config: Config,
    public: Store,
    again: Callable[[date, date], float | None],
    explain: Callable[[str, Release, Cycle, Config], Explained],
) -> Before:
    """Return where the previous value of a figure comes from, as far as the stores tell.

    In: the figure's row in a release, its name in figures.yaml; a function that makes the figure again of the release's
    own files between two days, None where they are not at hand; one that explains a figure of another release.
    Raises StoreError where the public store fails.
    """
    earlier = config.cycles.get(cycle.number - 1)
    value = row["previous"]
    if value is None:
        return Before(None, said=_why_none(row, template, of, earlier, config, public))
    start, end, status = (row.get(name) for name in ("previous_start", "previous_end", "previous_status"))
    known = Before(value, start, end, status)
    definition = config.figures[template]
    of_year = definition.window == _OF_A_YEAR
    if start and end and of_year and end < row["as_of"] and again(start, end) == value:
        return replace(known, same_files=True)
    if earlier is None:
        return known
    then, there = config.of_cycle(earlier.number), shelf.releases(public, earlier)
    shown, name = shelf.latest(public, earlier), _named_then(template, definition, earlier, then)
    # that which readers see first, then the newer ones
    first = [one for one in there if shown and one.name == shown.name]
    for release in [*first, *(one for one in reversed(there) if one not in first)]:
        its = _row(name, row["mission"], release, earlier, then, public)
        if its and its["value"] == value and end in (None, its["as_of"]):
            return _in_release(known, name, release, shown, earlier, then, public, row["mission"], explain)
        if its and its.get("previous") == value and of_year:
            asked = f"a4p explain {name} --cycle {earlier.number} --release {release.name}"
            said = f"it is the previous value there too: {asked}"
            return replace(known, cycle=earlier.number, release=release.name, said=said)
    said = "no release of that cycle gives this value any more"
    if not there:
        refresh = f"a4p refresh --cycle {earlier.number}"
        said = f"worked out from its raw files, since no release of it was out; to have it explained: {refresh}"
    return replace(known, cycle=earlier.number, said=said)


def _in_release(
    known: Before,
    name: str,
    release: Release,
    shown: Release | None,
    earlier: Cycle,
    then: Config,
    public: Store,
    mission: str,
    explain: Callable[[str, Release, Cycle, Config], Explained],
) -> Before:
    said, explained = "", None
    if shown and shown.name != release.name:
        now = _row(name, mission, shown, earlier, then, public)
        said = f"readers of cycle {earlier.number} see {shown.name} now"
        if now and now["value"] != known.value:
            said += f", which gives another value, {now['value'] if now['value'] is not None else 'none'}"
    try:
        explained = explain(name, release, earlier, then)
    except (ConfigError, StoreError) as error:
        said = "; ".join(filter(None, (said, f"it is not explained there: {error}")))
    return replace(known, cycle=earlier.number, release=release.name, explained=explained, said=said)


def _why_none(
    row: Mapping[str, Any], template: str, of: Release, earlier: Cycle | None, config: Config, public: Store
) -> str:
    if earlier is None:
        return f"the configuration knows no cycle before {of.cycle}"
    if row["obs_status"] == "Q":
        return "it is suppressed with the value"
    if not of.descriptor["a4p"].get("lineage", {}).get("previous"):
        return f"nothing of cycle {earlier.number} was there when the release was made"
    shown, then = shelf.latest(public, earlier), config.of_cycle(earlier.number)
    if shown is None:
        return f"the raw files of cycle {earlier.number} give none"
    name = _named_then(template, config.figures[template], earlier, then)
    its = _row(name, row["mission"], shown, earlier, then, public)
    where = f"release {shown.name} of cycle {earlier.number}"
    if its is None:
        return f"{where} does not have the figure"
    if its["value"] is None:
        return f"{where} has no value of it (status {its['obs_status']})"
    return f"{where}, which gives {its['value']:.10g}, was not out when this release was made"


def _named_then(template: str, definition: Figure, earlier: Cycle, then: Config) -> str:
    if template in then.figures:
        return template
    return former_names({template: definition}, earlier, ever=True).get(template, template)


def _row(
    name: str, mission: str, release: Release, cycle: Cycle, config: Config, public: Store
) -> Mapping[str, Any] | None:
    table = under_both_names(
        shelf.read_table(public, release, "figures"), former_names(config.figures, cycle, ever=True)
    )
    rows = table.filter(pl.col("figure") == name, pl.col("mission") == mission)
    return rows.row(0, named=True) if rows.height else None
