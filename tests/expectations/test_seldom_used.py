"""What Great Expectations seldom uses is loaded when it is used.

Mostly in processes of their own, since imports stay.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

from expectations import seldom_used


def says(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


LOAD = "from expectations.seldom_used import load_great_expectations; load_great_expectations(); "


@pytest.mark.slow
def test_the_gate_loads_neither_statistics_nor_pictures():
    code = f"""
{LOAD}
import importlib, sys
for then in ("expectations.files", "expectations.contract", "expectations.engine"):
    importlib.import_module(then)
    print(*(f"{{name}} by {{then}}" for name in ("altair", "scipy.stats") if name in sys.modules))
"""
    assert says(code) == []


@pytest.mark.slow
def test_an_import_puts_nothing_in_their_place():
    code = """
import importlib, sys
for module in ("expectations", "expectations.seldom_used", "expectations.messages", "flows.cli"):
    importlib.import_module(module)
    print(*(f"{name} by {module}" for name in ("altair", "scipy.stats") if name in sys.modules))
"""
    assert says(code) == []


@pytest.mark.slow
def test_nothing_is_put_in_their_place_once_great_expectations_is_there():
    code = f"import expectations.engine, sys; there = set(sys.modules); {LOAD} print(*set(sys.modules) - there)"
    assert says(code) == ["expectations.seldom_used"]


@pytest.mark.slow
def test_who_uses_them_gets_them():
    """Great Expectations itself, and everyone else before and after it is imported."""
    code = """
from expectations import seldom_used
with seldom_used.put_off():
    import altair, scipy.stats
    from scipy import stats
    print(altair.Chart.__name__, scipy.stats.norm.name, stats.norm.name)
import sys
print(type(sys.modules["altair"]).__name__, type(sys.modules["scipy.stats"]).__name__)
"""
    assert says(code) == ["Chart", "norm", "norm", "module", "module"]
    code = """
from expectations.seldom_used import load_great_expectations
load_great_expectations()
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as module
print(module.stats.entropy([0.5, 0.5], [0.5, 0.5]), module.alt.Chart.__name__)
import altair.vegalite, scipy.stats
print(altair.Chart is module.alt.Chart, scipy.stats.entropy is module.stats.entropy)
"""
    assert says(code) == ["0.0", "Chart", "True", "True"]
    code = """
from expectations import seldom_used
with seldom_used.put_off():
    import altair.vegalite
    from scipy.stats import norm
    print(altair.vegalite.__name__, norm.name)
"""
    assert says(code) == ["altair.vegalite", "norm"]


NEVER = (
    "great_expectations.data_context.data_context.abstract_data_context",
    "great_expectations.checkpoint.checkpoint",
    "great_expectations.datasource.fluent.pandas_datasource",
)
OF_OTHERS = ("pandas", "sqlalchemy", "boto3")

# a rule of each kind, one of which Great Expectations' own engine evaluates on a pandas frame, and one that fails
VERDICTS = """
import json, logging, sys
from datetime import date
logging.disable()
{first}
import polars as pl
import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column
from config import load
from expectations.engine.table import Table
from expectations.engine.validation import FALLBACK_RESULT, NATIVE_RESULT, results_of
from expectations.files import file_rules, region_rules, table_rules
from expectations.rows import row_rules
from expectations.rule import Setting
from expectations.sources import register_all

register_all()
config = load()
frame = pl.DataFrame({{
    "number": [1, 2, None, 2], "text": ["a", "b", None, "a"], "day": [date(2024, 1, 1), date(2024, 1, 2), None, None]
}})
native = [
    gxe.ExpectColumnValuesToBeUnique(column="number"),
    gxe.ExpectColumnValuesToBeBetween(column="number", min_value=1, max_value=1, row_condition=Column("text") == "a"),
    gxe.ExpectColumnValuesToBeBetween(column="day", min_value=date(2024, 1, 2)),
    gxe.ExpectColumnValuesToMatchRegex(column="text", regex="[a-z]"),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["number", "text"]),
    gxe.ExpectColumnValuesToNotBeNull(column="nothing"),
    gxe.ExpectColumnMeanToBeBetween(column="number", min_value=None, max_value=9),
    gxe.ExpectTableRowCountToEqual(value=4),
]
pandas_engine = [gxe.ExpectColumnValueLengthsToEqual(column="text", value=1),
                 gxe.ExpectColumnValuesToBeIncreasing(column="number")]
found = []
loaded = [name for name in {watched} if name in sys.modules]
for rules, form in ((native, NATIVE_RESULT), (pandas_engine, FALLBACK_RESULT)):
    found += [one.to_json_dict() for one in results_of(Table(frame), dict(enumerate(rules)), form).values()]
settings = [(Setting(config, contract, config.cycle(5)), table)
            for contract in config.contracts.values() for table in contract.tables]
every = [rule for setting, table in settings for rule in row_rules(table, setting)]
every += [*file_rules(5, config.messages), *table_rules(config.messages), *region_rules(config.messages)]
found += [rule.expectation.configuration.to_json_dict() for rule in every]
for one in found:
    # what says where in the library's code an exception came from
    for info in one.get("exception_info", {{}}).values():
        if isinstance(info, dict):
            info.pop("exception_traceback", None)
print(json.dumps([loaded, found], sort_keys=True, default=str))
"""


def verdicts(first: str) -> tuple[list[str], list[dict[str, object]]]:
    code = VERDICTS.format(first=first, watched=(*NEVER, *OF_OTHERS))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    loaded, found = json.loads(ran.stdout.splitlines()[-1])
    return loaded, found


@pytest.mark.slow
def test_verdicts_and_their_json_are_those_of_a_plain_import():
    """In a process that does nothing else, in one that does, and with all of Great Expectations imported first."""
    plain = verdicts("import great_expectations")
    assert set(NEVER) | set(OF_OTHERS) <= set(plain[0])
    assert {one["success"] for one in plain[1] if "success" in one} == {True, False}
    assert len(plain[1]) > 300
    assert verdicts(LOAD) == (list(OF_OTHERS), plain[1])
    alone = f"from expectations import seldom_used; seldom_used.by_itself(); {LOAD}"
    assert verdicts(alone) == ([], plain[1])


@pytest.mark.slow
def test_who_asks_for_all_of_great_expectations_later_gets_it():
    code = f"""
{LOAD}
import great_expectations as gx
import great_expectations.expectations as gxe
import sys
print("great_expectations.checkpoint.checkpoint" in sys.modules)
print(gxe.ExpectColumnValuesToBeIncreasing.__name__, gx.__version__ == gx.core.expectation_suite.ge_version)
context = gx.get_context(mode="ephemeral")
import pandas
asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({{"dataframe": pandas.DataFrame({{"a": [1, 1]}})}})
print(batch.validate(gxe.ExpectColumnValuesToBeUnique(column="a")).success)
print(hasattr(context.data_sources, "add_postgres"), gx.Checkpoint.__name__, type(gx.core).__name__)
"""
    assert says(code) == ["False", "ExpectColumnValuesToBeIncreasing", "True", "False", "True", "Checkpoint", "module"]


@pytest.fixture
def not_imported(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("altair", "scipy.stats", "pandas"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return monkeypatch


def test_stand_ins_are_there_only_while_great_expectations_is_imported(not_imported):
    with seldom_used.put_off():
        kinds = {type(sys.modules[name]).__name__ for name in ("altair", "scipy.stats")}
    assert kinds == {"_StandIn"}
    assert not {"altair", "scipy.stats", "pandas"} & set(sys.modules)
    assert not any(isinstance(one, seldom_used._Finder) for one in sys.meta_path)


def test_another_thread_imports_what_it_wants_meanwhile(monkeypatch):
    """Only the one that imports Great Expectations does without the extras."""
    monkeypatch.setattr(seldom_used._process, "by_itself", True)
    monkeypatch.setattr(seldom_used, "EXTRAS", ("this",))
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with seldom_used.put_off():
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("this")
        with ThreadPoolExecutor(1) as other:
            assert other.submit(importlib.import_module, "this").result().__name__ == "this"


def test_nothing_is_a_frame_as_long_as_pandas_is_not_imported(not_imported):
    stand_in = seldom_used._StandIn("pandas")
    assert not isinstance(None, stand_in.DataFrame)
    assert not isinstance([], (int, stand_in.Index))
    assert "pandas" not in sys.modules
    not_imported.setitem(sys.modules, "pandas", ModuleType("pandas"))
    sys.modules["pandas"].Index = list
    assert stand_in.Index is list


def test_what_is_asked_whether_it_is_a_frame_is_told_once_pandas_is_there(not_imported):
    kind = seldom_used._StandIn("pandas").Index
    not_imported.setitem(sys.modules, "pandas", ModuleType("pandas"))
    sys.modules["pandas"].Index = list
    assert isinstance([], kind)
    assert not isinstance((), kind)
    assert kind("ab") == ["a", "b"]
    assert kind.append is list.append


def test_a_stand_in_has_what_its_module_has_but_no_name_of_pythons_own_unless_it_is_a_packages(monkeypatch):
    monkeypatch.delitem(sys.modules, "json")
    stand_in = seldom_used._StandIn("json")
    with pytest.raises(AttributeError, match="__wrapped__"):
        stand_in.__wrapped__  # noqa: B018
    assert "json" not in sys.modules
    assert stand_in.dumps([1]) == "[1]"
    assert stand_in.__path__ == sys.modules["json"].__path__
