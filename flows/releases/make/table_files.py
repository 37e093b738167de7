"""A table as files: Parquet that explains itself, CSV as spreadsheets open it rightly. The same table, the same bytes.

What a Parquet file says of itself stands in its schema, where pyarrow, R and whatever else reads Arrow find it, and
beside it, where DuckDB (`parquet_kv_metadata`) and Polars (`read_parquet_metadata`) look.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from flows.documents.words import NUMBER
from flows.stores import frames
from transforms.dictionary import TableEntry

if TYPE_CHECKING:
    import pyarrow as pa

_DATETIME = "%Y-%m-%dT%H:%M:%S%.f"
_LINE_END = "\r\n"
# the entry in which the Arrow schema itself stands
_ARROW = "ARROW:schema"
_RELEASE = "release"
# how a Data Package says what `csv` writes; the byte order mark is a part of UTF-8, and readers pass over it
DIALECT = {"delimiter": ",", "lineTerminator": _LINE_END, "quoteChar": '"', "doubleQuote": True}


def table_files(
    tables: Mapping[str, pl.DataFrame],
    entries: Mapping[str, TableEntry] | None = None,
    about: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """Return `tables/<name>.parquet` and `tables/<name>.csv` of each table.

    In: the tables by name; their entries in the data dictionary; what each file says beside that, such as the
    licence.
    """
    files: dict[str, bytes] = {}
    for name, table in tables.items():
        files[f"tables/{name}.parquet"] = parquet(table, (entries or {}).get(name), about)
        files[f"tables/{name}.csv"] = csv(table)
    return files


def parquet(table: pl.DataFrame, entry: TableEntry | None = None, about: Mapping[str, str] | None = None) -> bytes:
    """Return a table as Parquet; with its entry in the data dictionary each column says what it holds and its unit."""
    import pyarrow as pa

    settled = _settled(table)
    columns = settled.clear().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    said = dict(about or {})
    if entry:
        said |= {"table": entry.name, "description": entry.description, "key": ", ".join(entry.key)}
        columns = [column.with_metadata(_of_column(entry, column.name)) for column in columns]
    return _written(settled, pa.schema(list(columns), metadata=dict(sorted(said.items())) or None))


def of_release(data: bytes, name: str) -> bytes:
    """Return a Parquet file that was made for NUMBER with a release's name in place of it."""
    import pyarrow as pa

    said = pl.read_parquet_metadata(io.BytesIO(data))
    if said.get(_RELEASE) != NUMBER:
        return data
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(said[_ARROW])))
    renamed = schema.with_metadata({**schema.metadata, _RELEASE.encode(): name.encode()})
    return _written(pl.read_parquet(io.BytesIO(data)).rechunk(), renamed)


def said_by(data: bytes) -> dict[str, str]:
    """Return what a Parquet file says of itself as a whole; nothing where it is of 0.5.0."""
    said = pl.read_parquet_metadata(io.BytesIO(data))
    return {name: text for name, text in said.items() if name != _ARROW}


def columns_said_by(data: bytes) -> dict[str, dict[str, str]]:
    """Return what a Parquet file says of each of its columns."""
    import pyarrow as pa

    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(pl.read_parquet_metadata(io.BytesIO(data))[_ARROW])))
    return {
        column.name: {name.decode(): text.decode() for name, text in (column.metadata or {}).items()}
        for column in schema
    }


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


def _of_column(entry: TableEntry, column: str) -> dict[str, str] | None:
    field = entry.fields.get(column)
    if field is None:
        return None
    return {"description": field.description} | ({"unit": field.unit} if field.unit else {})


def _written(table: pl.DataFrame, schema: pa.Schema) -> bytes:
    buffer = io.BytesIO()
    said = {name.decode(): text.decode() for name, text in (schema.metadata or {}).items()}
    # neither is sure to stay as it is in Polars, of which the version is fixed; what files say is held by tests
    table.write_parquet(buffer, compression="zstd", statistics=True, arrow_schema=schema, metadata=said)
    return buffer.getvalue()
