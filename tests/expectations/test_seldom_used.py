"""What Great Expectations seldom uses is loaded when it is used; in processes of their own, since imports stay."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def says(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


LOAD = "from expectations.seldom_used import load_great_expectations; load_great_expectations(); "


def test_the_gate_loads_neither_statistics_nor_pictures():
    code = f"""
{LOAD}
import importlib, sys
for then in ("expectations.files", "expectations.contract", "expectations.engine"):
    importlib.import_module(then)
    print(*(f"{{name}} by {{then}}" for name in ("altair", "scipy.stats") if name in sys.modules))
"""
    assert says(code) == []


def test_an_import_puts_nothing_in_their_place():
    code = """
import importlib, sys
for module in ("expectations", "expectations.seldom_used", "expectations.messages", "flows.cli"):
    importlib.import_module(module)
    print(*(f"{name} by {module}" for name in ("altair", "scipy.stats") if name in sys.modules))
"""
    assert says(code) == []


def test_nothing_is_put_in_their_place_once_great_expectations_is_there():
    code = f"import expectations.engine, sys; there = set(sys.modules); {LOAD} print(*set(sys.modules) - there)"
    assert says(code) == ["expectations.seldom_used"]


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
