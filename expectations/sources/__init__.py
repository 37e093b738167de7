"""Business rules by source: what no contract can say. One module a source; `@on(table)` registers a rule."""

from __future__ import annotations

import pkgutil
from importlib import import_module


def register_all() -> None:
    """Import every module of this package, so that its rules are registered."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
