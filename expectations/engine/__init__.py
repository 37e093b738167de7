"""Great Expectations' verdicts on Polars frames, without copying a frame to pandas or a value into a result.

Importing this imports Great Expectations, which takes seconds: import it late.
"""

from __future__ import annotations

from expectations import seldom_used
from expectations.engine.listed_once import ExpectCompoundColumnsToBeListedOnce
from expectations.engine.validation import Outcome, validate

__all__ = ["ExpectCompoundColumnsToBeListedOnce", "Outcome", "validate"]

# Great Expectations is here
seldom_used.as_usual()
