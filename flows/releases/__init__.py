"""Making a release, and living with it: the shelf, what changed, where a figure comes from, copies, the database.

It may name intake, documents, stores and core, but not feedback, which stands beside it. A release that is out is never
changed: what is wrong with it is withdrawn or followed by another. Figures and tables are worked out in transforms, and
only put together here.
"""

__all__ = [
    "compare",
    "copies",
    "copies_apart",
    "decided",
    "deciding",
    "editions",
    "explain",
    "export",
    "filling",
    "lookup",
    "made_with",
    "make",
    "marks",
    "news",
    "postgres",
    "proof",
    "same",
    "series",
    "shelf",
    "shown",
    "verify",
    "withdrawals",
]
