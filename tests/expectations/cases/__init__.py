"""What trips each rule on rows, in groups of sources."""

from __future__ import annotations

from tests.expectations.cases import capabilities, mission_report, people, safety
from tests.expectations.cases.case import MARK, Case
from tests.expectations.rows import CLEAN

__all__ = ["CASES", "MARK", "Case"]

CASES = [
    *(Case(table, "row_has_a_cell_for_each_column", "critical", None, shifted=True) for table in CLEAN),
    *people.CASES,
    *capabilities.CASES,
    *safety.CASES,
    *mission_report.CASES,
]
