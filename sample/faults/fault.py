"""What a fault of a single row is, and what it may know of where it is planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from config import Config, Cycle
from sample.faults.delivery import Row

CRITICAL, WARNING, INFO = "critical", "warning", "info"


@dataclass(frozen=True)
class Scene:
    """What a fault may know besides its row: the configuration, the cycle, the day of receipt, and the dice."""

    config: Config
    cycle: Cycle
    received: date
    chance: Random

    def days(self, fewest: int = 20, most: int = 400) -> timedelta:
        """Draw a number of days."""
        return timedelta(days=self.chance.randint(fewest, most))

    def began(self, row: Row) -> date | None:
        """Return the day on which the row's mission began."""
        return self.config.missions[str(row["mission"])].start

    def ended(self, row: Row) -> date | None:
        """Return the last day of the row's mission, None where it goes on."""
        return self.config.missions[str(row["mission"])].end


Change = Callable[[Row, Scene], None]
Fits = Callable[[Row, Scene], bool]


@dataclass(frozen=True)
class RowFault:
    """One kind of fault.

    `rule`, `severity`, `table` and `column` are those of the finding. An `added` fault befalls a copy of a row, put at
    the end of the table. `rows` says how many rows it befalls; what is only informed about is told once a file.
    """

    rule: str
    severity: str
    table: str
    column: str | None
    change: Change
    fits: Fits = lambda row, scene: True
    added: bool = False
    rows: int = 1
