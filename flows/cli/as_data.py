"""A table as data for other programs."""

from __future__ import annotations

import json

import polars as pl

from flows.stores import frames


def as_data(frame: pl.DataFrame, form: str) -> str:
    """Return a frame as CSV or JSON."""
    if form == "csv":
        return frames.as_text(frame).write_csv()
    return f"{json.dumps(json.loads(frame.write_json()), indent=2, ensure_ascii=False)}\n"
