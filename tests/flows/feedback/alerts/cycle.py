"""A cycle's ledger and submissions by hand, and the notices that are due of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from config import Config
from flows.feedback.alerts.notice import Notice, notices
from flows.intake.books import ledger
from flows.intake.books.told import Told, mark_told, marks
from tests.flows.intake.test_ledger import file, finding, findings, sent
from tests.support.files import CONFIG, CYCLE

NOW = datetime(2024, 5, 20, 9, tzinfo=UTC)
# nothing else is to be told in them
ALONE = replace(CONFIG, contracts={"noticas": CONFIG.contract("noticas")})
MISSIONS = replace(CONFIG, contracts={"mission_report": CONFIG.contract("mission_report")})


def of_mission(mission: str, **said: Any) -> dict[str, Any]:
    return {"source": "mission_report", "table": "sofa_soma", "mission": mission, **said}


class Cycle:
    """What is known of a cycle: changed by refreshes and by messages that go out."""

    def __init__(self, config: Config = ALONE) -> None:
        self.config = config
        self.ledger = ledger.empty()
        self.submissions = sent()
        self.told: Mapping[str, Told] = {}
        self.now = NOW

    def refresh(self, *found: dict[str, Any], files: pl.DataFrame | None = None) -> Cycle:
        self.submissions = sent(file()) if files is None else files
        self.ledger = ledger.update(self.ledger, findings(*found), self.submissions, self.now, {"mission_report"})
        return self

    def after(self, **time: int) -> Cycle:
        self.now += timedelta(**time)
        return self

    @property
    def due(self) -> list[Notice]:
        return notices(self.ledger, self.submissions, self.told, self.config, CYCLE, self.now)

    def kinds(self) -> list[str]:
        return [notice.kind for notice in self.due]

    def tell(self) -> list[str]:
        """Take what is due as sent; returns of what kinds it was."""
        due = self.due
        for notice in due:
            before = self.told.get(notice.slot, Told())
            self.told = {**self.told, notice.slot: notice.told(before, self.now)}
            self.ledger = mark_told(self.ledger, marks(notice.open), self.now)
        return [notice.kind for notice in due]


__all__ = ["ALONE", "MISSIONS", "NOW", "Cycle", "file", "finding", "findings", "of_mission", "sent"]
