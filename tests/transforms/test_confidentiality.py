"""Nothing of a strictly confidential source is shown below the aggregation that is declared."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import polars as pl
import pytest

from config import Config, Disclosure
from tests.transforms.frames import CONFIG
from transforms import catalogue
from transforms.confidentiality import beyond, mistakes

BY_MISSION = '''
import polars as pl


def allegations_by_mission(allegations: pl.LazyFrame) -> pl.LazyFrame:
    """Allegations; one row a mission.

    Source: CDS
    Rule: None.

    Fields:
        mission: Acronym.
        allegations (allegations): Allegations.

    Key: mission
    """
    return allegations.group_by("mission").agg(allegations=pl.len())
'''


@pytest.fixture
def with_a_table_by_mission(monkeypatch):
    module = ModuleType("transforms.p5_more")
    exec(compile(BY_MISSION, "p5_more.py", "exec"), module.__dict__)
    monkeypatch.setattr(catalogue, "MODULES", (*catalogue.MODULES, module))
    yield
    monkeypatch.undo()


def declaring(**entries: Disclosure | None) -> Config:
    """The configuration with these entries instead of its own, those that are None left out."""
    every = {**CONFIG.disclosure, **entries}
    return replace(CONFIG, disclosure={table: entry for table, entry in every.items() if entry})


def counting(table: str, value: str = "count(*)", by: str | None = None) -> Config:
    """The configuration with one figure more."""
    figure = CONFIG.figures["fpus"].model_copy(update={"table": table, "value": value, "by": by})
    return replace(CONFIG, figures={**CONFIG.figures, "more": figure})


def test_the_configuration_has_no_mistake():
    assert mistakes(CONFIG) == []
    strict = [name for name, one in CONFIG.contracts.items() if one.classification == "strictly confidential"]
    assert strict == ["conduct_allegations"]


def test_a_table_of_a_strictly_confidential_source_must_be_declared(with_a_table_by_mission):
    (said,) = mistakes(CONFIG)
    assert said.startswith(
        "config/sources/conduct_allegations.yaml:5: conduct_allegations is strictly confidential, and the table "
        "allegations_by_mission is made of it; declare"
    )
    entry = Disclosure(aggregation=("mission",), counts=("allegations",))
    assert mistakes(declaring(allegations_by_mission=entry)) == []


def test_each_table_of_the_source_is_held_to_it():
    for table in ("sea_allegations_by_year", "sea_allegations_yearly", "serious_misconduct_by_year", "sea_actions"):
        assert any(f"the table {table} is made of it" in said for said in mistakes(declaring(**{table: None})))


def test_a_column_below_the_aggregation_is_named(with_a_table_by_mission):
    coarse = Disclosure(aggregation=(), counts=("allegations",))
    (said,) = mistakes(declaring(allegations_by_mission=coarse))
    assert said.startswith("config/disclosure.yaml: allegations_by_mission has the column 'mission', which its aggr")
    assert beyond("sea_actions", ["action_taken", "allegations", "mission"], CONFIG) == ["mission"]
    assert beyond("hospitals", ["mission"], CONFIG) == []


def test_a_figure_may_not_count_strictly_confidential_rows_by_mission():
    (said,) = mistakes(counting("allegations", by="mission"))
    assert "config/figures.yaml:" in said
    assert "more counts conduct_allegations, which is strictly confidential, by mission" in said
    assert mistakes(counting("allegations")) == []
    # nor where it is declared and yet in no release
    entry = Disclosure(aggregation=tuple(catalogue.entries()["allegations"].fields), counts=("row",))
    declared = {**CONFIG.disclosure, "allegations": entry}
    assert mistakes(replace(counting("allegations", by="mission"), disclosure=declared)) == [said]


def test_a_figure_may_count_them_by_mission_where_its_table_is_declared_so(with_a_table_by_mission):
    by_mission = counting("allegations_by_mission", "sum(allegations)", by="mission")
    assert any(
        "more counts conduct_allegations, which is strictly confidential" in said for said in mistakes(by_mission)
    )
    entry = Disclosure(aggregation=("mission",), counts=("allegations",))
    declared = {**CONFIG.disclosure, "allegations_by_mission": entry}
    assert mistakes(replace(by_mission, disclosure=declared)) == []


@pytest.mark.parametrize(
    ("value", "followed"),
    [
        ("sum(women)", True),
        ("count(*)", True),
        ("100 * sum(women) / (sum(uniformed) + sum(civilian))", True),
        ("sum(women) filter (where course = 'PKI')", True),
        ("max(women)", False),
        ("sum(women * uniformed)", False),
        ("count(*) filter (where women > 2)", False),
    ],
)
def test_a_figure_of_suppressed_cells_must_be_one_that_the_audit_can_follow(value, followed):
    said = mistakes(counting("pki_trainings", value))
    assert (said == []) == followed
    assert followed or f"cannot follow '{value}'" in said[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"counts": ("women", "men")}, "pki_trainings has no column 'men'"),
        ({"at_most": {"women": ("everyone",)}}, "pki_trainings has no column 'everyone'"),
        (
            {"shown_in": {"women": {"table": "pki_summary", "count": "women", "by": ("course",)}}},
            "there is no table 'pki_summary' with women by course",
        ),
    ],
)
def test_what_is_declared_must_be_there(change, says):
    entry = Disclosure(**{**CONFIG.disclosure["pki_trainings"].model_dump(), **change})
    assert any(says in said for said in mistakes(declaring(pki_trainings=entry)))


def test_an_entry_for_no_table_and_a_threshold_for_a_private_one_are_mistakes():
    entry = Disclosure(aggregation=(), counts=("n",))
    assert "there is no curated table 'nothing'" in mistakes(declaring(nothing=entry))[0]
    columns = tuple(catalogue.entries()["allegations"].fields)
    private = Disclosure(aggregation=columns, counts=("row",), threshold=5)
    assert any("in no release" in said for said in mistakes(declaring(allegations=private)))


def test_counts_that_may_be_suppressed_have_a_status(curated_from_nothing):
    for table, entry in CONFIG.disclosure.items():
        schema = curated_from_nothing[table].collect_schema()
        assert set(entry.aggregation) | set(entry.counts) <= set(schema)
        if entry.threshold:
            assert {schema[f"{count}_obs_status"] for count in entry.counts} == {pl.String()}
