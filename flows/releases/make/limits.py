"""What a descriptor says of what may stand in columns: keys without gaps, codes with their lists, and over cycles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from flows.core.quality_tables import ENTRIES as QUALITY
from transforms.dictionary import CYCLE, TableEntry
from transforms.relations import CODE_LISTS, references


def of_field(name: str, column: str, entry: TableEntry, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Return the constraints of a column, and the codes that it may hold where these are a table of the release."""
    said: dict[str, Any] = {}
    if column == CYCLE or (column in entry.key and name not in QUALITY):
        # of what was found in files, a part of the key may be blank: that of a file as a whole has no row
        said["constraints"] = {"required": True, **({"unique": True} if entry.key == (column,) else {})}
    other, key = references(name, tables[name].columns).get(column, ("", ""))
    if other in CODE_LISTS and other in tables:
        said["categories"] = tables[other][key].to_list()
        said["categoriesOrdered"] = True
    return said


def over_cycles(entry: TableEntry) -> dict[str, Any]:
    """Return how tables of several cycles go together, as transforms.over_cycles puts them."""
    if entry.dimension:
        return {"dimension": True}
    if entry.cumulative:
        return {"cumulative": True}
    return {"newestOf": list(entry.period)} if entry.period else {}
