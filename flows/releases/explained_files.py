"""From which files a release was made: by the private store, and where that is not at hand, as its descriptor tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from config.overrides import WHOLE
from flows.core.errors import NotThere, StoreError
from flows.core.records import Release
from flows.releases.make import lineage
from flows.stores import Store, checked, frames

FILES: dict[str, pl.DataType] = {
    "source": pl.String(),
    "mission": pl.String(),
    "file": pl.String(),
    "received_at": pl.String(),
    "sha256": pl.String(),
}


def made_of(of: Release, private: Store) -> tuple[Mapping[str, Any], str]:
    """Return what a release was made of, else what its descriptor tells and why it is no more; raises Damaged."""
    try:
        return lineage.making(of.descriptor, private), ""
    except checked.Damaged:
        raise
    except StoreError as error:
        return lineage.as_told(of.descriptor), _why_not(error, str(lineage.place(of.descriptor)), private)


def _why_not(error: StoreError, path: str, private: Store) -> str:
    """Say why a file of the private store cannot be had."""
    if not isinstance(error, NotThere):
        return str(error).rstrip(".")
    if not private.children():
        return f"the private store {private.uri} is not there; A4P_PRIVATE_URI says where it is"
    return f"the private store does not have {path} any more; {checked.MADE_AGAIN}"


def staged(paths: Mapping[str, str | None], private: Store) -> tuple[dict[str, pl.DataFrame], str]:
    """Return the accepted rows of tables, and why they cannot be had where that is so; raises Damaged."""
    found = {}
    for table, path in paths.items():
        try:
            if path:
                found[table] = frames.scan(private, path).collect()
        except checked.Damaged:
            raise
        except StoreError as error:
            return {}, _why_not(error, str(path), private)
    return found, ""


def files(making: Mapping[str, Any], sources: Collection[str], mission: str) -> pl.DataFrame:
    """Return from which files of some sources a release was made, as FILES says, or of one mission alone.

    Where the private store does not tell, they have no names, and keyed hashes.
    """
    rows = [
        (
            one["title"],
            one.get("mission"),
            one.get("path", "").rpartition("/")[2],
            one["received_at"],
            one["hash"].removeprefix("sha256:"),
        )
        for one in making["sources"]
        if one["title"] in sources and (mission == WHOLE or one.get("mission") in (None, mission))
    ]
    return pl.DataFrame(rows, schema=FILES, orient="row")
