"""When refreshes run by themselves, and of which cycle."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator

from config.errors import ConfigError
from config.labels import Frozen
from config.loader import Document, parse
from config.models import Contract, Cycle, Name

# the cycle that a day falls in; the last one that ended, while its files are collected; the last one that ended
Which = Literal["running", "collecting", "ended"]
RunName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
# five fields; Prefect says what else is wrong with one
Cron = Annotated[str, StringConstraints(pattern=r"^\S+( \S+){4}$")]


class Repeated(Frozen):
    """A refresh that runs at set times; `sources` are pulled anew, all where it is empty."""

    cron: Cron
    cycle: Literal["running", "collecting"]
    sources: tuple[Name, ...] = ()
    reason: str


class Inbox(Frozen):
    """How often the inbox is looked at, and for how long nothing may have changed before it is refreshed."""

    cron: Cron
    quiet_seconds: int = Field(ge=0, le=240)
    reason: str


class Schedules(Frozen):
    """What runs by itself; times are of `timezone`."""

    timezone: str
    collecting_months: int = Field(ge=1, le=6)
    refreshes: dict[RunName, Repeated]
    inbox: Inbox

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{name}' is no time zone; write one such as America/New_York, or UTC") from None
        return name

    def last_day(self, cycle: Cycle) -> date:
        """Return the last day on which files of a cycle are collected."""
        month = cycle.end.month + self.collecting_months
        year, month = cycle.end.year + (month - 1) // 12, (month - 1) % 12 + 1
        return date(year, month, min(cycle.end.day, calendar.monthrange(year, month)[1]))

    def cycle(self, which: Which, day: date, cycles: Mapping[int, Cycle]) -> Cycle | None:
        """Return the cycle that is meant on a day; None where `collecting` is asked for and nothing is collected.

        Raises ConfigError where cycles.yaml knows no cycle that the day falls in, or none that had ended.
        """
        if which == "running":
            now = [cycle for cycle in cycles.values() if cycle.start <= day <= cycle.end]
            if not now:
                raise ConfigError(f"No cycle in config/cycles.yaml has the day {day}; add the one that has.")
            return now[0]
        over = [cycle for cycle in cycles.values() if cycle.end < day]
        if not over:
            raise ConfigError(f"No cycle in config/cycles.yaml had ended by {day}; give the cycle's number.")
        last = max(over, key=lambda cycle: cycle.end)
        return last if which == "ended" or day <= self.last_day(last) else None


def read_schedules(document: Document, contracts: Mapping[str, Contract]) -> Schedules:
    """Read when refreshes run by themselves; raises ConfigError with file and line for a mistake."""
    schedules = parse(document, Schedules)
    for name, refresh in schedules.refreshes.items():
        for source in refresh.sources:
            if source not in contracts:
                said = f"'{source}' is no source; allowed: {', '.join(sorted(contracts))}"
                raise document.mistake(("refreshes", name, "sources"), said)
    return schedules
