"""Step four: staged tables become curated ones and figures, and are held against the rules across tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from config import Config, Cycle, Figure
from config.parts import OfFigures, OfSmallCells, OfTables, only
from expectations.severity import critical_and_open
from flows.core.errors import NotPublishable
from flows.core.records import Curated, GatedTable
from flows.documents.page import sql_in_words
from flows.intake.books.accepted import with_reasons
from flows.releases.make import withhold as confidentiality
from flows.releases.make.tables import Accepted, accepted, tables
from flows.stores import Store, frames
from transforms import catalogue, figures, scope, star
from transforms import previous as comparing
from transforms.certainty import Known

# a finding that is not of one cell
_NOWHERE = {
    "mission": pl.lit(None, pl.String),
    "_file": pl.lit(None, pl.String),
    "_sheet": pl.lit(None, pl.String),
    "_row": pl.lit(None, pl.Int64),
}


def curate(
    gated: Sequence[GatedTable],
    gaps: Mapping[str, Collection[str]],
    previous: str | None,
    config: Config,
    cycle: Cycle,
    as_of: date | None,
    private: Store,
    known: Mapping[str, Known] | None = None,
) -> Curated:
    """Make every curated table and figure of a cycle of which no release is out: `tables`, `figured`, `withheld`."""
    of = accepted(gated, config, as_of)
    made = tables({one.table: one.rows for one in of}, {}, only(config, OfTables), cycle, private)
    now = figured(made, of, gaps, known or {}, previous, only(config, OfFigures), cycle, as_of, private)
    former = figures.former_names(config.figures, cycle)
    return withheld(now, only(config, OfSmallCells), cycle, former, (), {}, private)


def figured(
    curated: Mapping[str, str],
    of: Sequence[Accepted],
    gaps: Mapping[str, Collection[str]],
    known: Mapping[str, Known],
    previous: str | None,
    config: OfFigures,
    cycle: Cycle,
    as_of: date | None,
    private: Store,
) -> Curated:
    """Make the figures of a cycle, and check the tables against each other.

    In: the paths of the curated tables; what was accepted of each source table, what is missing of it, and what else
    is known of its rows; the path of the previous cycle's figures, where there are any. Out: the tables for readers,
    `figures` among them.
    Raises NotPublishable where a critical rule on the curated tables fails.
    """
    newest = {one.table: min(one.newest, as_of) if as_of else one.newest for one in of if one.newest}
    lazy = {name: frames.scan(private, path) for name, path in curated.items()}
    sources = {one.table: one.source for one in of}
    now = figures.figures(lazy, config, cycle, newest, gaps=gaps, as_of=as_of, known=known)
    now = star.with_sources(now, config.figures, cycle, sources)
    now = comparing.with_year_before(now, lazy, config, cycle, gaps, known)
    before = config.cycles.get(cycle.number - 1)
    if previous is not None and before is not None:
        now = comparing.with_previous(now, frames.scan(private, previous).collect(), config, cycle, before)
    now = with_reasons(now, config.accepted, cycle)
    public = {name: path for name, path in curated.items() if not catalogue.is_private(name)}
    for name in _unknown(lazy, gaps):
        public[name] = frames.put(private, f"curated/{name}", lazy[name].collect().clear())
        lazy[name] = frames.scan(private, public[name])
    staged = {one.table: one.rows.scan(private) for one in of}
    statements = figures.stated_by_sources(now, staged, config, cycle)
    findings, used = _judged({name: lazy[name] for name in public}, now, statements, of, config, cycle, private)
    lists = frozenset(one.table for one in of if one.lists)
    defined = star.definitions(config.figures, cycle, sources, lists, _in_words)
    return Curated(
        {
            **public,
            "figures": frames.put(private, "curated/figures", now),
            "figure_definitions": frames.put(private, "curated/figure_definitions", defined),
        },
        frames.put(private, "findings/curated", findings),
        newest,
        used,
    )


def _in_words(figure: Figure) -> str:
    """Return what a figure counts, in words; nothing where its SQL has none."""
    columns = catalogue.entries()[figure.table].fields
    return sql_in_words.counted(figure.value, figure.where, {name: said.description for name, said in columns.items()})


def _unknown(lazy: Mapping[str, pl.LazyFrame], gaps: Mapping[str, Collection[str]]) -> list[str]:
    """Return the tables made of a source table of which nothing is in, whose zeros nobody reported.

    A table with observation statuses says so itself, row by row.
    """
    return [
        name
        for name, table in lazy.items()
        if not catalogue.is_private(name)
        and any("ALL" in gaps.get(one, ()) for one in catalogue.staged_for(name))
        and not any(column.endswith("obs_status") for column in table.collect_schema())
    ]


def withheld(
    curated: Curated,
    config: OfSmallCells,
    cycle: Cycle,
    former: Mapping[str, str],
    out: Sequence[confidentiality.Out],
    made_by: Mapping[int, OfTables],
    private: Store,
    public: Store | None = None,
) -> Curated:
    """Withhold the small cells of curated tables, and what it takes for nobody to compute them.

    In: the former names of figures that are found under both; the releases that are `out` in the public store, which
    nobody may subtract from this one or this one from them, and what their tables are `made_by`.
    Raises NotPublishable where a table has a column that its source does not allow.
    """
    concerned = confidentiality.concerned(config)
    made = {name: frames.scan(private, path).collect() for name, path in curated.tables.items() if name in concerned}
    earlier = confidentiality.earlier_releases(public, out, config, made_by, private) if public else []
    published = confidentiality.withhold(made, config, cycle, earlier)
    # what is suppressed under one name is so under the other
    shown = {**published.tables, "figures": figures.under_both_names(published.tables["figures"], former)}
    missions, defined = (
        frames.scan(private, curated.tables[name]).collect() for name in ("missions", "figure_definitions")
    )
    listed = defined.filter("none_if_not_told")["figure"].to_list()
    # made of what may be published, so that they tell nothing that is withheld
    shown["figures_total"] = star.total(shown["figures"])
    of = star.by_name(config.figures, cycle)
    shown["figures_by_mission"] = star.by_mission(shown["figures"], missions, of, listed)
    hidden = {
        name: frames.put(private, f"curated/{name}", frame)
        for name, frame in shown.items()
        if frame is not made.get(name)
    }
    return replace(
        curated, tables={**curated.tables, **hidden}, left_out=published.left_out, without_totals=published.totals
    )


def _judged(
    tables: Mapping[str, pl.LazyFrame],
    now: pl.DataFrame,
    statements: pl.DataFrame,
    of: Sequence[Accepted],
    config: OfFigures,
    cycle: Cycle,
    private: Store,
) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Hold the curated tables against their rules; return what is worth telling, raise where nothing may go out.

    Beside the findings it returns how often each waiver was used.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations import curated as rules
    from expectations.findings import judge

    entries = {**catalogue.entries(), "figures": figures.ENTRY}
    everything = {**tables, "figures": now.lazy()}
    units = {
        (table, field): said.unit for table in tables for field, said in entries[table].fields.items() if said.unit
    }
    keys = rules.keys(everything, {name: entries[name].key for name in everything})
    of_figures = rules.figures_with_sums(now.lazy()).drop("source")
    inputs, said = _inputs(of, cycle).lazy(), _said(statements, of).lazy()
    outside = _outside(of, tables["missions"], config, private).lazy()
    texts, waivers = config.messages, config.waivers
    verdicts = [
        judge(keys, rules.key_rules(texts), texts, source="pipeline"),
        judge(rules.numbers(tables, units), rules.number_rules(texts), texts, source="pipeline"),
        judge(of_figures, rules.figure_rules(texts), texts, source="pipeline"),
        judge(inputs, rules.input_rules(texts), texts, waivers=waivers),
        judge(said, rules.statement_rules(texts), texts, key=("figure", "what"), waivers=waivers),
        judge(outside, rules.scope_rules(texts), texts, waivers=waivers),
    ]
    found = pl.concat([verdict.findings for verdict in verdicts])
    critical = found.filter(critical_and_open())
    if critical.height:
        first = critical.row(0, named=True)
        raise NotPublishable(
            f"{critical.height} check(s) on the curated tables failed and nothing was published; the first, in table "
            f"{first['table']}, row {first['row']}: {first['message']} {first['remedy']}"
        )
    used: Counter[str] = Counter()
    for verdict in verdicts:
        used.update(verdict.used)
    return found, used


def _inputs(of: Sequence[Accepted], cycle: Cycle) -> pl.DataFrame:
    """Return one row for each table of cumulative data that says how new they are.

    Events of one cycle need not reach its last day, so tables within a cycle are left out.
    """
    return pl.DataFrame(
        [(one.source, one.table, one.newest) for one in of if one.newest and not one.within_cycle],
        schema={"source": pl.String, "table": pl.String, "newest": pl.Date},
        orient="row",
    ).with_columns(cycle_end=pl.lit(cycle.end), **_NOWHERE)


def _outside(of: Sequence[Accepted], missions: pl.LazyFrame, config: OfFigures, private: Store) -> pl.DataFrame:
    """Return one row for each file and table with rows of missions that no figure counts."""
    rows = []
    for one in of:
        scopes = scope.scopes(config.figures, one.table)
        staged = one.rows.scan(private)
        named = [name for name in staged.collect_schema() if name == "mission" or name.startswith("mission_or_")]
        if scopes and named:
            for (file,), own in scope.outside(staged, named[0], missions, scopes).group_by(
                "_file", maintain_order=True
            ):
                text = ", ".join(f"{mission} ({number})" for _, mission, number in own.iter_rows())
                rows.append((one.source, one.table, file, text))
    columns = ("source", "table", "_file", "outside")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return frame.with_columns(value.alias(name) for name, value in _NOWHERE.items() if name != "_file")


def _said(statements: pl.DataFrame, of: Sequence[Accepted]) -> pl.DataFrame:
    """Add to what sources state of figures the source that states it and, where it is one, its file."""
    sources = {one.table: one.source for one in of}
    files = {one.table: one.files[0] for one in of if len(one.files) == 1}
    return statements.with_columns(
        **_NOWHERE, source=pl.col("table").replace_strict(sources, default=None, return_dtype=pl.String)
    ).with_columns(_file=pl.col("table").replace_strict(files, default=None, return_dtype=pl.String))
