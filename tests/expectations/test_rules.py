"""Every rule on rows and on files: what trips it, where it points, and that it never tells what stands in a cell."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

import polars as pl
import pytest

from config import Cycle
from expectations import rule as rule_room
from expectations.files import PROBLEMS, file_rules, table_rules
from expectations.questions import QUESTIONS
from expectations.rows import row_rules
from expectations.rule import BUSINESS_RULES, Rule, Setting
from expectations.sources import register_all
from flows.core.records import FileRead, ReadSubmission, Submission, TableRead
from flows.intake.gate import gate
from flows.stores import Store, frames
from tests.expectations.cases import CASES, MARK, Case
from tests.expectations.clean import CONFIG, CYCLE, RECEIVED, Passed, Sent, through_the_gate
from tests.expectations.rows import CLEAN

register_all()
TEXTS = CONFIG.messages


@cache
def rules_of(table: str, cycle: Cycle | None = CYCLE) -> list[Rule]:
    """The rules of a table in the order in which the gate holds rows against them."""
    return row_rules(table, Setting(CONFIG, CONFIG.table_contract(table)[0], cycle))


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


def test_a_file_without_any_type_of_casualty_is_of_deaths_alone() -> None:
    rows = [dict(row) | {"type_of_casualty": None} for row in CLEAN["noticas"]]
    passed = through_the_gate("noticas", {"deaths": Sent(rows), "both": Sent(CLEAN["noticas"])}).of("deaths")
    assert passed.findings.to_dicts() == []
    assert passed.staged.height == len(rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_its_row_and_no_other(case: Case) -> None:
    rows, file = case.sent().rows, f"case-{CASES.index(case)}"
    passed = gated(case.table).of(file)

    assert set(passed.findings["rule"]) == {case.rule} | case.also
    found, *further = passed.findings.filter(pl.col("rule") == case.rule).sort("row").iter_rows(named=True)
    contract, definition = CONFIG.table_contract(case.table)
    assert found["severity"] == case.severity
    assert found["column"] == case.column
    assert [found["row"], *(one["row"] for one in further)] == case.rows
    assert (found["source"], found["table"], found["file"]) == (contract.source, case.table, file)
    assert found["sheet"] == (definition.sheet[0] if definition.sheet else None)

    refused = case.severity == "critical" or any(
        rule.severity == "critical" for rule in rules_of(case.table) if rule.name in case.also
    )
    assert passed.quarantine["_row"].to_list() == (case.rows if refused else [])
    assert passed.staged.height + passed.quarantine.height == len(rows)

    if case.rule in QUESTIONS:
        # only a question tells the numbers that it is about
        assert found["message"].endswith("?")
        assert f"{found['value']:,.12g}" in found["message"]
        assert f"{found['earlier']:,.12g}" in found["message"]
        return
    assert (found["value"], found["earlier"]) == (None, None)
    # what stands in the cells is never told; `None` and other short words stand in the remedies as words
    told = " ".join(passed.findings["message"].to_list() + passed.findings["remedy"].to_list())
    for cell in case.cells.values():
        assert cell is None or cell == "None" or len(cell.strip()) < 3 or cell not in told


def test_every_rule_on_rows_has_a_case() -> None:
    there_are = Counter((table, rule.name, rule.column) for table in every_table() for rule in rules_of(table))
    assert {(table, rule) for table, rule, _ in there_are} == {(case.table, case.rule) for case in CASES}
    # a name, of one column, means one rule
    assert set(there_are.values()) == {1}


def test_every_business_rule_is_of_a_table_that_a_contract_has() -> None:
    # other tests register rules of their own
    ours = {
        table
        for table, rules in BUSINESS_RULES.items()
        if any(one.__module__.startswith("expectations.") for one in rules)
    }
    assert ours <= set(every_table())
    assert len(ours) > 10


def test_a_rule_comes_from_who_wrote_it_and_who_registered_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever imports these two does not count."""
    monkeypatch.setattr(rule_room, "BUSINESS_RULES", {})
    monkeypatch.setattr(rule_room, "_REGISTERED_BY", {})

    def written(setting: Setting) -> None: ...

    registering = {"__name__": "registering", "register": lambda: None, "on": rule_room.on, "written": written}
    exec("def register(): on('t')(written)", registering)
    importing = {"__name__": "importlib.importing"}
    exec("def load(module): module()", importing)
    importing["load"](registering["register"])
    assert rule_room.rule_modules("t") == tuple(sorted(("registering", __name__)))
    rule_room.BUSINESS_RULES["t"].append(lambda setting: None)
    with pytest.raises(LookupError, match="not registered by `on`"):
        rule_room.rule_modules("t")


def test_without_a_cycle_the_rules_about_it_are_left_out() -> None:
    about_cycle = set()
    for table in every_table():
        about_cycle |= {rule.name for rule in rules_of(table)} - {rule.name for rule in rules_of(table, None)}
    assert about_cycle == {
        "evaluation_date_is_in_the_cycle",
        "deployed_on_is_in_the_cycle",
        "visited_on_is_in_the_cycle",
        "assessment_was_in_the_cycle",
        "appointment_was_in_the_year_before_the_cycle_ended",
        "year_is_near_the_cycle",
        "training_days_fit_into_the_cycle",
        "days_fit_into_the_cycle",
        "share_of_cycle_pct_is_that_share",
        "period_from_is_of_the_cycle",
        "period_to_is_of_the_cycle",
        "quarter_is_that_of_the_date",
    }


def test_a_rule_speaks_in_sentences() -> None:
    for rule in [
        *(rule for table in every_table() for rule in rules_of(table)),
        *file_rules(5, CONFIG.messages),
        *table_rules(TEXTS),
    ]:
        assert rule.message[0].isupper() or re.match("“[A-Z]", rule.message), rule
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
    part: str | None = None

    def __str__(self) -> str:
        return self.rule


COVER = TableRead(rows=1, width=2, header_row=1)
BLANK = replace(COVER, rows=0)
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
    FileCase(
        "file_is_of_this_source", replace(GOOD, looks_like="noticas"), "another source: Notifications of casualties."
    ),
    FileCase("mission_is_the_folders", replace(GOOD, claimed_mission="unmiss"), "sent for: UNMISS."),
    FileCase("cycle_is_the_folders", replace(GOOD, claimed_cycle="Cycle 4"), "than 5: it says 4."),
    FileCase("cycle_is_the_folders", replace(GOOD, claimed_cycle="2024"), "than 5: it says 2024."),
    FileCase("file_has_rows", replace(GOOD, tables={"cover": replace(COVER, rows=0)})),
    # a cover alone reports nothing
    FileCase("file_has_rows", replace(GOOD, tables={"cover": COVER, "sofa_soma": BLANK, "coordination": BLANK})),
    FileCase("all_parts_are_there", GOOD, "can be read: part 2 of 2.", part="1 of 2"),
    FileCase("sheet_is_there", of_table(absent=True)),
    FileCase("required_columns_are_there", of_table(missing=("mission", "cycle")), "missing: Mission, Cycle."),
    FileCase("columns_are_named_once", of_table(repeated=("cycle",)), "which one counts: Cycle."),
    FileCase("columns_are_those_agreed", of_table(unknown=61, width=64), "export: 64 instead of 4."),
    FileCase("table_is_filled_in", of_table(rows=0)),
    FileCase("none_stands_alone", of_table(none_in=2, contradicted=True)),
]


def judged(
    found: FileRead, mission: str | None, store: Store, part: str | None = None
) -> tuple[pl.DataFrame, bool, bool]:
    submission = Submission("mission_report", mission, "a/book.xlsx", "0" * 64, 1, RECEIVED, "raw/x", part=part)
    read = ReadSubmission(submission, found, dict.fromkeys(found.tables, "read/x"))
    judgement = gate.judge_files([read], ([], []), {}, CONFIG, CYCLE, store)
    return frames.scan(store, judgement.findings).collect(), bool(judgement.refused), bool(judgement.refused_tables)


def test_a_good_file_passes_every_rule(tmp_path) -> None:
    findings, refused, table_refused = judged(GOOD, "UNIFIL", Store(str(tmp_path)))
    assert findings.to_dicts() == []
    assert not refused
    assert not table_refused


@pytest.mark.parametrize("case", FILE_CASES, ids=str)
def test_a_rule_on_files_refuses_the_file_or_its_table(case: FileCase, tmp_path) -> None:
    findings, refused, table_refused = judged(case.found, case.mission, Store(str(tmp_path)), case.part)
    (finding,) = findings.iter_rows(named=True)
    assert finding["rule"] == case.rule
    assert finding["severity"] == "critical"
    assert finding["file"] == "a/book.xlsx"
    assert finding["message"].endswith(case.said or ".")
    of_one_table = case.rule in {rule.name for rule in table_rules(TEXTS)}
    assert (refused, table_refused) == (not of_one_table, of_one_table)
    assert finding["table"] == ("cover" if of_one_table else None)


def test_every_rule_on_files_has_a_case() -> None:
    # what refuses nothing is tried with templates: tests/flows/feedback/test_template_versions.py
    rules = [*file_rules(5, TEXTS), *table_rules(TEXTS)]
    assert [rule.name for rule in rules if rule.severity != "critical"] == ["template_is_the_newest"]
    assert {rule.name for rule in rules if rule.severity == "critical"} == {case.rule for case in FILE_CASES}


def test_a_file_none_of_whose_tables_can_be_used_is_refused_as_a_whole(tmp_path) -> None:
    found = replace(GOOD, tables={"cover": replace(COVER, missing=("cycle",))})
    findings, refused, table_refused = judged(found, "UNIFIL", Store(str(tmp_path)))
    assert findings["rule"].to_list() == ["required_columns_are_there"]
    assert refused
    assert table_refused


def test_a_file_of_which_the_cover_alone_can_be_used_is_refused_as_a_whole(tmp_path) -> None:
    found = replace(
        GOOD, tables={"cover": COVER, "sofa_soma": BLANK, "coordination": replace(BLANK, missing=("formal",))}
    )
    findings, refused, _ = judged(
        replace(found, tables={**found.tables, "mission_plan": replace(COVER, repeated=("remarks",))}),
        "UNIFIL",
        Store(str(tmp_path)),
    )
    assert findings["rule"].to_list() == ["required_columns_are_there", "columns_are_named_once", "table_is_filled_in"]
    assert refused


@pytest.mark.parametrize(
    ("table", "remedy"), [("sofa_soma", "Fill in the sheet; a blank is not"), ("coordination", "write the word None")]
)
def test_the_word_for_none_is_asked_for_where_it_is_an_answer(table: str, remedy: str, tmp_path) -> None:
    found = replace(GOOD, tables={"cover": COVER, "mission_plan": COVER, table: BLANK})
    (finding,) = judged(found, "UNIFIL", Store(str(tmp_path)))[0].iter_rows(named=True)
    assert (finding["rule"], finding["table"], finding["row"]) == ("table_is_filled_in", table, None)
    assert remedy in finding["remedy"]
    assert ("« Néant »" in finding["remedy_fr"].replace("\u00a0", " ")) == ("None" in remedy)


def test_what_says_none_is_filled_in_and_the_contradiction_stands_where_it_is_said(tmp_path) -> None:
    none = replace(BLANK, none_in=4, sheet="Mécanismes de coordination")
    found = replace(GOOD, tables={"cover": COVER, "coordination": none})
    findings, refused, table_refused = judged(found, "UNIFIL", Store(str(tmp_path)))
    assert (findings.height, refused, table_refused) == (0, False, False)
    torn = replace(found, tables={**found.tables, "coordination": replace(none, contradicted=True), "sofa_soma": COVER})
    (finding,) = judged(torn, "UNIFIL", Store(str(tmp_path)))[0].iter_rows(named=True)
    assert (finding["sheet"], finding["row"]) == ("Mécanismes de coordination", 4)


def test_what_a_file_claims_of_itself_is_told_only_where_it_is_a_mission_or_a_cycle(tmp_path) -> None:
    claims = replace(GOOD, claimed_mission=f"{MARK} UNMISS", claimed_cycle="471100815")
    findings, refused, _ = judged(claims, "UNIFIL", Store(str(tmp_path)))
    assert findings.is_empty()
    assert not refused
