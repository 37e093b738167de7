"""Every figure of samples that are right, worked out once more from the raw files: equal, sure, and final.

`make sweep` does so for nine seeds, `make test` for one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from config import load
from flows.releases.shelf import latest, read_table
from tests.recomputed.held import near, printed
from tests.recomputed.right import CYCLES, PRINTED, PRINTED_WRONG, right
from tests.recomputed.statements import STATEMENTS
from tests.support.sharing import places_in
from tests.support.sweeping import SWEEP
from transforms.figures import former_names
from transforms.known_sums import protected

CONFIG = load()
PROTECTED = {name for name, figure in CONFIG.figures.items() if figure.table in protected(CONFIG)}
SEEDS = range(9) if SWEEP else (0,)
Sample = Callable[[int], Path]
pytestmark = [pytest.mark.slow, pytest.mark.sweep]


def released(folder: Path, cycle: int) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the figures of a release by the names that they have; under a former one each is the same."""
    places = places_in(folder)
    release = latest(places.public, CONFIG.cycle(cycle))
    assert release
    figures = read_table(places.public, release, "figures")
    rows = {(row["figure"], row["mission"]): row for row in figures.iter_rows(named=True)}
    for now, former in former_names(CONFIG.figures, CONFIG.cycle(cycle)).items():
        for figure, mission in tuple(rows):
            if figure == former:
                assert rows[now, mission] == {**rows.pop((former, mission)), "figure": now}
    return rows


def test_every_figure_has_a_statement() -> None:
    assert STATEMENTS.keys() == CONFIG.figures.keys()


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_are_what_the_raw_files_give(
    right_sample: Sample, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    held, wrong = 0, []
    for cycle in CYCLES:
        rows, values = released(right_sample(seed), cycle), right(right_sample(seed), cycle).values
        assert rows.keys() == values.keys()
        held += len(rows)
        for key, row in rows.items():
            # what is suppressed is not shown
            exact = None if row["obs_status"] == "Q" else values[key]
            if row["value"] != printed(exact, row["unit"]):
                wrong.append((cycle, *key, row["value"], exact))
            # what a share of a protected table is before it is rounded would tell of what is suppressed in it
            withheld = exact is None or (row["unit"] == "percent" and key[0] in PROTECTED)
            if not (row["unrounded"] is None if withheld else near(row["unrounded"], exact)):
                wrong.append((cycle, *key, row["unrounded"], exact))
    with capsys.disabled():
        print(f"\nseed {seed}: {held} figures held against the raw files, {len(wrong)} wrong", file=sys.stderr)
    assert held
    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
def test_previous_values_are_what_the_raw_files_of_the_cycle_before_give(right_sample: Sample, seed: int) -> None:
    wrong, held = [], 0
    for cycle in CYCLES:
        expected = right(right_sample(seed), cycle).previous
        then = released(right_sample(seed), cycle - 1) if cycle - 1 in CYCLES else {}
        for (figure, mission), row in released(right_sample(seed), cycle).items():
            before = expected.get((figure, mission))
            held += before is not None
            # what is suppressed, or was, is not shown
            suppressed = "Q" in (row["obs_status"], then.get((figure, mission), row)["obs_status"])
            if row["previous"] != printed(before, row["unit"]) and not (row["previous"] is None and suppressed):
                wrong.append((cycle, figure, mission, row["previous"], before))
            exact = row["unrounded"] is not None and row["previous_unrounded"] is not None
            if exact and not near(row["previous_unrounded"], before):
                wrong.append((cycle, figure, mission, row["previous_unrounded"], before))
            of = ("unrounded", "previous_unrounded") if exact else ("value", "previous")
            if row["change"] is not None and not near(row["change"], row[of[0]] - row[of[1]]):
                wrong.append((cycle, figure, mission, row["change"], row[of[0]] - row[of[1]]))
    assert held
    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
def test_all_is_sure_but_what_was_printed_wrong_and_every_cycle_is_final(right_sample: Sample, seed: int) -> None:
    for cycle in CYCLES:
        rows = released(right_sample(seed), cycle)
        impossible = {key for key, row in rows.items() if row["obs_status"] == "V"}
        assert impossible == (set(PRINTED_WRONG) if cycle == PRINTED else set())
        assert {row["obs_status"] for row in rows.values()} <= {"A", "M", "Q", "L", "V"}
        places = places_in(right_sample(seed))
        release = latest(places.public, CONFIG.cycle(cycle))
        assert release
        assert release.status == "final", cycle
