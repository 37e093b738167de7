"""A table as files: Parquet for tools, CSV as spreadsheets open it rightly. The same table gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from flows.stores import frames

_DATETIME = "%Y-%m-%dT%H:%M:%S%.f"
_LINE_END = "\r\n"
# how a Data Package says what `csv` writes; the byte order mark is a part of UTF-8, and readers pass over it
DIALECT = {"delimiter": ",", "lineTerminator": _LINE_END, "quoteChar": '"', "doubleQuote": True}


def table_files(tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return `tables/<name>.parquet` and `tables/<name>.csv` of each table."""
    files: dict[str, bytes] = {}
    for name, table in tables.items():
        files[f"tables/{name}.parquet"] = parquet(table)
        files[f"tables/{name}.csv"] = csv(table)
    return files


def parquet(table: pl.DataFrame) -> bytes:
    """Return a table as Parquet."""
    return frames.parquet(_settled(table))


def csv(table: pl.DataFrame, *, for_programs: bool = False) -> bytes:
    """Return a table as CSV: UTF-8, ISO dates, UTC times; null is empty, '' is quoted.

    It begins with a byte order mark and its lines end in CR LF, since Excel takes a file without the mark for one in
    the code page of the country; neither is there where it is `for_programs`. Text that a spreadsheet would take for a
    formula has an apostrophe before it.
    """
    times = [
        (pl.col(name).dt.convert_time_zone("UTC") if kind.time_zone else pl.col(name)).dt.strftime(
            _DATETIME + ("Z" if kind.time_zone else "")
        )
        for name, kind in table.schema.items()
        if isinstance(kind, pl.Datetime)
    ]
    text = frames.as_text(_settled(table).with_columns(times))
    if for_programs:
        return text.write_csv(None).encode()
    return text.write_csv(None, include_bom=True, line_terminator=_LINE_END).encode()


def _settled(table: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose bytes depend on its values alone: not on its chunks, nor on the order categories came in."""
    categories = pl.selectors.by_dtype(pl.Categorical, pl.Enum)
    return table.rechunk().with_columns(categories.cast(pl.String))
