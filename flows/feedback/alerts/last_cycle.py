"""What a source is told of its last cycle, with the first message that asks for its file of the next one.

Only what it can do better: that its file came late or not at all, what refused rows or comes each time, what is open.
Who has nothing of that is told nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from config import Config, Cycle, Language
from flows.core.wording import day
from flows.feedback.alerts.notice import ASKING, Notice
from flows.feedback.alerts.words import points, text
from flows.intake.books import scorecard
from flows.intake.books.told import Told
from flows.stores import Store
from flows.stores.checked import Damaged

_MOST_SHOWN = 2


def told_first(
    notices: Sequence[Notice], told: Mapping[str, Told], config: Config, cycle: Cycle, private: Store
) -> dict[str, Sequence[str]]:
    """Return, by source and mission, the lines on its last cycle, for those that are told of this one first.

    In: the messages that are due, and what was told of this cycle before. Of a cycle whose books are damaged nothing is
    said, since nothing else depends on it.
    """
    first = [notice for notice in notices if notice.kind in ASKING and not told.get(notice.slot, Told()).anything]
    card = None
    if first:
        with suppress(Damaged):
            card = scorecard.before(cycle, config, private)
    return {notice.slot: lines(card, notice, notice.language) for notice in first} if card else {}


def lines(card: scorecard.Scorecard, notice: Notice, language: Language) -> list[str]:
    """Return what is to be said to a source, a line each; nothing where there is nothing."""
    standing = notice.standing
    own = pl.col("source") == standing.source, pl.col("mission").eq_missing(pl.lit(standing.mission, pl.String))
    rows = card.cycles.filter(*own).to_dicts()
    if not rows:
        return []
    (row,) = rows
    if row["received_on"] is None:
        return [text("last_none", language)] if row["status"].startswith("overdue") else []
    said = []
    if late := row["days_late"]:
        key = "last_late_1" if late == 1 else "last_late_n"
        said.append(text(key, language, n=late, due=day(row["due"], language)))
    kinds = card.kinds.filter(*own)
    if row["critical"] or kinds["again"].any():
        said += _findings(row, kinds, language)
    if row["unanswered"]:
        said.append(text("last_questions", language, n=row["unanswered"]))
    return said


def _findings(row: Mapping[str, Any], kinds: pl.DataFrame, language: Language) -> list[str]:
    """Say how many there were, which of them come each time, else which are most frequent, and what became of them."""
    again = kinds.filter("again")
    meant = again if again.height else kinds.head(_MOST_SHOWN)
    whats = meant["what_fr" if language == "fr" else "what"].unique(maintain_order=True)
    apart = "\u00a0; " if language == "fr" else "; "
    what = apart.join(whats.head(_MOST_SHOWN)) + (f"{apart}…" if whats.len() > _MOST_SHOWN else ".")
    number = int(meant["findings"].sum())
    if number == row["findings"]:
        key = "last_all_again" if again.height else "last_all"
    else:
        key = "last_some_again" if again.height else "last_some"
    said = [text(key, language, points=points(row["findings"], 0, language), n=number, what=what)]
    if row["to_mend"]:
        said.append(text("last_open", language, n=row["to_mend"]))
    elif row["mended"] == row["findings"]:
        days = max(math.ceil(row["most_days_to_mend"]), 1)
        said.append(text("last_mended_1" if days == 1 else "last_mended_n", language, n=days))
    return said
