"""Pairs of files: what replaces or continues another is compared with it, and with what other missions sent.

Each honest one is accepted without a warning, each other is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Config, Cycle, Waiver
from flows.core.records import GatedTable, Gathered
from flows.core.steps import InTurn, Kind, Step
from flows.refresh.story import gather
from tests.flows.intake.test_cases_of_values import FOLDER
from tests.support.files import (
    ALLEGATIONS_HEADER,
    CONFIG,
    CYCLE,
    Rooms,
    Row,
    casualty,
    mission_book,
    noticas,
    workbook,
)

pytestmark = pytest.mark.slow

NOT_THERE = ("columns_of_figures_are_there", "columns_of_tables_are_there")
LAST = CONFIG.cycle(4)
MONDAY = datetime(2024, 5, 20, 9, 30, tzinfo=UTC)
CASUALTIES = [casualty(number) for number in range(1, 101)]
OLD_CASUALTIES = [casualty(number, day="2023-06-01") for number in range(1, 101)]
TRAININGS: list[Row] = [
    ("training", "sessions", "training_days", "participants"),
    ("Induction", 12, 24, 310),
    ("Refresher", 7, 9, 120),
    ("SEA prevention", 3, 3, 44),
    ("Training of trainers", 1, 2, 8),
]


@dataclass(frozen=True)
class Pair:
    """Two files, the later one being compared; where each lies, of which cycle the first is, which rules are told."""

    first: bytes
    then: bytes
    place: str
    told: frozenset[tuple[str, str]] = frozenset()
    cycle: Cycle = CYCLE
    place_of_first: str = ""


def sheet(header: Sequence[str], rows: Iterable[Row], name: str = "Sheet1") -> bytes:
    return workbook({name: [tuple(header), *rows]})


def cases(numbers: Iterable[int]) -> bytes:
    return sheet(ALLEGATIONS_HEADER, ((f"A-{n}", "SEA", "MINUSCA", "2023-06-01") for n in numbers))


def hospitals(numbers: Iterable[int]) -> bytes:
    rows: list[Row] = [("hospital_id", "mission", "level"), *((f"H-{n}", "UNMISS", "2") for n in numbers)]
    interruptions: list[Row] = [("hospital_id", "mission", "service", "days", "share_of_cycle_pct"), ("None",)]
    return workbook({"Hospitals": rows, "Interruptions": interruptions})


def personnel(*months: str, women: int = 3) -> bytes:
    header = "contributing_country,mission,personnel_type,female_personnel,male_personnel,last_reporting_date"
    countries = ("Namibia", "Nepal", "Ghana", "India", "Kenya", "Togo")
    rows = [f"{country},UNMISS,Troops,{women},20,{month}" for month in months for country in countries]
    return "\n".join([header, *rows, ""]).encode()


def crimes(more: int = 0, missions: Sequence[str] = ("MINUSCA", "UNMISS", "UNIFIL", "UNISFA")) -> bytes:
    columns = ("cases_reported", "cases_investigated", "perpetrators_identified", "perpetrators_detained")
    header = ("mission", *columns, "perpetrators_tried", "perpetrators_convicted")
    rows = [(mission, 20 + more, 12, 9, 7, 5, 4) for mission in missions]
    total = ("TOTAL", *(sum(int(row[at]) for row in rows) for at in range(1, 7)))
    return sheet(header, [*rows, total], "Crimes")


def book(
    mission: str = "UNIFIL", cycle: int = 5, trainings: Sequence[Row] = TRAININGS, **changed: Sequence[Row]
) -> bytes:
    return mission_book(mission, cycle, conduct_training=trainings, **changed)


def with_sessions(*sessions: int) -> list[Row]:
    header, *rows = TRAININGS
    return [header, *((row[0], many, *row[2:]) for row, many in zip(rows, sessions, strict=False))]


FORUMS: list[Row] = [
    ("political_strategy", "peacebuilding_events", "events_with_womens_groups", "forum_participants"),
    ("Y", 88, 41, 2900),
]
IMPACTS = ("impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks")
INCIDENTS: list[Row] = [("new_incidents", "total_incidents", *IMPACTS), (5, 17)]
PATROLS: list[Row] = [("year", "patrols", "patrols_with_women", "engagement_teams"), (2023, 612, 77, 4)]
OTHER_NUMBERS = {"political_engagement": FORUMS, "sofa_soma": INCIDENTS, "women_in_patrols": PATROLS}
BOOK, ELSEWHERE = "mission_report/UNIFIL/b.xlsx", "mission_report/UNMISS/a.xlsx"
KEPT, GOES_ON = ("cumulative_rows_are_kept", "critical"), ("cumulative_rows_go_on", "critical")
ROWS, THIS_CYCLE = ("rows_of_the_file_before_are_kept", "warning"), ("numbers_are_of_this_cycle", "warning")
OWN = ("numbers_are_of_this_mission", "warning")
MONTHS = ("2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29")

HONEST = {
    "grown": Pair(noticas(*CASUALTIES), noticas(*CASUALTIES, casualty(101)), "noticas/b.csv"),
    "one row taken out": Pair(noticas(*CASUALTIES), noticas(*CASUALTIES[1:]), "noticas/b.csv"),
    "as many as the bound": Pair(noticas(*CASUALTIES), noticas(*CASUALTIES[3:]), "noticas/b.csv"),
    "sent once more": Pair(noticas(*CASUALTIES), noticas(*CASUALTIES), "noticas/b.csv"),
    "in another order": Pair(noticas(*CASUALTIES), noticas(*reversed(CASUALTIES)), "noticas/b.csv"),
    "keys written otherwise": Pair(
        noticas(*CASUALTIES),
        noticas(*(row.replace("UNIFIL-2024-01-", "unifil–2024–01–", 1) for row in CASUALTIES)),
        "noticas/b.csv",
    ),
    "some cases reclassified": Pair(cases(range(100)), cases(range(12, 104)), "conduct_allegations/b.xlsx"),
    "a short list with one case less": Pair(cases(range(8)), cases(range(7)), "conduct_allegations/b.xlsx"),
    "two hospitals closed": Pair(hospitals(range(20)), hospitals(range(18)), "hospitals/b.xlsx"),
    "hospitals named otherwise": Pair(hospitals(range(20)), hospitals(range(100, 120)), "hospitals/b.xlsx"),
    "one month more": Pair(personnel(*MONTHS[:3]), personnel(*MONTHS), "uniformed_personnel/b.csv"),
    "months of the next cycle": Pair(
        personnel("2023-06-30", "2023-07-31"), personnel(*MONTHS, women=4), "uniformed_personnel/b.csv", cycle=LAST
    ),
    "one number corrected": Pair(book(), book(trainings=with_sessions(13, 7, 3, 1)), BOOK),
    "a training taken out": Pair(book(), book(trainings=TRAININGS[:-1]), BOOK),
    "sent for both cycles": Pair(noticas(*CASUALTIES), noticas(*CASUALTIES), "noticas/b.csv", cycle=LAST),
    "gone on since the last cycle": Pair(
        noticas(*OLD_CASUALTIES), noticas(*OLD_CASUALTIES, casualty(101)), "noticas/b.csv", cycle=LAST
    ),
    "crimes counted on": Pair(crimes(), crimes(1), "crimes_against_peacekeepers/b.xlsx", cycle=LAST),
    "the same answers and calendar year": Pair(
        book(cycle=4), book(trainings=with_sessions(4, 4, 2, 1), political_engagement=FORUMS), BOOK, cycle=LAST
    ),
    "the same hospitals": Pair(hospitals(range(20)), hospitals(range(20)), "hospitals/b.xlsx", cycle=LAST),
    "the same answers as another mission": Pair(
        book("UNMISS"), book(trainings=with_sessions(4, 4, 2, 1), **OTHER_NUMBERS), BOOK, place_of_first=ELSEWHERE
    ),
    "four numbers as another mission": Pair(
        book("UNMISS"),
        book(trainings=with_sessions(4, 4, 2, 1), sofa_soma=INCIDENTS, political_engagement=FORUMS),
        BOOK,
        place_of_first=ELSEWHERE,
    ),
}
TOLD = {
    "one more than the bound": Pair(
        noticas(*CASUALTIES), noticas(*CASUALTIES[4:]), "noticas/b.csv", frozenset({("noticas", *KEPT)})
    ),
    "half of it": Pair(
        noticas(*CASUALTIES), noticas(*CASUALTIES[:50]), "noticas/b.csv", frozenset({("noticas", *KEPT)})
    ),
    "reduced, with new rows": Pair(
        noticas(*CASUALTIES),
        noticas(*CASUALTIES[50:], *(casualty(number) for number in range(200, 260))),
        "noticas/b.csv",
        frozenset({("noticas", *KEPT)}),
    ),
    "another list": Pair(
        noticas(*CASUALTIES),
        noticas(*(casualty(number) for number in range(500, 600))),
        "noticas/b.csv",
        frozenset({("noticas", *KEPT)}),
    ),
    "too many cases reclassified": Pair(
        cases(range(100)),
        cases(range(20, 110)),
        "conduct_allegations/b.xlsx",
        frozenset({("conduct_allegations", *KEPT)}),
    ),
    "cases of this year alone": Pair(
        cases(range(100)),
        cases(range(90, 100)),
        "conduct_allegations/b.xlsx",
        frozenset({("conduct_allegations", *KEPT)}),
    ),
    "half of the hospitals": Pair(
        hospitals(range(20)), hospitals(range(10)), "hospitals/b.xlsx", frozenset({("hospitals", *ROWS)})
    ),
    "other hospitals, and fewer": Pair(
        hospitals(range(20)), hospitals(range(100, 104)), "hospitals/b.xlsx", frozenset({("hospitals", *ROWS)})
    ),
    "the last month alone": Pair(
        personnel(*MONTHS),
        personnel(MONTHS[-1]),
        "uniformed_personnel/b.csv",
        frozenset({("uniformed_personnel", *ROWS)}),
    ),
    "one training of four": Pair(book(), book(trainings=TRAININGS[:2]), BOOK, frozenset({("conduct_training", *ROWS)})),
    "less than in the last cycle": Pair(
        noticas(*CASUALTIES),
        noticas(*CASUALTIES[:80]),
        "noticas/b.csv",
        frozenset({("noticas", *KEPT)}),
        LAST,
    ),
    "fewer cases than in the last cycle": Pair(
        cases(range(100)),
        cases(range(70)),
        "conduct_allegations/b.xlsx",
        frozenset({("conduct_allegations", *KEPT)}),
        LAST,
    ),
    "the list of the last cycle": Pair(
        noticas(*OLD_CASUALTIES),
        noticas(*OLD_CASUALTIES),
        "noticas/b.csv",
        frozenset({("noticas", *GOES_ON)}),
        LAST,
    ),
    "the list of the last cycle, dated anew": Pair(
        noticas(*OLD_CASUALTIES),
        noticas(*(row.replace("2024-05-01", "2024-05-19") for row in OLD_CASUALTIES)),
        "noticas/b.csv",
        frozenset({("noticas", *GOES_ON)}),
        LAST,
    ),
    "the crimes of the last cycle": Pair(
        crimes(), crimes(), "crimes_against_peacekeepers/b.xlsx", frozenset({("crimes", *GOES_ON)}), LAST
    ),
    "the workbook of the last cycle, with another number": Pair(
        book(cycle=4),
        book(cycle=5),
        BOOK,
        frozenset((table, *THIS_CYCLE) for table in ("conduct_training", "political_engagement", "sofa_soma")),
        LAST,
    ),
    "one sheet of the last cycle": Pair(
        book(cycle=4),
        book(political_engagement=FORUMS, sofa_soma=INCIDENTS),
        BOOK,
        frozenset({("conduct_training", *THIS_CYCLE)}),
        LAST,
    ),
    "the personnel of the last cycle": Pair(
        personnel("2024-01-31"),
        personnel("2024-01-31"),
        "uniformed_personnel/b.csv",
        frozenset({("uniformed_personnel", *THIS_CYCLE)}),
        LAST,
    ),
    "the workbook of another mission": Pair(
        book("UNMISS"),
        book(),
        BOOK,
        frozenset(
            (table, *OWN) for table in ("conduct_training", "political_engagement", "sofa_soma", "women_in_patrols")
        ),
        place_of_first=ELSEWHERE,
    ),
    "one sheet of another mission": Pair(
        book("UNMISS"),
        book(**OTHER_NUMBERS),
        BOOK,
        frozenset({("conduct_training", *OWN)}),
        place_of_first=ELSEWHERE,
    ),
}


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def of_source(source: str, config: Config = CONFIG, **more: object) -> Config:
    """The configuration with no other source."""
    return replace(config, contracts={source: config.contracts[source]}, **more)  # type: ignore[arg-type]


def quick(step: Step[Any]) -> Any:
    """Files alone are looked at here, and no rows, which takes most of the time."""
    if step.kind is not Kind.CHECK_TABLE:
        return step.run()
    return GatedTable(str(step.source), str(step.table), "", "", "", None)


def gathered(rooms: Rooms, source: str, cycle: Cycle = CYCLE, **more: object) -> Gathered:
    return gather(cycle, rooms.places, of_source(source, CONFIG.of_cycle(cycle.number), **more), InTurn(quick))


def sent_both(rooms: Rooms, pair: Pair, **more: object) -> Gathered:
    """Let the first file come, then the other."""
    source = pair.place.partition("/")[0]
    folder, _, name = pair.place.rpartition("/")
    put(rooms, pair.place_of_first or f"{folder}/a{Path(name).suffix}", pair.first, pair.cycle, MONDAY)
    first = gathered(rooms, source, pair.cycle)
    assert not first.judged.refused
    put(rooms, pair.place, pair.then, CYCLE, MONDAY + timedelta(days=1))
    return gathered(rooms, source, **more)


def put(rooms: Rooms, place: str, data: bytes, cycle: Cycle, received: datetime) -> None:
    if cycle is CYCLE:
        rooms.put(place, data, received)
    else:
        rooms.put(f"../{cycle.folder}/{place}", data, received)


def findings_of(rooms: Rooms, of: Gathered) -> pl.DataFrame:
    found = rooms.frame(of.judged.findings)
    return found.filter(pl.col("severity") != "info", ~pl.col("rule").is_in(NOT_THERE))


def told(rooms: Rooms, of: Gathered) -> set[tuple[str, str, str]]:
    found = findings_of(rooms, of).filter(pl.col("waived").is_null())
    return set(found.select("table", "rule", "severity").iter_rows())


@pytest.mark.parametrize("pair", HONEST.values(), ids=HONEST)
def test_an_honest_file_is_accepted_without_a_warning(pair: Pair, rooms: Rooms) -> None:
    done = sent_both(rooms, pair)
    assert told(rooms, done) == set()
    assert not done.judged.refused
    assert not done.judged.refused_tables
    assert f"{CYCLE.folder}/{pair.place}" in {one.submission.file for one in done.reads}


@pytest.mark.parametrize("pair", TOLD.values(), ids=TOLD)
def test_any_other_is_told_with_its_table(pair: Pair, rooms: Rooms) -> None:
    done = sent_both(rooms, pair)
    assert told(rooms, done) == pair.told
    findings = findings_of(rooms, done)
    assert set(findings["file"]) == {f"{CYCLE.folder}/{pair.place}"}
    sheets = CONFIG.contracts[pair.place.partition("/")[0]].tables
    assert all(
        row["sheet"] == sheets[row["table"]].sheet_name("en") or not sheets[row["table"]].sheet
        for row in findings.iter_rows(named=True)
    )
    critical = any(severity == "critical" for _, _, severity in pair.told)
    assert bool(done.judged.refused) == critical
    if critical and pair.cycle is CYCLE:
        # what it would have replaced stays in use
        in_use = [one.submission.file for one in done.reads if one.submission.file not in done.judged.refused]
        assert in_use == [f"{CYCLE.folder}/{pair.place.replace('/b.', '/a.')}"]
    # and a refresh of what has not changed says it again
    assert told(rooms, gathered(rooms, pair.place.partition("/")[0])) == pair.told


@pytest.mark.parametrize("recognised", ["2023-06-01", "2024-02-01"])
def test_a_file_of_the_last_cycle_byte_for_byte_is_told_where_no_day_in_it_is_of_this_one(
    recognised: str, rooms: Rooms
) -> None:
    courses: list[Row] = [("contributing_country", "course", "recognised_on"), ("Ghana", "Police advisers", recognised)]
    contingents: list[Row] = [
        ("contingent_id", "mission", "contributing_country", "deployed_on", "certified"),
        ("None",),
    ]
    appointments: list[Row] = [("appointment_id", "mission", "grade", "appointed_on", "attended_on"), ("None",)]
    file = workbook({"Contingents": contingents, "Police courses": courses, "Senior appointments": appointments})
    pair = Pair(file, file, "training_readiness/b.xlsx", cycle=LAST)
    done = sent_both(rooms, pair)
    old = recognised < str(CYCLE.start)
    assert told(rooms, done) == ({(None, *THIS_CYCLE)} if old else set())
    assert done.judged.doubtful == ((("training_readiness", None, None),) if old else ())


def test_one_sheet_of_another_file_puts_the_whole_of_a_file_in_doubt(rooms: Rooms) -> None:
    assert sent_both(rooms, TOLD["one sheet of the last cycle"]).judged.doubtful == (
        ("mission_report", None, "UNIFIL"),
    )


def test_there_are_twenty_pairs_of_each() -> None:
    assert min(len(HONEST), len(TOLD)) >= 20


@pytest.mark.parametrize("name", ["half of it", "the list of the last cycle"])
def test_what_is_waived_with_a_reason_is_accepted(name: str, rooms: Rooms) -> None:
    pair = TOLD[name]
    ((_, rule, _),) = pair.told
    waiver = Waiver(source="noticas", rule=rule, cycle=5, reason="Registered twice until May", owner="Coordinator")
    waiver._place = "config/waivers.yaml:1"
    done = sent_both(rooms, pair, waivers=(waiver,))
    assert not done.judged.refused
    assert told(rooms, done) == set()
    waived = findings_of(rooms, done).filter(pl.col("rule") == rule)
    assert waived["waived"].to_list() == ["Coordinator: Registered twice until May"]
    # it is what the next file is compared with
    put(rooms, "noticas/c.csv", noticas(*CASUALTIES[:20]), CYCLE, MONDAY + timedelta(days=2))
    again = gathered(rooms, "noticas")
    assert f"{CYCLE.folder}/noticas/c.csv" in again.judged.refused


def test_a_bound_is_the_contracts(rooms: Rooms) -> None:
    contract = CONFIG.contracts["noticas"]
    table = contract.tables["noticas"].model_copy(update={"may_lose_pct": 60})
    wide = contract.model_copy(update={"tables": {"noticas": table}})
    done = sent_both(rooms, TOLD["half of it"])
    assert done.judged.refused
    config = replace(CONFIG, contracts={"noticas": wide})
    assert not gather(CYCLE, rooms.places, config, InTurn(quick)).judged.refused


def test_a_french_reader_is_told_in_french(rooms: Rooms) -> None:
    findings = findings_of(rooms, sent_both(rooms, TOLD["half of it"]))
    assert findings["message_fr"].item().endswith("\u00a0: 50 lignes sur 100.")
    assert findings["message"].item().endswith(": 50 of 100 rows.")


def test_the_case_of_a_workbook_whose_cycle_was_changed(rooms: Rooms, sample_inbox: Path) -> None:
    case = FOLDER / "UNIFIL-last-cycle-number-changed.xlsx"
    if not case.is_file():
        pytest.skip(f"{case.name} is not in {FOLDER}; name its folder in A4P_CASES")
    (last,) = (sample_inbox / LAST.folder / "mission_report" / "UNIFIL").iterdir()
    done = sent_both(rooms, Pair(last.read_bytes(), case.read_bytes(), BOOK, cycle=LAST))
    findings = findings_of(rooms, done).filter(pl.col("rule") == THIS_CYCLE[0])
    assert {"Conduct trainings", "SOFA-SOMA incidents"} == set(findings["sheet"])
    assert set(findings["message"]) == {"All numbers are those of the last cycle, the same contents as: cycle 4."}
