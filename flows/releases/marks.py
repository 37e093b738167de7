"""What stands beside releases: marks that lead readers past those withdrawn (when, to which one, why), and claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from config import Cycle
from flows.core.errors import StoreError
from flows.stores import Store, checked
from flows.stores.checked import Damaged


def names(store: Store, cycle: Cycle) -> list[str]:
    """Return the names of the releases of a cycle that are marked as withdrawn."""
    return [PurePosixPath(entry.path).stem for entry in store.entries(f"releases/{cycle.folder}/withdrawn")]


def path(cycle: Cycle, name: str) -> str:
    """Return the path of the file that marks a release as withdrawn."""
    return f"releases/{cycle.folder}/withdrawn/{name}.json"


def read(store: Store, cycle: Cycle, name: str) -> dict[str, Any]:
    """Return what the mark of a release says. Raises StoreError where it is damaged."""
    where = path(cycle, name)
    try:
        said = checked.read_json(store, where, checked.OBJECT)
        if all(isinstance(said[part], str) for part in ("on", "to", "why")):
            return said
    except (Damaged, KeyError):
        pass
    raise StoreError(f"The file {store.at(where)} is damaged; remove it and bring it back with: a4p restore")


def in_words(mark: Mapping[str, str]) -> str:
    """Say when a release was withdrawn, and why."""
    return f"on {mark['on'][:10]}{': ' if mark['why'] else ''}{mark['why']}"


def claim_problems(store: Store, cycle: Cycle) -> Iterator[str]:
    """Say of each claim on a release's number whether it is damaged."""
    for path in sorted(entry.path for entry in store.entries(f"releases/{cycle.folder}/claims")):
        try:
            checked.read_json(store, path, checked.OBJECT)
        except Damaged:
            yield f"{path} is damaged; remove it, for a release that is out does without."
