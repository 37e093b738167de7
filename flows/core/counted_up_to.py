"""A release of data up to a day: never before the cycle begins, and labelled with the day where the cycle goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from config import ConfigError, Cycle
from flows.core.records import Release
from flows.core.wording import day, days

_ONLY = "The data only go up to "


def check_day(cycle: Cycle, as_of: date | None) -> None:
    """Raise ConfigError where data are asked for up to a day before the cycle begins: there would be none of it."""
    if as_of and as_of < cycle.start:
        raise ConfigError(
            f"Cycle {cycle.number} goes from {days(cycle)}, and of the data up to "
            f"{day(as_of)} nothing would be of it; name a later day with --as-of, or leave it out."
        )


def before_the_end(cycle: Cycle, as_of: date | None) -> date | None:
    """Return the day that was asked for where the cycle goes on after it; None where all of the cycle is counted."""
    return as_of if as_of and as_of < cycle.end else None


def cut_short(cycle: Cycle, up_to: date | None) -> tuple[str, ...]:
    """Return the sentence that says what a release up to a day lacks."""
    return (f"{_ONLY}{day(up_to)}; the cycle ends on {day(cycle.end)}.",) if up_to else ()


def of_sources(sentences: Iterable[str]) -> list[str]:
    """Return the sentences on what is missing that are about sources."""
    return [one for one in sentences if not one.startswith(_ONLY)]


def labelled(status: str, up_to: date | None) -> str:
    """Return a release's status, with the day up to which it counts where that is before the cycle's end."""
    return f"{status}, data up to {day(up_to)}" if up_to else status


def status_of(release: Release) -> str:
    """Return the status of a release that is there, labelled likewise."""
    up_to = release.descriptor["a4p"].get("counted_up_to")
    return labelled(release.status, date.fromisoformat(up_to) if up_to else None)
