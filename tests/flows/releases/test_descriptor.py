from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest

from config import Cycle
from flows.core.canonical import as_json, hash_of
from flows.core.records import Submission
from flows.releases.make.descriptor import descriptor
from flows.releases.make.table_files import csv, parquet, table_files
from transforms.dictionary import FieldEntry, TableEntry

CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))
TABLES = {
    "missions": pl.DataFrame({"mission": ["MINUSCA", "UNIFIL"], "kind": ["peacekeeping operation"] * 2}),
    "cycles": pl.DataFrame({"cycle": [4, 5]}),
    "deaths": pl.DataFrame(
        {
            "mission": ["UNIFIL", None],
            "cycle": [5, 5],
            "rate": [0.5, None],
            "malicious": [True, None],
            "day": [date(2024, 1, 2), None],
            "seen": [datetime(2024, 1, 2, 3, 4, 5), None],
        }
    ),
    "figures": pl.DataFrame({"cycle": [5], "mission": ["ALL"], "value": [1.0]}),
    "findings": pl.DataFrame({"rule": ["r"], "mission": ["UNIFIL"]}),
}
ENTRIES = {
    name: TableEntry(
        name,
        f"The table {name}.",
        {column: FieldEntry(f"The {column}.", "people" if column == "value" else None) for column in table.columns},
        (table.columns[0],),
        "NOTICAS",
        "A rule.",
    )
    for name, table in TABLES.items()
}
FILES = {
    **table_files({name: table for name, table in TABLES.items() if name != "findings"}),
    "quality/findings.parquet": parquet(TABLES["findings"]),
    "report.html": "<p>é</p>".encode(),
}
SUBMISSIONS = [
    Submission(
        source="workbook",
        mission="UNIFIL",
        file="cycle-05/x",
        sha256="ab" * 32,
        size=7,
        received_at=datetime(2024, 5, 1, 2, tzinfo=UTC),
        raw="raw/w/ab/x",
    ),
    Submission(
        source="noticas",
        mission=None,
        file="cycle-05/y",
        sha256="cd" * 32,
        size=9,
        received_at=datetime(2024, 5, 2, tzinfo=UTC),
        raw="raw/n/cd/y",
    ),
]


def described(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "release": "r012",
        "cycle": CYCLE,
        "files": FILES,
        "tables": TABLES,
        "entries": ENTRIES,
        "status": "provisional",
        "missing": ["workbook of UNMISS", "conduct"],
        "as_of": date(2024, 4, 30),
        "submissions": SUBMISSIONS,
        "pipeline": {"version": "0.1.0", "fingerprint": "f00d"},
        "quality": {"warning": 2, "critical": 1},
        "lineage": {"staged": {"noticas": "staged/noticas/ab.parquet"}},
    }
    return descriptor(**{**given, **changes})


def resource(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = [resource for resource in document["resources"] if resource["name"] == name]
    assert len(found) == 1, name
    return dict(found[0])


def test_each_table_is_a_parquet_and_a_csv_file() -> None:
    files = table_files({"deaths": TABLES["deaths"]})
    assert sorted(files) == ["tables/deaths.csv", "tables/deaths.parquet"]
    assert pl.read_parquet(io.BytesIO(files["tables/deaths.parquet"])).equals(TABLES["deaths"])


def test_csv_is_as_spreadsheets_open_it_rightly() -> None:
    table = pl.DataFrame(
        {
            "text": ['é, "q"', "", None, "=1+1"],
            "day": [date(2024, 1, 2), None, None, None],
            "yes": [True, False, None, None],
            "number": [0.1, 1e21, None, -3.0],
            "there": [datetime(2024, 1, 2, 5, tzinfo=timezone(timedelta(hours=2))), None, None, None],
            "naive": [datetime(2024, 1, 2, 3, 4, 5, 500000), None, None, None],
        },
        schema_overrides={"there": pl.Datetime("us", "Europe/Paris")},
    )
    plain = (
        "text,day,yes,number,there,naive\n"
        '"é, ""q""",2024-01-02,true,0.1,2024-01-02T03:00:00Z,2024-01-02T03:04:05.500\n'
        '"",,false,1e+21,,\n'
        ",,,,,\n"
        "'=1+1,,,-3.0,,\n"
    )
    assert csv(table, for_programs=True).decode() == plain
    assert csv(table) == b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("write", [parquet, csv])
def test_bytes_depend_on_values_alone(write: Callable[[pl.DataFrame], bytes]) -> None:
    whole = pl.DataFrame({"word": ["b", "a", "b"], "number": [1.5, None, 2.5]})
    parts = pl.concat([whole[:1], whole[1:]], rechunk=False)
    assert parts.n_chunks() == 2
    assert write(parts) == write(whole) == write(whole.clone())
    # a category's number depends on which word came first, in this frame or an earlier one
    first = whole.with_columns(pl.col("word").cast(pl.Enum(["a", "b"])))
    other = whole.with_columns(pl.col("word").cast(pl.Enum(["b", "c", "a"])))
    assert write(first) == write(other) == write(whole)
    assert write(whole) != write(whole.reverse())


def test_a_release_is_a_data_package() -> None:
    document = described()
    assert document["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert document["name"] == "a4p-cycle-05"
    assert document["version"] == "5.12.0"
    assert [one["path"] for one in document["resources"]] == sorted(FILES)
    names = [one["name"] for one in document["resources"]]
    assert len(set(names)) == len(names) == 10
    for one in document["resources"]:
        assert re.fullmatch(r"[-a-z0-9._]+", one["name"])
        assert one["bytes"] == len(FILES[one["path"]])
        assert one["hash"] == hash_of(FILES[one["path"]])
        assert re.fullmatch(r"[^/]+/[^/]+", one["mediatype"])
        assert one["path"].endswith(f".{one['format']}")
        assert ("schema" in one) == (one["format"] in {"csv", "parquet"}) == (one.get("type") == "table")
        assert one.get("encoding") == (None if one["format"] == "parquet" else "utf-8")


def test_the_hash_is_sha256() -> None:
    assert hash_of(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_fields_have_types_descriptions_and_units() -> None:
    document = described()
    deaths = resource(document, "deaths")["schema"]
    assert [(field["name"], field["type"]) for field in deaths["fields"]] == [
        ("mission", "string"),
        ("cycle", "integer"),
        ("rate", "number"),
        ("malicious", "boolean"),
        ("day", "date"),
        ("seen", "datetime"),
    ]
    assert deaths["fields"][0]["description"] == "The mission."
    assert deaths["primaryKey"] == ["mission"]
    assert resource(document, "deaths.parquet")["schema"]["fields"] == deaths["fields"]
    units = [field.get("unit") for field in resource(document, "figures")["schema"]["fields"]]
    assert units == [None, None, "people"]


def test_foreign_keys_name_the_same_format_and_hold() -> None:
    document = described()

    def keys(name: str) -> list[tuple[str, str]]:
        found = resource(document, name)["schema"].get("foreignKeys", [])
        assert all(key["fields"] == key["reference"]["fields"] for key in found)
        return [(key["fields"][0], key["reference"]["resource"]) for key in found]

    assert keys("deaths") == [("mission", "missions"), ("cycle", "cycles")]
    assert keys("deaths.parquet") == [("mission", "missions.parquet"), ("cycle", "cycles.parquet")]
    assert keys("findings.parquet") == [("mission", "missions.parquet")]
    assert keys("figures") == [("cycle", "cycles")], "'ALL' is no mission"
    assert keys("missions") == []
    without = {path: data for path, data in FILES.items() if "missions" not in path}
    assert "missions" not in json.dumps(resource(described(files=without), "deaths")["schema"].get("foreignKeys"))


def test_what_the_pipeline_adds() -> None:
    document = described()
    assert document["a4p"] == {
        "release": "r012",
        "cycle": 5,
        "status": "provisional",
        "missing": ["conduct", "workbook of UNMISS"],
        "as_of": "2024-04-30",
        "pipeline": {"fingerprint": "f00d", "version": "0.1.0"},
        "quality": {"critical": 1, "warning": 2},
        "lineage": {"staged": {"noticas": "staged/noticas/ab.parquet"}},
    }
    assert document["sources"] == [
        {
            "title": "noticas",
            "path": "raw/n/cd/y",
            "hash": "sha256:" + "cd" * 32,
            "bytes": 9,
            "received_at": "2024-05-02T00:00:00Z",
        },
        {
            "title": "workbook",
            "path": "raw/w/ab/x",
            "hash": "sha256:" + "ab" * 32,
            "bytes": 7,
            "received_at": "2024-05-01T02:00:00Z",
            "mission": "UNIFIL",
        },
    ]


def test_same_inputs_same_bytes_whatever_their_order() -> None:
    one = as_json(described())
    other = as_json(
        described(
            files=dict(reversed(FILES.items())),
            tables=dict(reversed(TABLES.items())),
            submissions=reversed(SUBMISSIONS),
            missing=["conduct", "workbook of UNMISS"],
            pipeline={"fingerprint": "f00d", "version": "0.1.0"},
            quality={"critical": 1, "warning": 2},
        )
    )
    assert one == other
    assert one != as_json(described(status="final"))
    assert json.loads(one) == described()
    assert one.endswith(b"}\n")
    assert as_json({"é": 1}) == '{\n  "é": 1\n}\n'.encode()


def test_a_column_without_description_is_refused() -> None:
    fields = {name: said for name, said in ENTRIES["deaths"].fields.items() if name != "rate"}
    entries = {**ENTRIES, "deaths": dataclasses.replace(ENTRIES["deaths"], fields=fields)}
    with pytest.raises(ValueError, match=r"The column 'rate' of the table 'deaths' is not in the data dictionary"):
        described(entries=entries)


def test_a_key_that_is_no_column_is_refused() -> None:
    entries = {**ENTRIES, "deaths": dataclasses.replace(ENTRIES["deaths"], key=("mission", "year"))}
    with pytest.raises(ValueError, match=r"The key of the table 'deaths' names 'year'"):
        described(entries=entries)


def test_a_type_that_a_release_does_not_have_is_refused() -> None:
    tables = {**TABLES, "cycles": pl.DataFrame({"cycle": [[1], [2]]})}
    with pytest.raises(ValueError, match=r"The column 'cycle' of the table 'cycles' is List"):
        described(tables=tables)


def test_a_file_without_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"The file tables/more\.csv has no table"):
        described(files={**FILES, "tables/more.csv": b"a\n"})
