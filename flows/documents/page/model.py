"""What the page is made of: cells, small tables, footnotes, and a release's tables with what is known about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from config import Config, Cycle
from config.overrides import WHOLE
from flows.documents import words

Tables = Mapping[str, pl.DataFrame]
Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    `mark` is the letter of a footnote. `kind` says whether it is a number, a word for no number, yes or no, or a
    heading that the row above has too. `symbol` stands before the text and says the same, coloured by `tone`; where
    it stands alone, `spoken` says it to those who listen.
    """

    text: str
    mark: str = ""
    kind: Literal["", "number", "absent", "yes", "no", "again"] = ""
    note: str = ""
    alarming: bool = False
    symbol: str = ""
    tone: Literal["", "good", "bad", "low", "medium", "high"] = ""
    spoken: str = ""


@dataclass(frozen=True)
class Grid:
    """A small table; the first cell of each row is its heading.

    The last `totals` rows are of the whole. `stacked` is for long texts: on a narrow screen each row is a block.
    `upright` is for many narrow columns: the headings from the third on stand upright.
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    note: str = ""
    source: str = ""
    totals: int = 0
    stacked: bool = False
    upright: bool = False
    kind: str = "grid"

    @property
    def wide(self) -> bool:
        """Whether it needs the whole width of the page."""
        return self.stacked or len(self.columns) > 5

    @property
    def long(self) -> bool:
        """Whether it may go over from one printed page to the next."""
        return len(self.rows) > 14

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers, and so stand to the right."""
        return tuple(any(row[at].kind == "number" for row in self.rows) for at in range(len(self.columns)))


@dataclass
class Notes:
    """The footnotes of a section: the same text has the same letter."""

    prefix: str
    texts: list[str] = field(default_factory=list)

    def mark(self, text: str) -> str:
        """Return the letter of a footnote, a new one where the text is new."""
        if text not in self.texts:
            self.texts.append(text)
        at = self.texts.index(text)
        return chr(ord("a") + at) if at < 26 else f"a{at - 25}"

    def of_status(self, status: str | None) -> str:
        """Return the letter of the footnote for an observation status; nothing for a normal one."""
        return self.mark(words.MEANING[status]) if status in words.MEANING else ""

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Letters with their texts."""
        return [(self.mark(text), text) for text in self.texts]


@dataclass
class Release:
    """The tables of a release with what is known about their sources; those that are `left_out` have no rows."""

    config: Config
    cycle: Cycle
    tables: Tables
    left_out: Sequence[str] = ()
    earlier: pl.DataFrame | None = None

    def before(self, name: str) -> dict[int, float | None]:
        """Return the whole of a figure, by its name, in each cycle before, by their numbers."""
        if self.earlier is None:
            return {}
        own = self.earlier.filter(pl.col("figure") == name, pl.col("mission") == WHOLE)
        return dict(own.select("cycle", "value").iter_rows())

    def frame(self, table: str) -> pl.DataFrame | None:
        """Return a table, its rows of this cycle where it has cycles; None where there is none, or no row of it."""
        frame = self.tables.get(table)
        if frame is None or frame.is_empty():
            return None
        if "cycle" in frame.columns:
            frame = frame.filter(pl.col("cycle") == self.cycle.number)
        return None if frame.is_empty() else frame

    def rows(self, table: str) -> list[Row]:
        """Return what `frame` does as rows; for tables with a row for each finding that is too slow."""
        frame = self.frame(table)
        return [] if frame is None else list(frame.iter_rows(named=True))

    def source(self, name: str) -> str:
        """Return a source in words: its title and owner."""
        contract = self.config.contracts.get(name)
        return f"{contract.title} ({contract.owner})" if contract else name

    def owner(self, name: str) -> str:
        """Return who answers for a source."""
        contract = self.config.contracts.get(name)
        return contract.owner if contract else name

    def figure(self, name: str) -> Row | None:
        """Return a figure for the whole of peacekeeping, by its name."""
        rows = (row for row in self.rows("figures") if (row["figure"], row["mission"]) == (name, "ALL"))
        return next(rows, None)

    def as_of(self, name: str) -> date | None:
        """Return the last day that a figure counts."""
        figure = self.figure(name)
        as_of: date | None = figure["as_of"] if figure else None
        return as_of
