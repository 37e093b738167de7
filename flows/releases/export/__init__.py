"""A release, or the tables of all cycles, as a single file for somebody who wants one: DuckDB, SQLite or ZIP.

It is no part of a release and lies in no store: a database's bytes are not the same twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config import Config, ConfigError
from flows.core.errors import StoreError
from flows.core.records import Release
from flows.releases.export import as_duckdb, as_sqlite, as_zip, content
from flows.stores import Store, for_people

__all__ = ["Exported", "Form", "form_of", "write"]

Form = Literal["duckdb", "sqlite", "zip"]
_ENDINGS: Mapping[str, Form] = {
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".zip": "zip",
}
_PART = ".part"


@dataclass(frozen=True)
class Exported:
    """A file that was written: where, of which releases by the number of their cycle, and how many tables it has."""

    file: Path
    releases: Mapping[int, str]
    tables: int


def form_of(file: Path) -> Form:
    """Return the form that a file's name tells. Raises ConfigError where it tells none."""
    form = _ENDINGS.get(file.suffix.lower())
    if form is None:
        raise ConfigError(f"'{file.name}' ends in none of {', '.join(_ENDINGS)}; name the file by what it is to be.")
    return form


def write(
    file: Path, form: Form, public: Store, config: Config, release: Release | None = None, *, replace: bool = False
) -> Exported:
    """Write a release as a file, or the tables of all cycles where none is given; whole or not at all.

    Raises ConfigError where the file is there and not to be replaced, its folder is not there, there is no release, or
    DuckDB is not installed; StoreError where a file of the store is not what was published, or the disk fails.
    """
    if file.exists() and (file.is_dir() or not replace):
        way = "name another" if file.is_dir() else "name another, or give --replace"
        raise ConfigError(f"There is {file} already; {way}.")
    given = content.of_release(public, release) if release else content.of_all(public, config)
    makers: Mapping[Form, Callable[[Path, content.Content], None]] = {
        "duckdb": as_duckdb.write,
        "sqlite": as_sqlite.write,
        "zip": as_zip.write,
    }
    part = file.with_name(file.name + _PART)
    part.unlink(missing_ok=True)
    try:
        makers[form](part, given)
        os.replace(part, file)
    except OSError as error:
        if not file.absolute().parent.is_dir():
            raise ConfigError(f"{file} cannot be written: it is in no folder that there is.") from None
        # DuckDB and SQLite do not tell what is wrong with the disk
        raise for_people.failed(error) or StoreError(
            f"{file} cannot be written; make room on its disk, or allow this user to write there, and run this again."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return Exported(file, {one.cycle: one.name for one in given.releases}, len(given.tables))
