"""Which columns stand for a row of another table: by their names alone, as reporting tools find it out too."""

from __future__ import annotations

from collections.abc import Iterable

# the column, which has the same name on both sides, and the table where it is the key
_TABLES = {
    "mission": "missions",
    "cycle": "cycles",
    "figure": "figure_definitions",
    "source": "sources",
    "obs_status": "obs_statuses",
    "cause": "causes",
    "rating": "ratings",
    "iso_alpha3": "countries",
}
_STATUS = "obs_status"
_OTHER_STATUSES = ("_obs_status", "previous_status")
CODE_LISTS = frozenset({"obs_statuses", "causes", "ratings"})


def references(table: str, columns: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return, by column, the table that a table refers to by it, and the column there."""
    there = list(columns)
    by_name = {column: (other, column) for column, other in _TABLES.items() if column in there}
    statuses = {column: (_TABLES[_STATUS], _STATUS) for column in there if column.endswith(_OTHER_STATUSES)}
    return {column: (other, key) for column, (other, key) in (by_name | statuses).items() if other != table}
