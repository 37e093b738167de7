"""Hand-made staged frames for the tests of the transforms."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from config import load
from transforms.dimensions import missions
from transforms.figures import SCHEMA

CONFIG = load()
CYCLE = CONFIG.cycle(5)
MISSIONS = missions(CONFIG.missions, CYCLE)


def frame(rows: list[dict[str, Any]], **schema: Any) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=schema)


def casualty(day: date, mission: str, cause: str, **more: Any) -> dict[str, Any]:
    return {
        "casualty_id": f"{mission}-{day}-{cause}",
        "incident_date": day,
        "mission": mission,
        "cause": cause,
        "type_of_casualty": "Fatality",
        "personnel_type": "Military",
        "gender": "M",
        "_file": "f.csv",
        "_row": 2,
    } | more


def noticas(*rows: dict[str, Any]) -> pl.LazyFrame:
    return frame(
        list(rows),
        casualty_id=pl.String,
        incident_date=pl.Date,
        mission=pl.String,
        cause=pl.String,
        type_of_casualty=pl.String,
        personnel_type=pl.String,
        gender=pl.String,
        _file=pl.String,
        _row=pl.UInt32,
    )


def allegation(number: int, reported: date, start: date | None, end: date | None, **more: Any) -> dict[str, Any]:
    return {
        "allegation_id": str(number),
        "category": "SEA",
        "mission": "MINUSCA",
        "date_reported": reported,
        "incident_from": start,
        "incident_to": end,
        "status": "Pending",
        "action_taken": None,
        "_file": "f.xlsx",
        "_row": number,
    } | more


def conduct(*rows: dict[str, Any]) -> pl.LazyFrame:
    return frame(
        list(rows),
        allegation_id=pl.String,
        category=pl.String,
        mission=pl.String,
        date_reported=pl.Date,
        incident_from=pl.Date,
        incident_to=pl.Date,
        status=pl.String,
        action_taken=pl.String,
        _file=pl.String,
        _row=pl.UInt32,
    )


def figure_rows(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Rows of figures, of which only the first columns are given."""
    given = dict(list(SCHEMA.items())[: len(rows[0])]) if rows else {}
    return pl.DataFrame(rows, schema=given, orient="row").pipe(
        lambda frame: pl.concat([pl.DataFrame(schema=SCHEMA), frame], how="diagonal")
    )


_KINDS = {"int": pl.Int64, "float": pl.Float64, "date": pl.Date, "bool": pl.Boolean}


def typed(columns: str, *rows: tuple[object, ...]) -> pl.LazyFrame:
    """Rows of columns such as `mission days:int visited_on:date`; a column whose type is not said holds texts."""
    named = (column.partition(":") for column in columns.split())
    return pl.LazyFrame(rows, schema={name: _KINDS.get(kind, pl.String) for name, _, kind in named}, orient="row")


def assert_rows(table: pl.LazyFrame, columns: str, *rows: tuple[object, ...]) -> None:
    """A table has these columns and these rows, in this order; shares are not rounded, and held to six digits."""
    made = table.collect()
    assert made.columns == columns.split()
    assert made.rows() == [
        tuple(pytest.approx(cell) if isinstance(cell, float) else cell for cell in row) for row in rows
    ]


# not in their order: three that report, one that did until it closed, one that is no peacekeeping operation
FEW = typed(
    "mission kind reports:bool agreement in_conduct_data:bool",
    ("UNMISS", "peacekeeping operation", True, "SOFA", True),
    ("UNFICYP", "peacekeeping operation", True, "none", True),
    ("MINUSMA", "peacekeeping operation", False, None, True),
    ("UNAMA", "special political mission", False, None, False),
    ("MINURSO", "peacekeeping operation", True, "SOMA", True),
)
# five that report: so many rows are not in their order by chance
MORE = pl.concat(
    [
        FEW,
        typed(
            "mission kind reports:bool agreement in_conduct_data:bool",
            ("UNDOF", "peacekeeping operation", True, "SOFA", True),
            ("MONUSCO", "peacekeeping operation", True, "SOFA", True),
        ),
    ]
)
