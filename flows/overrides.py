"""Corrections and waivers in a refresh: which are in force, what they did, and which are no longer needed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from config import Config, Contract, Correction, Cycle, Waiver
from flows.records import Gathered
from transforms import corrections as correcting


def in_force(config: Config, cycle: Cycle, on: date) -> Config:
    """Return the configuration with only those corrections and waivers that a refresh as of a day heeds."""
    return replace(
        config,
        corrections=tuple(one for one in config.corrections if one.cycle in {None, cycle.number}),
        waivers=tuple(
            one
            for one in config.waivers
            if one.cycle in {None, cycle.number} and (one.until is None or on <= one.until)
        ),
    )


def applied(
    text: pl.LazyFrame, corrections: Sequence[Correction], contract: Contract
) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Return a finding for each cell that was corrected, and how many cells each correction changed, by its place.

    In: the corrected text of one table. The findings name reason and owner and never what the cell held.
    """
    from expectations.findings import recorded
    from expectations.messages import named

    found: list[Mapping[str, Any]] = []
    used: Counter[str] = Counter()
    # the mission that stands in a row of a headquarters table is a cell like any other
    mission = pl.col("mission") if contract.sent_by == "missions" else pl.lit(None, pl.String)
    for number, one in enumerate(corrections):
        flagged = text.filter(pl.col(correcting.flag(number)))
        places = flagged.select("_file", "_sheet", pl.col("_row").cast(pl.Int64), mission.alias("mission")).collect()
        used[one.place] = places.height
        found += [
            {
                "source": one.source,
                "table": one.table,
                "mission": place["mission"],
                "file": place["_file"],
                "sheet": place["_sheet"],
                "row": place["_row"],
                "column": one.column,
                "rule": "corrected_by_config",
                "severity": "info",
                **_texts("corrected_by_config", column=named(one.column, contract.tables[one.table]), why=one.why),
                "about": json.dumps(one.key, sort_keys=True),
            }
            for place in places.iter_rows(named=True)
        ]
    return recorded(found), used


def guards(gathered: Gathered, used: Iterable[Mapping[str, int]], config: Config, cycle: Cycle) -> pl.DataFrame:
    """Return a finding for each correction and waiver of a cycle that nothing needs any more, or that is over.

    In: all that was gathered, and how often each was used in each part of it. Of a source, or mission, that sent
    nothing there is nothing to say.
    """
    from expectations.findings import recorded

    times = Counter[str]()
    for counts in used:
        times.update(counts)
    current = in_force(config, cycle, gathered.on)
    read = [
        (one.submission.source, one.submission.mission)
        for one in gathered.reads
        if one.submission.file not in gathered.judged.refused
    ]
    found = [
        _no_longer_needed(one, "correction_is_still_needed", column=one.column, table=one.table)
        for one in current.corrections
        if not times[one.place] and any(source == one.source for source, _ in read)
    ]
    sent = {(one.submission.source, one.submission.mission) for one in gathered.reads}
    for waiver in config.waivers:
        if waiver.cycle not in {None, cycle.number}:
            continue
        if waiver not in current.waivers:
            found.append(_no_longer_needed(waiver, "waiver_is_not_over", rule=waiver.rule, until=str(waiver.until)))
        elif not times[waiver.place] and _heard(waiver, sent):
            found.append(_no_longer_needed(waiver, "waiver_is_still_needed", rule=waiver.rule))
    return recorded(found)


def _heard(waiver: Waiver, sent: set[tuple[str, str | None]]) -> bool:
    missions = {mission for source, mission in sent if source == waiver.source}
    by_missions = missions - {None}
    return waiver.mission in by_missions if waiver.mission and by_missions else bool(missions)


def _no_longer_needed(one: Correction | Waiver, says: str, **words: str) -> Mapping[str, Any]:
    return {
        "source": "pipeline",
        "table": one.table,
        "column": one.column,
        "rule": "correction_is_still_needed" if isinstance(one, Correction) else "waiver_is_still_needed",
        "severity": "warning",
        **_texts(says, source=one.source, place=one.place, file=one.place.partition(":")[0], **words),
        "about": json.dumps(one.model_dump(mode="json", exclude={"reason", "owner"}), sort_keys=True),
    }


def _texts(says: str, **words: Any) -> Mapping[str, str]:
    from expectations.messages import catalogue, filled

    texts = catalogue().rules[says]
    message, remedy = filled(texts.message, words, says), filled(texts.remedy, words, says)
    return {"message": message.en, "message_fr": message.fr, "remedy": remedy.en, "remedy_fr": remedy.fr}
