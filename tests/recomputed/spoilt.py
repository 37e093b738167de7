"""A spoilt sample: one that is right with troubles planted, refreshed, and held against what the right one gives."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl

from config import Cycle, load
from flows.refresh.story import refresh
from flows.releases.shelf import read_table
from tests.recomputed.held import Wrong, compared
from tests.recomputed.right import CYCLES, NOW, right
from tests.support.sharing import places_in, sources, with_results
from tests.support.spoiling import spoil
from tests.support.without_documents import without_documents

CONFIG = load()


@dataclass(frozen=True)
class Spoilt:
    """What was planted into a sample, and what is wrong in its release."""

    number: int
    cycle: int
    troubles: Sequence[str]
    wrong: Sequence[Wrong]


def seed_of(number: int) -> int:
    """Return the seed of the sample that is spoilt for a number."""
    return number % 3


def spoilt(clean: Path, folder: Path, number: int, counts: Counter[str]) -> Spoilt:
    """Copy two cycles of a sample that is right, spoil one of them, refresh, and compare.

    Of every fourth the cycle before is spoilt, which its previous values are of.
    """
    chance = Random(f"whose {number}")
    cycle = CONFIG.cycle(CYCLES[1:][number % 3])
    before = CONFIG.cycle(cycle.number - 1)
    for each in (before, cycle):
        sources(clean / "inbox", folder / "inbox", cycle=each.number)
    places = places_in(folder)
    with_results(clean, folder / "store/private")
    whose = before if chance.random() < 0.25 and before.number > CYCLES[0] else cycle
    troubles = [f"{whose.folder} {trouble}" for trouble in spoil(folder / "inbox", whose, CONFIG, number)]
    with without_documents():
        # the previous values come from its release, or from its raw files
        if chance.random() < 0.5:
            _release(before, clean, folder, spoilt=whose == before)
        published = refresh(cycle, places, CONFIG, now=NOW)
    assert published.release
    figures, final = read_table(places.public, published.release, "figures"), published.status == "final"
    counts["samples"] += 1
    counts["final"] += final
    truth = right(clean, cycle.number)
    # under a former name each is what it is under its own
    figures = figures.filter(pl.col("figure").is_in(list(CONFIG.figures)))
    wrong = list(compared(figures, truth.values, truth.previous, final, counts))
    for each in wrong:
        counts[each.what] += 1
        counts[f"{each.what} and A"] += each.says_it_is_right
    return Spoilt(number, cycle.number, troubles, wrong)


def _release(before: Cycle, clean: Path, folder: Path, *, spoilt: bool) -> None:
    """Have a release of the cycle before, which is that of the sample that is right where it was not spoilt."""
    if spoilt:
        refresh(before, places_in(folder), CONFIG, now=NOW)
    else:
        # with what the pipeline knows of the files that it is made of
        for part in ("public/releases", "private/releases", "private/pulled", "private/ledger"):
            shutil.copytree(clean / "store" / part / before.folder, folder / "store" / part / before.folder)
        shutil.copytree(clean / "store/private/raw", folder / "store/private/raw")
