"""Clean rows of every source table, in groups of sources."""

from __future__ import annotations

from collections.abc import Sequence

from tests.expectations.rows import capabilities, mission_report, people, safety
from tests.expectations.rows.cells import Cells

CLEAN: dict[str, Sequence[Cells]] = {
    **people.CLEAN,
    **capabilities.CLEAN,
    **safety.CLEAN,
    **mission_report.CLEAN,
}
