"""What of a release is not for everybody: an edition for each audience that may read more, in a place of its own.

    releases/cycle-05/r001/…              page, workbook and quality/ tables, under the release's own number
    releases/cycle-05/r001/edition.json   written last: for whom it is, and the hash of each file

It is in its place before readers see the release. config/audiences.yaml says which tables it has; the internal one has
all that are not public. Releases of 0.5.0 have these tables in the public store.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import polars as pl
from pydantic import BaseModel, TypeAdapter, ValidationError

from config import Config, ConfigError
from config.audiences import Audience
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotReadable, NotThere, StoreError
from flows.core.records import Release
from flows.releases import shelf
from flows.releases.make.numbered import numbered
from flows.stores import Store, checked
from flows.stores.from_settings import Places

NAME = "edition.json"
_LOST = (
    "where that is a place of its own bring it back with a4p restore, else from a backup; a4p refresh makes it again "
    "for the release that readers see"
)


class Edition(BaseModel):
    """For whom an edition is, the hash of each of its files, and that without the release's number in it."""

    audience: Audience
    files: dict[str, str]
    unnumbered: dict[str, str]


_EDITION = TypeAdapter(Edition)


def places(config: Config, there: Places) -> dict[Audience, Store]:
    """Return where the edition of each audience goes that the configuration has something for.

    Raises ConfigError where that place is not named.
    """
    found: dict[Audience, Store] = {}
    for audience in config.audiences.apart():
        place = there.internal if audience == "internal" else there.members
        if place is None:
            raise ConfigError(
                "config/audiences.yaml has tables for Member States alone, and no setting says where these go; name a "
                "place in A4P_MEMBERS_URI."
            )
        found[audience] = place
    return found


def put(path: str, audience: Audience, files: Mapping[str, bytes], place: Store) -> None:
    """Write the edition of a release, whose path in its store is given; what is there and the same is left alone.

    In: its files, with NUMBER in place of the release's number. Raises StoreError where the place fails.
    """
    unnumbered = {name: hash_of(data) for name, data in files.items()}
    if _is_of(place, path, unnumbered):
        return
    whole = {**files, **numbered(files, path.rpartition("/")[2])}
    hashes = {name: hash_of(data) for name, data in whole.items()}
    for name, data in whole.items():
        place.write_soon(f"{path}/{name}", data)
    place.finish()
    checked.write_json(place, f"{path}/{NAME}", {"audience": audience, "files": hashes, "unnumbered": unnumbered})


def content(files: Mapping[str, bytes]) -> str:
    """Return a hash of all files of an edition, by which two releases are told apart that are alike for the public."""
    return hash_of(as_json({name: hash_of(files[name]) for name in sorted(files)}))


def read_table(of: Release, table: str, public: Store, internal: Store) -> pl.DataFrame:
    """Return a table in which a release says what it was made of, from where it lies.

    Raises StoreError where it is not there, may not be read, or is not what was written.
    """
    if _in_public(of, table) or not has_edition(of):
        return shelf.read_table(public, of, table)
    path = f"quality/{table}.parquet"
    data = internal.read(f"{of.path}/{path}")
    if hash_of(data) != read(of, internal).files.get(path):
        raise StoreError(f"The file {internal.at(f'{of.path}/{path}')} is not the one that was written; {_LOST}.")
    return pl.read_parquet(io.BytesIO(data))


def tables(of: Release, internal: Store) -> tuple[str, ...]:
    """Return the names of the tables that the internal edition of a release has; none for who may not read there."""
    try:
        names = read(of, internal).files if has_edition(of) else {}
    except (NotReadable, NotThere):
        return ()
    return tuple(name.split("/")[1].removesuffix(".parquet") for name in names if name.startswith("quality/"))


def has_edition(of: Release, audience: Audience = "internal") -> bool:
    """Tell whether there is more of a release for an audience than everybody may read."""
    return audience in of.descriptor["a4p"].get("apart", {})


def read(of: Release, place: Store) -> Edition:
    """Return what an edition of a release has. Raises NotThere, and Damaged."""
    return checked.read_json(place, f"{of.path}/{NAME}", _EDITION, _LOST)


def says(document: bytes | None) -> Edition | None:
    """Return what the bytes of an edition's document say; None where there are none, or they are damaged."""
    try:
        said = checked.without_checksum(document or b"")
        return _EDITION.validate_json(said) if said is not None else None
    except ValidationError:
        return None


def contents(of: Release, internal: Store) -> dict[str, str]:
    """Return the hash of each file of the internal edition as it is without the release's number in it."""
    return {f"internal {name}": digest for name, digest in read(of, internal).unnumbered.items()}


def problems(of: Release, place: Store) -> Iterator[str]:
    """Say of each file of an edition whether it is missing, or not what was written."""
    try:
        files = read(of, place).files
    except (NotThere, checked.Damaged):
        yield f"The file {place.at(f'{of.path}/{NAME}')} is missing or damaged; {_LOST}."
        return
    for name, wanted in sorted(files.items()):
        path = f"{of.path}/{name}"
        try:
            if hash_of(place.read(path)) != wanted:
                yield f"The file {place.at(path)} is not the one that was written; {_LOST}."
        except NotThere:
            yield f"The file {place.at(path)} is missing; {_LOST}."


def _is_of(place: Store, path: str, unnumbered: Mapping[str, str]) -> bool:
    """Tell whether the edition there is of these files, and whole; to put the number into them takes seconds."""
    try:
        known = checked.read_json(place, f"{path}/{NAME}", _EDITION)
    except (NotThere, checked.Damaged):
        return False
    files = known.files
    return known.unnumbered == unnumbered and not any(_unlike(place, f"{path}/{name}", files[name]) for name in files)


def _unlike(place: Store, path: str, wanted: str) -> bool:
    return not checked.is_whole(place, path, wanted)


def _in_public(of: Release, table: str) -> bool:
    return any(f"{folder}/{table}.parquet" in of.hashes for folder in ("tables", "quality"))
