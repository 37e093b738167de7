"""How each source has done over the cycles: in time, accepted at first, what was wrong, how soon it was mended.

It is made of what the books hold: the ledgers, what the last refresh of each cycle was sent, the record of decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from config import Config, ConfigError, Contract, Cycle
from expectations import severity
from expectations.questions import is_question
from flows.core.score_tables import CYCLES, KINDS, TREND, schema
from flows.core.standing import Standing, days_late, missions_of, standings
from flows.intake.books import kinds, ledger, record, sent_files
from flows.intake.books.questions import Answers, answers, ended
from flows.intake.books.record import Entry
from flows.intake.receive.parts import part_of
from flows.stores import Store

BETTER, WORSE, BOTH, SAME = "better", "worse", "some better, some worse", "as before"
_MOST_KINDS = 3
_NOTHING = "–"
_Row = dict[str, Any]
_Slot = tuple[str, str | None]


@dataclass(frozen=True)
class Scorecard:
    """A row a source, mission and cycle; a row for each kind of finding of these; a row a source over the cycles.

    The columns are those of flows.core.score_tables.
    """

    cycles: pl.DataFrame
    kinds: pl.DataFrame
    trend: pl.DataFrame


@dataclass(frozen=True)
class Books:
    """What is known of a cycle: its ledger, what the last refresh was sent, its files, who was late, the answers."""

    ledger: pl.DataFrame
    submissions: pl.DataFrame
    files: pl.DataFrame
    late: frozenset[str]
    answers: Answers


def scorecard(
    config: Config,
    private: Store,
    cycles: Collection[int] = (),
    source: str | None = None,
    mission: str | None = None,
) -> Scorecard:
    """Return the scorecard of the cycles that were refreshed, of some of them, of one source or mission.

    Raises ConfigError where there is no such source, mission or cycle or it was not refreshed yet, StoreError where the
    store fails or a book is damaged.
    """
    for number in cycles:
        config.cycle(number)
    if source:
        config.contract(source)
    if mission and mission not in config.missions:
        raise ConfigError(
            f"There is no mission '{mission}' in config/missions.yaml; write its acronym, such as UNMISS."
        )
    there = record.standing(record.entries(private))
    known = {number: books(private, cycle, config, there) for number, cycle in config.cycles.items()}
    every = of_cycles(known, config)
    unknown = sorted(set(cycles) - set(every.cycles["cycle"]))
    if unknown:
        raise ConfigError(
            f"Cycle {unknown[0]} has not been refreshed yet; do so with: a4p refresh --cycle {unknown[0]}"
        )
    asked = [pl.col("cycle").is_in(list(cycles))] if cycles else []
    asked += [pl.col("source") == source] if source else []
    asked += [pl.col("mission") == mission] if mission else []
    shown = every.cycles.filter(*asked)
    of_kinds = every.kinds.filter(*asked)
    return Scorecard(shown, of_kinds, _trend(shown, of_kinds))


def before(cycle: Cycle, config: Config, private: Store) -> Scorecard | None:
    """Return the scorecard of the cycle before one; None where it was never refreshed. Raises StoreError."""
    there = record.standing(record.entries(private))
    numbers = [number for number in (cycle.number - 2, cycle.number - 1) if number in config.cycles]
    every = of_cycles({number: books(private, config.cycle(number), config, there) for number in numbers}, config)
    last = pl.col("cycle") == cycle.number - 1
    cycles, of_kinds = every.cycles.filter(last), every.kinds.filter(last)
    return Scorecard(cycles, of_kinds, _trend(cycles, of_kinds)) if cycles.height else None


def books(private: Store, cycle: Cycle, config: Config, decided: Iterable[Entry]) -> Books | None:
    """Return what is known of a cycle; None where it was never refreshed. Raises StoreError.

    `decided` are the decisions of the record that nobody took back.
    """
    last = ledger.last_refresh(private, cycle)
    if last is None:
        return None
    # of a cycle that was refreshed before files were noted, what its last refresh says
    files = sent_files.update(sent_files.load(private, cycle), last.submissions)
    late = frozenset(ledger.late(private, cycle))
    answered = answers(decided, config, cycle.number)
    return Books(ledger.load(private, cycle), last.submissions, files, late, answered)


def of_cycles(known: Mapping[int, Books | None], config: Config) -> Scorecard:
    """Return the scorecard of cycles, of which the books are given by number, oldest first."""
    rows: list[_Row] = []
    of_kinds = [pl.DataFrame(schema=schema(KINDS))]
    before: dict[_Slot, _Row] = {}
    for number, there in known.items():
        if there is None:
            continue
        facts = config.of_cycle(number)
        found = _kinds(there, known.get(number - 1), facts)
        of_kinds.append(_titled(found.with_columns(cycle=pl.lit(number, pl.Int64)), facts, KINDS))
        for row in _rows(there, found, facts, config.cycle(number)):
            slot = row["source"], row["mission"]
            rows.append({**row, "trend": _against(before.get(slot), row)})
            before[slot] = row
    order = [*config.contracts]
    by_contract = pl.col("source").replace_strict(order, range(len(order)), default=len(order), return_dtype=pl.Int64)
    cycles = pl.DataFrame(rows, schema=schema(CYCLES)).sort(by_contract, "mission", "cycle", maintain_order=True)
    every = pl.concat(of_kinds).sort(by_contract, "mission", "cycle", maintain_order=True)
    return Scorecard(cycles, every, _trend(cycles, every))


def _kinds(there: Books, before: Books | None, config: Config) -> pl.DataFrame:
    by_mission = ledger.mission_sources(config)
    now, then = (
        ledger.of_slots(one.ledger if one else ledger.empty(), by_mission).filter(kinds.counted())
        for one in (there, before)
    )
    return kinds.kinds(now, then)


def _titled(found: pl.DataFrame, config: Config, fields: Mapping[str, Any]) -> pl.DataFrame:
    titles = {name: contract.title.en for name, contract in config.contracts.items()}
    known = found.filter(pl.col("source").is_in(list(titles)))
    return known.with_columns(title=pl.col("source").replace(titles)).select(list(fields))


def _rows(there: Books, found: pl.DataFrame, config: Config, cycle: Cycle) -> Iterable[_Row]:
    """Return a row for each source, and mission where missions send, but for the trend."""
    counted = _by_slot(_counts(there, config))
    questions = _by_slot(ended(there.ledger, there.answers, ledger.mission_sources(config)))
    files, of_kinds = (frame.partition_by("source", "mission", as_dict=True) for frame in (there.files, found))
    for standing in standings(there.submissions, config, cycle):
        slot, contract = (standing.source, standing.mission), config.contract(standing.source)
        if standing.mission not in missions_of(contract, config):
            continue
        yield {
            "source": standing.source,
            "title": contract.title.en,
            "mission": standing.mission,
            "cycle": cycle.number,
            "due": standing.due,
            "status": _status(standing, there),
            **_sending(files.get(slot), contract, standing),
            "most_frequent": _most_frequent(of_kinds.get(slot)),
            **dict.fromkeys(("findings", "critical", "warnings", "mended", "to_mend", "let_stand"), 0),
            **dict.fromkeys(("questions", "answered", "corrected", "taken", "unanswered"), 0),
            **dict.fromkeys(("days_to_mend", "most_days_to_mend")),
            **counted.get(slot, {}),
            **questions.get(slot, {}),
        }


def _counts(there: Books, config: Config) -> pl.DataFrame:
    """Return how many findings each source, and mission, has, and what became of them."""
    counted = kinds.counted()
    let_stand = pl.col("waived_by").is_not_null() & severity.to_mend() & ~is_question()
    return (
        ledger.of_slots(there.ledger, ledger.mission_sources(config))
        .group_by("source", "mission")
        .agg(
            findings=counted.sum(),
            critical=(counted & (pl.col("severity") == "critical")).sum(),
            warnings=(counted & (pl.col("severity") == "warning")).sum(),
            mended=(counted & ledger.MENDED_BY_SOURCE).sum(),
            to_mend=(counted & ledger.OPEN).sum(),
            let_stand=let_stand.sum(),
            days_to_mend=ledger.DAYS_TO_MEND.filter(counted).median(),
            most_days_to_mend=ledger.DAYS_TO_MEND.filter(counted).max(),
        )
    )


def _by_slot(frame: pl.DataFrame) -> dict[_Slot, _Row]:
    return {(row.pop("source"), row.pop("mission")): row for row in frame.iter_rows(named=True)}


def _status(standing: Standing, there: Books) -> str:
    """Say how it stood after the last refresh; whether it came late stands beside it."""
    # what came since then is not known here
    overdue = standing.state == "awaited" and standing.name in there.late
    return ", ".join(("overdue" if overdue else standing.state, *standing.withdrawal))


def _sending(files: pl.DataFrame | None, contract: Contract, standing: Standing) -> _Row:
    """Return when the first file came and what became of it, how many there were, and how often it was sent.

    The inbox has no more what was overwritten there, and the last refresh says nothing of it.
    """
    sent = files.filter(~pl.col("withdrawn")).to_dicts() if files is not None else []
    parts: dict[str | None, list[_Row]] = {}
    for row in sent:
        parts.setdefault(part_of(row["file"], contract), []).append(row)
    first = [of_part[0]["first_verdict"] for of_part in parts.values()]
    times = [_times(of_part) for of_part in parts.values()]
    accepted = [time for time in times if time]
    whole = accepted and (standing.state == "accepted" or len(accepted) == len(times))
    received_on = min((row["received_at"].date() for row in sent), default=None) if standing.received_on else None
    return {
        "received_on": received_on,
        "days_late": days_late(received_on, standing.due) if received_on else None,
        "files": len(sent),
        "accepted_at_first": None if not first or None in first else set(first) == {"accepted"},
        "times_sent": max(accepted) if whole else None,
    }


def _times(files: Sequence[_Row]) -> int | None:
    """Return the place among them of the first file that was accepted whole; None where none was."""
    verdicts = ({row["first_verdict"], row["verdict"]} for row in files)
    return next((time for time, said in enumerate(verdicts, start=1) if "accepted" in said), None)


def _most_frequent(found: pl.DataFrame | None) -> str | None:
    """Say what was found most often; several rules may say the same."""
    if found is None:
        return None
    said = found.group_by("what", maintain_order=True).agg(pl.col("findings").sum())
    most = said.sort("findings", descending=True, maintain_order=True).head(_MOST_KINDS)
    return "; ".join(f"{what} ({number:,})" for what, number in most.iter_rows())


def _against(before: _Row | None, now: _Row) -> str | None:
    """Say how a source has done beside its last cycle; nothing where there is none, or nothing to go by yet."""
    if before is None or not (_counts_for(before) and _counts_for(now)):
        return None
    pairs = list(zip(_measures(before), _measures(now), strict=True))
    known = [(then, today) for then, today in pairs if then is not None and today is not None]
    better, worse = any(today < then for then, today in known), any(today > then for then, today in known)
    return {(True, True): BOTH, (True, False): BETTER, (False, True): WORSE}.get((better, worse), SAME)


def _counts_for(row: _Row) -> bool:
    """Whether a file came, or should have come."""
    return row["received_on"] is not None or row["status"].startswith("overdue")


def _measures(row: _Row) -> tuple[float | None, ...]:
    """Return what is the better the smaller it is."""
    if row["received_on"] is None:
        return float("inf"), None, None
    at_first = row["accepted_at_first"]
    return row["days_late"], None if at_first is None else int(not at_first), row["findings"]


def _trend(cycles: pl.DataFrame, of_kinds: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each source, and mission, over the cycles that are given."""
    rows = []
    for own in cycles.partition_by("source", "mission", maintain_order=True):
        every = own.sort("cycle").to_dicts()
        expected = [row for row in every if _counts_for(row)]
        last = every[-1]
        here = (pl.col(name).eq_missing(pl.lit(last[name])) for name in ("source", "mission", "cycle"))
        rows.append(
            {
                **{name: last[name] for name in ("source", "title", "mission", "trend")},
                "cycles": ", ".join(str(row["cycle"]) for row in every),
                "expected": len(expected),
                "in_time": sum(row["days_late"] == 0 for row in expected),
                "accepted_at_first": sum(bool(row["accepted_at_first"]) for row in expected),
                "findings": ", ".join(str(row["findings"]) if row["received_on"] else _NOTHING for row in every),
                "days_to_mend": ", ".join(_days(row["days_to_mend"]) for row in every),
                "each_time": "; ".join(of_kinds.filter(*here, pl.col("again"))["what"]) or None,
            }
        )
    return pl.DataFrame(rows, schema=schema(TREND))


def _days(days: float | None) -> str:
    return _NOTHING if days is None else f"{days:,.1f}"
