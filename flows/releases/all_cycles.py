"""The tables of all cycles together, as readers see them now, under names that do not change.

    current/all/tables/…        each table over the newest releases of all cycles, nothing in it counted twice;
                                `figure_series` among them, which is of no cycle
    current/all/releases.json   written after them: of which releases, of which contents, and the hash of each file

They are of no release: each release is whole without them, and they can be made again from releases at any time. Who
dies among them leaves the file that says what they are behind, so that the next one makes right what is not.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Config
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotThere, NotWhole
from flows.documents import dictionary
from flows.releases.make.table_files import said_by, table_files
from flows.stores import Store, checked
from transforms import series
from transforms.dictionary import TableEntry
from transforms.figures import former_names
from transforms.over_cycles import together

FOLDER = "current/all"
TOLD = "releases.json"
_TOLD = f"{FOLDER}/{TOLD}"
_FIGURES = "figures"
# what a table of all cycles says of itself as the newest cycle's does
_AS_THE_NEWEST = ("licence", "publisher")

# of what a table is made that is being written
_UNSURE = {"of": ""}
# what `current/` shows, by cycle: the release, where it lies, the hash of each file
Shown = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Part:
    """A table as a cycle has it: the release that it is of, where it lies, its hash, and that of its content alone."""

    release: str
    path: str
    digest: str
    content: str


# the parts of a table, by the number of the cycle
_Parts = Mapping[int, _Part]


def show(store: Store, config: Config) -> None:
    """Make the tables of all cycles those of the releases that readers are led to; only what changed is made anew.

    Of a table that cannot be read in some cycle there is none, since an old one would be worse; `a4p verify` tells why.
    Raises StoreError where the store fails.
    """
    made = None
    # of several publishers at work the last one leaves the newest there, whoever wrote in between
    while (shown := _shown(store)) != made:
        wanted, known = _contents(shown, config), _told(store)
        there = {entry.path.removeprefix(f"{FOLDER}/") for entry in store.entries(FOLDER)}
        kept = {
            name: said
            for name, said in known.items()
            if name in wanted and said["of"] == _made_of(name, wanted[name], config) and set(said["files"]) <= there
        }
        releases = {folder: said["release"] for folder, said in shown.items()}
        changing = {name: _UNSURE | {"files": _files_of(name)} for name in {*wanted, *known} - kept.keys()}
        # whoever comes after one that stops half-way knows by it what to make again, and what to remove
        if changing:
            _tell(store, releases, kept | changing)
        missing = wanted.keys() - kept.keys()
        new = {name: said for name in sorted(missing) if (said := _made(store, name, wanted[name], config))}
        # one that is no more is better missing than old
        for path in {path for name in changing.keys() - new.keys() for path in _files_of(name)} & there:
            store.delete(f"{FOLDER}/{path}")
        store.finish()
        if not _tell(store, releases, kept | new) and not changing:
            return
        made = shown
        store.look_again("current")


def problems(store: Store) -> Iterator[str]:
    """Say of each file whether it is missing, or not what was written; nothing where there is none yet."""
    known = _told(store)
    if not known and store.exists(_TOLD):
        yield f"{_TOLD} is damaged; run a4p refresh to put it right."
    for said in known.values():
        for path, wanted in said["files"].items():
            if (data := _read(store, f"{FOLDER}/{path}")) is None:
                yield f"{FOLDER}/{path} is missing; run a4p refresh to put it right."
            elif hash_of(data) != wanted:
                yield f"{FOLDER}/{path} is not what was written; remove it, and run a4p refresh."


def _shown(store: Store) -> dict[str, dict[str, Any]]:
    """Return what each cycle's `release.json` in `current/` says, by the folder of the cycle."""
    found = {}
    for path in sorted(entry.path for entry in store.entries("current")):
        where = PurePosixPath(path)
        if where.name == "release.json" and where.parent.name.startswith("cycle-") and (data := _read(store, path)):
            try:
                said = json.loads(checked.without_checksum(data) or b"")
                parts = {part: said[part] for part in ("release", "uri", "hashes")}
                found[where.parent.name] = {**parts, "contents": said.get("contents", {})}
            except (ValueError, KeyError, TypeError):
                continue  # one of 0.5.0, or damaged: the next refresh of that cycle writes it
    return found


def _contents(shown: Shown, config: Config) -> dict[str, dict[int, _Part]]:
    """Return the parts of each table."""
    of: dict[str, dict[int, _Part]] = {}
    for folder, said in shown.items():
        for path, digest in said["hashes"].items():
            where = PurePosixPath(path)
            if where.suffix == ".parquet" and where.parent.name == "tables":
                number = int(folder.removeprefix("cycle-"))
                content = said["contents"].get(path, digest)
                of.setdefault(where.stem, {})[number] = _Part(said["release"], f"{said['uri']}/{path}", digest, content)
    known = {number: part for number, part in of.get(_FIGURES, {}).items() if number in config.cycles}
    return of | ({series.NAME: known} if known else {})


def _made_of(name: str, of: _Parts, config: Config) -> str:
    """Return a hash of all that a table is made of: what is in each cycle, and how cycles go together."""
    entry = _entry(name)
    # how cycles go together, and what the file says of itself
    way: Any = repr(entry)
    if name == series.NAME:
        # it names the releases, and each figure as it is called now
        figures = (config.as_written or config).figures
        for number, part in sorted(of.items()):
            way += f" {number} {part.release} {former_names(figures, config.cycles[number], ever=True)}"
    contents = {str(number): part.content for number, part in sorted(of.items())}
    return hash_of(as_json({"way": way, "contents": contents}))


def _made(store: Store, name: str, of: _Parts, config: Config) -> dict[str, Any] | None:
    """Make a table; return what it is made of, and the hash of each file. None where one of a cycle is no more."""
    tables: dict[int, pl.DataFrame] = {}
    newest: dict[str, str] = {}
    for number, part in sorted(of.items()):
        data = _read(store, part.path)
        if data is None or hash_of(data) != part.digest:
            return None
        tables[number] = pl.read_parquet(io.BytesIO(data))
        newest = said_by(data)
    about = {part: newest[part] for part in _AS_THE_NEWEST if part in newest}
    about |= {"title": "A4P+ report, all cycles", "cycles": ", ".join(map(str, tables))}
    entry = _entry(name)
    files = table_files({name: _together(name, tables, of, config)}, {name: entry} if entry else None, about)
    for path, data in files.items():
        store.write_soon(f"{FOLDER}/{path}", data)
    return {"of": _made_of(name, of, config), "files": {path: hash_of(data) for path, data in files.items()}}


def _together(name: str, tables: Mapping[int, pl.DataFrame], of: _Parts, config: Config) -> pl.DataFrame:
    if name != series.NAME:
        return together(tables, _entry(name))
    released = ((config.cycles[number], of[number].release, table) for number, table in tables.items())
    return series.over_cycles(released, (config.as_written or config).figures)


def _entry(name: str) -> TableEntry | None:
    return series.ENTRY if name == series.NAME else dictionary.entries().get(name)


def _files_of(name: str) -> dict[str, str]:
    return {f"tables/{name}.{form}": "" for form in ("csv", "parquet")}


def _tell(store: Store, releases: Mapping[str, str], tables: Mapping[str, Mapping[str, Any]]) -> bool:
    """Write what is told of the tables; tell whether that was new."""
    data = checked.with_checksum(
        as_json({"releases": releases, "tables": {name: tables[name] for name in sorted(tables)}})
    )
    new = _read(store, _TOLD) != data
    if new:
        store.write(_TOLD, data)
    return new


def _told(store: Store) -> dict[str, Any]:
    """Return what was written last, by table; nothing where there is none that can be read."""
    try:
        said: dict[str, Any] = json.loads(checked.without_checksum(_read(store, _TOLD) or b"") or b"")["tables"]
        if all(isinstance(one["files"], dict) and "of" in one for one in said.values()):
            return said
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return {}


def _read(store: Store, path: str) -> bytes | None:
    try:
        return store.read(path)
    except (NotThere, NotWhole):
        return None
