"""A reporting cycle of raw files, as offices and missions send them: made by a seed, calibrated to the 5th report."""

from __future__ import annotations

from pathlib import Path

from config import Cycle, in_force, load
from sample import (
    communications,
    conduct,
    evaluations,
    leadership,
    mission_report,
    noticas,
    personnel,
    readiness,
    safety,
    trainings,
)
from sample.faults import manifest, plant

__all__ = ["manifest", "plant", "write"]


def write(folder: Path, cycle: int = 5, *, scale: int = 1, seed: int = 0) -> list[Path]:
    """Write the raw files of a cycle and, where cycles.yaml knows it, of the cycle before it, into an inbox.

    Figures of cycles 4 and 5 are those of the published report; other cycles resemble cycle 5. The files trip no rule,
    but for the errors in the sources that the report printed of cycle 5. A scale gives so many times the rows of the
    sources that list single records (casualties, personnel, allegations, evaluations), whose sums then match no print.
    The same cycle, scale and seed give the same bytes and times of receipt.

    Returns the files written. Raises ConfigError where cycles.yaml does not know the cycle, ValueError for a scale
    below 1 or one whose rows do not fit.
    """
    if scale < 1:
        raise ValueError(f"The scale is {scale}; it must be 1 or more.")
    known = load()
    this = known.cycle(cycle)
    files: list[Path] = []
    for each in [known.cycles[cycle - 1], this] if cycle - 1 in known.cycles else [this]:
        with in_force(known.of_cycle(each.number)):
            files += _of_cycle(folder, each, scale, seed)
    return files


def _of_cycle(folder: Path, each: Cycle, scale: int, seed: int) -> list[Path]:
    """Write the files of one cycle, by the facts of it."""
    files: list[Path] = []
    manifest(folder, each).unlink(missing_ok=True)  # of faults in the files that are written anew
    files += noticas.write(folder, each, scale, seed)
    files += personnel.write(folder, each, scale, seed)
    files += conduct.write(folder, each, scale, seed)
    files += evaluations.write_military(folder, each, scale, seed)
    files += evaluations.write_police(folder, each, scale, seed)
    files += evaluations.write_visits(folder, each, seed)
    files += leadership.write(folder, each, seed)
    files += readiness.write(folder, each, seed)
    files += trainings.write_tpp(folder, each)
    files += trainings.write_pki(folder, each)
    files += safety.write_crimes(folder, each)
    files += safety.write_ordnance(folder, each)
    files += safety.write_hospitals(folder, each)
    files += communications.write(folder, each)
    files += mission_report.write(folder, each, seed)
    return files
