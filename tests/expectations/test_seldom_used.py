"""What Great Expectations seldom uses is loaded when it is used; in processes of their own, since imports stay."""

from __future__ import annotations

import subprocess
import sys

import pytest


def says(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


@pytest.mark.parametrize("first", ["expectations.files", "expectations.contract", "expectations.engine"])
def test_the_gate_loads_neither_statistics_nor_pictures(first):
    code = f"import {first}, expectations.engine, sys; print(*sorted({{'altair', 'scipy.stats'}} & set(sys.modules)))"
    assert says(code) == []


def test_who_uses_them_gets_them():
    """Great Expectations itself, and everyone else before and after it is imported."""
    code = """
import expectations
import altair, scipy.stats
from scipy import stats
print(altair.Chart.__name__, scipy.stats.norm.name, stats.norm.name)
import expectations.engine, sys
print(type(sys.modules["altair"]).__name__, type(sys.modules["scipy.stats"]).__name__)
"""
    assert says(code) == ["Chart", "norm", "norm", "module", "module"]
    code = """
import expectations.engine
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as module
print(module.stats.entropy([0.5, 0.5], [0.5, 0.5]), module.alt.Chart.__name__)
import altair.vegalite, scipy.stats
print(altair.Chart is module.alt.Chart, scipy.stats.entropy is module.stats.entropy)
"""
    assert says(code) == ["0.0", "Chart", "True", "True"]
    code = """
import expectations
import altair.vegalite
from scipy.stats import norm
print(altair.vegalite.__name__, norm.name)
"""
    assert says(code) == ["altair.vegalite", "norm"]
