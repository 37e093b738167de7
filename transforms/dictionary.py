"""A curated table's entry in the data dictionary, read from its function's docstring.

A table function looks like this; the parameters name the tables it needs:

    def fatalities_by_cause(casualties: pl.LazyFrame) -> pl.LazyFrame:
        \"\"\"Deaths in peacekeeping operations by year of incident and cause; one row a year and cause.

        Source: NOTICAS / UNOCC
        Rule: 5th report, Priority 4, chart 'Causes of fatalities'.
        Imputed: A year without a death of a cause has no row.

        Fields:
            year: Year of the incident.
            cause: Cause of death, as UNOCC classifies it.
            deaths (people): Deaths in missions that are peacekeeping operations.

        Key: year, cause
        \"\"\"
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl

Function = TypeVar("Function", bound=Callable[..., Any])
_FIELD = re.compile(r"^(?P<name>[a-z][a-z0-9_]*)(?: \((?P<unit>[^)]+)\))?: (?P<text>.+)$")


@dataclass(frozen=True)
class FieldEntry:
    """One column: what it holds and its unit, where it has one.

    `kind` is its type, where the entry is also the table's schema; a table function's frame says it itself.
    """

    description: str
    unit: str | None = None
    kind: pl.DataType = field(default_factory=pl.Unknown)


@dataclass(frozen=True)
class TableEntry:
    """One curated table: what a row is, its fields in order, its key, where it comes from and by which rule.

    `imputed` says what stands in it that nobody sent, and for what.
    """

    name: str
    description: str
    fields: dict[str, FieldEntry]
    key: tuple[str, ...]
    source: str
    rule: str
    imputed: str = ""

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns with their types, of a table whose entry gives them."""
        return {name: entry.kind for name, entry in self.fields.items()}


def private(table: Function) -> Function:
    """Mark a table as one that other tables and figures are made from, and that no release contains."""
    table.private = True  # type: ignore[attr-defined]
    return table


def describe(table: Callable[..., Any]) -> TableEntry:
    """Read the entry of a table function.

    Raises ValueError where the docstring lacks its first line, its Fields or its Key.
    """
    name, text = table.__name__, inspect.getdoc(table) or ""
    parts: dict[str, list[str]] = {"": []}
    part = ""
    for line in text.splitlines():
        heading = re.match(r"^(Source|Rule|Imputed|Fields|Key):\s*(.*)$", line)
        if heading:
            part = heading[1]
            parts[part] = [heading[2]]
        else:
            parts[part].append(line)
    fields: dict[str, FieldEntry] = {}
    last = ""
    for line in (raw.strip() for raw in parts.get("Fields", [])):
        match = _FIELD.match(line)
        if match:
            last = match["name"]
            fields[last] = FieldEntry(match["text"], match["unit"])
        elif line and last:
            fields[last] = FieldEntry(f"{fields[last].description} {line}", fields[last].unit)
    key = tuple(name for name in re.split(r"[,\s]+", " ".join(parts.get("Key", []))) if name)
    description = " ".join(line.strip() for line in parts[""] if line.strip())
    if not (description and fields and key):
        raise ValueError(f"The docstring of the table '{name}' needs a first line, 'Fields:' and 'Key:'.")
    said = {heading.lower(): _joined(parts, heading) for heading in ("Source", "Rule", "Imputed")}
    return TableEntry(name, description, fields, key, **said)


def _joined(parts: dict[str, list[str]], heading: str) -> str:
    return " ".join(line.strip() for line in parts.get(heading, []) if line.strip())
