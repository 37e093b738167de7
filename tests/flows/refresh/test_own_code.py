"""Modules of tables and rules in a user's configuration folder take part like the pipeline's own."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from config import ConfigError, in_force, load, own_code
from flows.core import code_version
from flows.intake.gate import rules as gate_rules
from flows.refresh import declared
from tests.support.sharing import a4p, sources
from transforms import catalogue, definitions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

SHARED = "LEVEL = '2'\n"
TABLE = '''\
"""Hospitals, otherwise."""

import polars as pl

from transforms.reporting import percent_of
from ._shared import LEVEL


def hospitals_of_level_two(hospitals: pl.LazyFrame) -> pl.LazyFrame:
    """Hospitals of level two by mission; one row a mission.

    Source: DHMOSH
    Rule: Agreed with the office.

    Fields:
        mission: Acronym.
        hospitals (hospitals): Hospitals of level two.

    Key: mission
    """
    kept = hospitals.filter(pl.col("mission").is_not_null())
    return kept.group_by("mission").agg(hospitals=pl.len().cast(pl.Int64)).sort("mission")
'''
FIGURE = """\
hospitals_of_level_two:
  priority: 4
  title: {en: Hospitals of level two}
  unit: hospitals
  source: DHMOSH
  table: hospitals_of_level_two
  window: snapshot
  value: sum(hospitals)
"""
RULE = """\
import great_expectations.expectations as gxe

from expectations.rule import Rule, Setting, on


@on("hospitals")
def hospital_is_not_in_unifil(setting: Setting) -> Rule:
    expectation = gxe.ExpectColumnValuesToNotBeInSet(column="mission", value_set=["UNIFIL"], severity="warning")
    return Rule("", expectation, "mission")
"""
MESSAGE = """\
rules:
  hospital_is_not_in_unifil:
    message: {en: "There is none in UNIFIL.", fr: "Il n'y en a pas à la FINUL."}
    remedy: {en: "Look again.", fr: "Vérifiez."}
"""
RIGHT = {
    "tables/p4_more.py": TABLE,
    "tables/_shared.py": SHARED,
    "rules/hospitals.py": RULE,
    "figures.yaml": FIGURE,
    "messages.yaml": MESSAGE,
}


def folder(at: Path, **instead: str) -> Path:
    for name, text in {**RIGHT, **{name.replace("__", "/") + ".py": text for name, text in instead.items()}}.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(text)
    return at


def rules_of(config):
    return gate_rules.rules_of(config.contracts, config, config.cycle(5))


def checked(of: Path) -> None:
    config = load(of)
    with in_force(config):
        definitions.check(config)
        rules_of(config)


def test_they_take_part_in_a_refresh_and_in_no_other(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "hospitals")
    mine = folder(tmp_path / "mine")
    code, _, err = a4p(tmp_path, "refresh", "--cycle", "5", A4P_CONFIG=str(mine))
    assert code == 0, err
    current = tmp_path / "store/public/current/cycle-05/tables"
    table = pl.read_parquet(current / "hospitals_of_level_two.parquet")
    assert table.columns == ["cycle", "mission", "hospitals"]
    figure = pl.read_parquet(current / "figures.parquet").filter(figure="hospitals_of_level_two")
    assert figure["value"].to_list() == [table["hospitals"].sum()]
    release = tmp_path / "store/public/releases/cycle-05/r001"
    inside = tmp_path / "store/private/internal/releases/cycle-05"
    found = pl.read_parquet(inside / "r001/quality/findings.parquet").filter(rule="hospital_is_not_in_unifil")
    assert found.height > 0
    assert set(found["message"]) == {"There is none in UNIFIL."}
    assert "hospitals_of_level_two" in (release / "data-dictionary.md").read_text()
    # nothing of theirs is found under a name of the pipeline's, and it is made again only where it was changed
    assert "transforms.p4_more" not in sys.modules
    assert "Nothing changed" in a4p(tmp_path, "refresh", "--cycle", "5", A4P_CONFIG=str(mine))[1]
    code, _, err = a4p(tmp_path, "refresh", "--cycle", "5")
    assert code == 0, err
    assert not (tmp_path / "store/public/releases/cycle-05/r002/tables/hospitals_of_level_two.parquet").exists()
    other = pl.read_parquet(inside / "r002/quality/findings.parquet")
    assert "hospital_is_not_in_unifil" not in set(other["rule"])


def test_their_code_is_part_of_the_keys(tmp_path):
    with in_force(load(folder(tmp_path / "one"))):
        (name,) = (module.__name__ for module in catalogue.modules() if own_code.is_own(module.__name__))
        of_rules = own_code.names("rules", tmp_path / "one")
        listed = declared.list_rules(load(tmp_path / "one"), load().cycle(5))
        assert code_version.is_ours(name)
        assert set(of_rules) <= set(listed.code or ())
        modules = rules_of(load(tmp_path / "one"))["hospitals"].modules
        assert modules
        assert set(of_rules) <= set(modules)
    before = code_version.of_code(name)
    for file in ("tables/p4_more.py", "tables/_shared.py", "rules/hospitals.py"):
        path = tmp_path / "one" / file
        path.write_text(path.read_text() + "\n# changed\n")
        code_version.of_code.cache_clear()
        code_version._of_file.cache_clear()
        assert code_version.of_code(name) != before
        before = code_version.of_code(name)


def test_what_is_right_is_checked_without_a_word(tmp_path):
    checked(folder(tmp_path))


NAME = "hospital_is_not_in_unifil"
MISTAKES = [
    ("tables__p4_more", "return kept", "return kept +* 1", "p4_more.py:22: SyntaxError"),
    ("tables__p4_more", "percent_of", "percent_off", "p4_more.py:5: ImportError: cannot import name"),
    ("tables__p4_more", "def hospitals_of_level_two", "def casualties", "p4_more.py:9: there is a table 'casualties'"),
    (
        "tables__p4_more",
        "(hospitals: pl",
        "(hospital: pl",
        "p4_more.py:9: the table 'hospitals_of_level_two' is made from",
    ),
    ("tables__p4_more", "    Key: mission", "", "p4_more.py:9: The docstring of the table 'hospitals_of"),
    ("rules__hospitals", '"hospitals"', '"hospital"', "is a table of no contract; is 'hospitals' meant?"),
    ("rules__hospitals", 'Rule("",', 'Rull("",', f"hospitals.py:9: the rule '{NAME}' cannot be made"),
    ("rules__hospitals", NAME, "without_a_text", "there is no 'without_a_text'"),
    ("rules__hospitals", "import Rule,", "import Rulle,", "hospitals.py:3: ImportError"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "said"), MISTAKES)
def test_a_mistake_in_one_is_told_with_file_and_line(tmp_path, name, right, wrong, said):
    text = RIGHT[name.replace("__", "/") + ".py"]
    assert right in text
    mine = folder(tmp_path, **{name: text.replace(right, wrong)})
    with pytest.raises(ConfigError) as error:
        checked(mine)
    assert said in str(error.value)


def test_it_is_told_before_anything_is_pulled(sample_inbox, tmp_path):
    sources(sample_inbox, tmp_path / "inbox", "hospitals")
    mine = folder(tmp_path / "mine", rules__hospitals=RULE.replace('@on("hospitals")', '@on("hospital")'))
    for command in (("refresh", "--cycle", "5"), ("config",)):
        code, _, err = a4p(tmp_path, *command, A4P_CONFIG=str(mine))
        assert code == 2
        assert "mine/rules/hospitals.py:6: the rule" in err
    assert not (tmp_path / "store/private/raw").exists()
