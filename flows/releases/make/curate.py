"""Step four: staged tables become curated ones and figures, and are held against the rules across tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from config import Config, Cycle
from expectations.severity import critical_and_open
from flows.core.errors import NotPublishable
from flows.core.records import Curated, GatedTable
from flows.releases.make import withhold as confidentiality
from flows.stores import Store, frames
from transforms import catalogue, figures

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
) -> Curated:
    """Make every curated table and figure of a cycle of which no release is out: `tables`, `figured`, `withheld`."""
    made = tables(gated, {}, config, cycle, as_of, private)
    return withheld(figured(made, gated, gaps, previous, config, cycle, as_of, private), config, cycle, private)


def tables(
    gated: Sequence[GatedTable],
    known: Mapping[str, str],
    config: Config,
    cycle: Cycle,
    as_of: date | None,
    private: Store,
) -> dict[str, str]:
    """Make the curated tables of a cycle, private ones included, but for those whose paths are known.

    In: the gated source tables. Out: the path of every curated table, in the catalogue's order.
    """
    lazy = catalogue.curate(
        _staged(gated, config, as_of, private),
        config,
        cycle,
        {name: frames.scan(private, path) for name, path in known.items()},
    )
    made = dict(zip(lazy, pl.collect_all(list(lazy.values())), strict=True))
    paths = dict(known) | {name: frames.put(private, f"curated/{name}", frame) for name, frame in made.items()}
    return {name: paths[name] for name in catalogue.tables()}


def figured(
    curated: Mapping[str, str],
    gated: Sequence[GatedTable],
    gaps: Mapping[str, Collection[str]],
    previous: str | None,
    config: Config,
    cycle: Cycle,
    as_of: date | None,
    private: Store,
) -> Curated:
    """Make the figures of a cycle, and check the tables against each other.

    In: the paths of the curated tables; the gated source tables; for each what is missing of it; the path of the
    previous cycle's figures, where there are any. Out: the tables for readers, `figures` among them.
    Raises NotPublishable where a critical rule on the curated tables fails.
    """
    staged = _staged(gated, config, as_of, private)
    newest = {one.table: min(one.newest, as_of) if as_of else one.newest for one in gated if one.newest}
    lazy = {name: frames.scan(private, path) for name, path in curated.items()}
    now = figures.figures(lazy, config, cycle, newest, gaps=gaps, as_of=as_of)
    before = config.cycles.get(cycle.number - 1)
    if previous is not None and before is not None:
        now = figures.with_previous(now, frames.scan(private, previous).collect(), config, cycle, before)
    public = {name: path for name, path in curated.items() if not catalogue.is_private(name)}
    for name in _unknown(lazy, gaps):
        public[name] = frames.put(private, f"curated/{name}", lazy[name].collect().clear())
        lazy[name] = frames.scan(private, public[name])
    statements = figures.stated_by_sources(now, staged, config, cycle)
    findings, used = _judged({name: lazy[name] for name in public}, now, statements, gated, config, cycle)
    return Curated(
        {**public, "figures": frames.put(private, "curated/figures", now)},
        frames.put(private, "findings/curated", findings),
        newest,
        used,
    )


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


def withheld(curated: Curated, config: Config, cycle: Cycle, private: Store, public: Store | None = None) -> Curated:
    """Withhold the small cells of curated tables, and what it takes for nobody to compute them.

    In: the store of the releases that are out, from which nobody may subtract; None where none is.
    Raises NotPublishable where a table has a column that its source does not allow.
    """
    concerned = confidentiality.concerned(config)
    made = {name: frames.scan(private, path).collect() for name, path in curated.tables.items() if name in concerned}
    earlier = confidentiality.earlier_releases(public, config) if public else []
    published = confidentiality.withhold(made, config, cycle, earlier)
    hidden = {
        name: frames.put(private, f"curated/{name}", frame)
        for name, frame in published.tables.items()
        if frame is not made[name]
    }
    return replace(curated, tables={**curated.tables, **hidden}, left_out=published.left_out)


def _staged(gated: Sequence[GatedTable], config: Config, as_of: date | None, private: Store) -> dict[str, pl.LazyFrame]:
    return {one.table: _up_to(frames.scan(private, one.staged), one.table, config, as_of) for one in gated}


def _up_to(staged: pl.LazyFrame, table: str, config: Config, as_of: date | None) -> pl.LazyFrame:
    dated_by = config.table_contract(table)[1].dated_by
    return staged.filter(pl.col(dated_by) <= as_of) if as_of and dated_by else staged


def _judged(
    tables: Mapping[str, pl.LazyFrame],
    now: pl.DataFrame,
    statements: pl.DataFrame,
    gated: Sequence[GatedTable],
    config: Config,
    cycle: Cycle,
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
    verdicts = [
        judge(keys, rules.key_rules(), source="pipeline"),
        judge(rules.numbers(tables, units), rules.number_rules(), source="pipeline"),
        judge(rules.figures_with_sums(now.lazy()).drop("source"), rules.figure_rules(), source="pipeline"),
        judge(_inputs(gated, config, cycle).lazy(), rules.input_rules(), waivers=config.waivers),
        judge(_said(statements, gated).lazy(), rules.statement_rules(), key=("figure", "what"), waivers=config.waivers),
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


def _inputs(gated: Sequence[GatedTable], config: Config, cycle: Cycle) -> pl.DataFrame:
    """Return one row for each table of cumulative data that says how new they are.

    Events of one cycle need not reach its last day, so tables within a cycle are left out.
    """
    return pl.DataFrame(
        [
            (one.source, one.table, one.newest)
            for one in gated
            if one.newest and not config.table_contract(one.table)[1].within_cycle
        ],
        schema={"source": pl.String, "table": pl.String, "newest": pl.Date},
        orient="row",
    ).with_columns(cycle_end=pl.lit(cycle.end), **_NOWHERE)


def _said(statements: pl.DataFrame, gated: Sequence[GatedTable]) -> pl.DataFrame:
    """Add to what sources state of figures the source that states it and, where it is one, its file."""
    sources = {one.table: one.source for one in gated}
    files = {one.table: next(iter(one.rows)) for one in gated if len(one.rows) == 1}
    return statements.with_columns(
        **_NOWHERE, source=pl.col("table").replace_strict(sources, default=None, return_dtype=pl.String)
    ).with_columns(_file=pl.col("table").replace_strict(files, default=None, return_dtype=pl.String))
