"""What figures.yaml and the published reports beside it may say, as small frozen pydantic models."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from config.dated import Dated, Formerly
from config.labels import Frozen, Label
from config.loader import read_table
from config.printed import printed_number, printed_period

WINDOW = re.compile(r"^(cycle|snapshot|last calendar year|since (?P<since>\d{4}-\d{2}-\d{2}))$")


class Stated(Frozen):
    """What a source states of a figure itself: an SQL aggregate over one of its staged tables."""

    table: str
    value: str


# which missions a figure is of: those that report in the cycle, every peacekeeping operation, closed ones too, or those
# of which the report counts allegations
Scope = Literal["reporting missions", "peacekeeping operations", "missions of the conduct data"]


class Figure(Dated):
    """One number of the report. `where` and `value` are SQL that Polars evaluates over `table`.

    Rows of missions that are not in its `scope` are in no figure; without one it is of all that its source sends.
    `obs_status` names the column with the status of each row, or several, parted by commas.
    """

    priority: int = Field(ge=1, le=7)
    title: Label
    unit: str
    source: str
    table: str
    window: str = "cycle"
    dated_by: str | None = None
    where: str | None = None
    value: str
    by: Literal["mission"] | None = None
    obs_status: str | None = None
    decimals: int = 0
    better: Literal["higher", "lower"] | None = None
    scope: Scope | None = None
    rule: str | None = None
    stated: Stated | None = None
    stated_previous: Stated | None = None
    formerly: Formerly | None = Field(default=None, exclude_if=lambda former: former is None)
    _place: str = PrivateAttr(default="config/figures.yaml")

    @property
    def place(self) -> str:
        """File and line where it stands."""
        return self._place

    @property
    def is_yearly(self) -> bool:
        """Whether it counts a calendar year."""
        return self.window == "last calendar year"

    @field_validator("window")
    @classmethod
    def _window_is_known(cls, window: str) -> str:
        if not WINDOW.match(window):
            raise ValueError(f"'{window}' is no window; allowed: cycle, snapshot, last calendar year, since YYYY-MM-DD")
        return window

    @model_validator(mode="after")
    def _dated(self) -> Figure:
        if self.window.startswith(("since", "last")) and not self.dated_by:
            raise ValueError(f"the window '{self.window}' needs dated_by, the date column it is counted on")
        return self


class ParityTarget(Frozen):
    """The Uniformed Gender Parity Strategy's target for one category in one year, in percent women."""

    category: str
    year: int
    women_pct: float


class PublishedFigure(Frozen):
    """A number as a report printed it, and what the text says with it.

    `printed` is the text (`460k`, `over 5000`), by itself the value's; `previous` is a text too. `share_pct` is of
    `share_of`, a figure or `cycle_days`, as the text says. The last four columns are carried along, and not compared.
    """

    figure: str
    mission: str | None = None
    value: float = Field(allow_inf_nan=False)
    printed: str = ""
    unit: str
    previous: str | None = None
    as_of: date | None = None
    period: str | None = None
    year: int | None = None
    share_pct: str | None = None
    share_of: str | None = None
    priority: str | None = None
    source: str | None = None
    consistent: str | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _printed_as_the_value_is_written(cls, cells: Any) -> Any:
        if isinstance(cells, dict) and "printed" not in cells and "value" in cells:
            return {**cells, "printed": str(cells["value"])}
        return cells

    @field_validator("printed", "previous", "share_pct")
    @classmethod
    def _is_a_number(cls, text: str | None) -> str | None:
        if text is not None:
            printed_number(text)
        return text

    @field_validator("period")
    @classmethod
    def _is_a_period(cls, text: str | None) -> str | None:
        if text is not None:
            printed_period(text)
        return text

    @model_validator(mode="after")
    def _share_of_something(self) -> PublishedFigure:
        if (self.share_pct is None) != (self.share_of is None):
            raise ValueError("share_pct and share_of go together: a share, and what it is a share of")
        return self


def read_published(path: Path) -> tuple[PublishedFigure, ...]:
    """Read the numbers that a report prints, in the form of config/published/README.md.

    Raises ConfigError that names file and line for a mistake.
    """
    return read_table(path, PublishedFigure)
