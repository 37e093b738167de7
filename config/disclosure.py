"""How far each curated table may be broken down, and which of its small cells are withheld: what disclosure.yaml says.

A table of a strictly confidential source must stand there. A table with a threshold asks for its small cells to be
suppressed; what is said of its totals is what a reader can subtract from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from config.dated import Dated
from config.errors import ConfigError
from config.figures import Figure
from config.labels import Frozen
from config.loader import Document, parse
from config.models import Name
from config.overrides import Owner, Said

ReleaseName = Annotated[str, StringConstraints(pattern=r"^cycle-\d{2}/r\d{3,}$")]


class ShownIn(Frozen):
    """Another curated table that shows sums of a table's count: its column `count`, a row for each of `by`."""

    table: Name
    count: Name
    by: tuple[Name, ...] = Field(min_length=1)


class Ratio(Frozen):
    """The two counts of its row that a column of shares is made of."""

    part: Name
    whole: Name


class Disregarded(Frozen):
    """What the audit leaves aside, who decided it and why: one of two.

    A `release` that is out (`cycle-05/r001`) is not subtracted. A `figure` stays published for the whole of
    peacekeeping, also where small numbers can be computed with it although the table is left out.
    """

    release: ReleaseName | None = None
    figure: Name | None = None
    owner: Owner
    reason: Said

    @model_validator(mode="after")
    def _names_one(self) -> Disregarded:
        if (self.release is None) == (self.figure is None):
            raise ValueError("name one of the two: the release that is not subtracted, or the figure that stays")
        return self


class Disclosure(Dated):
    """How far a curated table may be broken down, and what is known of its numbers.

    `aggregation` are the columns that tell its rows apart, `counts` those that hold its numbers. Counts from 1 to below
    `threshold` are suppressed, with as many others as it takes; without a threshold none is. `protection` is how many
    steps wide the range must be that a reader can narrow a small count down to, never less than one; a total that is
    too small for that need leave only one.

    Known beside the cells are: `totals`, the sums by each of these lists of columns, which always stay published (`[]`
    is the sum of everything); `shown_in`, other tables that show sums; `parts`, a column that is the sum of others of
    its row; `at_most`, a count that is no more than the sum of other columns of its row; `shares`, columns of shares.
    `cumulative` counts go on from cycle to cycle, so that an earlier cycle's number may still hold. `disregard` is what
    the source's owner lets stand.
    """

    aggregation: tuple[Name, ...]
    counts: tuple[Name, ...]
    threshold: int | None = Field(default=None, ge=2)
    protection: int = Field(default=1, ge=1)
    totals: tuple[tuple[Name, ...], ...] = ()
    shown_in: dict[Name, ShownIn] = Field(default={})
    parts: dict[Name, tuple[Name, ...]] = Field(default={})
    at_most: dict[Name, tuple[Name, ...]] = Field(default={})
    shares: dict[Name, Ratio] = Field(default={})
    cumulative: bool = False
    disregard: tuple[Disregarded, ...] = ()
    _place: str = PrivateAttr(default="config/disclosure.yaml")

    @property
    def place(self) -> str:
        """File and line where it stands."""
        return self._place

    @property
    def columns(self) -> frozenset[str]:
        """All columns that the table may have."""
        named = {*self.aggregation, *self.counts, *self.shares, *self.parts, *sum(self.parts.values(), ())}
        bounds: tuple[str, ...] = sum(self.at_most.values(), ())
        return frozenset({*named, *bounds, *(f"{count}_obs_status" for count in self.counts)})

    @model_validator(mode="after")
    def _holds_together(self) -> Disclosure:
        for by in self.totals:
            self._known("totals", by, self.aggregation)
        for count, shown in self.shown_in.items():
            self._known("shown_in", (count,), self.counts)
            self._known("shown_in", shown.by, self.aggregation)
        self._known("at_most", tuple(self.at_most), self.counts)
        for share in self.shares.values():
            if not {share.part, share.whole} & set(self.counts):
                raise ValueError(f"a share is of a count; allowed: {', '.join(self.counts)}")
        return self

    def _known(self, field: str, names: tuple[str, ...], allowed: tuple[str, ...]) -> None:
        for name in names:
            if name not in allowed:
                raise ValueError(f"{field} names the column '{name}'; allowed: {', '.join(allowed)}")


def read_disclosure(
    document: Document, figures: Mapping[str, Figure], figures_document: Document
) -> dict[str, Disclosure]:
    """Read what is said of curated tables, by their names.

    Raises ConfigError with file and line where an entry contradicts itself, or where a figure is counted by something
    that its table's aggregation does not have.
    """
    if not isinstance(document.data or {}, dict):
        raise document.mistake((), "this file says of each table what may be shown; begin each with 'table_name:'")
    found = {}
    for table in document.data or {}:
        found[table] = parse(document, Disclosure, (table,))
        found[table]._place = document.place((table,))
    for name, figure in figures.items():
        entry = found.get(figure.table)
        if entry and figure.by and figure.by not in entry.aggregation:
            raise ConfigError(
                f"{figures_document.line((name, 'by'))}: {name} is counted by {figure.by}, and "
                f"{figure.table} may be shown only by {', '.join(entry.aggregation) or 'nothing'} ({entry.place}); "
                f"take 'by' away."
            )
    return found
