"""What a Parquet file of a release says of itself, as tools read it, and that the same table is the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet
import pytest

from flows.documents.words import NUMBER
from flows.releases.make.numbered import numbered
from flows.releases.make.table_files import of_release, parquet, said_by, table_files
from transforms.dictionary import FieldEntry, TableEntry

TABLE = pl.DataFrame(
    {
        "mission": ["UNIFIL", None],
        "deaths": [1, None],
        "rate": [0.5, None],
        "yes": [True, None],
        "day": [date(2024, 1, 2), None],
        "seen": [datetime(2024, 1, 2, 3, tzinfo=UTC), None],
    }
)
FIELDS = {name: FieldEntry(f"What {name} is: é.", "people" if name == "deaths" else None) for name in TABLE.columns}
ENTRY = TableEntry("deaths", "Deaths by mission.", FIELDS, ("mission", "day"), "NOTICAS", "A rule.")
ABOUT = {"title": "A4P+ report", "cycle": "5", "release": NUMBER, "licence": "CC-BY-4.0"}
DATA = parquet(TABLE, ENTRY, ABOUT)
SAID = ABOUT | {"table": "deaths", "description": "Deaths by mission.", "key": "mission, day"}


def test_arrow_reads_what_columns_and_table_are() -> None:
    schema = pyarrow.parquet.read_table(io.BytesIO(DATA)).schema
    assert {name.decode(): text.decode() for name, text in schema.metadata.items()} == SAID
    assert schema.field("deaths").metadata == {
        b"description": "What deaths is: é.".encode(),
        b"unit": b"people",
    }
    assert schema.field("mission").metadata == {b"description": "What mission is: é.".encode()}
    plain = pyarrow.parquet.read_schema(io.BytesIO(parquet(TABLE)))
    assert (schema.types, plain.metadata) == (plain.types, None)


def test_other_tools_read_it_too_and_the_rows_are_the_same(tmp_path) -> None:
    assert said_by(DATA) == SAID
    assert pl.read_parquet(io.BytesIO(DATA)).equals(TABLE)
    assert list(pd.read_parquet(io.BytesIO(DATA)).columns) == TABLE.columns
    file = tmp_path / "deaths.parquet"
    file.write_bytes(DATA)
    with duckdb.connect() as connection:
        found = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(file)]).fetchall()
        assert {name.decode(): text.decode() for name, text in found if name != b"ARROW:schema"} == SAID
        assert connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).pl()["deaths"].to_list() == [1, None]


@pytest.mark.parametrize("name", ["r001", "r1234"])
def test_the_number_is_put_in_and_nothing_else_changes(name: str) -> None:
    files = table_files({"deaths": TABLE}, {"deaths": ENTRY}, ABOUT)
    changed = numbered(files, name)
    assert list(changed) == ["tables/deaths.parquet"]
    assert changed["tables/deaths.parquet"] == parquet(TABLE, ENTRY, ABOUT | {"release": name})
    assert numbered(table_files({"deaths": TABLE}), name) == {}


def test_the_same_is_the_same_bytes_in_whatever_order_it_is_said() -> None:
    assert parquet(TABLE, ENTRY, dict(reversed(ABOUT.items()))) == DATA
    assert of_release(of_release(DATA, "r001"), "r002") == of_release(DATA, "r001")
    assert parquet(TABLE, ENTRY, ABOUT | {"licence": "CC0-1.0"}) != DATA
