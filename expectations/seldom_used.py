"""Modules that Great Expectations imports at its start and that no rule here ever needs: loaded when first used.

They are for one expectation (on the distribution of a column) and its picture, and take a third of its start. While
Great Expectations is imported, a stand-in has the name of each; who uses the stand-in gets what the module has. Only
who calls `load_great_expectations` has it so: no import puts a stand-in anywhere.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_NAMES = ("altair", "scipy.stats")


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        # what looks at every module that there is asks for such names
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def load_great_expectations() -> None:
    """Import Great Expectations, and the engine that evaluates its rules, without what no rule here ever needs.

    Who is about to import rules calls this first. Where Great Expectations is there already nothing is done.
    """
    if "great_expectations" not in sys.modules:
        put_off()
        try:
            import expectations.engine  # noqa: F401
        finally:
            as_usual()


def put_off() -> None:
    """Put a stand-in for each of them, where it is not imported yet and neither is Great Expectations."""
    if "great_expectations" not in sys.modules:
        for name in _NAMES:
            sys.modules.setdefault(name, _StandIn(name))


def as_usual() -> None:
    """Take away the stand-ins that nobody used: from now on the modules are imported as any other."""
    for name in _NAMES:
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]
