"""The rules of every source table as suites of Great Expectations' own: saved, read back, and validated without us."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import great_expectations as gx
import polars as pl
import pytest
from great_expectations.core import ExpectationSuite

import expectations
from config import ConfigError
from expectations.rows import row_rules
from expectations.rule import Rule, Setting
from tests.expectations.cases import CASES
from tests.expectations.clean import CONFIG, CYCLE, RECEIVED, Sent, text_of, through_the_gate
from tests.expectations.rows import CLEAN
from transforms.standardise import standardise

TABLES = [table for contract in CONFIG.contracts.values() for table in contract.tables]


def rules_of(table: str) -> list[Rule]:
    return row_rules(table, Setting(CONFIG, CONFIG.table_contract(table)[0], CYCLE))


@pytest.fixture
def context(tmp_path, monkeypatch):
    """A project of Great Expectations as its users have one, in a folder; nothing of it goes out."""
    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "false")
    context = gx.get_context(mode="file", project_root_dir=tmp_path)
    context.variables.progress_bars = {"globally": False}
    return context


@pytest.mark.parametrize("table", TABLES)
def test_the_suite_of_a_table_is_the_same_when_read_from_json(table):
    suite = expectations.suite(table, CONFIG, CYCLE)
    written = json.dumps(suite.to_json_dict())
    again = ExpectationSuite(**json.loads(written))
    assert again == suite
    assert json.dumps(again.to_json_dict()) == written

    rules = rules_of(table)
    assert len(again.expectations) == len(rules) > 0
    for expectation, rule in zip(again.expectations, rules, strict=True):
        assert expectation.meta["message"] == {"en": rule.message, "fr": rule.message_fr}
        assert expectation.meta["remedy"] == {"en": rule.remedy, "fr": rule.remedy_fr}
        assert (expectation.meta["rule"], expectation.meta["column"]) == (rule.name, rule.column)
        assert expectation.meta["severity"] == rule.severity == expectation.severity.value
        assert all(text for texts in ("message", "remedy") for text in expectation.meta[texts].values())
        # and beside the texts it is the rule's own
        assert expectation.copy(update={"meta": None}) == rule.expectation


@pytest.mark.parametrize("source", list(CONFIG.contracts))
def test_a_source_of_one_table_has_its_suite_and_one_of_several_names_them(source):
    tables = list(CONFIG.contracts[source].tables)
    if len(tables) == 1 or source in tables:
        suite = expectations.suite(source, CONFIG, CYCLE)
        assert suite == expectations.suite(suite.name, CONFIG, CYCLE.number)
        assert suite.name in tables
        assert {name: suite.meta[name] for name in ("source", "table", "cycle")} == {
            "source": source,
            "table": suite.name,
            "cycle": 5,
        }
    else:
        with pytest.raises(ConfigError, match=", ".join(tables)):
            expectations.suite(source, CONFIG, CYCLE)


def test_what_the_configuration_does_not_have_is_said():
    with pytest.raises(ConfigError, match=r"no source or table 'notikas'; the tables are .*noticas"):
        expectations.suite("notikas")
    with pytest.raises(ConfigError, match="Cycle 99"):
        expectations.suite("noticas", cycle=99)


def test_without_a_cycle_the_rules_on_its_days_are_left_out():
    with_days, without = (expectations.suite("cpas_impact_assessment", cycle=cycle) for cycle in (5, None))
    names = {expectation.meta["rule"] for expectation in without.expectations}
    assert {expectation.meta["rule"] for expectation in with_days.expectations} - names == {
        "assessment_was_in_the_cycle"
    }
    assert without.meta["cycle"] is None


def test_a_configuration_of_ones_own_is_used():
    contract, table = CONFIG.table_contract("noticas")
    columns = {name: column for name, column in table.columns.items() if name != "gender"}
    smaller = table.model_copy(update={"columns": columns})
    contract = contract.model_copy(update={"tables": {"noticas": smaller}})
    config = replace(CONFIG, contracts={"noticas": contract})
    told_of = {expectation.meta["column"] for expectation in expectations.suite("noticas", config).expectations}
    assert "gender" in {expectation.meta["column"] for expectation in expectations.suite("noticas").expectations}
    assert "cause" in told_of
    assert "gender" not in told_of


def test_a_column_that_the_gate_works_out_is_named():
    computed = {
        expectation.meta["rule"]: expectation.meta["computed"]
        for table in TABLES
        for expectation in expectations.suite(table, CONFIG, CYCLE).expectations
        if "computed" in expectation.meta
    }
    rules = [rule for table in TABLES for rule in rules_of(table) if rule.beside is not None]
    assert computed == {rule.name: rule.beside.meta.output_name() for rule in rules}
    assert computed


@pytest.mark.slow
def test_great_expectations_saves_a_suite_and_finds_with_it_what_the_gate_finds(context):
    context.suites.add(expectations.suite("noticas", CONFIG, CYCLE))
    saved = context.suites.get("noticas")
    assert saved.to_json_dict()["meta"]["table"] == "noticas"

    sent = {
        "clean": Sent(CLEAN["noticas"]),
        **{f"case-{number}": case.sent() for number, case in enumerate(CASES) if case.table == "noticas"},
    }
    batches = context.data_sources.add_pandas("frames").add_dataframe_asset("noticas")
    worked_out = [rule.beside for rule in rules_of("noticas") if rule.beside is not None]
    frame = standard_frame(sent).with_columns(*worked_out)
    batch = batches.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    results = batch.validate(saved, result_format="COMPLETE").results
    found = {
        (result.expectation_config.meta["rule"], frame["_file"][position])
        for result in results
        for position in result.result["unexpected_index_list"]
    }
    # each expectation was evaluated, and finds what the rule finds
    findings = through_the_gate("noticas", sent).findings
    assert found == set(findings.select("rule", "file").iter_rows())
    assert "clean" not in {file for _, file in found}
    assert {rule for rule, _ in found} == {rule.name for rule in rules_of("noticas")}


def standard_frame(sent: dict[str, Sent]) -> pl.DataFrame:
    """The rows of files in standard form, as the gate holds them against the rules."""
    contract, definition = CONFIG.table_contract("noticas")
    text = pl.concat(
        text_of("noticas", one).with_columns(_file=pl.lit(file), _received_on=pl.lit(RECEIVED.date(), dtype=pl.Date))
        for file, one in sent.items()
    )
    typed = standardise(text.lazy(), definition, contract, CONFIG, {}, CYCLE)
    return typed.with_columns(_known_by=pl.coalesce("last_update", "_received_on")).collect()


@pytest.mark.slow
def test_the_room_loads_great_expectations_only_when_a_suite_is_asked_for():
    code = (
        "import sys, expectations\n"
        "assert 'great_expectations' not in sys.modules\n"
        "print(len(expectations.suite('noticas').expectations), 'great_expectations' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(len(expectations.suite("noticas").expectations)), "True"]
    with pytest.raises(AttributeError, match="no attribute 'suits'"):
        expectations.suits  # noqa: B018
