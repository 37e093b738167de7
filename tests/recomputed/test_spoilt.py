"""Spoilt samples against the truth: a figure that is wrong says that it is not sure.

`make sweep` tries two hundred samples, `make test` four; the count of figures, of wrong ones, and of wrong ones that
say A is printed.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.recomputed.spoilt import seed_of, spoilt
from tests.recomputed.test_figures import Sample
from tests.support.sweeping import SWEEP

# the last of the four has the faults that the sample brings itself
NUMBERS = {seed: [number for number in range(200) if seed_of(number) == seed] for seed in range(3)}
CASES = NUMBERS if SWEEP else {0: [0, 3, 9, 39]}
pytestmark = [pytest.mark.slow, pytest.mark.sweep]


@pytest.mark.parametrize("seed", CASES)
def test_what_is_wrong_does_not_say_that_it_is_right(
    right_sample: Sample, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts, claims = Counter[str](), []
    for number in CASES[seed]:
        folder = tmp_path / str(number)
        tried = spoilt(right_sample(seed), folder, number, counts)
        claims += [(number, tried.troubles, each) for each in tried.wrong if each.claims]
        shutil.rmtree(folder)
    with capsys.disabled():
        wrong, sure = counts["value"] + counts["absent"], counts["value and A"] + counts["absent and A"]
        print(f"\n{counts['samples']} spoilt samples: {counts['compared']} figures, {wrong} wrong,", file=sys.stderr)
        print(f"{sure} wrong and A ({dict(sorted(counts.items()))})", file=sys.stderr)
    # or nothing was tried
    assert counts["value"]
    assert claims == []
