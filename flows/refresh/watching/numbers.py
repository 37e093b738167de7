"""What a refresh found, in numbers: rows, findings and submissions by source. No value of a cell, no name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from expectations.severity import SEVERITIES
from flows.core import logs
from flows.core.records import Published
from flows.stores.keyed import Keyed

ByKind = dict[str, dict[str, int]]


def rows(published: Published) -> ByKind:
    """Return the rows read, staged and quarantined by source."""
    sums = [pl.col(f"rows_{kind}").sum().alias(kind) for kind in ("read", "staged", "quarantined")]
    return _by_source(published.submissions.group_by("source").agg(sums).sort("source"))


def findings(published: Published) -> ByKind:
    """Return the findings that are not waived, by source and severity; 'pipeline' where they are of no source."""
    open_ones = published.findings.filter(pl.col("waived").is_null())
    return _counted(open_ones.with_columns(pl.col("source").fill_null("pipeline")), "severity")


def submissions(published: Published) -> ByKind:
    """Return the files by source and status: refused where nothing of it, accepted where anything could be used."""
    return _counted(_files(published).with_columns(status=_status()), "status")


def files(published: Published, keyed: Keyed) -> Iterator[dict[str, Any]]:
    """Yield each file that was sent: source, mission, the beginning of its keyed hash, status and rows."""
    for row in (
        _files(published).with_columns(status=_status()).sort("source", "mission", "sha256").iter_rows(named=True)
    ):
        yield {
            "source": row["source"],
            "mission": row["mission"],
            "submission": logs.short(keyed(row["sha256"])),
            "status": row["status"],
            "rows_read": row["rows_read"],
            "rows_staged": row["rows_staged"],
            "rows_quarantined": row["rows_quarantined"],
        }


def tables(published: Published) -> Iterator[dict[str, Any]]:
    """Yield each source table: rows read, staged, quarantined, and its findings by severity."""
    found = published.findings.filter(pl.col("waived").is_null(), pl.col("table").is_not_null())
    of = found.group_by("source", "table").agg(
        *((pl.col("severity") == one).sum().alias(f"findings_{one}") for one in SEVERITIES)
    )
    sums = [pl.col(f"rows_{kind}").sum() for kind in ("read", "staged", "quarantined")]
    read = published.submissions.filter(pl.col("table").is_not_null()).group_by("source", "table").agg(sums)
    joined = read.join(of, on=["source", "table"], how="left").fill_null(0).sort("source", "table")
    yield from joined.iter_rows(named=True)


def _files(published: Published) -> pl.DataFrame:
    """Return a row a file: submissions have one a file and table."""
    return published.submissions.group_by("source", "mission", "file", "sha256").agg(
        pl.col("status").unique(), *(pl.col(f"rows_{kind}").sum() for kind in ("read", "staged", "quarantined"))
    )


def _status() -> pl.Expr:
    some = pl.col("status").list.contains
    return (
        pl.when(some("accepted"))
        .then(pl.lit("accepted"))
        .when(some("refused"))
        .then(pl.lit("refused"))
        .when(some("withdrawn"))
        .then(pl.lit("withdrawn"))
        .otherwise(pl.lit("superseded"))
    )


def _counted(frame: pl.DataFrame, kind: str) -> ByKind:
    found: ByKind = {}
    for source, of_kind, count in frame.group_by("source", kind).len().sort("source", kind).iter_rows():
        found.setdefault(source, {})[of_kind] = count
    return found


def _by_source(frame: pl.DataFrame) -> ByKind:
    return {row.pop("source"): {kind: int(count) for kind, count in row.items()} for row in frame.iter_rows(named=True)}
