"""What Great Expectations seldom uses is loaded when it is used.

Mostly in processes of their own, since imports stay.
"""

from __future__ import annotations

import subprocess
import sys

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
seldom_used.put_off()
import altair, scipy.stats
from scipy import stats
print(altair.Chart.__name__, scipy.stats.norm.name, stats.norm.name)
import expectations.engine, sys
seldom_used.as_usual()
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
seldom_used.put_off()
import altair.vegalite
from scipy.stats import norm
print(altair.vegalite.__name__, norm.name)
"""
    assert says(code) == ["altair.vegalite", "norm"]


@pytest.fixture
def not_imported(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("great_expectations", "altair", "scipy.stats"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return monkeypatch


def test_stand_ins_are_there_while_great_expectations_is_imported(not_imported):
    seldom_used.put_off()
    kinds = {type(sys.modules[name]).__name__ for name in ("altair", "scipy.stats")}
    seldom_used.as_usual()
    assert kinds == {"_StandIn"}
    assert not {"altair", "scipy.stats"} & set(sys.modules)


def test_there_are_none_once_it_is_imported(not_imported):
    not_imported.setitem(sys.modules, "great_expectations", sys)
    seldom_used.put_off()
    assert not {"altair", "scipy.stats"} & set(sys.modules)


def test_a_stand_in_has_what_its_module_has_but_no_name_of_pythons_own_unless_it_is_a_packages(monkeypatch):
    monkeypatch.delitem(sys.modules, "json")
    stand_in = seldom_used._StandIn("json")
    with pytest.raises(AttributeError, match="__wrapped__"):
        stand_in.__wrapped__  # noqa: B018
    assert "json" not in sys.modules
    assert stand_in.dumps([1]) == "[1]"
    assert stand_in.__path__ == sys.modules["json"].__path__
