"""The making of a release: curated tables, what is withheld, the files, and what describes them.

`build` puts the files together, from `curate`, `withhold`, the documents and the descriptor. It reads no clock, so that
the same input gives the same bytes.
"""

__all__ = ["build", "curate", "descriptor", "lineage", "tables", "withhold"]
