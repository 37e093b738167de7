"""The printed 5th report against what its data give: its contradictions are found, and every wrong variant of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from config import PublishedFigure
from tests.transforms.frames import CONFIG, CYCLE
from transforms.figures import SCHEMA
from transforms.reconcile import reconcile

# what the data of the report give, worked out by hand: figure, mission, value, unrounded, unit, previous, window
DATA = """
missions_total                          ALL      11      11       missions     12   snapshot
missions_without_political_strategy     ALL      4       4        missions     4    cycle
peacebuilding_events                    UNFICYP  163     163      events       148  cycle
peacebuilding_events                    UNMIK    -       -        events       -    cycle
peacebuilding_events_with_womens_groups UNFICYP  41      41       events       33   cycle
peacebuilding_events_with_womens_groups UNIFIL   -       -        events       -    cycle
trust_building_forum_participants       UNMIK    190     190      people       0    cycle
trust_building_forum_participants       UNISFA   -       -        people       -    cycle
approved_mission_plans                  ALL      8       8        missions     7    cycle
cpas_impact_assessments                 ALL      10      10       missions     11   cycle
integrated_missions                     ALL      4       4        missions     4    cycle
joint_programming_missions              ALL      8       8        missions     8    cycle
contingents_certified_ready             ALL      100     100      percent      100  cycle
police_course_recognition_pccs          ALL      5       5        countries    4    snapshot
senior_leaders_trained_within_6_months  ALL      24      24       percent      24   cycle
conduct_discipline_trainings            ALL      914     914      sessions     511  cycle
tpp_trainings                           ALL      19      19       trainings    10   cycle
tpp_trainees                            ALL      314     314      people       143  cycle
tpp_female_share                        ALL      22      21.6401  percent      29   cycle
pki_trained                             ALL      44      44       people       87   cycle
pki_trained_uniformed                   ALL      29      29       people       44   cycle
pki_trained_civilian                    ALL      15      15       people       43   cycle
pki_courses_offered                     ALL      4       4        courses      5    cycle
pki_female_share                        ALL      20      -        percent      20   cycle
engagement_teams                        MONUSCO  16      16       teams        14   year
engagement_teams                        MINUSCA  12      12       teams        11   year
patrols_with_women                      MINUSCA  46      46       percent      32   year
patrols_with_women                      MONUSCO  31      30.6     percent      26   year
women_senior_leadership_share           ALL      37      36.8421  percent      29   snapshot
women_heads_of_mission                  ALL      3       3        people       3    cycle
women_deputy_heads_of_mission           ALL      4       4        people       3    cycle
women_share_hom_dhom_excluding_uniformed ALL     50      50       percent      43   cycle
fatalities_illness_share                ALL      55      54.9587  percent      54   since
fatalities_malicious_share              ALL      27      26.9972  percent      28   since
fatalities_malicious                    ALL      196     196      people       188  since
eo_incidents                            MINUSCA  47      47       incidents    31   ordnance
eo_incidents                            MONUSCO  170     170      incidents    140  ordnance
eo_risk_education_total                 ALL      467750  467750   people       -    ordnance
hospitals_level_1_plus                  ALL      19      19       hospitals    19   cycle
missions_with_hospitals                 ALL      7       7        missions     7    cycle
ultrasound_down_days                    UNMISS   247     247      days         21   cycle
icu_closed_days                         UNMISS   30      30       days         0    cycle
crime_cases_reported                    ALL      110     110      cases        107  snapshot
crime_cases_investigated                ALL      91      91       cases        88   snapshot
perpetrators_identified                 ALL      294     294      people       293  snapshot
perpetrators_detained                   ALL      203     203      people       200  snapshot
perpetrators_tried                      ALL      136     136      people       132  snapshot
perpetrators_convicted                  ALL      85      85       people       84   snapshot
fpus                                    ALL      27      27       units        27   cycle
fpu_evaluations                         ALL      54      54       evaluations  51   cycle
paet_visits                             ALL      2       2        visits       1    cycle
sea_allegations                         ALL      98      98       allegations  79   year
serious_misconduct                      ALL      364     364      allegations  315  year
new_followers                           ALL      60000   60000    people       48500 cycle
mentions_change                         ALL      9       9.4      percent      5    cycle
engagement_change                       ALL      40      39.6     percent      10   cycle
information_integrity_groups            ALL      5       5        missions     3    cycle
missions_with_coordination_mechanism    ALL      10      10       missions     6    cycle
new_sofa_incidents_reported             ALL      206     206      incidents    195  cycle
"""
DAYS = {
    "cycle": ("cycle", date(2023, 11, 1), date(2024, 4, 30)),
    "year": ("year", date(2023, 1, 1), date(2023, 12, 31)),
    "since": ("since", date(2017, 1, 1), date(2024, 9, 3)),
    "ordnance": ("since", date(2023, 10, 1), date(2024, 8, 31)),
    "snapshot": ("snapshot", None, date(2024, 4, 30)),
}
# the report's own: seven, of which the days of two services are one
OF_CYCLE_4 = (
    "is the previous cycle's value; the rows of this cycle give {}; between May and October 2023 is cycle 4, and the "
    "release counts 2023-11-01 to 2024-04-30"
)
CONTRADICTIONS = {
    ("tpp_trainees", "306"): "the rows give 314 people, not 306",
    ("tpp_trainings", "10"): f"10 trainings {OF_CYCLE_4.format(19)}",
    ("pki_trained", "87"): f"87 people {OF_CYCLE_4.format(44)}",
    ("eo_risk_education_total", "460k"): "the rows give 467,750 people, not 460k",
    ("ultrasound_down_days", "247"): (
        "247 days in a period of 182; 81.5% is not the share of the 182 days of the cycle (135.7%): 247 is 81.5% of 303"
    ),
    ("icu_closed_days", "30"): ("9.9% is not the share of the 182 days of the cycle (16.5%): 30 is 9.9% of 303"),
    ("perpetrators_convicted", "85"): (
        "63% is not the share of perpetrators_identified (28.9%) but of perpetrators_tried"
    ),
    ("missions_with_coordination_mechanism", "Eight"): "the rows give 10 missions, not Eight",
}
REPORT = CONFIG.published[CYCLE.number]


def number(text: str) -> float | None:
    return None if text == "-" else float(text)


def released() -> pl.DataFrame:
    rows = []
    for line in DATA.split("\n")[1:-1]:
        figure, mission, value, unrounded, unit, previous, window = line.split()
        kind, start, end = DAYS[window]
        given = {
            "cycle": 5, "figure": figure, "mission": mission, "value": number(value), "unit": unit,
            "previous": number(previous), "as_of": end, "obs_status": "L" if value == "-" else "A", "window": kind,
            "window_start": start, "window_end": end, "unrounded": number(unrounded),
        }  # fmt: skip
        rows.append(tuple(given.get(column) for column in SCHEMA))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


RELEASED = released()


def judged(report: Sequence[PublishedFigure]) -> list[tuple[str, str, str, str]]:
    columns = ("figure", "printed", "verdict", "reason")
    return reconcile(report, RELEASED, CYCLE, CONFIG.cycles).select(columns).rows()


def test_the_contradictions_of_the_printed_report_are_found_and_none_is_invented() -> None:
    found = {
        (figure, printed): reason for figure, printed, verdict, reason in judged(REPORT) if verdict == "contradicts"
    }
    assert found == CONTRADICTIONS
    others = [
        (verdict, reason) for figure, printed, verdict, reason in judged(REPORT) if (figure, printed) not in found
    ]
    assert others == [("equal", "")] * (len(REPORT) - len(found)) == [("equal", "")] * 44


# Wrong variants, by what is wrong in them


def with_number(row: PublishedFigure, value: float) -> dict[str, Any]:
    """Another number, printed in the same way."""
    text = f"{value:,.0f}" if "," in row.printed else f"{value:.0f}"
    mark, words = "%" if row.printed.endswith("%") else "", "approximately " if row.printed.startswith("appr") else ""
    return {"value": value, "printed": f"{words}{text}{mark}"}


def altered_digits(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    digits = f"{row.value:.0f}"
    for at, digit in enumerate(digits):
        yield with_number(row, float(f"{digits[:at]}{(int(digit) + 1) % 10}{digits[at + 1 :]}"))
    if len(set(digits)) > 1:
        yield with_number(row, float(digits[1] + digits[0] + digits[2:]))


def other_scale(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    yield with_number(row, row.value * 10)
    yield {"value": row.value * 1000, "printed": f"{row.value:.0f}k"}


def zeros_at_the_end(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    """60,000 as 100,000, 364 as 400, 24% as 20%; and the rounded number with a word that allows less than that."""
    for place in range(1, len(f"{row.value:.0f}") + 1):
        value = float(round(row.value, -place)) or float(10**place)
        near = abs(value - row.value) <= 0.05 * row.value  # "about 200" may be said of 196
        if value != row.value and (row.figure, value) != ("missions_with_coordination_mechanism", 10):
            if not (near and row.printed.startswith("approximately")):
                yield with_number(row, value)
            if not near:
                yield {"value": value, "printed": f"about {value:,.0f}"}
    yield {"value": row.value + 1, "printed": f"over {row.value + 1:.0f}"}
    yield {"value": row.value - 1, "printed": f"under {row.value - 1:.0f}"}


def other_mission(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    for mission in ("MINUSCA", "MONUSCO", "UNMIK", "UNIFIL", "UNISFA", "UNFICYP", "UNTSO"):
        if mission != row.mission:
            yield {"mission": mission}


def other_unit(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    for unit in ("percent", "people", "missions"):
        if unit != row.unit:
            yield {"unit": unit}
    if row.printed.isdigit():
        yield {"printed": f"{row.printed}%"}


def other_days(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    if row.as_of:
        yield {"as_of": row.as_of.replace(year=row.as_of.year - 1)}
        yield {"as_of": row.as_of.replace(day=1)}
    if row.year:
        yield {"year": row.year - 1}
    for period in ("May to October 2023", "May to October 2024", "2022", "1 Jan 2017 to 31 Dec 2023"):
        yield {"period": period}


def other_previous(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    if row.previous:
        yield {"previous": row.previous[::-1] if row.previous != row.previous[::-1] else f"{row.previous}0"}
        yield {"previous": f"{row.previous}0"}
        yield {"previous": str(int(row.previous) + 1)}


def other_base(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    if row.share_of:
        for base in (
            "crime_cases_reported",
            "perpetrators_identified",
            "perpetrators_detained",
            "cycle_days",
            "nothing",
        ):
            if base != row.share_of:
                yield {"share_of": base}
        yield {"share_pct": str(float(row.share_pct or 0) + 1)}
        yield {"share_pct": f"{row.share_pct}0" if "." in str(row.share_pct) else f"{row.share_pct}.9"}


def another_number_than_is_printed(row: PublishedFigure) -> Iterator[dict[str, Any]]:
    yield {"value": row.value + 1}


KINDS = [
    altered_digits,
    other_scale,
    zeros_at_the_end,
    other_mission,
    other_unit,
    other_days,
    other_previous,
    other_base,
    another_number_than_is_printed,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_wrong_variant_is_found(kind: Any) -> None:
    right = judged(REPORT)
    tried = 0
    for at, row in enumerate(REPORT):
        for change in kind(row):
            variant = PublishedFigure.model_validate({**row.model_dump(), **change})
            ((figure, _, verdict, reason),) = judged([variant])
            tried += 1
            assert verdict == "contradicts", (figure, change, reason)
            assert reason != right[at][3], (figure, change)
    assert tried >= 6


def test_a_wrong_variant_changes_nothing_else() -> None:
    right = judged(REPORT)
    for at in (2, 12, 44):
        variant = REPORT[at].model_copy(update={"printed": "7", "value": 7.0})
        made = judged([*REPORT[:at], variant, *REPORT[at + 1 :]])
        assert [one for number, one in enumerate(made) if number != at] == [*right[:at], *right[at + 1 :]]
