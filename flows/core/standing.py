"""How each source, and each mission of a source that missions send, stands in a cycle: what came, when, was it used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from config import Config, Contract, Cycle

# the others were not looked at: a later file took their place, or the release that they came with was withdrawn
NOT_LOOKED_AT = ("superseded", "withdrawn")
LOOKED_AT = ~pl.col("status").is_in(NOT_LOOKED_AT)


@dataclass(frozen=True)
class Standing:
    """One slot of a cycle; `sent` is its part of a release's submissions, one row a file and table."""

    source: str
    mission: str | None
    due: date
    required: bool
    sent: pl.DataFrame = field(repr=False, compare=False)

    @property
    def judged(self) -> pl.DataFrame:
        """The files that were looked at, not those that a later one replaced or that are withdrawn."""
        return self.sent.filter(LOOKED_AT)

    @property
    def refused(self) -> pl.DataFrame:
        """The files, and tables of files, that were refused."""
        return self.sent.filter(pl.col("status") == "refused")

    @property
    def newest(self) -> Mapping[str, Any] | None:
        """The file that came last, as one of its rows; None where nothing came."""
        return (
            self.judged.sort("received_at", "file", "table", nulls_last=True).row(-1, named=True)
            if len(self.judged)
            else None
        )

    @property
    def received_on(self) -> date | None:
        """The day on which the first file came in."""
        first = self.sent["received_at"].min()
        return first.date() if first is not None else None  # type: ignore[union-attr]

    def is_late(self, on: date) -> bool:
        """Tell whether nothing came by the due day, as of another day."""
        received = self.received_on
        return received > self.due if received else self.required and on > self.due


def standings(submissions: pl.DataFrame, config: Config, cycle: Cycle) -> list[Standing]:
    """Return how every slot stands, in the order of the contracts."""
    found = []
    for source, contract in config.contracts.items():
        # what is withdrawn counts as if it had not come
        sent = submissions.filter(pl.col("source") == source, pl.col("status") != "withdrawn")
        found += [
            Standing(source, mission, contract.due(cycle), contract.required, _of(sent, mission, contract))
            for mission in _missions(contract, config)
        ]
        astray = sent.filter(pl.col("mission").is_null())
        if contract.sent_by == "missions" and len(astray):
            found.append(Standing(source, None, contract.due(cycle), False, astray))
    return found


def slot_name(source: str, mission: str | None) -> str:
    """Return a slot in one word: `noticas`, `mission_report/UNMISS`."""
    return f"{source}/{mission}" if mission else source


def _missions(contract: Contract, config: Config) -> tuple[str | None, ...]:
    return config.reporting_missions if contract.sent_by == "missions" else (None,)


def _of(sent: pl.DataFrame, mission: str | None, contract: Contract) -> pl.DataFrame:
    return sent.filter(pl.col("mission") == mission) if contract.sent_by == "missions" else sent
