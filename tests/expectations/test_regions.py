"""Parts of files that were not read as rows, or that need a look: how they are told, and to whom."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from config import Figure, normalised_header
from config.parts import OfDefinitions, OfRows, OfTables, only
from expectations.messages import form
from expectations.troubles import TROUBLES
from flows.core.records import FileRead, ReadSubmission, Submission, TableRead, Told
from flows.intake.gate import gate
from flows.intake.gate.feeding import columns_of_figures
from flows.intake.read.own_sheets import FINDINGS, FINDINGS_IN, INSTRUCTIONS, LISTS
from flows.stores import Store, frames
from tests.expectations.clean import CONFIG, CYCLE, RECEIVED
from transforms.feeding import feeding

OF_FIGURES = only(CONFIG, OfDefinitions)
GOOD = {name: TableRead(rows=1, width=2, header_row=1) for name in ("cover", "mission_plan", "integration")}


def judged(store: Store, *told: Told, **tables: TableRead) -> tuple[pl.DataFrame, frozenset[tuple[str, str]]]:
    submission = Submission("mission_report", "UNIFIL", "a/book.xlsx", "0" * 64, 1, RECEIVED, "raw/x")
    found = FileRead(tables=GOOD | tables, told=told)
    read = [ReadSubmission(submission, found, dict.fromkeys(GOOD, "x"))]
    judgement = gate.judge_files(read, ([], []), columns_of_figures(read, CONFIG, CYCLE), CONFIG, CYCLE, store)
    return frames.scan(store, judgement.findings).collect(), judgement.refused_tables


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_told_with_its_place_and_only_a_critical_one_refuses_the_table(trouble: str, tmp_path) -> None:
    told = Told(trouble, "B7, B9", "mission_plan", "Plan de la mission", 7, 3)
    findings, refused = judged(Store(str(tmp_path)), told)
    (finding,) = findings.iter_rows(named=True)
    rule, severity, _ = TROUBLES[trouble]
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
    # numbers of which a table is made, and no figure
    numbers = TableRead(rows=1, width=2, header_row=1, lacking=("training_days", "participants"))
    others = TableRead(rows=1, width=2, header_row=1, lacking=("formal",))
    findings, refused = judged(
        Store(str(tmp_path)), mission_plan=lacking, conduct_training=numbers, mental_health_support=others
    )
    assert sorted(findings.select("severity", "message").rows()) == [
        (
            "info",
            "Columns are not there that may be left out, and no figure of the report is made from them: Formal.",
        ),
        ("warning", "Columns are not there from which figures of the report are made: Approved plan."),
        (
            "warning",
            "Columns are not there whose numbers stand in tables of the report: Training days, Participants.",
        ),
    ]
    assert refused == set()


def test_what_figures_are_made_from_is_as_the_figures_are_defined() -> None:
    def columns(figure: Figure, table: str) -> frozenset[str]:
        only_this = replace(OF_FIGURES, figures={"a": figure})
        return feeding(only_this, only(CONFIG, OfRows), only(CONFIG, OfTables), CYCLE)[table]

    sessions = CONFIG.figures["conduct_discipline_trainings"]
    # the table is put in order by the kind of training
    assert columns(sessions, "conduct_training") == {"sessions", "training"}
    assert columns(sessions.model_copy(update={"by": None, "obs_status": None}), "noticas") == frozenset()
    with_people = sessions.model_copy(update={"value": "sum(sessions) filter (where participants > 0)"})
    assert columns(with_people, "conduct_training") == {"sessions", "participants", "training"}
    some = sessions.model_copy(update={"where": "training = 'Induction'", "obs_status": "training_days_obs_status"})
    assert columns(some, "conduct_training") == {"sessions", "training", "training_days"}
    # through a table that is made of the source's, and by the day that rows are counted on
    deaths = columns(CONFIG.figures["fatalities_total"], "noticas")
    assert {"mission", "incident_date", "type_of_casualty"} <= deaths
    assert "iso_alpha3" not in deaths


def test_the_sheets_that_templates_bring_with_them_are_known() -> None:
    def names(key: str) -> set[str]:
        return {normalised_header(form(key, language)) for language in ("en", "fr")}

    assert names("instructions") == INSTRUCTIONS
    assert names("lists") == LISTS
    assert names("findings") == FINDINGS
    assert tuple(form("found", language, file="") for language in ("en", "fr")) == FINDINGS_IN
