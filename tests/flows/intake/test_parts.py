"""Files of a slot: which are read together, which takes the place of which, and what is told of those passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Config
from flows.core.records import Gathered
from flows.core.standing import standings
from flows.core.steps import InTurn, direct
from flows.intake.books.completeness import known, submissions
from flows.intake.receive.parts import numbered, part_of, quarter
from flows.refresh.story import gather
from tests.flows.intake.test_compared import of_source, quick
from tests.support.files import CONFIG, CYCLE, Rooms, Row, casualty, mission_book, noticas, workbook

pytestmark = pytest.mark.slow

MONDAY = datetime(2024, 5, 20, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = (noticas(*(casualty(number) for number in numbers)) for numbers in (range(1, 7), range(7, 11)))
WHOLE = noticas(*(casualty(number) for number in range(1, 11)))
LACKING, REPLACED = ("all_parts_are_there", "critical"), ("file_is_the_one_that_counts", "info")
APART = ("parts_are_read_together", "warning")


def evaluations(quarter: str, month: str, units: Iterable[int] = range(1, 4), rating: str = "Average") -> bytes:
    """A workbook of the Police Division for a quarter: the units there are, and the evaluation of each."""
    listed: list[Row] = [("unit_id", "mission", "contributing_country")]
    rated: list[Row] = [("unit_id", "mission", "quarter", "evaluation_date", "rating", "improvement_plan")]
    for unit in units:
        listed.append((f"FPU-{unit}", "UNMISS", "Nepal"))
        rated.append((f"FPU-{unit}", "UNMISS", quarter, f"{month}-{unit:02}", rating, "N"))
    return workbook({"Units": listed, "Evaluations": rated})


FIRST, SECOND = evaluations("Q1", "2023-12"), evaluations("Q2", "2024-03")


@dataclass(frozen=True)
class Came:
    """A file of a source: its name and content, how many days after Monday it was written, before which gathering."""

    name: str
    data: bytes
    day: int = 0
    before: int = 0


@dataclass(frozen=True)
class Case:
    """Files of a source, those that count at the end, and what is told: a file, a rule and its severity."""

    source: str
    files: Sequence[Came]
    counts: frozenset[str]
    told: frozenset[tuple[str, str, str]] = frozenset()
    in_parts: bool = True


def case(source: str, *files: Came, counts: str, in_parts: bool = True, **told: tuple[str, str]) -> Case:
    """Names of files are told by their first words, those that count by `counts`, parted by commas."""
    said = {(next(one.name for one in files if one.name.startswith(name)), *rule) for name, rule in told.items()}
    return Case(source, files, frozenset(filter(None, counts.split(", "))), frozenset(said), in_parts)


def two(first: str, second: str, source: str = "noticas") -> Case:
    data = (ONE, TWO) if source == "noticas" else (FIRST, SECOND)
    return case(source, Came(first, data[0]), Came(second, data[1], 1), counts=f"{first}, {second}")


HONEST = {
    "parts": two("list part 1 of 2.csv", "list part 2 of 2.csv"),
    "parts, the second one first": two("list part 2 of 2.csv", "list part 1 of 2.csv"),
    "parts without spaces": two("noticas_Part1of2.csv", "noticas_Part2of2.csv"),
    "parts in French": two("Partie 1 sur 2.csv", "Partie 2 sur 2.csv"),
    "parts in brackets": two("noticas (1 of 2).csv", "noticas (2 of 2).csv"),
    "parts without a total": two("noticas-part1.csv", "noticas-part2.csv"),
    "quarters": two("FPU Q1.xlsx", "FPU Q2.xlsx", "fpu_evaluations"),
    "quarters of years": two("2023-Q4 FPU.xlsx", "FPU_2024Q1.xlsx", "fpu_evaluations"),
    "quarters in French": two("Évaluations T1.xlsx", "Évaluations T2.xlsx", "fpu_evaluations"),
    "quarters in words": two("First quarter.xlsx", "second quarter.xlsx", "fpu_evaluations"),
    "quarters in French words": two("1er trimestre.xlsx", "2ème trimestre.xlsx", "fpu_evaluations"),
    "quarters at once": case(
        "fpu_evaluations", Came("Q1.xlsx", FIRST), Came("Q2.xlsx", SECOND), counts="Q1.xlsx, Q2.xlsx"
    ),
    "one quarter so far": case("fpu_evaluations", Came("Q1.xlsx", FIRST), counts="Q1.xlsx"),
    "a quarter corrected": case(
        "fpu_evaluations",
        Came("Q1.xlsx", FIRST),
        Came("Q2.xlsx", SECOND, 1),
        Came("corrected Q1.xlsx", evaluations("Q1", "2023-12", rating="Very good"), 2, before=1),
        counts="corrected Q1.xlsx, Q2.xlsx",
        Q1=REPLACED,
    ),
    "both quarters in one file": case(
        "noticas",
        Came("part 1 of 2.csv", ONE),
        Came("part 2 of 2.csv", TWO),
        Came("whole.csv", WHOLE, 2, before=1),
        counts="whole.csv",
        **{"part 1": REPLACED, "part 2": REPLACED},
    ),
    "parts of a file that was whole": case(
        "noticas",
        Came("whole.csv", WHOLE),
        Came("part 1 of 2.csv", ONE, 1, before=1),
        Came("part 2 of 2.csv", TWO, 2, before=1),
        counts="part 1 of 2.csv, part 2 of 2.csv",
        whole=REPLACED,
    ),
    "a later file": case("noticas", Came("a.csv", ONE), Came("b.csv", WHOLE, 1, before=1), counts="b.csv", a=REPLACED),
    "a correction with an older time": case(
        "noticas", Came("a.csv", ONE, 5), Came("b.csv", WHOLE, 1, before=1), counts="b.csv", a=REPLACED
    ),
    "what was sent first, once more": case(
        "noticas",
        Came("a.csv", WHOLE),
        Came("b.csv", noticas(*(casualty(number) for number in range(1, 12))), 1, before=1),
        Came("c.csv", WHOLE, -3, before=2),
        counts="c.csv",
        a=REPLACED,
        b=REPLACED,
    ),
    "the newest of several at once": case(
        "noticas",
        Came("a.csv", ONE, 1),
        Came("b.csv", WHOLE, 3),
        Came("c.csv", ONE, 2),
        counts="b.csv",
        a=REPLACED,
        c=REPLACED,
    ),
    "a quarter in the name of a yearly file": case(
        "noticas",
        Came("noticas Q1.csv", ONE),
        Came("noticas.csv", WHOLE, 1),
        counts="noticas.csv",
        **{"noticas Q1": REPLACED},
    ),
}
OTHER_NAMES = ("1 of 2.csv", "list_part2of2.csv", "Partie 1 sur 2.csv", "part 2 of 3.csv", "noticas (3 of 4).csv")
TOLD = {
    **{
        f"alone: {name}": case("noticas", Came(name, ONE), counts="", **{name.partition(".")[0]: LACKING})
        for name in OTHER_NAMES
    },
    **{
        f"alone beside a whole one: {name}": case(
            "noticas",
            Came("whole.csv", WHOLE),
            Came(name, ONE, 1, before=1),
            counts="whole.csv",
            **{name.partition(".")[0]: LACKING},
        )
        for name in OTHER_NAMES
    },
    "two of three": case(
        "noticas",
        Came("part 1 of 3.csv", ONE),
        Came("part 2 of 3.csv", TWO),
        counts="",
        **{"part 1": LACKING, "part 2": LACKING},
    ),
    "the other cannot be read": case(
        "noticas",
        Came("part 1 of 2.csv", ONE),
        Came("part 2 of 2.csv", b""),
        counts="",
        **{"part 1": LACKING, "part 2": ("file_holds_something", "critical")},
    ),
    **{
        f"no quarters: {source}": case(
            source,
            Came(f"Q1.{ending}", data),
            Came(f"Q2.{ending}", other, 1),
            counts=f"Q2.{ending}",
            Q1=APART,
        )
        for source, ending, data, other in (
            ("noticas", "csv", ONE, WHOLE),
            (
                "paet_visits",
                "csv",
                b"mission,visited_on\nUNMISS,2024-01-04\n",
                b"mission,visited_on\nUNMISS,2024-04-04\n",
            ),
        )
    },
    **{
        f"no parts: {names[0]}": case(
            source,
            Came(names[0], data[0]),
            Came(names[1], data[1], 1),
            counts=names[1],
            in_parts=False,
            **{names[0].partition(".")[0]: APART},
        )
        for source, names, data in (
            ("noticas", ("part 1 of 2.csv", "part 2 of 2.csv"), (ONE, WHOLE)),
            ("noticas", ("Part1.csv", "Part2.csv"), (ONE, WHOLE)),
            ("fpu_evaluations", ("Q1.xlsx", "Q2.xlsx"), (FIRST, SECOND)),
            ("fpu_evaluations", ("1er trimestre.xlsx", "2e trimestre.xlsx"), (FIRST, SECOND)),
        )
    },
    **{
        f"passed over: {name}": case(
            "noticas",
            Came(name, ONE, 2),
            Came("b.csv", WHOLE, day, before=before),
            counts="b.csv",
            **{name[:4]: REPLACED},
        )
        for name, day, before in (("list.csv", 3, 0), ("old one.csv", 3, 1), ("late.csv", 1, 1))
    },
}


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def config_of(source: str, in_parts: bool = True) -> Config:
    config = of_source(source)
    contract = config.contracts[source].model_copy(update={"sent_in_parts": in_parts})
    return replace(config, contracts={source: contract})


def gathered(rooms: Rooms, of: Case, runner: Any = direct) -> Gathered:
    """Let the files come, those of each gathering before it."""
    config, last = config_of(of.source, of.in_parts), max(one.before for one in of.files)
    for number in range(last + 1):
        for one in of.files:
            if one.before == number:
                rooms.put(f"{of.source}/{one.name}", one.data, MONDAY + one.day * DAY)
        done = gather(CYCLE, rooms.places, config, runner)
    return done


def told(rooms: Rooms, done: Gathered) -> set[tuple[str, str, str]]:
    found = rooms.frame(done.judged.findings).filter(
        pl.col("rule").is_in([LACKING[0], REPLACED[0], APART[0]]) | (pl.col("severity") != "info")
    )
    return {(file.rpartition("/")[2], *rest) for file, *rest in found.select("file", "rule", "severity").iter_rows()}


def counting(done: Gathered) -> set[str]:
    return {
        one.submission.file.rpartition("/")[2] for one in done.reads if one.submission.file not in done.judged.refused
    }


@pytest.mark.parametrize("of", HONEST.values(), ids=HONEST)
def test_honest_files_are_accepted_without_a_warning(of: Case, rooms: Rooms) -> None:
    done = gathered(rooms, of, InTurn(quick))
    assert counting(done) == of.counts
    assert told(rooms, done) == of.told
    assert {severity for _, _, severity in of.told} <= {"info"}
    # a refresh of what has not changed says the same
    again = gather(CYCLE, rooms.places, config_of(of.source), InTurn(quick))
    assert (counting(again), told(rooms, again)) == (of.counts, of.told)


@pytest.mark.parametrize("of", TOLD.values(), ids=TOLD)
def test_any_other_is_told(of: Case, rooms: Rooms) -> None:
    done = gathered(rooms, of, InTurn(quick))
    assert counting(done) == of.counts
    assert told(rooms, done) == of.told


def test_there_are_twenty_of_each() -> None:
    assert min(len(HONEST), len(TOLD)) >= 20


def test_the_rows_of_all_parts_are_counted_once(rooms: Rooms) -> None:
    done = gathered(rooms, HONEST["quarters"])
    assert rooms.findings(done).filter(pl.col("severity") != "info").is_empty()
    assert rooms.staged(done, "fpu_evaluations").height == 6
    # each quarter's file lists all units
    assert rooms.staged(done, "fpu_units").height == 3
    assert rooms.quarantine(done, "fpu_units")["reasons"].unique().to_list() == ["a later part of the file has the row"]
    sent = submissions(done).filter(pl.col("table") == "fpu_units")
    assert set(sent.select("file", "rows_read", "rows_staged", "rows_quarantined", "order").iter_rows()) == {
        ("cycle-05/fpu_evaluations/FPU Q1.xlsx", 3, 0, 3, 2),
        ("cycle-05/fpu_evaluations/FPU Q2.xlsx", 3, 3, 0, 1),
    }
    (standing,) = standings(submissions(done), of_source("fpu_evaluations"), CYCLE)
    assert standing.state == "accepted"
    # and no figure lacks what a later part has
    assert all(not one.refused for one in known(done, of_source("fpu_evaluations")).values())


def test_a_row_that_two_parts_say_otherwise_is_told(rooms: Rooms) -> None:
    other = noticas(casualty(7), casualty(3, cause="Accident"), casualty(1))
    of = case("noticas", Came("part 1 of 2.csv", ONE), Came("part 2 of 2.csv", other, 1), counts="")
    done = gathered(rooms, of)
    critical = rooms.findings(done).filter(pl.col("severity") == "critical")
    assert set(critical["row"]) <= {3, 4}
    assert not critical.is_empty()
    # one that both have alike counts once
    assert rooms.staged(done, "noticas")["casualty_id"].to_list().count("UNIFIL-2024-01-0001") == 1


def test_a_workbook_may_be_split_by_its_sheets(rooms: Rooms) -> None:
    sheets = ("women_in_patrols", "sofa_soma", "coordination", "communications", "mental_health_support")
    book = mission_book("UNIFIL", **dict.fromkeys(sheets, None))
    rest: dict[str, None] = dict.fromkeys(
        name for name in CONFIG.contracts["mission_report"].tables if name not in (*sheets, "cover")
    )
    of = case(
        "mission_report",
        Came("UNIFIL/part 1 of 2.xlsx", book),
        Came("UNIFIL/part 2 of 2.xlsx", mission_book("UNIFIL", **rest), 1),
        counts="part 1 of 2.xlsx, part 2 of 2.xlsx",
    )
    done = gathered(rooms, of, InTurn(quick))
    assert counting(done) == of.counts
    assert not done.judged.refused_tables
    assert told(rooms, done) == set()


def test_a_part_that_is_refused_gives_way_to_the_one_before_it(rooms: Rooms) -> None:
    files = [Came("part 1 of 2.csv", ONE), Came("part 2 of 2.csv", TWO), Came("b part 2 of 2.csv", b"", 3, before=1)]
    done = gathered(rooms, Case("noticas", files, frozenset()), InTurn(quick))
    assert counting(done) == {"part 1 of 2.csv", "part 2 of 2.csv"}


def test_a_part_that_lost_rows_is_compared_with_the_one_it_replaces(rooms: Rooms) -> None:
    fewer = noticas(casualty(7))
    files = [Came("part 1 of 2.csv", ONE), Came("part 2 of 2.csv", TWO), Came("b part 2 of 2.csv", fewer, 3, before=1)]
    of = Case("noticas", files, frozenset())
    done = gathered(rooms, of, InTurn(quick))
    assert told(rooms, done) == {("b part 2 of 2.csv", "cumulative_rows_are_kept", "critical")}
    assert counting(done) == {"part 1 of 2.csv", "part 2 of 2.csv"}
    assert told(rooms, gather(CYCLE, rooms.places, config_of("noticas"), InTurn(quick))) == told(rooms, done)


def test_the_order_that_was_used_stands_in_the_table_of_submissions(rooms: Rooms) -> None:
    done = gathered(rooms, HONEST["what was sent first, once more"])
    order = submissions(done).unique("file").select("file", "order", "status").sort("order")
    assert [file[-5] for file in order["file"]] == ["c", "b", "a"]
    assert order["order"].to_list() == [1, 2, 3]
    sent = submissions(done).with_columns(status=pl.lit("accepted"))
    (standing,) = standings(sent, of_source("noticas"), CYCLE)
    # the file that counts, though it has the oldest time
    assert standing.newest is not None
    assert standing.newest["file"].endswith("c.csv")


def test_a_correction_that_was_written_earlier_makes_no_late_file_one_in_time(rooms: Rooms) -> None:
    due = CONFIG.contracts["fpu_evaluations"].due(CYCLE)
    late = (datetime(due.year, due.month, due.day, tzinfo=UTC) - MONDAY).days + 9
    corrected = evaluations("Q1", "2023-12", rating="Very good")
    of = Case("fpu_evaluations", [Came("a.xlsx", FIRST, late), Came("b.xlsx", corrected, before=1)], frozenset())
    (standing,) = standings(submissions(gathered(rooms, of)), of_source("fpu_evaluations"), CYCLE)
    assert standing.state == "accepted"
    assert standing.late
    assert standing.newest is not None
    assert standing.newest["file"].endswith("b.xlsx")


def test_a_file_that_is_touched_does_not_go_before_what_came_after_it(rooms: Rooms) -> None:
    gathered(rooms, HONEST["a later file"], InTurn(quick))
    rooms.put("noticas/a.csv", ONE, MONDAY + 9 * DAY)
    assert counting(gather(CYCLE, rooms.places, config_of("noticas"), InTurn(quick))) == {"b.csv"}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a/Part 1 of 2.csv", "1 of 2"),
        ("Liste - partie 2 sur 3.xlsx", "2 of 3"),
        ("noticas_10of12.csv", "10 of 12"),
        ("pt1of2.csv", "1 of 2"),
        ("part 3 of 2.csv", None),
        ("1 of 1.csv", None),
        ("Training and readiness 30 April 2024.xlsx", None),
        ("Departure 2.xlsx", None),
        ("counterpart 2.xlsx", None),
        ("2024-04-30 of 2023.csv", None),
        ("Part 2.csv", "2"),
    ],
)
def test_names_say_which_part_it_is(name: str, part: str | None) -> None:
    assert numbered(name) == part


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FPU Q1 and Q2.xlsx", None),
        ("FPU Q1-Q2.xlsx", None),
        ("FQ1.xlsx", None),
        ("Q12.xlsx", None),
        ("Q1 2024.xlsx", "Q1"),
        ("2024Q3.xlsx", "Q3"),
        ("fpu_q4_final.xlsx", "Q4"),
        ("troisième trimestre 2024.xlsx", "Q3"),
        ("quarter 2.xlsx", "Q2"),
    ],
)
def test_names_say_which_quarter_it_is(name: str, said: str | None) -> None:
    assert quarter(name) == said
    assert part_of(name, CONFIG.contracts["fpu_evaluations"]) == said
    assert part_of(name, CONFIG.contracts["noticas"]) is None
