"""The workbooks of the eleven missions, with the cells of the published report's tables."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from config import NONE, Cycle, load
from sample import mission_pages as pages
from sample.draw import at, day, dice, known_of, later, spread
from sample.mission_pages import Page
from sample.workbook import Cell, Sheet, save

NO_AGREEMENT = "No SOFA/SOMA"
NOT_RATED = ("-----",) * 3

APPROVED_PLANS = {
    4: {"MINURSO", "MINUSCA", "UNDOF", "UNFICYP", "UNIFIL", "UNMIK", "UNMISS"},
    5: {"MINURSO", "MINUSCA", "UNDOF", "UNFICYP", "UNIFIL", "UNMIK", "UNMISS", "UNTSO"},
}
NO_ASSESSMENT: dict[int, set[str]] = {4: set(), 5: {"UNDOF"}}
SESSIONS = {4: 511, 5: 914}
# new in the last six months, and all that are open
INCIDENTS: dict[int, dict[str, tuple[Cell, Cell]]] = {
    4: {
        "MINURSO": (1, 2),
        "MINUSCA": (14, 164),
        "MONUSCO": (22, 25),
        "UNDOF": ("None", "None"),
        "UNFICYP": ("None", "None"),
        "UNIFIL": (38, "Under Validation"),
        "UNISFA": (2, "Under Validation"),
        "UNMIK": (NO_AGREEMENT, None),
        "UNMISS": (118, 460),
        "UNMOGIP": (NO_AGREEMENT, None),
        "UNTSO": (NO_AGREEMENT, None),
    },
    5: {
        "MINURSO": (0, 2),
        "MINUSCA": (10, 174),
        "MONUSCO": (27, 29),
        "UNDOF": ("None", "None"),
        "UNFICYP": ("None", "None"),
        "UNIFIL": (43, "Under Validation"),
        "UNISFA": (1, "Under Validation"),
        "UNMIK": (NO_AGREEMENT, None),
        "UNMISS": (125, 585),
        "UNMOGIP": (NO_AGREEMENT, None),
        "UNTSO": (NO_AGREEMENT, None),
    },
}
# on the movement of civilian and of uniformed personnel, and on mandated tasks
IMPACTS: dict[str, tuple[str, str, str]] = {
    "MINURSO": NOT_RATED,
    "MINUSCA": ("Medium", "Medium", "Medium"),
    "MONUSCO": ("No/Low", "Medium", "Medium"),
    "UNDOF": ("No/Low", "No/Low", "No/Low"),
    "UNFICYP": NOT_RATED,
    "UNIFIL": ("No/Low", "High", "Medium"),
    "UNISFA": ("Medium", "Medium", "High"),
    "UNMISS": ("Medium", "High", "High"),
}

TRAINING_WEIGHTS = {
    "MINURSO": 2, "MINUSCA": 22, "MONUSCO": 18, "UNDOF": 4, "UNFICYP": 4, "UNIFIL": 15, "UNISFA": 8, "UNMIK": 2,
    "UNMISS": 22, "UNMOGIP": 1, "UNTSO": 2,
}  # fmt: skip
TRAININGS = {"Induction": 45, "Refresher": 30, "SEA prevention": 22, "Training of trainers": 3}

FRENCH = {"MINUSCA", "MONUSCO"}
SHEETS = (
    "Cover",
    "Political engagement",
    "Mission plan",
    "CPAS impact assessment",
    "Integration",
    "Conduct trainings",
    "Women in patrols",
    "Mental health support",
    "Communications",
    "SOFA-SOMA incidents",
    "Coordination mechanisms",
)
FRENCH_SHEETS = (
    "Couverture",
    "Engagement politique",
    "Plan de la mission",
    "Évaluation d'impact CPAS",
    "Intégration",
    "Formations déontologie",
    "Femmes dans les patrouilles",
    "Santé mentale",
    "Communication",
    "Incidents SOFA-SOMA",
    "Mécanismes de coordination",
)
WRITE_A_TITLE = {"UNFICYP", "UNMISS"}
WRITE_NONE_FOR_ZERO = {"MINURSO", "UNDOF", "UNMOGIP", "UNTSO"}
WRITE_THEIR_NAME = {"UNIFIL": "UNFIL"}  # as the report misprints it
WRITE_LONG_HEADERS = {"UNIFIL", "UNMISS"}
INCIDENT_HEADER = ("New incidents", "Total incidents")
LONG_INCIDENT_HEADER = (
    "# of new SOFA/SOMA incidents recorded in the last 6 months",
    "Total # of SOFA/SOMA incidents at the time of reporting",
)
IMPACT_HEADER = (
    "Movement of civilian personnel",
    "Movement of uniformed personnel",
    "Implementation of mandated tasks",
)


def write(inbox: Path, cycle: Cycle, seed: int) -> list[Path]:
    """Write the workbook of each mission that reports."""
    missions = load().reporting_missions
    trainings = _trainings(missions, cycle, seed)
    paths = []
    for mission in missions:
        completed = cycle.end + timedelta(days=dice(seed, "mission report", cycle.number, mission).randint(8, 36))
        path = inbox / cycle.folder / "mission_report" / mission / f"{mission} A4P cycle {cycle.number}.xlsx"
        sheets = _sheets(mission, cycle, completed, trainings[mission], seed)
        paths.append(save(path, sheets, at(completed + timedelta(days=2), 10)))
    return paths


def _sheets(mission: str, cycle: Cycle, completed: date, trainings: list[list[Cell]], seed: int) -> list[Sheet]:
    filled: list[Page] = [
        (
            ("Mission", "Reporting cycle", "Date completed", "Focal point name"),
            [[WRITE_THEIR_NAME.get(mission, mission), cycle.number, completed, f"Focal point of {mission}"]],
        ),
        pages.political_engagement(mission, cycle),
        (("SRSG-approved plan", "Remarks"), [_plan(mission, cycle)]),
        (("Impact assessment conducted", "Date of assessment", "Remarks"), [_assessment(mission, cycle, seed)]),
        pages.integration(mission),
        (("Type of training", "Number of sessions", "Training days", "Participants"), trainings),
        pages.women_in_patrols(mission, cycle),
        pages.mental_health_support(mission),
        pages.communications(mission, cycle),
        (
            (*(LONG_INCIDENT_HEADER if mission in WRITE_LONG_HEADERS else INCIDENT_HEADER), *IMPACT_HEADER),
            [[*_incidents(mission, cycle), *IMPACTS.get(mission, (None, None, None))]],
        ),
        pages.coordination(mission, cycle),
    ]
    none = NONE.text("fr" if mission in FRENCH else "en")
    title = f"{mission} - A4P+ reporting, cycle {cycle.number}" if mission in WRITE_A_TITLE else None
    names = FRENCH_SHEETS if mission in FRENCH else SHEETS
    return [Sheet(name, header, rows or [[none]], title) for name, (header, rows) in zip(names, filled, strict=True)]


def _incidents(mission: str, cycle: Cycle) -> list[Cell]:
    """Return new incidents and all that are open, in later cycles more of them."""
    counts = known_of(INCIDENTS, cycle)[mission]
    return [later(count, cycle) if isinstance(count, int) else count for count in counts]


def _plan(mission: str, cycle: Cycle) -> list[Cell]:
    if mission in known_of(APPROVED_PLANS, cycle):
        return ["Y", None]
    return ["N", "Plan en cours d'approbation" if mission in FRENCH else "Awaiting approval"]


def _assessment(mission: str, cycle: Cycle, seed: int) -> list[Cell]:
    if mission in known_of(NO_ASSESSMENT, cycle):
        return ["N", None, "Moved to the next cycle"]
    return ["Y", day(dice(seed, "assessment", cycle.number, mission), cycle.start, cycle.end), None]


def _trainings(missions: tuple[str, ...], cycle: Cycle, seed: int) -> dict[str, list[list[Cell]]]:
    """Spread the cycle's sessions over missions and kinds of training."""
    chance = dice(seed, "conduct trainings", cycle.number)
    kinds = [(mission, kind) for mission in missions for kind in TRAININGS]
    weights = [TRAINING_WEIGHTS.get(mission, 1) * TRAININGS[kind] * chance.uniform(0.8, 1.2) for mission, kind in kinds]
    rows: dict[str, list[list[Cell]]] = {mission: [] for mission in missions}
    for (mission, kind), sessions in zip(kinds, spread(known_of(SESSIONS, cycle), weights), strict=True):
        days = min(round(sessions * chance.uniform(0.7, 1.0)), cycle.days)
        people = sum(chance.randint(12, 35) for _ in range(sessions))
        zero: Cell = "None" if mission in WRITE_NONE_FOR_ZERO else 0
        rows[mission].append([kind, *((sessions, max(1, days), people) if sessions else (zero, zero, zero))])
    return rows
