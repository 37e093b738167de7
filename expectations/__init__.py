"""What must hold of the data: contracts and business rules as Great Expectations' expectations, and their findings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

# Great Expectations imports them for one expectation and for pictures, and that takes a second
_SELDOM_USED = frozenset({"scipy.stats", "altair"})


class _WhenUsed:
    """Finds modules that are to be loaded when something of them is first used, and not where they are imported."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return such a module's specification; None for every other one."""
        spec = PathFinder.find_spec(name, path, target) if name in _SELDOM_USED else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, _WhenUsed)
