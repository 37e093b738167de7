"""Mistakes that people make in the configuration, one at a time: each is told with file and line at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, load
from tests.support import patrol_bases
from transforms import catalogue, definitions

FIGURE = """\
patrols_total:
  priority: 4
  title: {en: Patrols}
  unit: patrols
  source: OMA
  table: casualties
  where: in_scope and cause = 'Accident'
  value: count(*)
  by: mission
"""
KIND = "      kind: {type: text, one_of: [Fixed, Mobile]}\n"
CONTRACT = patrol_bases.CONTRACT.replace("      soldiers:", f"{KIND}      soldiers:")
CYCLE = "cycles:\n  - {number: 12, start: 2027-05-01, end: 2027-10-31}\n"
MISSION = "ATLANTIS: {name: A mission, start: 2020-01-01, reports: true}\n"
WAIVER = "- {source: hospitals, rule: hospital_id_is_given, reason: Agreed, owner: A4P+ coordinator}\n"
CORRECTION = (
    "- {source: noticas, table: noticas, key: {casualty_id: X-1}, column: mission, from: UNFILL, to: UNIFIL,\n"
    "   reason: Confirmed, owner: A4P+ coordinator}\n"
)
SCHEDULE = (
    'refreshes:\n  mine:\n    cron: "15 6 * * *"\n    cycle: running\n    sources: [noticas]\n    reason: Daily.\n'
)
DISCLOSURE = "some_table:\n  aggregation: [cycle]\n  counts: [cases]\n  threshold: 5\n"
ALERTS = "routes:\n  noticas: [contacts]\n"
MESSAGE = (
    'rules:\n  file_has_rows:\n    message: {en: "Blank.", fr: "Vide."}\n    remedy: {en: "Fill.", fr: "Remplir."}\n'
)
TARGET = "uniformed_women:\n  - {category: Military contingents, year: 2030, women_pct: 17}\n"
COUNTRY = "XYZ: {m49: 999, name: New}\n"
HOST = "UNDOF: [{country: SYR, at: [33.0, 35.9]}]\n"

RIGHT = {
    "figures.yaml": FIGURE,
    "sources/patrol_bases.yaml": CONTRACT,
    "cycles.yaml": CYCLE,
    "missions.yaml": MISSION,
    "waivers.yaml": WAIVER,
    "corrections.yaml": CORRECTION,
    "schedules.yaml": SCHEDULE,
    "disclosure.yaml": DISCLOSURE,
    "alerts.yaml": ALERTS,
    "messages.yaml": MESSAGE,
    "parity_targets.yaml": TARGET,
    "countries.yaml": COUNTRY,
    "host_countries.yaml": HOST,
}
# file, what is right, what somebody writes instead, the line that is told, what is said
MISTAKES = [
    (
        "figures.yaml",
        "table: casualties",
        "table: casualtie",
        1,
        "there is no table 'casualtie'; is 'casualties' meant?",
    ),
    ("figures.yaml", "table: casualties", "table: x", 1, "there is no table 'x'; allowed: "),
    (
        "figures.yaml",
        "in_scope and",
        "in_scop and",
        1,
        "where names 'in_scop', which is no column of casualties; is 'in_scope'",
    ),
    (
        "figures.yaml",
        "'Accident'",
        "'Accidents'",
        1,
        "compares cause with 'Accidents', which it never holds; is 'Accident'",
    ),
    ("figures.yaml", "cause = 'Accident'", "cause in ('Illness', 'Ilness')", 1, "with 'Ilness', which it never holds"),
    ("figures.yaml", "in_scope and", "in_scope and (", 1, "where is no SQL that can be read"),
    ("figures.yaml", "count(*)", "count(*", 1, "value is no SQL that can be read"),
    ("figures.yaml", "count(*)", "sum(death)", 1, "value names 'death', which is no column of casualties"),
    ("figures.yaml", "count(*)", "in_scope", 1, "value gives a number a row and not one of all"),
    ("figures.yaml", "by: mission", "by: country", 9, "'patrols_total.by' is 'country'; allowed: 'mission'"),
    ("figures.yaml", "by: mission", "dated_by: incident_dat", 1, "dated_by is 'incident_dat', which is no column"),
    ("figures.yaml", "by: mission", "obs_status: status", 1, "obs_status is 'status', which is no column"),
    ("figures.yaml", "by: mission", "window: yearly", 9, "'yearly' is no window; allowed: cycle, snapshot"),
    ("figures.yaml", "by: mission", "window: last calendar year", 1, "needs dated_by"),
    ("figures.yaml", "by: mission", "stated: {table: noticass, value: max(x)}", 1, "stated names the table 'noticass'"),
    ("figures.yaml", "by: mission", "stated: {table: tpp_summary, value: max(tranings)}", 1, "stated names 'tranings'"),
    ("figures.yaml", "priority: 4", "priority: 9", 2, "less than or equal to 7"),
    ("figures.yaml", "priority: 4", "priority: four", 2, "valid integer"),
    ("figures.yaml", "  unit: patrols\n", "", 1, "'patrols_total.unit' is missing"),
    (
        "figures.yaml",
        "  unit: patrols\n",
        "  unit: patrols\n  units: x\n",
        5,
        "'patrols_total.units' is not known here; allowed: ",
    ),
    ("figures.yaml", "  unit: patrols\n", "  unit: patrols\n  unit: patrols\n", 5, "'unit' stands here twice"),
    ("figures.yaml", "title: {en: Patrols}", "title: {en: Patrols", 4, "not valid YAML"),
    ("sources/patrol_bases.yaml", "source: patrol_bases", "source: patrols", 1, "must be named as its file"),
    ("sources/patrol_bases.yaml", "owner: OMA\n", "", 1, "'owner' is missing"),
    ("sources/patrol_bases.yaml", "unclassified", "secret", 5, "'classification' is 'secret'; allowed: 'unclassified'"),
    ("sources/patrol_bases.yaml", "headquarters", "everybody", 6, "'sent_by' is 'everybody'; allowed: "),
    ("sources/patrol_bases.yaml", "due_days: 30", "due_days: soon", 7, "valid integer"),
    (
        "sources/patrol_bases.yaml",
        "  bases:\n",
        "  hospitals:\n",
        9,
        "the table 'hospitals' is already one of hospitals",
    ),
    (
        "sources/patrol_bases.yaml",
        "key: [base]",
        "key: [bases]",
        9,
        "key names the column 'bases'; allowed: base, kind",
    ),
    ("sources/patrol_bases.yaml", "key: [base]", "kee: [base]", 11, "is not known here; allowed: one_row_is"),
    ("sources/patrol_bases.yaml", "{type: text, required: true}", "{type: txt}", 13, "allowed: 'text', 'count'"),
    ("sources/patrol_bases.yaml", "at_least: 0", "at_least: none", 15, "valid number"),
    ("sources/patrol_bases.yaml", "unit: people", "units: people", 15, "is not known here; allowed: type"),
    ("cycles.yaml", "2027-05-01", "2027-04-30", 2, "cycle 12 overlaps cycle 11 (2026-11-01 to 2027-04-30)"),
    ("cycles.yaml", "end: 2027-10-31", "end: 2027-04-01", 2, "cycle 12 ends before it starts"),
    ("cycles.yaml", "2027-05-01", "2027-13-01", 2, "valid date"),
    ("cycles.yaml", CYCLE, CYCLE + CYCLE.removeprefix("cycles:\n"), 3, "cycle 12 stands here twice"),
    (
        "cycles.yaml",
        "number: 12, start: 2027-05-01, end: 2027-10-31",
        "number: 3, start: 2027-05-01, end: 2027-10-31",
        2,
        "order",
    ),
    ("cycles.yaml", "number: 12, ", "", 2, "number' is missing"),
    ("missions.yaml", "reports: true", "reports: maybe", 1, "valid boolean"),
    ("missions.yaml", "reports: true", "report: true", 1, "'ATLANTIS.report' is not known here; allowed: name"),
    ("missions.yaml", "reports: true", "aliases: [UNFIL]", 1, "the alias 'UNFIL' of ATLANTIS is taken by UNIFIL"),
    ("missions.yaml", "start: 2020-01-01", "start: January 2020", 1, "'ATLANTIS.start'"),
    ("missions.yaml", "name: A mission, ", "", 1, "'ATLANTIS.name' is missing"),
    ("countries.yaml", "m49: 999", "m49: 004", 1, "XYZ has the M49 code 004 of AFG"),
    ("countries.yaml", "m49: 999", "m49: 99", 1, "'XYZ.m49'"),
    ("host_countries.yaml", "country: SYR", "country: SYX", 1, "'SYX' is no country of config/countries.yaml"),
    ("host_countries.yaml", "UNDOF", "UNDOFF", 1, "'UNDOFF' is no mission of config/missions.yaml; write 'UNDOFF: ~'"),
    ("host_countries.yaml", "33.0", "93.0", 1, "less than or equal to 90"),
    ("host_countries.yaml", "country: SYR, ", "", 1, "give either a country, by its ISO 3166 alpha-3 code, or an area"),
    ("waivers.yaml", "source: hospitals", "source: hospital", 1, "'hospital' is no source; allowed: "),
    ("waivers.yaml", ", reason: Agreed", "", 1, "'reason' is missing"),
    ("waivers.yaml", "rule: hospital_id_is_given", "rule: x, table: noticas", 1, "'noticas' is no table of hospitals"),
    ("waivers.yaml", "rule: hospital_id_is_given", "rule: x, mission: ATLANTIS", 1, "'ATLANTIS' is no mission"),
    ("waivers.yaml", "rule: hospital_id_is_given", "rule: x, key: {hospital_id: H}", 1, "a key needs the table"),
    (
        "corrections.yaml",
        "column: mission",
        "column: misson",
        1,
        "'misson' is no column of noticas; allowed: casualty_id",
    ),
    (
        "corrections.yaml",
        "table: noticas",
        "table: casualties",
        1,
        "'casualties' is no table of noticas; allowed: noticas",
    ),
    ("corrections.yaml", "from: UNFILL", "form: UNFILL", 1, "'form' is not known here; allowed: "),
    ("schedules.yaml", "sources: [noticas]", "sources: [notices]", 5, "'notices' is no source; allowed: "),
    ("schedules.yaml", "cycle: running", "cycle: current", 4, "allowed: "),
    ("schedules.yaml", SCHEDULE, "timezone: New York\n", 1, "'New York' is no time zone"),
    ("disclosure.yaml", "threshold: 5", "threshold: 1", 4, "greater than or equal to 2"),
    ("disclosure.yaml", "threshold: 5", "totals: [[month]]", 1, "totals names the column 'month'; allowed: cycle"),
    ("alerts.yaml", "noticas: [contacts]", "notices: [contacts]", 2, "'routes.notices' is no source; allowed: "),
    ("alerts.yaml", "[contacts]", "[teams]", 2, "the route of noticas names the channel 'teams'; allowed: contacts"),
    ("messages.yaml", 'fr: "Vide."', 'fr: "Vide {column}."', 3, "the French one column; give both the same"),
    ("messages.yaml", ', fr: "Remplir."', "", 4, "'rules.file_has_rows.remedy.fr' is missing"),
    ("parity_targets.yaml", "women_pct: 17", "women_pct: many", 2, "valid number"),
]


def folder(at: Path, name: str, text: str) -> Path:
    (at / name).parent.mkdir(parents=True, exist_ok=True)
    (at / name).write_text(text, encoding="utf-8")
    return at


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_taken(tmp_path: Path, name: str) -> None:
    definitions.check(load(folder(tmp_path, name, RIGHT[name])))


def test_the_shipped_configuration_is_right() -> None:
    definitions.check(load())


@pytest.mark.parametrize(("name", "right", "wrong", "line", "says"), MISTAKES, ids=lambda part: None)
def test_a_mistake_is_told_with_file_and_line(
    tmp_path: Path, name: str, right: str, wrong: str, line: int, says: str
) -> None:
    assert right in RIGHT[name]
    with pytest.raises(ConfigError) as error:
        definitions.check(load(folder(tmp_path, name, RIGHT[name].replace(right, wrong, 1))))
    first = str(error.value).splitlines()[0]
    assert f"{name}:{line}: " in first
    assert says in first
    assert first.endswith((".", "?"))


def test_a_table_function_names_tables_and_has_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_words(hospitals):
        return hospitals

    def of_nothing(hospital):
        """Hospitals; one row a hospital.

        Fields:
            hospital_id: Its identifier.

        Key: hospital_id
        """
        return hospital

    there = catalogue.tables()
    monkeypatch.setattr(
        catalogue, "tables", lambda: {**there, "without_words": without_words, "of_nothing": of_nothing}
    )
    with pytest.raises(ConfigError) as error:
        definitions.check(load())
    first, second = str(error.value).splitlines()
    assert "config/test_mistakes.py:" in first
    assert "the table 'without_words' has no docstring" in first
    assert "'of_nothing' is made from 'hospital', which is no table; is 'hospitals' meant?" in second


def test_tables_that_are_made_from_each_other_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    there = dict(catalogue.tables())

    def first(second):
        return second

    def second(hospitals, first):
        return first

    first.__doc__ = second.__doc__ = there["hospitals"].__doc__
    monkeypatch.setattr(catalogue, "tables", lambda: {**there, "first": first, "second": second})
    with pytest.raises(ConfigError) as error:
        definitions.check(load())
    assert "config/test_mistakes.py:" in str(error.value)
    assert "tables are made from each other: " in str(error.value)
    assert "first → second → first" in str(error.value) or "second → first → second" in str(error.value)
