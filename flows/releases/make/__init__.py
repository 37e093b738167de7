"""The making of a release: curated tables, what is withheld, the files, and what describes them."""

__all__ = ["build", "curate", "descriptor", "lineage", "linked_data", "withhold"]
