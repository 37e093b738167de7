"""The record of decisions as people read it: what was decided, by whom, why, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from config import Acceptance, Config, Correction, Cycle, Waiver
from flows.core.wording import listed
from flows.intake.books import accepted, ledger, record
from flows.intake.gate import decisions
from flows.releases import shelf, withdrawals
from flows.stores import Store

# one row a decision; `decision` is its number in the record, or the place where it stands otherwise
RECORD: dict[str, pl.DataType] = {
    "decision": pl.String(),
    "kind": pl.String(),
    "cycle": pl.Int64(),
    "on": pl.Datetime("us", "UTC"),
    "by": pl.String(),
    "about": pl.String(),
    "reason": pl.String(),
    "state": pl.String(),
}
HOLDS = "holds"


def view(config: Config, public: Store, private: Store, today: date, number: int | None = None) -> pl.DataFrame:
    """Return every decision as RECORD says, of one cycle where it is named: of the record, and of the configuration.

    Those of the configuration come first, then what was withdrawn before there was a record. Raises StoreError where a
    store fails or the record is damaged.
    """
    there = record.entries(private)
    cycles = [cycle for cycle in config.cycles.values() if number in {None, cycle.number}]
    known = _Known.of(config, there, cycles, public, private)
    rows: list[tuple[object, ...]] = [
        (one.place, kind, one.cycle, None, one.owner, _about(_said(one)), one.reason, known.state_of(one, today))
        for kind, those in (("correct", config.corrections), ("waive", config.waivers), ("accept", config.accepted))
        for one in those
    ]
    for cycle in cycles:
        for old in withdrawals.entries(cycle, public, private):
            if not old.number:
                about = _about(
                    {"to": old.to, "releases": old.releases, "submissions": [vars(n) for n in old.submissions]}
                )
                rows.append(
                    ("before the record", old.what, cycle.number, old.on, None, about, old.why, known.led(old, cycle))
                )
    back = record.taken_back(there)
    for entry in there:
        if after := back.get(entry.number):
            state = f"taken back by {after.number}"
        else:
            state = known.state(entry, config, today)
        rows.append(
            (
                *(str(entry.number), entry.kind, entry.cycle, entry.on),
                *(entry.by, _about(entry.about), entry.reason, state),
            )
        )
    frame = pl.DataFrame(rows, schema=RECORD, orient="row")
    return frame.filter(pl.col("cycle").is_null() | (pl.col("cycle") == number)) if number else frame


@dataclass(frozen=True)
class _Known:
    """What decisions are held against: what the last refreshes said of them, the figures and outcome of each cycle."""

    not_needed: str
    figures: Mapping[int, pl.DataFrame]
    outcomes: Mapping[int, withdrawals.Outcome]

    @classmethod
    def of(
        cls, config: Config, there: Sequence[record.Entry], cycles: Sequence[Cycle], public: Store, private: Store
    ) -> _Known:
        told, figures, outcomes = [], {}, {}
        for cycle in cycles:
            last = ledger.last_refresh(private, cycle)
            told += decisions.not_needed(last.findings) if last else []
            shown = shelf.latest(public, cycle)
            if shown:
                figures[cycle.number] = shelf.read_table(public, shown, "figures")
                outcomes[cycle.number] = withdrawals.outcome(withdrawals.entries(cycle, public, private))
        return cls("\n".join(told), figures, outcomes)

    def state(self, entry: record.Entry, config: Config, today: date) -> str:
        """Say whether a decision of the record that nobody took back holds."""
        decided = record.fits(entry, config)
        if decided:
            return self.state_of(decided, today)
        if entry.kind in ("correct", "waive", "accept"):
            return "names what the configuration does not know any more"
        led = withdrawals.of_record(entry)
        cycle = config.cycles.get(entry.cycle or 0)
        return self.led(led, cycle) if led and cycle else HOLDS

    def state_of(self, decided: Correction | Waiver | Acceptance, today: date) -> str:
        """Say whether a correction, a waiver or an accepted figure holds."""
        if isinstance(decided, Acceptance):
            return self._accepted(decided)
        if isinstance(decided, Waiver) and decided.until and today > decided.until:
            return f"over since {decided.until}"
        # the sentence names its place in brackets
        return "no longer needed" if f"({decided.place})" in self.not_needed else HOLDS

    def _accepted(self, decided: Acceptance) -> str:
        figures = self.figures.get(decided.cycle)
        if figures is None:
            return "nothing is released yet"
        own = figures.filter(pl.col("figure") == decided.figure, pl.col("mission") == decided.mission)
        if own.is_empty():
            return "the release has no such figure"
        value, status = own.select("value", "obs_status").row(0)
        if value != decided.value:
            return f"holds no more: the figure is {'without value' if value is None else f'{value:,.10g}'} now"
        return HOLDS if status not in accepted.SURE else "no longer needed"

    def led(self, entry: withdrawals.Entry, cycle: Cycle) -> str:
        """Say whether a withdrawal or a reinstatement is what still counts of what it is about."""
        outcome = self.outcomes.get(cycle.number, withdrawals.Outcome())
        here = [one.known in outcome.out for one in entry.submissions] + [
            name in outcome.withdrawn for name in entry.releases
        ]
        out = entry.what == "withdraw"
        return HOLDS if not here or any(one == out for one in here) else "undone by a later decision"


def _said(one: Correction | Waiver | Acceptance) -> dict[str, Any]:
    return one.model_dump(mode="json", by_alias=True, exclude={"reason", "owner", "cycle"}, exclude_defaults=True)


def _about(said: Mapping[str, Any]) -> str:
    """Say in a line what a decision is about."""
    return ", ".join(
        part for name, value in said.items() if value not in (None, "", [], (), {}) for part in _parts(name, value)
    )


def _parts(name: str, value: Any) -> Iterator[str]:
    match name, value:
        case "submissions", _:
            files = [f"{one['file']} (sha256 {one['sha256'][:12]}…)" for one in value]
            yield listed(files)
        case "back", _:
            yield f"back: {listed([one['file'] for one in value])}"
        case "releases", _:
            yield f"withdrawn: {listed(list(value))}"
        case "slots", _:
            yield f"received for {listed(list(value))}" if value else "received for nothing"
        case "key", _:
            yield " ".join(f"{column}={text}" for column, text in value.items())
        case "sha256", str():
            yield f"file with sha256 {value[:12]}…"
        case "number", _:
            yield f"decision {value}"
        case "between", _:
            yield "between {:,.10g} and {:,.10g}".format(*value)
        case "identity", _:
            yield from ()
        case (("source" | "table" | "rule" | "figure" | "mission"), str()):
            yield value
        case _, float():
            yield f"{name} {value:,.10g}"
        case _:
            yield f"{name} {value}"
