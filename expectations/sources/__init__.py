"""Business rules by source: what no contract can say. One module a source; `@on(table)` registers a rule."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from config import code_folder, own_code


def register_all() -> None:
    """Import every module of this package, and those of the user's folder, so that their rules are registered.

    Raises ConfigError, with file and line, for a mistake in one of the user's.
    """
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    own_code.modules("rules", code_folder())
