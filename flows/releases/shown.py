"""What readers see of all releases together: the tables of all cycles, and the list of releases."""

from __future__ import annotations

from config import Config
from flows.releases import all_cycles, index
from flows.stores import Store


def show(public: Store, config: Config) -> None:
    """Make all of it that of the releases that there are, after each that came or was withdrawn. Raises StoreError."""
    all_cycles.show(public, config)
    index.show(public, config)
