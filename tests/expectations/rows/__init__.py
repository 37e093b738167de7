"""Clean rows of every source table, in groups of sources: each module beside this one has a CLEAN."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module

from tests.expectations.rows.cells import Cells

GROUPS = sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"cells"})
CLEAN: dict[str, Sequence[Cells]] = {}
for _group in GROUPS:
    CLEAN |= import_module(f"{__name__}.{_group}").CLEAN
