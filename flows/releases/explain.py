"""From a figure down to the cells it came from: which accepted rows it needs, and where each stands in its raw file.

The rows are found by making the figure again. Rows without which it stays the same, to the last column of what it
counts, are left out until none is left that could be; those that remain give the figure by themselves. So there is
nothing for a table to declare, and nothing that could be declared wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

import polars as pl

from config import Config, ConfigError, Cycle, Figure, by_its_config, in_force
from expectations.columns import SCHEMA as FINDING
from flows.core import names, notebook, wording
from flows.core.code_version import of_pipeline
from flows.core.errors import NotThere
from flows.core.records import Release
from flows.releases import compare, editions, explained_before, explained_files, explained_words, made_with
from flows.releases import shelf as release
from flows.releases.explained_before import Before
from flows.stores import Store
from flows.stores.from_settings import internal_in
from transforms import catalogue, figures
from transforms.wording import exact

# more rows than these are not sifted one by one: they are shown as the rows that the figure is taken from
_SIFTED_AT_MOST = 3_000
_PLACE = ("_file", "_sheet", "_row", "_sha256")
ROWS: dict[str, pl.DataType] = {
    "mission": pl.String(),
    "source": pl.String(),
    "table": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "sha256": pl.String(),
    "findings": pl.String(),
    "cells": pl.String(),
}


@dataclass(frozen=True, repr=False)
class Explained:
    """A figure with all that it comes from.

    `rows` as ROWS says, sorted by mission, file and row; `value` is the release's, `again` what the rows give; `sifted`
    tells whether each of the rows is needed, or they are only those that the figure is taken from. `history` is the
    figure's value in each release. `raw` gives for each hash where the private store keeps the file. `coverage` says in
    words what is not in it, `answers` what sources answered of unusual numbers.

    `in_words` are the cells in which missions said why they give no number; `before` is where the previous value comes
    from. `confidential` names the sources, of what is shown of rows, that are not for everybody. Where the rows cannot
    be had, `unseen` says why, and `files` from which files the release says that the figure comes
    (explained_files.FILES).
    """

    figure: str
    mission: str
    title: str
    release: str
    definition: Figure
    window: tuple[date | None, date]
    value: float | None
    unit: str
    obs_status: str
    again: float | None
    rows: pl.DataFrame
    sifted: bool
    history: pl.DataFrame
    raw: Mapping[str, str]
    same_pipeline: bool
    coverage: str = ""
    answers: str = ""
    in_words: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=explained_words.SCHEMA))
    before: Before | None = None
    confidential: tuple[str, ...] = ()
    unseen: str = ""
    files: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=explained_files.FILES))

    @property
    def proven(self) -> bool:
        """Whether the rows give the value of the release."""
        return not self.unseen and self.value == self.again

    @property
    def withdrawn(self) -> str | None:
        """When and why the release was withdrawn; None where it is not."""
        own = self.history.filter(pl.col("release") == self.release)["withdrawn"]
        return str(own[0]) if own.len() and own[0] is not None else None

    def __repr__(self) -> str:
        """Say in a line what the figure is, and from how many rows."""
        return notebook.line(f"{self.figure} of {self.mission}", *self._facts().values())

    def _repr_html_(self) -> str:
        # the cells themselves stand in `rows`, for those who may read them
        places = ("mission", "file", "sheet", "row", "findings")
        rows = notebook.table(places, self.rows.select(places).iter_rows())
        return notebook.html(f"{self.title}, {self.mission}", self._facts(), rows)

    def _facts(self) -> dict[str, str]:
        value = "no value" if self.value is None else f"{exact(self.value)} {self.unit}"
        start, end = self.window
        return {
            "Value": f"{value} (status {self.obs_status}{f': {self.coverage}' if self.coverage else ''})",
            "Answered": self.answers,
            "Window": f"{start} to {end}" if start else f"up to {end}",
            "Release": self.release,
            "Comes from": self.unseen or wording.counted(self.rows.height, "row"),
            **({"Confidential": ", ".join(self.confidential)} if self.confidential else {}),
        }


@by_its_config
def explain(
    figure: str,
    of: Release,
    cycle: Cycle,
    config: Config,
    public: Store,
    private: Store,
    mission: str = "ALL",
    internal: Store | None = None,
) -> Explained:
    """Return where a figure of a release comes from, by the release and the private store alone.

    `internal` is where the findings are, where they are not in the private store.
    Where the private store does not have the rows, or is not for whoever asks, all else is explained.
    Raises ConfigError where there is no such figure, or the release does not say from which rows it was made;
    StoreError where the public store fails, or a file is damaged.
    """
    stores = public, private, internal or internal_in(private)
    explained, row, template, making = _explained(figure, of, cycle, config, stores, mission)

    def again(start: date, end: date) -> float | None:
        return replace(making, start=start, end=end).value(making.staged) if making.staged else None

    def of_other(name: str, other: Release, earlier: Cycle, then: Config) -> Explained:
        with in_force(then):
            return _explained(name, other, earlier, then, stores, mission)[0]

    before = explained_before.before(row, template, of, cycle, config, public, again, of_other)
    return replace(explained, before=before)


def _explained(
    figure: str, of: Release, cycle: Cycle, config: Config, stores: tuple[Store, Store, Store], mission: str
) -> tuple[Explained, Mapping[str, Any], str, _Making]:
    """Explain a value alone; return with it its row, its name in figures.yaml, and how it is made."""
    public, private, _ = stores
    former = figures.former_names(config.figures, cycle, ever=True)
    table = figures.under_both_names(release.read_table(public, of, "figures"), former)
    figure = names.figure(figure, set(table["figure"]), config, cycle)
    row = _row(figure, mission, table)
    now = next((name for name, old in former.items() if old == figure), figure)
    if now not in config.figures:
        raise ConfigError(
            f"The figure '{figure}' is not in config/figures.yaml any more; use the version that made it."
        )
    definition = config.figures[now]
    making, closed = explained_files.made_of(of, private)
    said = making.get("lineage", {})
    if not closed and "staged" not in said:
        raise ConfigError(f"The release {of.name} does not say from which rows it was made; use a later one.")
    start, _ = figures.window(definition, cycle, row["as_of"])
    upstream = sorted(catalogue.staged_for(definition.table))
    staged, unseen = (
        ({}, closed) if closed else explained_files.staged({one: said["staged"].get(one) for one in upstream}, private)
    )
    if unseen and (erased := made_with.erased_of(of, private)):
        unseen = f"a file that they came from was erased by {next(iter(erased.values())).place}"
    again = _Making(definition, config, cycle, mission, start, row["as_of"], staged)
    kept, sifted = ({}, False) if unseen else _needed(again)
    found_in = _findings(of, stores) if kept else pl.DataFrame()
    rows = [
        _placed(frame, table, definition, config, found_in) for table, frame in kept.items() if not frame.is_empty()
    ]
    found = pl.concat(rows) if rows else pl.DataFrame(schema=ROWS)
    in_words = explained_words.answers(definition, staged, mission, config)
    hashes, sources = set(found["sha256"]), {config.table_contract(table)[0].source for table in upstream}
    shown = {*found["source"], *in_words["source"]}
    explained = Explained(
        figure=figure,
        mission=mission,
        title=definition.title.of_year(cycle.last_calendar_year).en,
        release=of.name,
        definition=definition,
        window=(start, row["as_of"]),
        value=row["value"],
        unit=row["unit"],
        obs_status=row["obs_status"],
        again=None if unseen else again.value(kept),
        rows=found.sort("mission", "source", "table", "file", "sheet", "row", nulls_last=True),
        sifted=sifted,
        history=compare.history(public, cycle, figure, mission, config),
        raw={one["hash"][7:]: one["path"] for one in making["sources"] if one["hash"][7:] in hashes},
        same_pipeline=making["pipeline"].get("fingerprint") == of_pipeline(),
        # why it is accepted follows that it is, which is said last
        coverage=": ".join(filter(None, (wording.coverage(row), row.get("accepted")))),
        answers=row.get("answers") or "",
        in_words=in_words,
        confidential=tuple(sorted(one for one in shown if config.contract(one).classification != "unclassified")),
        unseen=unseen,
        files=explained_files.files(making, sources, mission) if unseen else pl.DataFrame(schema=explained_files.FILES),
    )
    return explained, row, now, again


def _findings(of: Release, stores: tuple[Store, Store, Store]) -> pl.DataFrame:
    """Return the findings of a release; none where its internal edition went with a file that was erased."""
    public, private, internal = stores
    try:
        return editions.read_table(of, "findings", public, internal)
    except NotThere:
        if not made_with.erased_of(of, private):
            raise
        return pl.DataFrame(schema=FINDING)


def _row(figure: str, mission: str, table: pl.DataFrame) -> Mapping[str, Any]:
    for row in table.filter(pl.col("figure") == figure, pl.col("mission") == mission).iter_rows(named=True):
        return row
    missions = table.filter(pl.col("figure") == figure)["mission"].to_list()
    raise names.not_known_for(figure, mission, missions)


@dataclass(frozen=True)
class _Making:
    """How a figure is made, to make it again from fewer rows."""

    definition: Figure
    config: Config
    cycle: Cycle
    mission: str
    start: date | None
    end: date
    staged: Mapping[str, pl.DataFrame]

    def table(self, name: str, staged: Mapping[str, pl.DataFrame]) -> pl.LazyFrame:
        return catalogue.table(name, {one: frame.lazy() for one, frame in staged.items()}, self.config, self.cycle)

    def counted(self, staged: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Return the rows of the figure's table that it counts."""
        table = self.table(self.definition.table, staged)
        counted = table.filter(figures.counted_rows(self.definition, table, self.start, self.end))
        if self.mission != "ALL":
            counted = counted.filter(pl.col("mission") == self.mission)
        made = counted.collect()
        return made.sort(pl.all()) if made.width else made

    def value(self, staged: Mapping[str, pl.DataFrame]) -> float | None:
        """Return the figure's value, as figures.yaml says it."""
        counted = self.counted(staged).lazy()
        value = figures.value_of(self.definition, counted).collect().item()
        return None if value is None else float(value)


def _needed(making: _Making) -> tuple[dict[str, pl.DataFrame], bool]:
    """Return of each staged table the rows that the figure needs, and whether each of them was tried."""
    wanted = making.counted(making.staged)
    kept = dict(making.staged)
    narrowed = _narrowed(making, wanted)
    if making.counted(narrowed).equals(wanted):
        kept = narrowed
    if _row_by_row(making.definition.table, wanted, kept):
        return kept, True
    if sum(frame.height for frame in kept.values()) > _SIFTED_AT_MOST:
        return kept, False
    for table in kept:
        kept = _sifted(making, kept, table, wanted)
    return kept, True


def _narrowed(making: _Making, wanted: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows that have the keys of what is counted, or stand where it says that it stands."""
    by_place = _standing_where(making, wanted)
    kept = {}
    for table, frame in making.staged.items():
        if by_place is not None:
            places = by_place.select(_file="file", _row=pl.col("row").cast(frame.schema["_row"])).unique()
            kept[table] = frame.join(places, on=["_file", "_row"], how="semi", maintain_order="left")
            continue
        keys = [
            name
            for name in catalogue.entries()[making.definition.table].key
            if name in wanted.columns and frame.schema.get(name) == wanted.schema[name]
        ]
        kept[table] = (
            frame.join(wanted.select(keys).unique(), on=keys, how="semi", maintain_order="left", nulls_equal=True)
            if keys
            else frame
        )
    return kept


def _standing_where(making: _Making, wanted: pl.DataFrame) -> pl.DataFrame | None:
    """Return the rows, with `file` and `row`, of the private table that what is counted is, or is made from."""
    if {"file", "row"} <= set(wanted.columns):
        return wanted
    for parent in catalogue.needs(making.definition.table):
        if parent == making.definition.table or parent not in catalogue.tables() or not catalogue.is_private(parent):
            continue
        rows = making.table(parent, making.staged).collect()
        keys = [name for name in catalogue.entries()[making.definition.table].key if name in rows.columns]
        if keys and {"file", "row"} <= set(rows.columns):
            return rows.join(wanted.select(keys).unique(), on=keys, how="semi", nulls_equal=True)
    return None


def _row_by_row(table: str, wanted: pl.DataFrame, kept: Mapping[str, pl.DataFrame]) -> bool:
    """Tell whether each row that is counted is one accepted row, so that there is nothing to sift."""
    heights = [frame.height for frame in kept.values()]
    return {"file", "row"} <= set(wanted.columns) and heights == [wanted.height]


def _sifted(
    making: _Making, kept: Mapping[str, pl.DataFrame], table: str, wanted: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Leave out of a table every row without which the figure counts the same, whole blocks of them at a time."""
    frame = kept[table]
    needed = pl.Series([True] * frame.height, dtype=pl.Boolean)
    blocks = [(0, frame.height)] if frame.height else []
    while blocks:
        first, behind = blocks.pop()
        tried = needed.clone()
        tried[list(range(first, behind))] = False
        if making.counted({**kept, table: frame.filter(tried)}).equals(wanted):
            needed = tried
        elif behind - first > 1:
            middle = (first + behind) // 2
            blocks += [(first, middle), (middle, behind)]
    return {**kept, table: frame.filter(needed)}


def _placed(
    frame: pl.DataFrame, table: str, definition: Figure, config: Config, findings: pl.DataFrame
) -> pl.DataFrame:
    """Return rows as ROWS says: where each stands, the findings on it, and the cells that the figure speaks of."""
    contract, defined = config.table_contract(table)
    found = (
        findings.filter(pl.col("table") == table, pl.col("row").is_not_null())
        .group_by("file", "sheet", "row")
        .agg(findings=pl.format("{} ({})", "rule", "severity").unique().sort().str.join(", "))
    )
    cells = _cells(frame, definition, list(defined.columns_read))
    mission = pl.col("mission") if "mission" in frame.columns else pl.lit(None, pl.String)
    return (
        frame.select(
            mission=mission,
            source=pl.lit(contract.source),
            table=pl.lit(table),
            file="_file",
            sheet="_sheet",
            row=pl.col("_row").cast(pl.Int64),
            sha256="_sha256",
            cells=cells,
        )
        .join(found, on=["file", "sheet", "row"], how="left", nulls_equal=True, maintain_order="left")
        .select(list(ROWS))
        .cast(ROWS)  # type: ignore[arg-type]
    )


def _cells(frame: pl.DataFrame, definition: Figure, columns: Sequence[str]) -> pl.Expr:
    """Return the cells of a row that the figure's SQL names, as `column=value`; all where it names none of them."""
    parts = [pl.sql_expr(part) for part in (definition.where, definition.value) if part]
    in_sql = {definition.dated_by, *chain.from_iterable(part.meta.root_names() for part in parts)}
    there = [name for name in columns if name in frame.columns and name != "mission"]
    named = [name for name in there if name in in_sql] or there
    said = [pl.format("{}={}", pl.lit(name), pl.col(name).cast(pl.String).fill_null("")) for name in named]
    return pl.concat_str(said, separator="; ") if said else pl.lit("")
