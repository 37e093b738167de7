"""Great Expectations' verdicts on Polars frames, without copying a frame to pandas or a value into a result.

Importing this imports Great Expectations, which takes seconds: import it late, after
`expectations.seldom_used.load_great_expectations()`, which spares a third of them.
"""

from __future__ import annotations

from expectations.engine import asked
from expectations.engine.listed_once import ExpectCompoundColumnsToBeListedOnce
from expectations.engine.validation import Outcome, validate

__all__ = ["ExpectCompoundColumnsToBeListedOnce", "Outcome", "asked", "validate"]
