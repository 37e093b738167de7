"""Parts of files that were not read as rows, or that need a look: how they are told, and to whom."""

from __future__ import annotations

import polars as pl
import pytest

from config import normalised_header
from expectations.messages import form
from expectations.troubles import TROUBLES
from flows.core.records import FileRead, ReadSubmission, Submission, TableRead, Told
from flows.intake.gate import gate
from flows.intake.read.own_sheets import FINDINGS, FINDINGS_IN, INSTRUCTIONS, LISTS
from flows.stores import Store, frames
from tests.expectations.clean import CONFIG, CYCLE, RECEIVED

GOOD = {name: TableRead(rows=1, width=2, header_row=1) for name in ("cover", "mission_plan", "integration")}


def judged(store: Store, *told: Told, **tables: TableRead) -> tuple[pl.DataFrame, frozenset[tuple[str, str]]]:
    submission = Submission("mission_report", "UNIFIL", "a/book.xlsx", "0" * 64, 1, RECEIVED, "raw/x")
    found = FileRead(tables=GOOD | tables, told=told)
    judgement = gate.judge_files(
        [ReadSubmission(submission, found, dict.fromkeys(GOOD, "x"))], ([], []), CONFIG, CYCLE, store
    )
    return frames.scan(store, judgement.findings).collect(), judgement.refused_tables


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_told_with_its_place_and_only_a_critical_one_refuses_the_table(trouble: str, tmp_path) -> None:
    told = Told(trouble, "B7, B9", "mission_plan", "Plan de la mission", 7, 3)
    findings, refused = judged(Store(str(tmp_path)), told)
    (finding,) = findings.iter_rows(named=True)
    rule, severity = TROUBLES[trouble]
    assert (finding["rule"], finding["severity"]) == (rule, severity)
    assert (finding["table"], finding["sheet"], finding["row"]) == ("mission_plan", "Plan de la mission", 7)
    assert finding["message"].endswith(" B7, B9.")
    assert finding["message_fr"].endswith(" B7, B9.")
    assert refused == ({("a/book.xlsx", "mission_plan")} if severity == "critical" else set())


def test_a_trouble_of_many_tables_is_told_of_each(tmp_path) -> None:
    tables = list(CONFIG.contract("mission_report").tables)[:11]
    told = [Told("hidden_rows", "3", name, row=3) for name in tables]
    findings, _ = judged(Store(str(tmp_path)), *told, **dict.fromkeys(tables, GOOD["cover"]))
    assert sorted(findings["table"]) == sorted(tables)


def test_columns_that_figures_need_are_asked_for_and_remarks_are_not(tmp_path) -> None:
    lacking = TableRead(rows=1, width=2, header_row=1, lacking=("remarks", "approved_plan"))
    findings, refused = judged(Store(str(tmp_path)), mission_plan=lacking)
    assert findings["message"].to_list() == [
        "Columns are not there from which figures of the report are made: Approved plan."
    ]
    assert refused == set()


def test_the_sheets_that_templates_bring_with_them_are_known() -> None:
    def names(key: str) -> set[str]:
        return {normalised_header(form(key, language)) for language in ("en", "fr")}

    assert names("instructions") == INSTRUCTIONS
    assert names("lists") == LISTS
    assert names("findings") == FINDINGS
    assert tuple(form("found", language, file="") for language in ("en", "fr")) == FINDINGS_IN
