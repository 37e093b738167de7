"""Corrections, waivers and accepted figures in a refresh: which hold, what they did, which are no longer needed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import polars as pl

from config import Acceptance, Contract, Correction, Cycle, Messages, Waiver
from config.parts import Decisions, OfFound
from flows.core.records import Gathered, ReadSubmission
from flows.intake.books.accepted import SURE
from flows.intake.books.record import PLACE
from transforms import corrections as correcting

Decided = TypeVar("Decided", bound=Decisions)
# the rule of a finding that a correction leaves
CORRECTED = "corrected_by_config"
# the rules of findings on corrections, waivers and accepted figures that are over, or that nothing needs
_NEEDED = ("correction_is_still_needed", "waiver_is_still_needed", "acceptance_is_still_needed")


def in_force(config: Decided, cycle: Cycle | None, on: date) -> Decided:
    """Return a part of the configuration with only those corrections and waivers that are heeded as of a day.

    Where the cycle is not known, those that are for one cycle alone are not.
    """
    cycles = {None, cycle.number if cycle else None}
    return replace(
        config,
        corrections=tuple(one for one in config.corrections if one.cycle in cycles),
        waivers=tuple(one for one in config.waivers if one.cycle in cycles and (not one.until or on <= one.until)),
    )


def by_content(frame: pl.DataFrame, reads: Sequence[ReadSubmission]) -> pl.LazyFrame:
    """Return a frame about files with the SHA-256 of each, by which a waiver may be of one content alone."""
    contents = pl.LazyFrame(
        [(one.submission.file, one.submission.sha256) for one in reads],
        schema={"_file": pl.String, "_sha256": pl.String},
        orient="row",
    )
    return frame.lazy().join(contents.unique("_file"), on="_file", how="left", maintain_order="left")


def applied(
    text: pl.LazyFrame, corrections: Sequence[Correction], contract: Contract, messages: Messages
) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Return a finding for each cell that was corrected, and how many cells each correction changed, by its place.

    In: the corrected text of one table. The findings name reason and owner and never what the cell held.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
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
                "rule": CORRECTED,
                "severity": "info",
                **_texts(CORRECTED, messages, column=named(one.column, contract.tables[one.table]), why=one.why),
                "about": json.dumps(one.key, sort_keys=True),
            }
            for place in places.iter_rows(named=True)
        ]
    return recorded(found), used


def guards(gathered: Gathered, used: Iterable[Mapping[str, int]], config: OfFound, cycle: Cycle) -> pl.DataFrame:
    """Return a finding for each correction and waiver of a cycle that nothing needs any more, or that is over.

    In: all that was gathered, and how often each was used in each part of it. Where nothing was read that it could be
    about, there is nothing to say of it.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.findings import recorded

    times = Counter[str]()
    for counts in used:
        times.update(counts)
    current = in_force(config, cycle, gathered.on)
    found = [
        _no_longer_needed(one, "correction_is_still_needed", config.messages, column=one.column, table=one.table)
        for one in current.corrections
        if not times[one.place] and _heard(one, one.key.get("mission"), gathered, config)
    ]
    for waiver in config.waivers:
        # an answer holds until the number leaves its range, and nobody is bothered with it before
        if waiver.cycle not in {None, cycle.number} or waiver.between:
            continue
        over = {"rule": waiver.rule, "until": str(waiver.until)}
        if waiver not in current.waivers:
            found.append(_no_longer_needed(waiver, "waiver_is_not_over", config.messages, **over))
        elif not times[waiver.place] and _heard(waiver, waiver.mission, gathered, config):
            found.append(_no_longer_needed(waiver, "waiver_is_still_needed", config.messages, rule=waiver.rule))
    return recorded(found)


def acceptances(figures: pl.DataFrame, config: OfFound, cycle: Cycle) -> pl.DataFrame:
    """Return a finding for each decision to accept a figure of a cycle that holds no more, or that nothing needs.

    In: the table of figures. Of a figure without a value there is nothing to say.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.findings import recorded

    told = []
    for one in config.accepted:
        own = figures.filter(pl.col("figure") == one.figure, pl.col("mission") == one.mission)
        if one.cycle != cycle.number or own.is_empty() or own["value"][0] is None:
            continue
        value, status = own.select("value", "obs_status").row(0)
        words = {"figure": one.figure, "mission": one.mission, "status": status}
        words |= {"value": f"{value:,.10g}", "accepted": f"{one.value:,.10g}"}
        if value != one.value:
            told.append(_no_longer_needed(one, "acceptance_holds", config.messages, **words))
        elif status in SURE:
            told.append(_no_longer_needed(one, "acceptance_is_still_needed", config.messages, **words))
    return recorded(told)


def not_needed(findings: pl.DataFrame) -> list[str]:
    """Return, of all that was found, a sentence for each correction and waiver that is over or that nothing needs."""
    told = findings.filter(pl.col("rule").is_in(_NEEDED))
    return [f"{message} {remedy}" for message, remedy in told.select("message", "remedy").iter_rows()]


def _heard(one: Correction | Waiver, mission: str | None, gathered: Gathered, config: OfFound) -> bool:
    """Tell whether a file is in use that a correction or waiver could be about."""
    by_missions = config.contract(one.source).sent_by == "missions"
    judged = gathered.judged
    return any(
        read.submission.source == one.source
        and (not by_missions or mission in {None, read.submission.mission})
        and read.submission.file not in judged.refused
        and (one.table is None or (read.submission.file, one.table) not in judged.refused_tables)
        for read in gathered.reads
    )


def _no_longer_needed(
    one: Correction | Waiver | Acceptance, says: str, messages: Messages, **words: str
) -> Mapping[str, Any]:
    rule = _NEEDED[(Correction, Waiver, Acceptance).index(type(one))]
    words |= {"place": one.place, "file": one.place.partition(":")[0]}
    table: str | None = "figures"
    column: str | None = None
    if not isinstance(one, Acceptance):
        table, column = one.table, one.column
        words["source"] = one.source
    texts = _texts(says, messages, **words)
    number = one.place.removeprefix(PLACE)
    if number != one.place:
        back = _texts("decision_is_still_needed", messages, number=number)
        texts = {**texts, "remedy": back["remedy"], "remedy_fr": back["remedy_fr"]}
    return {
        "source": "pipeline",
        "table": table,
        "column": column,
        "rule": rule,
        "severity": "warning",
        **texts,
        "about": json.dumps(one.model_dump(mode="json", exclude={"reason", "owner"}), sort_keys=True),
    }


def _texts(says: str, messages: Messages, **words: Any) -> Mapping[str, str]:
    from expectations.messages import filled

    texts = messages.rules[says]
    message, remedy = filled(texts.message, words, says), filled(texts.remedy, words, says)
    return {"message": message.en, "message_fr": message.fr, "remedy": remedy.en, "remedy_fr": remedy.fr}
