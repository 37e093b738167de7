"""What was told to whom, and what is being told: alerts/cycle-05/told.json in the private store, replaced whole.

It is the only place that says so, and only who sends writes it, while having the turn: a refresh that goes by takes
nothing from it. A message is noted before it is given away, with room for what is noted after that, so that a full disk
stops messages and never repeats them. What it says of findings is laid over the ledger when that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl
from pydantic import TypeAdapter

from config import Cycle
from flows.core.errors import NotThere
from flows.stores import Store, checked

_WHEN = pl.Datetime("us", "UTC")
_REMEDY = (
    "bring it back from a backup of the private store, or remove it: sources are then told once more that their files "
    "came, and what they were told of since the last refresh"
)


@dataclass(frozen=True)
class About:
    """The findings that a message told, as `marks` names them, and when."""

    on: datetime
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Begun:
    """A message that is being sent: since when, about which findings, to whom it is being given at this moment.

    Where `to` still names somebody when nobody sends, the process was killed. `unknown` are those to whom it was given
    without an answer, `times` how often. `room` holds the place of what is noted afterwards.
    """

    id: str
    since: datetime
    findings: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    times: int = 0
    room: str = ""


@dataclass(frozen=True)
class Told:
    """What a source, or mission, was told last: which files, how many points to mend, that its file is awaited, when.

    `taken` are the channels and addresses that took a message, by its id, where others did not yet; `begun` is that
    message. `about` is what was told of findings since the ledger was last written.
    """

    files: tuple[str, ...] = ()
    points: int = 0
    awaited_on: datetime | None = None
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told_on: datetime | None = None
    begun: Begun | None = None
    about: tuple[About, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether it was told anything: a message that no channel took did not reach it."""
        return bool(self.files or self.awaited_on or self.told_on)

    @property
    def unknown(self) -> bool:
        """Whether nobody knows of a message to it whether it arrived."""
        return bool(self.begun and (self.begun.unknown or self.begun.to))


# what was told, by source and mission, as it is kept
TOLD = TypeAdapter(dict[str, Told])


def read(private: Store, cycle: Cycle) -> dict[str, Told]:
    """Return what was told, by whom it was told to; nothing where nobody was told anything yet. Raises Damaged."""
    try:
        return checked.read_json(private, _path(cycle), TOLD, _REMEDY)
    except NotThere:
        return {}


def write(private: Store, cycle: Cycle, told: Mapping[str, Told]) -> None:
    """Keep what was told."""
    checked.write_json(private, _path(cycle), as_json(told))


def as_json(told: Mapping[str, Told]) -> bytes:
    """Return what was told as it is kept."""
    return TOLD.dump_json(dict(sorted(told.items())), indent=2)


def marks(ledger: pl.DataFrame) -> tuple[str, ...]:
    """Return by what findings of a ledger are known here: one that came back is another than before."""
    return tuple(ledger.select(_mark()).to_series().sort())


def mark_told(ledger: pl.DataFrame, told: Iterable[str], on: datetime) -> pl.DataFrame:
    """Note in a ledger that findings were told, for the first time or once more; twice is as good as once."""
    now = pl.lit(on, _WHEN)
    known = _mark().is_in(list(told))
    first = pl.col("alerted_on").is_null()
    again = ~first & (pl.max_horizontal("alerted_on", "reminded_on") < now)
    return ledger.with_columns(
        alerted_on=pl.when(known & first).then(now).otherwise("alerted_on"),
        reminded_on=pl.when(known & again).then(now).otherwise("reminded_on"),
    )


def laid_over(ledger: pl.DataFrame, told: Mapping[str, Told]) -> pl.DataFrame:
    """Return a ledger with what was told since it was written, and of what nobody knows whether it arrived."""
    for about in sorted((one for slot in told.values() for one in slot.about), key=lambda one: one.on):
        ledger = mark_told(ledger, about.findings, about.on)
    ledger = ledger.with_columns(unknown_on=pl.lit(None, _WHEN))
    for slot in told.values():
        if slot.begun and slot.unknown:
            known = _mark().is_in(list(slot.begun.findings)) & pl.col("resolved_on").is_null()
            since = pl.lit(slot.begun.since, _WHEN)
            ledger = ledger.with_columns(unknown_on=pl.when(known).then(since).otherwise("unknown_on"))
    return ledger


def without_known(told: Mapping[str, Told], ledger: pl.DataFrame) -> dict[str, Told]:
    """Return what was told without what the ledger, as a refresh wrote it, has taken over."""
    return {
        name: replace(slot, about=tuple(one for one in slot.about if not _knows(ledger, one)))
        for name, slot in told.items()
    }


def _knows(ledger: pl.DataFrame, about: About) -> bool:
    return mark_told(ledger, about.findings, about.on).equals(ledger)


def _mark() -> pl.Expr:
    return pl.concat_str("identity", pl.col("reopened").cast(pl.String), separator="/")


def _path(cycle: Cycle) -> str:
    return f"alerts/{cycle.folder}/told.json"
