"""The story of a refresh: which steps it has, by which keys their results are known again, and who watches.

It may name feedback, releases, intake, documents, stores and core. It knows neither Prefect nor Dask: the way to run a
step is handed to it (`flows.core.steps`). It works nothing out itself, and what watches it never stops it.
"""

__all__ = ["clean", "erasing", "rebuild", "story", "watching"]
