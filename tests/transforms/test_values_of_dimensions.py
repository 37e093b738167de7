"""The tables that others refer to: each of their columns, from a configuration made by hand."""

from datetime import date

import pytest

from config import Contract, Country, Cycle, Mission
from tests.transforms.frames import assert_rows
from transforms.dimensions import countries, cycles, missions, sources

CYCLE = Cycle(number=5, start=date(2023, 11, 1), end=date(2024, 4, 30))
POLITICAL = "special political mission"


def test_missions_with_what_is_known_of_them() -> None:
    known = {
        "UNMISS": Mission(name="South Sudan", start=date(2011, 7, 9), reports=True, agreement="SOFA"),
        "MINUSMA": Mission(name="Mali", start=date(2013, 4, 25), end=date(2023, 12, 31), in_conduct_data=True),
        "UNTAC": Mission(name="Cambodia"),
        "UNAMA": Mission(name="Afghanistan", kind=POLITICAL, reports=True, agreement="none"),
    }
    assert_rows(
        missions(known, CYCLE),
        "mission name kind start_date end_date reports in_conduct_data agreement in_operation",
        ("ALL", "All peacekeeping operations", "total", None, None, False, None, None, None),
        ("MINUSMA", "Mali", "peacekeeping operation", date(2013, 4, 25), date(2023, 12, 31), False, True, None, False),
        ("UNAMA", "Afghanistan", POLITICAL, None, None, True, True, "none", None),
        ("UNMISS", "South Sudan", "peacekeeping operation", date(2011, 7, 9), None, True, True, "SOFA", True),
        ("UNTAC", "Cambodia", "peacekeeping operation", None, None, False, False, None, None),
    )


@pytest.mark.parametrize(
    ("start", "end", "goes_on"),
    [
        (CYCLE.end, None, True),
        (date(2024, 5, 1), None, False),
        (date(2000, 1, 1), CYCLE.end, True),
        (date(2000, 1, 1), date(2024, 4, 29), False),
    ],
)
def test_a_mission_is_in_operation_on_the_last_day_of_the_cycle(start: date, end: date | None, goes_on: bool) -> None:
    made = missions({"UNMISS": Mission(name="South Sudan", start=start, end=end)}, CYCLE).collect()
    assert made.filter(mission="UNMISS")["in_operation"].to_list() == [goes_on]


def test_countries_by_their_codes() -> None:
    known = {"FRA": Country(m49="250", name="France"), "AFG": Country(m49="004", name="Afghanistan")}
    assert_rows(countries(known), "iso_alpha3 m49_code name", ("AFG", "004", "Afghanistan"), ("FRA", "250", "France"))


def test_cycles_with_both_their_days() -> None:
    fourth = Cycle(number=4, start=date(2023, 5, 1), end=date(2023, 10, 31))
    assert_rows(
        cycles({5: CYCLE, 4: fourth}),
        "cycle start_date end_date days",
        (4, date(2023, 5, 1), date(2023, 10, 31), 184),
        (5, date(2023, 11, 1), date(2024, 4, 30), 182),
    )


def test_sources_with_the_day_by_which_they_are_due() -> None:
    said = {
        "owner": "UNOCC",
        "contact": ["noticas@example.org"],
        "classification": "confidential",
        "cadence": "monthly",
        "sent_by": "headquarters",
        "due_days": 15,
        "tables": {"a": {"one_row_is": "a casualty", "columns": {"cause": {"type": "text"}}}},
    }
    noticas = Contract.model_validate({"source": "noticas", "title": {"en": "Casualties", "fr": "Pertes"}, **said})
    other = {"owner": "DOS", "classification": "unclassified", "cadence": "each cycle", "due_days": 0}
    delivered = Contract.model_validate(
        {"source": "b", "title": {"en": "Bees"}, **said, **other, "sent_by": "missions"}
    )
    assert_rows(
        sources({"noticas": noticas, "b": delivered}, CYCLE),
        "source title owner classification cadence sent_by due_date",
        ("b", "Bees", "DOS", "unclassified", "each cycle", "missions", date(2024, 4, 30)),
        ("noticas", "Casualties", "UNOCC", "confidential", "monthly", "headquarters", date(2024, 5, 15)),
        ("pipeline", "Lists that the pipeline keeps", "A4P+ coordinator", "unclassified", None, "headquarters", None),
    )
