"""What is printed: a console that keeps what it is given, numbers, and frames as CSV or JSON."""

from __future__ import annotations

import io
import json

import polars as pl
from rich.console import Console

from flows import frames


def console() -> Console:
    """Return a console whose text is kept, as wide as the terminal."""
    # a width is set where the output is no terminal, so that tables are not cut at 80 columns
    width = None if Console().is_terminal else 200
    return Console(file=io.StringIO(), width=width or Console().width, highlight=False, soft_wrap=False)


def text(of: Console) -> str:
    """Return what was printed on such a console."""
    assert isinstance(of.file, io.StringIO)
    return "\n".join(line.rstrip() for line in of.file.getvalue().rstrip().splitlines())


def number(value: float | None) -> str:
    """Return a number with thousands separators; nothing where there is none."""
    return "" if value is None else f"{value:,.10g}"


def as_data(frame: pl.DataFrame, form: str) -> str:
    """Return a frame as CSV or JSON."""
    if form == "csv":
        return frames.as_text(frame).write_csv()
    return json.dumps(json.loads(frame.write_json()), indent=2, ensure_ascii=False) + "\n"
