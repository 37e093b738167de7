"""Figures as a star: what each figure is, the whole of peacekeeping by itself, the missions by themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl

from config import Cycle, Figure
from transforms.catalogue import staged_for
from transforms.certainty import WHOLE
from transforms.dictionary import FieldEntry, TableEntry
from transforms.dimensions import OWN
from transforms.figures import ENTRY as FIGURES
from transforms.figures import former_names

DEFINITIONS = TableEntry(
    name="figure_definitions",
    description="What each figure is: its titles, its unit, what it counts and where it comes from; one row a figure.",
    fields={
        "figure": FieldEntry("Name of the figure.", kind=pl.String()),
        "title_en": FieldEntry("Title in English.", kind=pl.String()),
        "title_fr": FieldEntry("Title in French; empty where there is none.", kind=pl.String()),
        "priority": FieldEntry("Priority of A4P+ that it belongs to, 1 to 7.", kind=pl.Int64()),
        "unit": FieldEntry("Unit of its values.", kind=pl.String()),
        "definition": FieldEntry("What it counts, in words.", kind=pl.String()),
        "made_from": FieldEntry("Table that it is counted on; not all of them are in a release.", kind=pl.String()),
        "rule": FieldEntry("What else is to be known of how it is counted.", kind=pl.String()),
        "window": FieldEntry(
            "What it counts: cycle, snapshot (all that there is), last calendar year, or since a day.", kind=pl.String()
        ),
        "scope": FieldEntry(
            "Missions that it is of; empty where it is of all that its source sends.", kind=pl.String()
        ),
        "better": FieldEntry("Which way is better, higher or lower; empty for neither.", kind=pl.String()),
        "adds_up_over_missions": FieldEntry(
            "Whether it is told by mission, and the missions' values add up to the whole.", kind=pl.Boolean()
        ),
        "adds_up_over_cycles": FieldEntry(
            "Whether the values of several cycles may be added up: each counts its own cycle alone.", kind=pl.Boolean()
        ),
        "none_if_not_told": FieldEntry(
            "Whether a mission of its scope of which it tells nothing has none of what it counts.", kind=pl.Boolean()
        ),
        "source": FieldEntry("Source that it is made from, as in the table sources.", kind=pl.String()),
        "source_printed": FieldEntry("Where it comes from, as printed under it.", kind=pl.String()),
        "notes": FieldEntry("That it is another name of a figure, or that its source states it too.", kind=pl.String()),
    },
    key=("figure",),
    source="config/figures.yaml",
    rule="A figure that has another name from now on is found under both for two cycles: add up one of them.",
    dimension=True,
)
_NOT_OF_ONE = ("missions_in", "missions_expected")
TOTAL = TableEntry(
    name="figures_total",
    description="The figures for the whole of peacekeeping; one row a figure.",
    fields={name: said for name, said in FIGURES.fields.items() if name != "mission"},
    key=("cycle", "figure"),
    source=FIGURES.source,
    rule="The rows of figures whose mission is ALL.",
)
BY_MISSION = TableEntry(
    name="figures_by_mission",
    description="The figures that are told by mission; one row a figure and mission, never ALL.",
    fields={name: said for name, said in FIGURES.fields.items() if name not in _NOT_OF_ONE},
    key=FIGURES.key,
    source=FIGURES.source,
    rule="The rows of figures whose mission is not ALL, and a zero for each mission in the figure's scope of which all "
    "that it counts is known and nothing was told.",
)
ENTRIES = {entry.name: entry for entry in (DEFINITIONS, TOTAL, BY_MISSION)}
# units and tables that tell how many there are at a time, which cycle after cycle may be the same ones
_STATES = ("percent", "missions", "units", "hospitals", "teams", "period", "countries", "senior_leadership")
_STATED = "The source states it too; what its rows give is what counts."


def source_of(definition: Figure, sources: Mapping[str, str]) -> str:
    """Return the source that a figure is made from: the first of them, or the pipeline itself.

    In: the source of each staged table.
    """
    return min((sources[table] for table in staged_for(definition.table) if table in sources), default=OWN)


def by_name(figures: Mapping[str, Figure], cycle: Cycle) -> dict[str, Figure]:
    """Return how figures are defined, by each name that they have in a cycle."""
    named = {name.replace("{year}", str(cycle.last_calendar_year)): of for name, of in figures.items()}
    return named | {old: named[name] for name, old in former_names(figures, cycle).items()}


def with_sources(
    table: pl.DataFrame, figures: Mapping[str, Figure], cycle: Cycle, sources: Mapping[str, str]
) -> pl.DataFrame:
    """Return a cycle's figures with the source that each is made from, as in the table `sources`."""
    keys = {name: source_of(of, sources) for name, of in by_name(figures, cycle).items()}
    return table.with_columns(source=pl.col("figure").replace_strict(keys, default=OWN, return_dtype=pl.String))


def definitions(
    figures: Mapping[str, Figure],
    cycle: Cycle,
    sources: Mapping[str, str],
    lists: frozenset[str],
    words: Callable[[Figure], str],
) -> pl.DataFrame:
    """Return what each figure of a cycle is, as DEFINITIONS says, under its former name too where it is found so.

    In: the source of each staged table; those of them that list what a mission has, so that one without a row has none;
    what says in words what a figure counts.
    """
    former = former_names(figures, cycle)
    rows = []
    for template, of in figures.items():
        name = template.replace("{year}", str(cycle.last_calendar_year))
        notes = _STATED if of.stated or of.stated_previous else None
        titles = (text and text.replace("{year}", str(cycle.last_calendar_year)) for text in (of.title.en, of.title.fr))
        said = (
            *titles,
            of.priority,
            of.unit,
            words(of) or None,
            of.table,
            of.rule,
            of.window,
            of.scope,
            of.better,
            of.by == "mission" and of.unit != "percent",
            of.window == "cycle" and of.unit not in _STATES and of.table not in _STATES,
            _is_listed(of, lists),
            source_of(of, sources),
            of.source,
        )
        rows.append((name, *said, notes))
        if name in former:
            rows.append((former[name], *said, f"Another name of {name}, with the same numbers."))
    return pl.DataFrame(rows, schema=DEFINITIONS.schema, orient="row").sort("figure")


def total(figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures of the whole alone, as TOTAL says."""
    return figures.filter(pl.col("mission") == WHOLE).select(list(TOTAL.fields))


def by_mission(
    figures: pl.DataFrame, missions: pl.DataFrame, definitions: Mapping[str, Figure], listed: Collection[str]
) -> pl.DataFrame:
    """Return the figures of the missions alone, as BY_MISSION says, with a zero where zero is known.

    In: the figures as they are published, and the missions; how figures are defined, by their names in `figures`; those
    of which a mission that they do not tell of has none (`none_if_not_told`). Zero is known for these where there is a
    number of the whole, and nothing of any mission is suppressed.
    """
    own = figures.filter(pl.col("mission") != WHOLE)
    zeros = [
        _zeros(whole, own.filter(pl.col("figure") == whole["figure"]), missions, definitions[whole["figure"]])
        for whole in figures.filter(pl.col("mission") == WHOLE, pl.col("value").is_not_null()).iter_rows(named=True)
        if whole["figure"] in listed
    ]
    return pl.concat([own, *zeros], how="diagonal").sort("figure", "mission").select(list(BY_MISSION.fields))


def _is_listed(definition: Figure, lists: frozenset[str]) -> bool:
    staged = staged_for(definition.table)
    # a share of nothing is none
    return definition.by == "mission" and definition.unit != "percent" and bool(staged) and staged <= lists


def _zeros(whole: Mapping[str, Any], own: pl.DataFrame, missions: pl.DataFrame, definition: Figure) -> pl.DataFrame:
    """Return a row with zero for each mission of a figure's scope that has none."""
    if "Q" in own["obs_status"]:
        return own.clear()
    sure = not any(whole[name] for name in ("rows_refused", "in_doubt", "questions") if name in whole)
    known = {**whole, "value": 0.0, "obs_status": "A" if sure else "P"}
    # what was before stands in the row of a mission, not in that of the whole
    unknown = ("previous", "change", "previous_status", "previous_first", "not_compared", "accepted", "answers")
    known |= {name: None for name in (*unknown, *_NOT_OF_ONE) if name in known}
    lacking = missions.filter(_in_scope(definition, whole), ~pl.col("mission").is_in(own["mission"].implode()))
    rows = [known | {"mission": mission} for mission in lacking["mission"]]
    return pl.DataFrame(rows, schema=own.schema, orient="row") if rows else own.clear()


def _in_scope(definition: Figure, whole: Mapping[str, Any]) -> pl.Expr:
    """Tell whether a mission was there to be counted: it reports, or it was an operation in the figure's window."""
    match definition.scope:
        case "reporting missions":
            return pl.col("reports")
        case "peacekeeping operations":
            first, last = whole["window_start"] or whole["window_end"], whole["window_end"]
            went_on = pl.col("end_date").is_null() | (pl.col("end_date") >= first)
            there: pl.Expr = (pl.col("start_date") <= last) & went_on
            return there & (pl.col("kind") == "peacekeeping operation")
        case _:
            return pl.lit(False)
