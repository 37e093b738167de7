"""The SQL that DuckDB and SQLite have in common: names, texts, and how a table is made with its keys."""

from __future__ import annotations

from collections.abc import Mapping

from flows.releases.export.content import Exported


def named(name: str) -> str:
    """Return a name as it is written in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Return a text as it is written in SQL."""
    return "'" + text.replace("'", "''") + "'"


def created(table: Exported, kinds: Mapping[str, str]) -> str:
    """Return the statement that makes a table, with its key and references; `kinds` has the type of each column."""
    parts = [f"{named(name)} {kind}{' NOT NULL' if name in table.key else ''}" for name, kind in kinds.items()]
    if table.key:
        parts.append(f"PRIMARY KEY ({', '.join(map(named, table.key))})")
    parts += [
        f"FOREIGN KEY ({named(column)}) REFERENCES {named(other)} ({named(key)})"
        for column, (other, key) in table.refers.items()
    ]
    return f"CREATE TABLE {named(table.name)} ({', '.join(parts)})"
