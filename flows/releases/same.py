"""What of a release has to be the same for two of them to be one, and for one to take the place of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from flows.core.records import hashes_in
from flows.releases.make.numbered import unnumbered

# what changed since the release before; of every release, and no part of what releases are compared by
CHANGES = "changes.json"
_SINCE = (CHANGES, "changes.html")


def content_of(description: dict[str, Any]) -> dict[str, Any]:
    """Return a descriptor without what made the release: code that changed and still makes the same is no news.

    What changed since another release is no part of a release's own content either, nor is its number in its files.
    """
    resources = [
        {key: said for key, said in one.items() if key not in ("hash", "bytes", "unnumbered")} | {"is": unnumbered(one)}
        for one in description["resources"]
        if one["path"] not in _SINCE
    ]
    said = {key: said for key, said in description["a4p"].items() if key not in ("pipeline", "lineage")}
    return {**description, "resources": resources, "a4p": said}


def data_of(description: dict[str, Any], files: Sequence[str] | None = None) -> dict[str, Any]:
    """Return what readers take from a release: its tables, what they are made of, how far they can be relied on.

    `files` are those that it uses, in one word each, where more is known of them than the descriptor says.
    """
    # the Parquet files hold the same rows, and tell besides which release they are of, its licence, what columns are
    tables = {path: of for path, of in hashes_in(description).items() if PurePosixPath(path).match("tables/*.csv")}
    said = description["a4p"]
    used = files_of(description) if files is None else list(files)
    return {"tables": tables, "files": used, **{key: said.get(key) for key in ("status", "missing", "as_of")}}


def files_of(description: Mapping[str, Any]) -> list[str]:
    """Return each file that a release uses, in one word, as far as its descriptor says; all of its sources else."""
    # releases of 0.5.0 do not say which of their sources they used
    return description["a4p"].get("lineage", {}).get("in_use") or sorted(
        "/".join(filter(None, (one["title"], one.get("mission"), one["hash"].removeprefix("sha256:"))))
        for one in description.get("sources", [])
    )
