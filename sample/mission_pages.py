"""Pages of the missions' workbooks: politics, integration, women in patrols, mental health, communications, hosts.

Numbers and statuses are those of the 5th report where it prints them; the rest, and every text, is made up.
"""

from __future__ import annotations

from collections.abc import Sequence

from config import Cycle
from sample.draw import known_of, later
from sample.workbook import Cell

Page = tuple[Sequence[str], list[list[Cell]]]

NO_STRATEGY = {"MINURSO", "UNDOF", "UNMOGIP", "UNTSO"}  # they observe a ceasefire
# peacebuilding events, those with women's groups, participants of forums
ENGAGED: dict[int, dict[str, tuple[Cell, Cell, Cell]]] = {
    4: {"UNFICYP": (148, 33, None), "UNMIK": (None, None, "None")},
    5: {"UNFICYP": (163, 41, None), "UNMIK": (None, None, 190)},
}
HIGHLIGHTS = {
    "MINURSO": "Contacts with both sides, and with neighbouring states",
    "MINUSCA": "Support to the peace agreement and to local peace committees",
    "MONUSCO": "Support to regional talks and to local dialogue in Ituri",
    "UNDOF": "Liaison with the parties to keep tensions low",
    "UNFICYP": "Meetings of both communities, youth camps, work in the buffer zone",
    "UNIFIL": "Liaison between the armed forces along the Blue Line",
    "UNISFA": "Talks with both governments on the status of Abyei",
    "UNMIK": "Forum of communities and meetings with mayors",
    "UNMISS": "Support to electoral bodies and to reconciliation in the states",
    "UNMOGIP": "Observation along the line of control",
    "UNTSO": "Liaison in five capitals",
}

INTEGRATED = {"MINUSCA", "MONUSCO", "UNMIK", "UNMISS"}
JOINT_PROGRAMMING = {"MINUSCA", "MONUSCO", "UNDOF", "UNFICYP", "UNIFIL", "UNISFA", "UNMIK", "UNMISS"}

# patrols, those with women, engagement teams at the end of the year; cycle 4 reports on 2022, cycle 5 on 2023
PATROLS: dict[int, dict[str, tuple[Cell, Cell, Cell]]] = {
    4: {
        "MINURSO": (8_600, 2_150, "None"),
        "MINUSCA": (41_000, 13_120, 9),
        "MONUSCO": (36_500, 9_490, 14),
        "UNDOF": (5_200, 1_144, "None"),
        "UNFICYP": (9_400, 2_538, 1),
        "UNIFIL": (52_000, 11_960, 5),
        "UNISFA": (10_300, 1_648, 3),
        "UNMIK": ("-----", "-----", "-----"),
        "UNMISS": (33_800, 7_436, 12),
        "UNMOGIP": (2_300, 483, None),
        "UNTSO": (7_900, 1_975, "None"),
    },
    5: {
        "MINURSO": (8_400, 2_352, "None"),
        "MINUSCA": (43_500, 20_010, 11),
        "MONUSCO": (34_200, 10_602, 16),
        "UNDOF": (5_300, 1_325, "None"),
        "UNFICYP": (9_600, 2_880, 1),
        "UNIFIL": (49_700, 12_922, 6),
        "UNISFA": (10_100, 1_919, 4),
        "UNMIK": ("-----", "-----", "-----"),
        "UNMISS": (35_400, 8_850, 14),
        "UNMOGIP": (2_200, 506, None),
        "UNTSO": (7_700, 2_156, "None"),
    },
}

# what it is, and whether it is formal; None where the mission does not say
MENTAL_HEALTH: dict[str, list[tuple[str, str | None]]] = {
    "MINURSO": [("Confidential counselling by telephone in three languages", "Yes")],
    "MINUSCA": [("Screening by trained medical staff", "Yes"), ("Groups of peers", "No")],
    "MONUSCO": [("Staff assistance programme", "Yes"), ("Visits of counsellors to field offices", "No")],
    "UNDOF": [("Support by the contingents' own countries", None)],
    "UNFICYP": [("More rooms for sport and recreation", "No")],
    "UNIFIL": [("Individual and group sessions with a counsellor", "Yes"), ("Welfare officers in contingents", "Yes")],
    "UNISFA": [("Civilian and military counsellors", "Yes"), ("Welfare committee", None)],
    "UNMIK": [("Well-being exercises for teams", "No")],
    "UNMISS": [("Counselling unit, on call day and night", "Yes"), ("Training on stress in field offices", "Yes")],
    "UNMOGIP": [("Welfare days for observers and staff", "No")],
    "UNTSO": [("Well-being strategy of the mission", "Yes")],
}

INTEGRITY_GROUPS = {
    4: {"MINUSCA", "MONUSCO", "UNMISS"},
    5: {"MINUSCA", "MONUSCO", "UNIFIL", "UNISFA", "UNMISS"},
}
ACTIVITIES = {
    "MINURSO": "Website and channels kept up to date",
    "MINUSCA": "Press conference every week",
    "MONUSCO": "Messages on the withdrawal, ahead of rumours",
    "UNDOF": "Messages agreed with headquarters",
    "UNFICYP": "Lines to take on the buffer zone",
    "UNIFIL": "Radio and television programmes",
    "UNISFA": "Radio programme on the internet",
    "UNMIK": "Round tables with editors",
    "UNMISS": "Survey of how the mission is seen",
    "UNMOGIP": "Messages through headquarters only",
    "UNTSO": "Articles on the work of observers",
}

NEW = "New"
NONE_IN_CYCLE_4 = {"UNTSO"}
# what it is, whether it is formal, its status and its contribution to cooperation with the host state
MECHANISMS: dict[str, list[tuple[str, str, str | None, str | None]]] = {
    "MINURSO": [("Contacts of coordinators and commands on both sides", "Yes", "On-going", "Medium")],
    "MINUSCA": [("Seminar with the government on the mandate", "Yes", NEW, "No report available")],
    "MONUSCO": [
        ("Head of mission's meetings with head of state and ministers", "Yes", "Update/Enhance", "Significant"),
        ("Working group of government and UN on the withdrawal", "Yes", NEW, "Significant"),
        ("Police commissioner's monthly meetings", "Yes", None, None),
    ],
    "UNDOF": [("Meetings with senior officials of both sides", "Yes", "On-going", "Significant")],
    "UNFICYP": [
        ("Meetings with civilian authorities", "Yes", None, "Medium"),
        ("Meetings with military commands", "Yes", "On-going", "Medium"),
        ("Meetings with police services", "Yes", None, "Significant"),
    ],
    "UNIFIL": [("Talks with the foreign ministry on the SOFA", "Yes", NEW, "No report available")],
    "UNISFA": [
        ("Joint oversight committee", "Yes", "No report available", "No to little"),
        ("Coordination on border matters", "Yes", None, None),
    ],
    "UNMIK": [],
    "UNMISS": [
        ("Commission that monitors the peace agreement", "Yes", "On-going", "Significant"),
        ("High-level forum with the government", "Yes", None, None),
        ("Weekly meeting on access and movement", "Yes", None, "No report available"),
        ("Joint démarches with regional organisations", "Yes", None, None),
    ],
    "UNMOGIP": [("Talks with both directorates of military operations", "No", "On-going", "No to little")],
    "UNTSO": [("Quarterly visits to five capitals", "No", "On-going", "Medium")],
}


def political_engagement(mission: str, cycle: Cycle) -> Page:
    """Return the page on political strategy and engagement."""
    counts = [
        later(count, cycle) if isinstance(count, int) else count
        for count in known_of(ENGAGED, cycle).get(mission, (None, None, None))
    ]
    header = ("Political strategy", "Peacebuilding events", "Events with women's groups", "Forum participants")
    strategy = "N" if mission in NO_STRATEGY else "Y"
    return (*header, "Highlights"), [[strategy, *counts, HIGHLIGHTS.get(mission)]]


def integration(mission: str) -> Page:
    """Return the page on integration with other UN entities."""
    answers: list[Cell] = ["Y" if mission in missions else "N" for missions in (INTEGRATED, JOINT_PROGRAMMING)]
    return ("Integrated", "Joint programming", "Remarks"), [[*answers, None]]


def women_in_patrols(mission: str, cycle: Cycle) -> Page:
    """Return the page on patrols with women in the last full calendar year."""
    # two cycles tell of the same year
    years = max(0, cycle.last_calendar_year - 2023)
    counts = [
        count + count * years // 20 if isinstance(count, int) else count
        for count in known_of(PATROLS, cycle).get(mission, (None, None, None))
    ]
    header = ("Year", "Patrols", "Patrols with women", "Engagement teams")
    return header, [[cycle.last_calendar_year, *counts]]


def mental_health_support(mission: str) -> Page:
    """Return the page on mechanisms that support mental health."""
    return ("Mechanism", "Formal"), [list(mechanism) for mechanism in MENTAL_HEALTH.get(mission, [])]


def communications(mission: str, cycle: Cycle) -> Page:
    """Return the page on communications and information integrity."""
    group = "Y" if mission in known_of(INTEGRITY_GROUPS, cycle) else "N"
    return ("Information integrity working group", "Activities"), [[group, ACTIVITIES.get(mission)]]


def coordination(mission: str, cycle: Cycle) -> Page:
    """Return the page on coordination with the host state; what is new in cycle 5 was not there before."""
    every = MECHANISMS.get(mission, [])
    known = every if cycle.number > 4 else [each for each in every if each[2] != NEW and mission not in NONE_IN_CYCLE_4]
    return ("Mechanism", "Formal", "Status", "Contribution"), [list(mechanism) for mechanism in known]
