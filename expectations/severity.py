"""How severe a finding is, worst first: the one order in which findings are told and counted.

`critical` refuses the row or the file, `warning` keeps it and is to be looked at, `info` is for the record.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
# what a source is asked to look at
TO_MEND: tuple[Severity, ...] = ("critical", "warning")


def rank(severity: str | None) -> int:
    """Return the place of a severity, 0 for the worst; one that is not known comes last."""
    return next((at for at, known in enumerate(SEVERITIES) if known == severity), len(SEVERITIES))


def worst_first() -> pl.Expr:
    """Return what to sort findings by."""
    order = {severity: at for at, severity in enumerate(SEVERITIES)}
    return pl.col("severity").replace_strict(order, default=len(order), return_dtype=pl.Int8)


def to_mend() -> pl.Expr:
    """Return the condition for findings that a source is asked to look at."""
    return pl.col("severity").is_in(TO_MEND)


def critical_and_open() -> pl.Expr:
    """Return the condition for findings that refuse something, and that nobody lets stand."""
    return (pl.col("severity") == "critical") & pl.col("waived").is_null()
