"""What came and what is missing, what was found and what was mended, and how each source stands."""

__all__ = [
    "accepted",
    "board",
    "completeness",
    "earlier",
    "erasures",
    "ledger",
    "outbox",
    "questions",
    "record",
    "scorecard",
    "told",
]
