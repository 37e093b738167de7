"""The scorecard by source: how each has done over the cycles, as frames and as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config import ConfigError
from flows.core import notebook, wording
from flows.orchestration.face.ground import Ground
from flows.stores import for_people

if TYPE_CHECKING:
    import polars as pl

    from flows.intake.books.scorecard import Scorecard as Record


@dataclass(frozen=True, repr=False)
class Scorecard:
    """How sources have done. `record` has all of it; what the columns hold, flows.core.score_tables says."""

    record: Record
    _ground: Ground

    @property
    def cycles(self) -> pl.DataFrame:
        """A row a source, mission where missions send, and cycle."""
        return self.record.cycles

    @property
    def kinds(self) -> pl.DataFrame:
        """What was wrong: a row a source, mission, cycle and rule."""
        return self.record.kinds

    @property
    def trend(self) -> pl.DataFrame:
        """How it goes over the cycles: a row a source, and mission."""
        return self.record.trend

    def write(self, out: str | Path) -> Path:
        """Write all of it as a workbook, and return its path; it is for the coordinator, and in no release.

        Raises ConfigError where there is nothing to write or no such folder, StoreError where the disk fails.
        """
        from flows.documents import scorecard

        if self.cycles.is_empty():
            raise ConfigError("There is nothing to write: no cycle was refreshed yet of what was asked for.")
        last = self._ground.config.cycle(max(self.cycles["cycle"]))
        path = Path(out)
        for_people.write(path, scorecard.render(self.trend, self.cycles, self.kinds, last))
        return path

    def __repr__(self) -> str:
        """Say in a line how many sources, and cycles, it is of."""
        return notebook.line("Scorecard", *self._facts().values())

    def _repr_html_(self) -> str:
        shown = ("title", "mission", "cycles", "expected", "in_time", "accepted_at_first", "findings", "each_time")
        return notebook.html("Scorecard", self._facts(), notebook.table(shown, self.trend.select(shown).iter_rows()))

    def _facts(self) -> dict[str, str]:
        return {
            "Sources": wording.counted(self.trend.height, "source or mission", "sources and missions"),
            "Cycles": ", ".join(str(number) for number in sorted(set(self.cycles["cycle"]))),
        }
