"""Books of several cycles by hand, for what is made of them: the scorecard, and what sources are told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flows.core.records import Published
from flows.intake.books import ledger, scorecard
from flows.intake.books.scorecard import Scorecard
from flows.stores import Store
from tests.flows.intake.test_ledger import file, finding, findings, sent
from tests.support.files import CONFIG

# of a finding that is of a whole file
WHOLE = {"table": None, "row": None, "column": None}


def at(day: int, cycle: int = 5) -> datetime:
    """So many days after the due day of a cycle, before it where negative."""
    due = CONFIG.contract("noticas").due(CONFIG.cycle(cycle))
    return datetime(due.year, due.month, due.day, 9, tzinfo=UTC) + timedelta(days=day)


def came(sha256: str, day: int, cycle: int = 5, **said: Any) -> dict[str, Any]:
    return file(sha256=sha256, **{"received_at": at(day, cycle), **said})


class Desk:
    """A private store whose books are filled by refreshes by hand."""

    def __init__(self, folder: Path) -> None:
        self.private = Store(str(folder))
        self.refreshes = 0

    def refresh(
        self,
        *files: dict[str, Any],
        found: tuple[dict[str, Any], ...] = (),
        cycle: int = 5,
        now: datetime | None = None,
    ) -> None:
        """Refresh a cycle, so many days after its due day as refreshes there were: files oldest first."""
        self.refreshes += 1
        ordered = [{"order": len(files) - place, **one} for place, one in enumerate(files)]
        published = Published(None, False, "provisional", (), sent(*ordered), findings(*found))
        period = CONFIG.cycle(cycle)
        ledger.tell(published, CONFIG, period, self.private, now or at(self.refreshes, cycle))

    def card(self, **asked: Any) -> Scorecard:
        return scorecard.scorecard(CONFIG, self.private, **asked)

    def row(self, cycle: int = 5, source: str = "noticas") -> dict[str, Any]:
        return self.card(cycles=[cycle], source=source).cycles.row(0, named=True)


__all__ = ["WHOLE", "Desk", "at", "came", "finding"]
