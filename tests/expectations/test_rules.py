"""Every rule on rows and on files: what trips it, where it points, and that it never tells what stands in a cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

import polars as pl
import pytest

from expectations.contract import contract_rules
from expectations.files import PROBLEMS, file_rules, table_rules
from expectations.rule import BUSINESS_RULES, Rule, Setting, business_rules
from expectations.sources import register_all
from flows import frames, gate
from flows.read import FileRead, TableRead
from flows.records import ReadSubmission, Submission
from flows.store import Store
from tests.expectations.clean import CLEAN, CONFIG, CYCLE, MISSION, RECEIVED, Cells, Passed, Sent, through_the_gate

MARK = "Zyxwv-Qrstu"

register_all()


@dataclass(frozen=True)
class Case:
    """A rule of a table, and what is changed in the first clean row to trip it, and it alone."""

    table: str
    rule: str
    severity: str
    column: str | None
    cells: Cells = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    mission: str = MISSION
    shifted: bool = False
    repeated: bool = False

    def __str__(self) -> str:
        return f"{self.table}-{self.rule}"

    def sent(self) -> Sent:
        rows = [dict(row) for row in CLEAN[self.table]]
        rows[0] |= self.cells
        if self.repeated:
            rows.append(dict(rows[0]))
        return Sent(rows, self.mission, (0,) if self.shifted else ())


def blank(table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_given", "critical", column, {column: None}) for column in columns]


def spaced(table: str, *columns: str) -> list[Case]:
    first = CLEAN[table][0]
    return [
        Case(table, f"{name}_has_no_spaces_around_it", "info", name, {name: f"{first[name]} "}) for name in columns
    ] + [
        Case(table, f"{name}_has_no_spaces_around_it", "info", name, {name: f"\u00a0{first[name]}"})
        for name in columns[:1]
    ]


def no(kind: str, table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_a_{kind}", "critical", column, {column: MARK}) for column in columns]


def unlisted(table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_one_of_the_list", "critical", column, {column: MARK}) for column in columns]


def negative(table: str, column: str, **others: str | None) -> list[Case]:
    return [Case(table, f"{column}_is_in_range", "critical", column, {column: "-98765", **others})]


def one(table: str, rule: str, severity: str, column: str, **cells: str | None) -> Case:
    return Case(table, rule, severity, column, cells)


def country(table: str, of: str) -> list[Case]:
    written = frozenset({"m49_code_is_written_as_text"})
    return [
        one(table, "m49_code_is_there", "info", "m49_code", m49_code=None),
        one(table, "iso_alpha3_is_there", "info", "iso_alpha3", iso_alpha3=None),
        one(table, "m49_code_is_written_as_text", "info", "m49_code", m49_code="250.0"),
        one(table, f"m49_code_is_of_the_{of}", "warning", "m49_code", m49_code="642"),
        one(table, f"iso_alpha3_is_of_the_{of}", "warning", "iso_alpha3", iso_alpha3="ROU"),
        Case(table, "m49_code_is_a_m49", "warning", "m49_code", {"m49_code": MARK}, also=written),
    ]


def repeated(table: str, column: str) -> Case:
    return Case(table, "row_is_listed_once", "critical", column, repeated=True)


CASES = [
    *(Case(table, "row_has_a_cell_for_each_column", "critical", None, shifted=True) for table in CLEAN),
    # casualties
    *blank("noticas", "casualty_id", "incident_date", "mission", "cause"),
    *spaced(
        "noticas", "personnel_type", "casualty_id", "type_of_casualty", "cause", "gender", "nationality", "record_id"
    ),
    *no("date", "noticas", "incident_date", "last_update"),
    *no("mission", "noticas", "mission"),
    *unlisted("noticas", "type_of_casualty", "cause", "personnel_type", "gender"),
    *country("noticas", "nationality"),
    repeated("noticas", "casualty_id"),
    one("noticas", "incident_is_not_in_the_future", "critical", "incident_date", incident_date="2031-03-07"),
    one("noticas", "incident_is_not_in_the_future", "critical", "incident_date", incident_date="2024-05-02"),
    # without the source's own stamp, the day of receipt is what counts
    one(
        "noticas",
        "incident_is_not_in_the_future",
        "critical",
        "incident_date",
        incident_date="2024-05-21",
        last_update=None,
    ),
    one("noticas", "incident_is_not_before_the_mission_began", "warning", "incident_date", incident_date="1971-02-03"),
    one(
        "noticas",
        "incident_is_not_long_after_the_mission_ended",
        "info",
        "incident_date",
        incident_date="2024-02-03",
        mission="MINUSMA",
    ),
    # allegations
    *blank("conduct_allegations", "allegation_id", "category", "mission", "date_reported"),
    *spaced("conduct_allegations", "allegation_id", "category", "personnel_category", "status", "action_taken"),
    *no("date", "conduct_allegations", "date_reported", "incident_from", "incident_to"),
    *no("mission", "conduct_allegations", "mission"),
    *unlisted("conduct_allegations", "category", "personnel_category", "status", "action_taken"),
    repeated("conduct_allegations", "allegation_id"),
    one("conduct_allegations", "incident_ends_after_it_begins", "critical", "incident_to", incident_to="2023-11-30"),
    one("conduct_allegations", "report_follows_the_incident", "critical", "date_reported", date_reported="2023-11-29"),
    one("conduct_allegations", "report_is_not_in_the_future", "critical", "date_reported", date_reported="2031-03-07"),
    one("conduct_allegations", "report_is_not_in_the_future", "critical", "date_reported", date_reported="2024-05-21"),
    # lists of units
    *blank("fpu_units", "unit_id", "mission", "contributing_country"),
    *spaced("fpu_units", "unit_id", "contributing_country"),
    *no("mission", "fpu_units", "mission"),
    repeated("fpu_units", "unit_id"),
    one("fpu_units", "formed_police_unit_is_in_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    *blank("military_units", "unit_id", "mission", "contributing_country"),
    *spaced("military_units", "unit_id", "contributing_country", "unit_type"),
    *no("mission", "military_units", "mission"),
    repeated("military_units", "unit_id"),
    one("military_units", "military_unit_is_in_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    # evaluations
    *blank("fpu_evaluations", "unit_id", "mission", "quarter", "evaluation_date", "rating"),
    *spaced("fpu_evaluations", "unit_id", "quarter", "rating"),
    *no("date", "fpu_evaluations", "evaluation_date"),
    *no("mission", "fpu_evaluations", "mission"),
    *no("yes_no", "fpu_evaluations", "improvement_plan"),
    *unlisted("fpu_evaluations", "quarter", "rating"),
    repeated("fpu_evaluations", "quarter"),
    one("fpu_evaluations", "unit_id_is_one_of_fpu_units", "critical", "unit_id", unit_id=MARK),
    one("fpu_evaluations", "unit_id_is_one_of_fpu_units", "critical", "unit_id", mission="MONUSCO"),
    one(
        "fpu_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2023-10-31",
    ),
    one(
        "fpu_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2024-05-01",
    ),
    Case(
        "fpu_evaluations",
        "fpu_evaluation_is_not_in_the_future",
        "critical",
        "evaluation_date",
        {"evaluation_date": "2024-05-21"},
        also=frozenset({"evaluation_date_is_in_the_cycle"}),
    ),
    one(
        "fpu_evaluations",
        "an_evaluation_that_needs_improvement_has_a_plan",
        "warning",
        "improvement_plan",
        rating="Needs improvement",
        improvement_plan="N",
    ),
    *blank("military_unit_evaluations", "unit_id", "mission", "evaluation_date", "rating"),
    *spaced("military_unit_evaluations", "unit_id", "rating"),
    *no("date", "military_unit_evaluations", "evaluation_date"),
    *no("mission", "military_unit_evaluations", "mission"),
    *no("yes_no", "military_unit_evaluations", "improvement_plan"),
    *unlisted("military_unit_evaluations", "rating"),
    repeated("military_unit_evaluations", "evaluation_date"),
    one("military_unit_evaluations", "unit_id_is_one_of_military_units", "critical", "unit_id", mission="MONUSCO"),
    one(
        "military_unit_evaluations",
        "evaluation_date_is_in_the_cycle",
        "critical",
        "evaluation_date",
        evaluation_date="2023-10-31",
    ),
    Case(
        "military_unit_evaluations",
        "unit_evaluation_is_not_in_the_future",
        "critical",
        "evaluation_date",
        {"evaluation_date": "2024-05-21"},
        also=frozenset({"evaluation_date_is_in_the_cycle"}),
    ),
    one(
        "military_unit_evaluations",
        "a_poor_rating_has_a_plan",
        "warning",
        "improvement_plan",
        rating="Satisfactory with shortfalls",
        improvement_plan="N",
    ),
    # the mission's workbook
    *blank("cover", "mission", "cycle"),
    *no("mission", "cover", "mission"),
    *no("cycle", "cover", "cycle"),
    *no("date", "cover", "completed_on"),
    one("cover", "cycle_is_a_known_cycle", "critical", "cycle", cycle="98765"),
    repeated("cover", "mission"),
    *no("yes_no", "mission_plan", "approved_plan"),
    *spaced("mission_plan", "remarks"),
    repeated("mission_plan", "mission"),
    *no("yes_no", "cpas_impact_assessment", "impact_assessment"),
    *no("date", "cpas_impact_assessment", "date_of_assessment"),
    *spaced("cpas_impact_assessment", "remarks"),
    repeated("cpas_impact_assessment", "mission"),
    one(
        "cpas_impact_assessment",
        "assessment_was_in_the_cycle",
        "warning",
        "date_of_assessment",
        date_of_assessment="2023-10-31",
    ),
    *blank("conduct_training", "training", "sessions"),
    *spaced("conduct_training", "training"),
    *unlisted("conduct_training", "training"),
    *no("count", "conduct_training", "sessions", "training_days", "participants"),
    *negative("conduct_training", "sessions", training_days=None),
    *negative("conduct_training", "training_days"),
    *negative("conduct_training", "participants"),
    one("conduct_training", "training_days_fit_into_the_cycle", "critical", "training_days", training_days="183"),
    one("conduct_training", "days_of_training_go_with_sessions", "warning", "sessions", sessions="None"),
    repeated("conduct_training", "training"),
    *no("count", "sofa_soma", "new_incidents", "total_incidents"),
    *negative("sofa_soma", "new_incidents"),
    *negative("sofa_soma", "total_incidents", new_incidents=None),
    *spaced("sofa_soma", "impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks"),
    *unlisted("sofa_soma", "impact_civilian_movement", "impact_uniformed_movement", "impact_mandated_tasks"),
    one("sofa_soma", "new_incidents_are_part_of_the_total", "critical", "new_incidents", new_incidents="98765"),
    Case("sofa_soma", "incidents_are_of_an_agreement", "warning", "new_incidents", mission="UNMIK"),
    repeated("sofa_soma", "mission"),
    # personnel
    *blank(
        "uniformed_personnel",
        "contributing_country",
        "mission",
        "personnel_type",
        "female_personnel",
        "male_personnel",
        "last_reporting_date",
    ),
    *spaced("uniformed_personnel", "contribution_id", "contributing_country", "personnel_type"),
    *country("uniformed_personnel", "contributing_country"),
    *no("mission", "uniformed_personnel", "mission"),
    *no("count", "uniformed_personnel", "female_personnel", "male_personnel"),
    *no("date", "uniformed_personnel", "last_reporting_date"),
    *unlisted("uniformed_personnel", "personnel_type"),
    *negative("uniformed_personnel", "female_personnel"),
    *negative("uniformed_personnel", "male_personnel"),
    repeated("uniformed_personnel", "last_reporting_date"),
    one(
        "uniformed_personnel",
        "month_is_not_in_the_future",
        "critical",
        "last_reporting_date",
        last_reporting_date="2024-05-31",
    ),
    one(
        "uniformed_personnel",
        "mission_was_deployed",
        "warning",
        "last_reporting_date",
        last_reporting_date="1971-02-28",
    ),
]


def rules_of(table: str) -> list[Rule]:
    contract, definition = CONFIG.table_contract(table)
    setting = Setting(CONFIG, contract, CYCLE)
    return [*contract_rules(definition, setting), *business_rules(table, setting)]


@cache
def gated(table: str) -> Passed:
    """All cases of a table in one go, each a file of its own, beside a clean one."""
    cases = {f"case-{number}": case.sent() for number, case in enumerate(CASES) if case.table == table}
    return through_the_gate(table, {"clean": Sent(CLEAN[table]), **cases})


def every_table() -> list[str]:
    return [table for contract in CONFIG.contracts.values() for table in contract.tables]


@pytest.mark.parametrize("table", every_table())
def test_clean_rows_pass_every_rule(table: str) -> None:
    passed = gated(table).of("clean")
    assert passed.findings.to_dicts() == []
    assert passed.staged.height == len(CLEAN[table])
    assert passed.quarantine.is_empty()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_its_row_and_no_other(case: Case) -> None:
    rows = case.sent().rows
    passed = gated(case.table).of(f"case-{CASES.index(case)}")

    assert set(passed.findings["rule"]) == {case.rule} | case.also
    (found,) = passed.findings.filter(pl.col("rule") == case.rule).iter_rows(named=True)
    contract, definition = CONFIG.table_contract(case.table)
    assert found["severity"] == case.severity
    assert found["column"] == case.column
    assert found["row"] == (len(rows) + 1 if case.repeated else 2)
    assert (found["source"], found["table"], found["file"]) == (
        contract.source,
        case.table,
        f"case-{CASES.index(case)}",
    )
    assert found["sheet"] == (definition.sheet[0] if definition.sheet else None)

    refused = case.severity == "critical" or any(
        rule.severity == "critical" for rule in rules_of(case.table) if rule.name in case.also
    )
    assert passed.quarantine["_row"].to_list() == ([found["row"]] if refused else [])
    assert passed.staged.height + passed.quarantine.height == len(rows)

    # what stands in the cells is never told; `None` and other short words stand in the remedies as words
    told = " ".join(passed.findings["message"].to_list() + passed.findings["remedy"].to_list())
    for cell in case.cells.values():
        assert cell is None or cell == "None" or len(cell.strip()) < 3 or cell not in told


def test_every_rule_on_rows_has_a_case() -> None:
    there_are = Counter((table, rule.name) for table in every_table() for rule in rules_of(table))
    assert set(there_are) == {(case.table, case.rule) for case in CASES}
    # a name means one rule
    assert set(there_are.values()) == {1}


def test_every_business_rule_is_of_a_table_that_a_contract_has() -> None:
    assert set(BUSINESS_RULES) <= set(every_table())


def test_without_a_cycle_the_rules_about_it_are_left_out() -> None:
    about_cycle = set()
    for table in every_table():
        contract, definition = CONFIG.table_contract(table)
        setting = Setting(CONFIG, contract, None)
        rules = [*contract_rules(definition, setting), *business_rules(table, setting)]
        about_cycle |= {rule.name for rule in rules_of(table)} - {rule.name for rule in rules}
    assert about_cycle == {
        "evaluation_date_is_in_the_cycle",
        "assessment_was_in_the_cycle",
        "training_days_fit_into_the_cycle",
    }


def test_a_rule_speaks_in_sentences() -> None:
    for rule in [*(rule for table in every_table() for rule in rules_of(table)), *file_rules(5), *table_rules()]:
        assert rule.message[0].isupper() or rule.message.startswith(f"{rule.column} "), rule
        # a message that a detail completes may go on
        assert rule.message.endswith(".") or rule.detail, rule
        assert rule.remedy.endswith("."), rule


# Rules on files


@dataclass(frozen=True)
class FileCase:
    """A rule on files or their tables, and what was found in the file, to trip it and it alone."""

    rule: str
    found: FileRead
    said: str = ""
    mission: str | None = "UNIFIL"

    def __str__(self) -> str:
        return self.rule


COVER = TableRead(rows=1, width=2, header_row=1)
GOOD = FileRead(claimed_mission="Unfil ", claimed_cycle="5 (Nov 2023 – Apr 2024)", tables={"cover": COVER})


def of_table(**changed: object) -> FileRead:
    # the other table is good, so that the file is not refused as a whole
    return replace(GOOD, tables={"cover": replace(COVER, **changed), "mission_plan": COVER})


FILE_CASES = [
    *(
        FileCase(rule, FileRead(problem=problem, where="line 4711"), "line 4711.")
        for problem, (rule, _, _) in PROBLEMS.items()
        if problem != "no_mission_folder"
    ),
    FileCase("file_is_in_a_mission_folder", GOOD, mission=None),
    FileCase("file_is_of_this_source", replace(GOOD, looks_like="noticas"), "another source: noticas."),
    FileCase("mission_is_the_folders", replace(GOOD, claimed_mission="unmiss"), "sent for: UNMISS."),
    FileCase("cycle_is_the_folders", replace(GOOD, claimed_cycle="Cycle 4"), "than 5: it says 4."),
    FileCase("cycle_is_the_folders", replace(GOOD, claimed_cycle="2024"), "than 5: it says 2024."),
    FileCase("file_has_rows", replace(GOOD, tables={"cover": replace(COVER, rows=0)})),
    FileCase("sheet_is_there", of_table(absent=True)),
    FileCase("required_columns_are_there", of_table(missing=("mission", "cycle")), "missing: mission, cycle."),
    FileCase("columns_are_named_once", of_table(repeated=("cycle",)), "which one counts: cycle."),
    FileCase("columns_are_those_agreed", of_table(unknown=61, width=64), "export: 64 instead of 4."),
]


def judged(found: FileRead, mission: str | None, store: Store) -> tuple[pl.DataFrame, bool, bool]:
    submission = Submission("mission_report", mission, "a/book.xlsx", "0" * 64, 1, RECEIVED, "raw/x")
    read = ReadSubmission(submission, found, dict.fromkeys(found.tables, "read/x"))
    judgement = gate.judge_files([read], CONFIG, CYCLE, store)
    return frames.scan(store, judgement.findings).collect(), bool(judgement.refused), bool(judgement.refused_tables)


def test_a_good_file_passes_every_rule(tmp_path) -> None:
    findings, refused, table_refused = judged(GOOD, "UNIFIL", Store(str(tmp_path)))
    assert findings.to_dicts() == []
    assert not refused
    assert not table_refused


@pytest.mark.parametrize("case", FILE_CASES, ids=str)
def test_a_rule_on_files_refuses_the_file_or_its_table(case: FileCase, tmp_path) -> None:
    findings, refused, table_refused = judged(case.found, case.mission, Store(str(tmp_path)))
    (finding,) = findings.iter_rows(named=True)
    assert finding["rule"] == case.rule
    assert finding["severity"] == "critical"
    assert finding["file"] == "a/book.xlsx"
    assert finding["message"].endswith(case.said or ".")
    of_one_table = case.rule in {rule.name for rule in table_rules()}
    assert (refused, table_refused) == (not of_one_table, of_one_table)
    assert finding["table"] == ("cover" if of_one_table else None)


def test_every_rule_on_files_has_a_case() -> None:
    assert {rule.name for rule in [*file_rules(5), *table_rules()]} == {case.rule for case in FILE_CASES}


def test_a_file_none_of_whose_tables_can_be_used_is_refused_as_a_whole(tmp_path) -> None:
    found = replace(GOOD, tables={"cover": replace(COVER, missing=("cycle",))})
    findings, refused, table_refused = judged(found, "UNIFIL", Store(str(tmp_path)))
    assert findings["rule"].to_list() == ["required_columns_are_there"]
    assert refused
    assert table_refused


def test_what_a_file_claims_of_itself_is_told_only_where_it_is_a_mission_or_a_cycle(tmp_path) -> None:
    claims = replace(GOOD, claimed_mission=f"{MARK} UNMISS", claimed_cycle="471100815")
    findings, refused, _ = judged(claims, "UNIFIL", Store(str(tmp_path)))
    assert findings.is_empty()
    assert not refused
