"""What a descriptor says of what may stand in columns, and of several cycles."""

import polars as pl
import pytest

from flows.releases.make import limits
from transforms.dictionary import FieldEntry, TableEntry

TABLES = {
    "ratings": pl.DataFrame({"rating": ["Average", "Very good"], "rating_order": [1, 2]}),
    "evaluations": pl.DataFrame({"cycle": [5], "rating": ["Average"], "value": [1], "value_obs_status": ["A"]}),
    "findings": pl.DataFrame({"cycle": [5], "row": [None]}),
}


def entry(*key: str, **marks: object) -> TableEntry:
    fields = {column: FieldEntry("It.") for table in TABLES.values() for column in table.columns}
    return TableEntry("t", "A table.", fields, key, "", "", **marks)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "column", "key", "expected"),
    [
        ("evaluations", "cycle", ("cycle", "rating"), {"constraints": {"required": True}}),
        (
            "evaluations",
            "rating",
            ("cycle", "rating"),
            {
                "constraints": {"required": True},
                "categories": ["Average", "Very good"],
                "categoriesOrdered": True,
            },
        ),
        ("evaluations", "value", ("cycle", "rating"), {}),
        ("evaluations", "value_obs_status", ("cycle", "rating"), {}),  # the list of codes is in no such release
        ("ratings", "rating", ("rating",), {"constraints": {"required": True, "unique": True}}),
        ("findings", "row", ("cycle", "row"), {}),  # of a file as a whole there is no row
        ("findings", "cycle", ("cycle", "row"), {"constraints": {"required": True}}),
    ],
)
def test_a_key_is_never_blank_and_codes_are_listed(table, column, key, expected):
    assert limits.of_field(table, column, entry(*key), TABLES) == expected


def test_how_cycles_go_together_is_said():
    assert limits.over_cycles(entry("rating", dimension=True)) == {"dimension": True}
    assert limits.over_cycles(entry("rating", cumulative=True)) == {"cumulative": True}
    assert limits.over_cycles(entry("rating", period=("month",))) == {"newestOf": ["month"]}
    assert limits.over_cycles(entry("rating")) == {}
