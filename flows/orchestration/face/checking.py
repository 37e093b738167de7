"""The check of one file before it is sent, as `a4p check` does it: nothing is stored or sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config import load
from flows.core import names, notebook, settings, wording
from flows.orchestration.face import ground as grounds
from flows.orchestration.face.ground import Ground

if TYPE_CHECKING:
    import polars as pl

    from flows.feedback.check import Checked


@dataclass(frozen=True, repr=False)
class Check:
    """What a check found in a file. `record` has all of it, the other names what is mostly asked for."""

    record: Checked
    path: Path
    _ground: Ground

    @property
    def refused(self) -> bool:
        """Whether the file would be refused, in whole or in part."""
        return self.record.refused

    @property
    def source(self) -> str | None:
        """The source that the file is of, as it was given or as its columns say."""
        return self.record.source

    @property
    def findings(self) -> pl.DataFrame:
        """What is wrong, where, and how to mend it, in both languages; a row a finding."""
        return self.record.findings

    def marked(self, out: str | Path, language: str = "en") -> Path:
        """Write the file's own workbook with the findings marked in its cells, and return its path.

        Raises ConfigError where that would replace the file itself, say.
        """
        from flows.feedback import marked_copy

        written = Path(out)
        with self._ground.in_force():
            spoken = grounds.language(language)
            marked_copy.write(self.path, written, self.record, self._ground.config, spoken)
        return written

    def __repr__(self) -> str:
        """Say in a line whether the file would be accepted."""
        return notebook.line(f"Check of {self.record.file}", *self._facts().values())

    def _repr_html_(self) -> str:
        places = ("severity", "sheet", "row", "column", "message", "remedy")
        return notebook.html(
            self.record.file, self._facts(), notebook.table(places, self.findings.select(places).iter_rows())
        )

    def _facts(self) -> dict[str, str]:
        one = self.record
        return {
            "Source": one.source or "not recognised",
            "Verdict": "would be refused in whole or in part" if one.refused else "would be accepted",
            "Accepted": f"{one.rows_accepted:,} of {wording.counted(one.rows_read, 'row')}",
            "Found": wording.counted(one.findings.height, "finding"),
        }


def check(
    file: str | Path, cycle: int | None = None, *, source: str | None = None, mission: str | None = None
) -> Check:
    """Check one file before it is sent: the same contract and rules as the refresh; nothing is stored or sent.

    Its numbers are held against those of earlier cycles, where the private store of the settings has any.

    The source is told from the file's columns, mission and cycle from its cover, where they are not given.
    Raises ConfigError where there is no such file, or the source, mission or cycle is not known or cannot be told.
    """
    return checked(Ground(load(), settings.load(), None), file, cycle, source, mission)


def checked(ground: Ground, file: str | Path, cycle: int | None, source: str | None, mission: str | None) -> Check:
    """Check a file by the configuration and settings of a pipeline."""
    from flows.feedback import check as checks

    path, period = grounds.file(file), ground.config.cycle(cycle) if cycle is not None else None
    config = ground.config
    of = names.source(source, config) if source else None
    whose = names.mission(mission, config, whole=False) if mission else None
    with ground.in_force():
        known = ground.places.private
        found = checks.check(path, config, source=of, mission=whose, cycle=period, known=known)
    return Check(found, path, ground)
