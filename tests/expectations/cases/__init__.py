"""What trips each rule on rows, in groups of sources: each module beside this one has CASES."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.expectations.cases.case import MARK, Case
from tests.expectations.rows import CLEAN

__all__ = ["CASES", "MARK", "Case"]

GROUPS = sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"case"})
CASES = [
    *(Case(table, "row_has_a_cell_for_each_column", "critical", None, shifted=True) for table in CLEAN),
    *(case for group in GROUPS for case in import_module(f"{__name__}.{group}").CASES),
]
