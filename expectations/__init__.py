"""What must hold of the data: contracts and business rules as Great Expectations' expectations, and their findings.

`expectations.suite("noticas")` gives the rules of a source table as a suite of Great Expectations' own.
"""

from importlib import import_module
from typing import Any

__all__ = ["suite"]


def __getattr__(name: str) -> Any:
    # Great Expectations takes seconds to import, so it comes when a suite is asked for; and not by an import statement,
    # which would make all rules a part of the code that each result depends on (flows.core.code_version)
    if name == "suite":
        return import_module("expectations.suites").suite
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
