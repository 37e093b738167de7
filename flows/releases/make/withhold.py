"""What must not be told stays untold: small cells are withheld, and a release is held against what is out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from config import Config, ConfigError, Cycle, Figure
from config.parts import OfClassified, OfSmallCells, OfTables, only
from flows.core.errors import NotPublishable, NotThere
from flows.core.records import Curated
from flows.releases.make import condensed
from flows.releases.make.condensed import Condensed
from flows.releases.make.tables import Rows
from flows.releases.shelf import get, read_table
from flows.stores import Store, checked
from transforms import catalogue, confidentiality, known_sums
from transforms.figures import former_names
from transforms.known_sums import Earlier

if TYPE_CHECKING:
    from transforms.withholding import Withheld


def check(config: OfClassified) -> None:
    """Raise ConfigError where a table or figure would show a strictly confidential source below its aggregation."""
    said = confidentiality.mistakes(config)
    if said:
        raise ConfigError("\n".join(said))


@dataclass(frozen=True)
class Out:
    """A release that is out: the tables of it that show protected cells, each with the hash of its content.

    `figures` defines its figures, where its cycle defines one otherwise. `staged` are the rows in the private store
    that its protected tables were made of.
    """

    cycle: Cycle
    release: str
    tables: Mapping[str, str]
    figures: Mapping[str, Figure] | None = None
    staged: Mapping[str, Rows] = field(default_factory=dict)


def out(public: Store, private: Store, config: Config) -> list[Out]:
    """Return what is out already: each committed release of any cycle with tables that show protected cells.

    Releases that have these tables alike, made of the same rows, count as the first of them.
    """
    asked = concerned(config)
    upstream = {one for name in asked - {"figures"} for one in catalogue.staged_for(name)}
    found, seen = [], set()
    for cycle in config.cycles.values():
        its = config.of_cycle(cycle.number)
        defined = None if its.figures == config.figures else its.figures
        shown = {*known_sums.protected(config), "figures"}
        for name, one in condensed.every(public, private, cycle, shown, upstream).items():
            tables, staged = one.tables, _staged(one, its)
            content = (cycle.number, *sorted(tables.items()), *sorted(staged.items(), key=lambda one: one[0]))
            if tables and content not in seen:
                seen.add(content)
                found.append(Out(cycle, name, tables, defined, staged))
    return found


def made_by(out: Sequence[Out], config: Config) -> dict[int, OfTables]:
    """Return what the tables of releases that are out are made by, besides their rows: for each cycle of one."""
    return {number: only(config.of_cycle(number), OfTables) for number in sorted({one.cycle.number for one in out})}


def earlier_releases(
    public: Store,
    out: Sequence[Out],
    config: OfSmallCells,
    made_by: Mapping[int, OfTables],
    private: Store,
) -> list[Earlier]:
    """Return the tables of releases that are out, as they show them and as they were before cells were suppressed.

    Of a release whose rows the private store does not have any more, only what it shows is known. Those that tell the
    same of protected cells count as the first of them. Raises StoreError where a release cannot be read, since what it
    shows is then not known.
    """
    names = [name for name, figure in config.figures.items() if figure.table in known_sums.protected(config)]
    made: list[Earlier] = []
    truths: dict[tuple[object, ...], Mapping[str, pl.DataFrame]] = {}
    for one in out:
        release = get(public, one.cycle, one.release)
        shown = {name: read_table(public, release, name) for name in one.tables}
        if "figures" in shown:
            former = former_names(one.figures or config.figures, one.cycle, ever=True).values()
            shown["figures"] = shown["figures"].filter(pl.col("figure").is_in([*names, *former]))
        rows = (one.cycle.number, *sorted(one.staged.items(), key=lambda each: each[0]))
        if rows not in truths:
            truths[rows] = _before_suppression(one, made_by[one.cycle.number], config, private)
        now = Earlier(f"{one.cycle.folder}/{one.release}", one.cycle, shown, one.figures, truths[rows])
        if not any(_tells_the_same(now, other) for other in made):
            made.append(now)
    return made


def _staged(one: Condensed, config: Config) -> dict[str, Rows]:
    """Return the rows that a release's protected tables were made of; none where what is kept of that is lost."""
    until = date.fromisoformat(one.as_of) if one.as_of else None
    contracts = {name: table for contract in config.contracts.values() for name, table in contract.tables.items()}
    dated = {name: contracts[name].dated_by if until and name in contracts else None for name in one.rows}
    return {name: Rows(path, dated[name], until) if dated[name] else Rows(path) for name, path in one.rows.items()}


def _before_suppression(of: Out, config: OfTables, asked: OfSmallCells, private: Store) -> Mapping[str, pl.DataFrame]:
    """Make the protected tables of a release again; of rows that are not there any more nothing is made."""
    made = {}
    for name in sorted(concerned(asked) & catalogue.tables().keys()):
        needed = catalogue.staged_for(name)
        if not needed <= of.staged.keys():
            continue
        try:
            staged = {table: of.staged[table].scan(private) for table in needed}
            made[name] = catalogue.table(name, staged, config, of.cycle).collect()
        except (NotThere, checked.Damaged, PolarsError):
            # also where a table's function asks for columns that the rows of that time had not
            continue
    return made


def _tells_the_same(one: Earlier, other: Earlier) -> bool:
    return (
        one.cycle == other.cycle
        and one.truth is other.truth
        and all(name in other.tables and frame.equals(other.tables[name]) for name, frame in one.tables.items())
        and one.tables.keys() == other.tables.keys()
    )


def concerned(config: OfSmallCells) -> set[str]:
    """Return the tables that are looked at when small cells are suppressed; the others are published as they are."""
    shown = (shown.table for entry in config.disclosure.values() for shown in entry.shown_in.values())
    return {"figures", *config.disclosure, *shown}


def withhold(
    tables: Mapping[str, pl.DataFrame], config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier]
) -> Withheld:
    """Return tables of a release, all that are `concerned`, with what has to be withheld taken out.

    Raises NotPublishable where a table has a column that its source does not allow.
    """
    from transforms import withholding

    for name, table in tables.items():
        extra = confidentiality.beyond(name, table.columns, config)
        if extra:
            raise NotPublishable(
                f"Nothing was published: the table {name} has the column '{extra[0]}', which config/disclosure.yaml "
                f"does not allow; take it from the table."
            )
    return withholding.withhold(tables, config, cycle, earlier)


def told(curated: Curated, config: Config) -> tuple[str, ...]:
    """Return a sentence for each table that a release leaves out: why, what goes with it, what would bring it back."""
    said = []
    for table, by in sorted(curated.left_out.items()):
        filled = {"table": table, "place": config.disclosure[table].place, **({"release": by} if by else {})}
        label = config.messages.labels["left_out_since_released" if by else "left_out"]
        bare = table in curated.without_totals
        said += [label.en.format(**filled)] + (
            [config.messages.labels["left_out_with_totals"].en.format(**filled)] if bare else []
        )
    return tuple(said)
