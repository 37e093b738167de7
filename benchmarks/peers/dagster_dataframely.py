"""The same with Dagster and dataframely: an asset for each table that is read, checked or made, the rules as schemas.

    PYTHON -m benchmarks.peers.dagster_dataframely INBOX OUT

PYTHON is one that has dagster and dataframely. What is read, typed and made is written in Polars as in the floor; here
it runs as assets, and schemas split the rows. Assets are handed on in memory and made in one process, which is the
quickest way that Dagster has. Prints, as JSON, the seconds of the imports and of each part; "rest" is Dagster's own.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

import os
import types
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

os.environ |= {"DO_NOT_TRACK": "1", "DAGSTER_DISABLE_TELEMETRY": "1"}

import dagster as dg  # type: ignore[import-not-found]
import dataframely as dy  # type: ignore[import-not-found]
import polars as pl

from benchmarks.peers import facts, floor
from benchmarks.peers.clock import Clock, arguments
from benchmarks.peers.facts import Cycle, Table
from benchmarks.peers.floor import Checked, Rule

IMPORTED = time.perf_counter()


def main(inbox: Path, out: Path) -> None:
    """Have Dagster make every asset."""
    clock = Clock(BEGUN, IMPORTED)
    quiet = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
    settings = {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.ephemeral(settings=settings) as instance:
        made = dg.materialize(
            assets(inbox, out, clock),
            instance=instance,
            resources={"io_manager": dg.mem_io_manager},
            run_config=quiet,
        )
        rows = [
            (cycle.number, table.name, one.read, one.good.height, one.bad.height)
            for cycle in facts.cycles()
            for table in facts.tables()
            for one in [made.asset_value(key(cycle, "checked", table.name))]
        ]
    clock.say(out, rows)


def key(cycle: Cycle, *names: str) -> dg.AssetKey:
    """Return how an asset of a cycle is called."""
    return dg.AssetKey([f"cycle_{cycle.number:02d}", *names])


def assets(inbox: Path, out: Path, clock: Clock) -> list[dg.AssetsDefinition]:
    """Return all assets: text and checked rows of each table and cycle, its tables and figures, what is written."""
    found: list[dg.AssetsDefinition] = []
    before: dg.AssetKey | None = None
    for cycle in facts.cycles():
        checked = {table.name: key(cycle, "checked", table.name) for table in facts.tables()}
        for table in facts.tables():
            text = key(cycle, "text", table.name)
            found.append(asset(text, {}, partial(clock, "read", floor.read, inbox, cycle, table)))
            of = {"text": text, **({"units": checked[table.parent]} if table.parent else {})}
            found.append(asset(checked[table.name], of, partial(checked_rows, clock, out, table, cycle)))
        tables, figures = key(cycle, "tables"), key(cycle, "figures")
        found.append(asset(tables, checked, partial(curated, clock, cycle)))
        of = {"tables": tables, **({"before": before} if before else {})}
        found.append(asset(figures, of, partial(figured, clock, cycle)))
        before = figures
    found.append(asset(dg.AssetKey("written"), {"tables": tables, "figures": figures}, partial(written, clock, out)))
    return found


def asset(name: dg.AssetKey, of: dict[str, dg.AssetKey], make: Callable[..., Any]) -> dg.AssetsDefinition:
    """Return an asset that is made of others."""

    @dg.asset(key=name, ins={parameter: dg.AssetIn(key=one) for parameter, one in of.items()})  # type: ignore[untyped-decorator]
    def made(**inputs: Any) -> Any:
        return make(**inputs)

    return made


def checked_rows(
    clock: Clock, out: Path, table: Table, cycle: Cycle, text: pl.DataFrame, units: Checked | None = None
) -> Checked:
    """Check a table's rows and write them."""
    checked: Checked = clock("check", check, text, table, cycle, units)
    clock("write", floor.write_rows, out / f"cycle-{cycle.number:02d}", table.name, checked)
    return checked


def check(text: pl.DataFrame, table: Table, cycle: Cycle, units: Checked | None) -> Checked:
    """Type a table, hold it against its schemas, and split it."""
    rules = floor.rules(table, cycle)
    frame = floor.typed(text.lazy(), table)
    if units is not None:
        known = units.good.lazy().select("mission", "unit_id", _found=True).unique()
        frame = frame.join(known, on=["mission", "unit_id"], how="left", maintain_order="left")
    typed = frame.collect()
    critical = [rule for rule in rules if rule.severity == "critical"]
    good, refused = schema(table, typed, critical).filter(typed)
    _, remarked = schema(table, typed, [rule for rule in rules if rule not in critical]).filter(typed)
    place = ["_file", "_row"]
    names = sorted(rule.name for rule in critical)
    bad = refused.details().select(
        *place,
        *(pl.col(f"{name}__raw").alias(name) for name in table.columns),
        reasons=pl.concat_str(
            [pl.when(pl.col(name) == "invalid").then(pl.lit(name)) for name in names],
            separator="; ",
            ignore_nulls=True,
        ),
    )
    about = pl.DataFrame(
        [(rule.name, rule.column, rule.severity) for rule in rules], ["rule", "column", "severity"], orient="row"
    )
    broken = [
        failure.details()
        .unpivot(on=[rule.name for rule in rules if (rule in critical) == refuses], index=place, variable_name="rule")
        .filter(pl.col("value") == "invalid")
        for failure, refuses in ((refused, True), (remarked, False))
    ]
    findings = (
        pl.concat(one.select(*place, "rule") for one in broken)
        .join(about, on="rule")
        .select(pl.lit(table.name).alias("table"), *place, "column", "rule", "severity")
    )
    return Checked(text.height, good.select(*table.columns, *place), bad, findings)


def schema(table: Table, typed: pl.DataFrame, rules: Sequence[Rule]) -> Any:
    """Return a schema of dataframely with the columns of a typed table, and these rules on its rows."""

    def rule(broken: pl.Expr) -> Any:
        def holds(cls: Any) -> pl.Expr:
            return ~broken.fill_null(False)

        return dy.rule()(holds)

    members = {name: dy.Any() for name in typed.columns}
    members |= {one.name: rule(one.broken) for one in rules}
    return types.new_class(table.name, (dy.Schema,), {}, lambda namespace: namespace.update(members))


def curated(clock: Clock, cycle: Cycle, **checked: Checked) -> dict[str, pl.LazyFrame]:
    """Make the tables of accepted rows."""
    staged = {name: one.good.lazy() for name, one in checked.items()}
    return clock("transform", floor.curated, staged, cycle)


def figured(
    clock: Clock, cycle: Cycle, tables: dict[str, pl.LazyFrame], before: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """Make the figures, beside those of the cycle before."""
    return clock("transform", lambda: floor.with_previous(floor.now(tables, cycle), before))


def written(clock: Clock, out: Path, tables: dict[str, pl.LazyFrame], figures: pl.LazyFrame) -> None:
    """Write the tables and figures of the last cycle."""
    final = {name: frame for name, frame in tables.items() if name not in ("casualties", "allegations")}
    frames = clock("transform", pl.collect_all, [*final.values(), figures])
    for name, frame in zip([*final, "figures"], frames, strict=True):
        clock("write", floor.write_table, out / "tables", name, frame)


if __name__ == "__main__":
    main(*arguments())
