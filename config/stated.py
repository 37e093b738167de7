"""What a source states of its own data: totals, shares, periods, and how its numbers go together."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.labels import Frozen


class TotalRow(Frozen):
    """A row that states the sums of the others: the one whose `column` says `says`."""

    column: str
    says: str
    of: tuple[str, ...]


class Total(Frozen):
    """A column that states the sum of other columns of its row."""

    column: str
    parts: tuple[str, ...]


class Share(Frozen):
    """A column that states, in percent, what share `part` is of `base`: a column, or `days_of_cycle`."""

    column: str
    part: str
    base: str


class CountedShare(Frozen):
    """A column that states, in percent, what share of the people, or things, that `base` counts is meant.

    How many these are stands nowhere; it is a whole number.
    """

    column: str
    base: str


class Rate(Frozen):
    """How many of `column` there may be for each of `per`, a column or `days_of_cycle`; others are asked about."""

    column: str
    per: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Rate:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a rate needs at_least, at_most or both")
        return self


class Period(Frozen):
    """Two columns that state the first and last day of the period a row is about."""

    from_: str = Field(alias="from")
    to: str


class Statement(Frozen):
    """Something that a source states and that its own data must bear out; exactly one of these."""

    total_row: TotalRow | None = None
    total: Total | None = None
    share: Share | None = None
    counted_share: CountedShare | None = Field(default=None, exclude_if=lambda stated: stated is None)
    rate: Rate | None = Field(default=None, exclude_if=lambda stated: stated is None)
    period: Period | None = None

    @model_validator(mode="after")
    def _states_one_thing(self) -> Statement:
        kinds = ("total_row", "total", "share", "counted_share", "rate", "period")
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            raise ValueError(f"a statement is exactly one of {', '.join(kinds)}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the statement names."""
        if self.total_row:
            return (self.total_row.column, *self.total_row.of)
        if self.total:
            return (self.total.column, *self.total.parts)
        if self.share:
            named: tuple[str, ...] = (self.share.column, self.share.part, self.share.base)
        elif self.counted_share:
            named = (self.counted_share.column, self.counted_share.base)
        elif self.rate:
            named = (self.rate.column, self.rate.per)
        else:
            assert self.period
            named = (self.period.from_, self.period.to)
        return tuple(column for column in named if column != "days_of_cycle")
