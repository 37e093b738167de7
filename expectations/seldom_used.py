"""Great Expectations imported by the parts that rules need; all else of it is loaded when somebody asks for it.

Its packages gather the names of the whole library, data contexts, checkpoints and data sources of forty kinds among
them, and run all of it at the start: most of the time that it takes. While it is imported here, a package gives each
name from the module that has it, and runs as it is written as soon as anybody asks it for something later. A few
modules of others, for one expectation and the pictures of results, have a stand-in that gives what the module has.

Only who calls `load_great_expectations` has it so: no import puts anything in another's place.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

GX = "great_expectations"
# in the order in which they are run
GATHERING = (
    GX,
    f"{GX}.data_context",
    f"{GX}.data_context.data_context",
    f"{GX}.core",
    f"{GX}.datasource.fluent",
    f"{GX}.checkpoint",
    f"{GX}.expectations",
    f"{GX}.expectations.core",
)
# they do nothing but gather, so that each name can be taken alone at any time
ONLY_NAMES = (f"{GX}.expectations", f"{GX}.expectations.core")
STAND_INS = ("altair", "scipy.stats", "jsonschema", "mistune")
# what Great Expectations does without where it is not installed: other engines, and places where data lie
EXTRAS = ("sqlalchemy", "sqlalchemy_redshift", "boto3", "botocore", "google", "azure", "pyspark")
# it asks of much whether it is one of these, which nothing is as long as their library is not imported
FRAMES = "pandas"
_KINDS = frozenset({"DataFrame", "Series", "Index"})


class _Imports(threading.local):
    """Whether this thread imports Great Expectations now."""

    under_way = False


class _Process:
    """Whether nobody else in this process uses Great Expectations."""

    by_itself = False


_imports, _process = _Imports(), _Process()


class _Kind(type):
    """A class of a library that is imported once somebody makes such a thing, or asks for more of the class."""

    def __instancecheck__(cls, one: object) -> bool:
        there = sys.modules.get(cls.__module__)
        return not isinstance(there, _StandIn | None) and isinstance(one, getattr(there, cls.__name__))

    def __call__(cls, *given: Any, **named: Any) -> Any:
        return getattr(_imported(cls.__module__), cls.__name__)(*given, **named)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_") or _imports.under_way:
            raise AttributeError(name)
        return getattr(getattr(_imported(cls.__module__), cls.__name__), name)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        # what looks at every module that there is asks for such names
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if self.__name__ == FRAMES and name in _KINDS and isinstance(sys.modules.get(FRAMES), _StandIn | None):
            return _Kind(name, (), {"__module__": FRAMES})
        return getattr(_imported(self.__name__), name)


class _Gathering(ModuleType):
    """A package that was found and not run yet."""

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return import_module(f"{GX}._version").get_versions()["version"]
        if name.startswith("__"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        if _imports.under_way:
            return _alone(self, name)
        if self.__name__ in ONLY_NAMES:
            with put_off():
                return _alone(self, name)
        run_whole()
        return getattr(self, name)


class _Finder(MetaPathFinder, Loader):
    """Finds the packages that gather names, and does not run them; and no extras, where this process needs none."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find one of these packages where it is. Raises ModuleNotFoundError for one of the extras."""
        if not _imports.under_way:
            return None
        if _process.by_itself and name in EXTRAS:
            raise ModuleNotFoundError(f"{name} is not needed", name=name)
        found = PathFinder.find_spec(name, path) if name in GATHERING else None
        if found is not None:
            found.loader_state, found.loader = found.loader, self
        return found

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make a package that was not run."""
        return _Gathering(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it is."""


def load_great_expectations() -> None:
    """Import Great Expectations, and the engine that evaluates its rules, without what no rule here ever needs.

    Who is about to import rules calls this first. Where Great Expectations is there already nothing is done.
    """
    if GX in sys.modules:
        return
    with put_off():
        for package in GATHERING:
            import_module(package)
        # these first, as in its own order: its modules name each other
        import_module(f"{GX}.expectations.expectation")
        import_module(f"{GX}.expectations.metrics")
        import expectations.engine  # noqa: F401


def by_itself() -> None:
    """Say that this process does nothing but the pipeline's work: nobody else in it uses Great Expectations.

    Then it is imported as where the libraries of databases and clouds are not installed, which no rule asks, and pandas
    waits until a rule needs it.
    """
    _process.by_itself = True


@contextmanager
def put_off() -> Iterator[None]:
    """Put off what is seldom used of what the body imports, in this thread."""
    if _imports.under_way:
        yield
        return
    finder = _Finder()
    names = (*STAND_INS, FRAMES) if _process.by_itself else STAND_INS
    for name in names:
        sys.modules.setdefault(name, _StandIn(name))
    sys.meta_path.insert(0, finder)
    _imports.under_way = True
    try:
        yield
    finally:
        _imports.under_way = False
        sys.meta_path.remove(finder)
        for name in names:
            # from now on it is imported as any other; who got the stand-in gets from it what the module has
            if isinstance(sys.modules.get(name), _StandIn):
                del sys.modules[name]


def run_whole() -> None:
    """Run the packages that were put off, as an import would have done: from then on nothing is amiss."""
    for name in GATHERING:
        package = sys.modules.get(name)
        if isinstance(package, _Gathering):
            # those that it asks for something run before it is done
            object.__setattr__(package, "__class__", ModuleType)
            spec = package.__spec__
            assert spec is not None
            spec.loader = package.__loader__ = spec.loader_state
            spec.loader.exec_module(package)


def _imported(name: str) -> ModuleType:
    """Import a module, also where there is a stand-in for it."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return import_module(name)


def _alone(package: ModuleType, name: str) -> Any:
    """Take a name from the module that has it, and nothing else of the package. Raises AttributeError for another's."""
    taken = _taken(package)
    if name not in taken:
        raise AttributeError(f"module '{package.__name__}' has no attribute '{name}'")
    module, own = taken[name]
    held = None if module == package.__name__ else getattr(import_module(module), own, None)
    found = import_module(f"{module}.{own}") if held is None else held
    setattr(package, name, found)
    return found


def _taken(package: ModuleType) -> dict[str, tuple[str, str]]:
    """Return from which module a package takes each name that it imports, and what the name is there."""
    known: dict[str, tuple[str, str]] | None = package.__dict__.get("_taken")
    if known is None:
        known = {}
        assert package.__file__
        for node in ast.parse(Path(package.__file__).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                # a package's own level is its name
                above = package.__name__.split(".")[: 1 - node.level or None] if node.level else []
                module = ".".join([*above, *filter(None, [node.module])])
                known.update({one.asname or one.name: (module, one.name) for one in node.names})
        package.__dict__["_taken"] = known
    return known
