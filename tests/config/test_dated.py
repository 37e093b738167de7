"""Facts that hold from a cycle to a cycle: what changes later leaves the cycles before it as they were."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from config import Config, ConfigError, Figure, load
from flows.core.canonical import plain
from tests.support import patrol_bases
from transforms import definitions
from transforms.figures import former_names, under_both_names

MONUSCO = (
    "MONUSCO:\n  name: United Nations Organization Stabilization Mission in the Democratic Republic of the Congo\n"
    "  start: 2010-07-01\n  reports: true\n  agreement: SOFA\n  changes:\n    - {from_cycle: 9, reports: false}\n"
    "  in_conduct_data: true\n"
)
FIGURE = """\
patrols_total:
  priority: 4
  title: {en: Patrols}
  unit: patrols
  source: OMA
  table: casualties
  where: in_scope
  value: count(*)
  from_cycle: 5
  changes:
    - {from_cycle: 6, where: in_scope and cause = 'Accident'}
    - {from_cycle: 8, to_cycle: 8, where: cause = 'Illness'}
"""
CONTRACT = patrol_bases.CONTRACT.replace(
    "      soldiers: {type: count, required: true, at_least: 0, unit: people}\n",
    "      soldiers:\n        type: count\n        at_most: 500\n        unit: people\n"
    "        changes: [{to_cycle: 6, at_most: 100}, {from_cycle: 9, required: true}]\n"
    "      kind:\n        type: text\n        one_of: [Fixed, Mobile]\n        from_cycle: 6\n"
    "        changes: [{from_cycle: 7, one_of: [Fixed, Mobile, Floating]}]\n",
).replace("due_days: 30\n", "due_days: 30\nchanges: [{from_cycle: 10, due_days: 20}]\n")
DISCLOSURE = (
    "pki_trainings:\n  aggregation: [cycle, course]\n  counts: [women]\n  threshold: 3\n"
    "  at_most: {women: [uniformed, civilian]}\n"
    "  disregard: [{figure: pki_female_share, owner: PKI Coordination Team, reason: the 5th report prints it}]\n"
    "  changes: [{from_cycle: 7, threshold: 5}]\n"
)
RIGHT = {
    "missions.yaml": MONUSCO,
    "figures.yaml": FIGURE,
    "sources/patrol_bases.yaml": CONTRACT,
    "disclosure.yaml": DISCLOSURE,
}


def written(folder: Path, **instead: str) -> Config:
    (folder / "sources").mkdir()
    for name, text in {**RIGHT, **instead}.items():
        (folder / name).write_text(text)
    return load(folder)


@pytest.fixture
def config(tmp_path):
    return written(tmp_path)


def test_a_mission_reports_until_it_does_not(config):
    assert "MONUSCO" in config.of_cycle(5).reporting_missions
    assert "MONUSCO" in config.of_cycle(8).reporting_missions
    assert "MONUSCO" not in config.of_cycle(9).reporting_missions
    assert "MONUSCO" in config.of_cycle(9).missions, "that it was there stays known"
    assert "MONUSCO" in config.missions_of_any_cycle


def test_a_closed_cycle_is_as_if_nothing_had_changed_since(config):
    before = load().of_cycle(5)
    now = config.of_cycle(5)
    assert now.missions == before.missions
    assert {name: now.figures[name] for name in before.figures} == before.figures
    shown = {name: entry.model_dump() for name, entry in now.disclosure.items()}
    assert shown == {name: entry.model_dump() for name, entry in before.disclosure.items()}
    assert plain(now.missions) == plain(before.missions), "nor does any step run again for it"


def test_a_figure_is_defined_as_its_cycle_defines_it(config):
    where = {number: config.of_cycle(number).figures["patrols_total"].where for number in (5, 6, 7, 8, 9)}
    assert where[5] == "in_scope"
    assert where[6] == where[7] == where[9] == "in_scope and cause = 'Accident'"
    assert where[8] == "cause = 'Illness'"
    assert "patrols_total" not in config.of_cycle(4).figures
    assert config.of_cycle(6).figures["patrols_total"].place.endswith("figures.yaml:1")


def test_thresholds_lists_and_columns_of_a_contract_are_of_a_cycle(config):
    tables = {number: config.of_cycle(number).contract("patrol_bases").tables["bases"] for number in (5, 6, 7, 9)}
    assert {number: table.columns["soldiers"].at_most for number, table in tables.items()} == {
        5: 100,
        6: 100,
        7: 500,
        9: 500,
    }
    assert "kind" not in tables[5].columns
    assert tables[6].columns["kind"].one_of == ("Fixed", "Mobile")
    assert tables[7].columns["kind"].one_of == ("Fixed", "Mobile", "Floating")
    assert [tables[number].columns["soldiers"].required for number in (7, 9)] == [False, True]
    assert [config.of_cycle(number).contract("patrol_bases").due_days for number in (9, 10)] == [30, 20]
    assert [config.of_cycle(number).disclosure["pki_trainings"].threshold for number in (6, 7)] == [3, 5]


def test_the_facts_of_one_cycle_lead_to_those_of_another(config):
    later = pickle.loads(pickle.dumps(config.of_cycle(9)))
    assert later.of_cycle(5).missions == config.of_cycle(5).missions
    assert later.of_cycle(9).missions == later.missions


def test_what_is_the_same_in_every_cycle_is_not_made_anew():
    config = load()
    assert config.of_cycle(5) is config
    assert config.of_different_facts == (4,)


def test_each_cycle_of_which_the_facts_differ_is_known(config):
    assert config.of_different_facts == (4, 5, 6, 7, 8, 9, 10)
    for number in config.of_different_facts:
        definitions.check(config.of_cycle(number))


MISTAKES = [
    ("missions.yaml", "from_cycle: 9, reports: false", "from_cycle: 9, reports: maybe", 7, "in cycle 9: 'reports'"),
    ("missions.yaml", "from_cycle: 9, reports: false", "from_cycle: 9, report: no", 7, "'report' is not known here"),
    ("missions.yaml", "from_cycle: 9, reports", "from_cycle: 90, reports", 7, "there is no cycle 90 in cycles.yaml"),
    ("missions.yaml", "from_cycle: 9, reports", "from_cycle: 9, to_cycle: 8, reports", 7, "to_cycle (8) is before"),
    ("missions.yaml", "from_cycle: 9, reports", "reports", 7, "a change needs from_cycle, to_cycle or both"),
    ("missions.yaml", "from_cycle: 9, reports: false", "from_cycle: 9", 7, "what is otherwise in these cycles"),
    ("missions.yaml", "from_cycle: 9", "from_cycle: nine", 7, "valid integer"),
    ("figures.yaml", "from_cycle: 5", "from_cycle: 3", 9, "there is no cycle 3 in cycles.yaml; allowed: 4, 5"),
    ("figures.yaml", "{from_cycle: 6, where", "{from_cycle: 6, window: daily, where", 11, "'daily' is no window"),
    (
        "sources/patrol_bases.yaml",
        "to_cycle: 6, at_most: 100",
        "to_cycle: 6, at_most: few",
        19,
        "in cycle 6: 'at_most'",
    ),
    (
        "sources/patrol_bases.yaml",
        "key: [base]",
        "key: [base, kind]",
        10,
        "in cycle 5: 'bases': key names the column 'kind'",
    ),
    ("disclosure.yaml", "threshold: 5", "threshold: 1", 7, "greater than or equal to 2"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "line", "said"), MISTAKES)
def test_a_mistake_in_it_is_told_with_file_and_line(tmp_path, file, right, wrong, line, said):
    assert right in RIGHT[file]
    with pytest.raises(ConfigError) as error:
        written(tmp_path, **{file: RIGHT[file].replace(right, wrong)})
    assert said in str(error.value)
    assert f"{Path(file).name}:{line}: " in str(error.value)


def test_a_definition_that_fits_no_cycle_but_one_is_told(tmp_path):
    config = written(tmp_path, **{"figures.yaml": FIGURE.replace("cause = 'Illness'", "cause = 'Ilness'")})
    definitions.check(config.of_cycle(7))
    with pytest.raises(ConfigError, match="Ilness"):
        definitions.check(config.of_cycle(8))


def test_a_mission_is_in_operation_from_its_first_day_to_its_last():
    missions = load().missions
    days = (date(2013, 4, 24), date(2013, 4, 25), date(2023, 12, 31), date(2024, 1, 1))
    assert [missions["MINUSMA"].goes_on(day) for day in days] == [False, True, True, False]
    assert missions["UNAMA"].goes_on(days[0]) is None


RENAMED = FIGURE.partition("  from_cycle")[0] + "  formerly: {name: patrols, to_cycle: 5}\n"


def test_a_renamed_figure_is_found_under_its_former_name_for_two_cycles_more(tmp_path):
    config = written(tmp_path, **{"figures.yaml": RENAMED})
    names = {number: {"patrols", "patrols_total"} & set(config.of_cycle(number).figures) for number in range(4, 10)}
    assert set(map(frozenset, names.values())) == {frozenset({"patrols_total"})}
    figures = {number: only_patrols(config.of_cycle(number)) for number in range(4, 10)}
    former = {number: former_names(of, config.cycle(number)) for number, of in figures.items()}
    renamed = {"patrols_total": "patrols"}
    assert former == {4: renamed, 5: renamed, 6: renamed, 7: renamed, 8: {}, 9: {}}
    # releases of any cycle may have been made before
    assert all(former_names(of, config.cycle(number), ever=True) == renamed for number, of in figures.items())


def test_a_former_name_may_have_held_the_year(tmp_path):
    former = RENAMED.replace("name: patrols", 'name: "patrols_{year}"')
    config = written(tmp_path, **{"figures.yaml": former})
    assert former_names(only_patrols(config), config.cycle(5)) == {"patrols_total": "patrols_2023"}


def test_a_name_does_not_hold_the_year(tmp_path):
    with pytest.raises(ConfigError, match=r"'patrols_\{year\}' is no name of a figure: leave out '\{year\}'"):
        written(tmp_path, **{"figures.yaml": FIGURE.replace("patrols_total", '"patrols_{year}"')})


def only_patrols(config: Config) -> dict[str, Figure]:
    return {"patrols_total": config.figures["patrols_total"]}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("name: patrols", "name: fatalities_total", "'fatalities_total' is a name of a figure that there is"),
        ("to_cycle: 5", "to_cycle: 50", "there is no cycle 50 in cycles.yaml; allowed: 4, 5"),
        ("to_cycle: 5", "until: 5", "'patrols_total.formerly.until' is not known here; allowed: name, to_cycle"),
    ],
)
def test_a_former_name_that_cannot_be_is_told(tmp_path, right, wrong, said):
    with pytest.raises(ConfigError) as error:
        written(tmp_path, **{"figures.yaml": RENAMED.replace(right, wrong)})
    assert said in str(error.value)
    assert "figures.yaml:9: " in str(error.value)


def test_rows_from_whichever_time_are_found_under_both_names():
    def table(*rows: tuple[str, str, float]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=["figure", "mission", "value"], orient="row")

    old, new, other = ("old", "ALL", 1.0), ("new", "ALL", 1.0), ("other", "ALL", 2.0)
    for rows in ((old, other), (new, other), (new, old, other)):
        assert under_both_names(table(*rows), {"new": "old"}).rows() == [new, old, other]
    assert under_both_names(table(other), {"new": "old"}).rows() == [other]
