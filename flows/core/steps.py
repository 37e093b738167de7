"""What a step of a refresh is, and the way to run steps: here and now, as a Prefect task, on another machine.

A step is declared once, as a record. From it comes all that anybody asks of it: its name for people, its line in the
log, its task in Prefect, and the key under which its result is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any, Generic, Literal, Protocol, TypeVar

from flows.core import code_version
from flows.core.canonical import plain
from flows.core.within import STEP_S, within

T = TypeVar("T")


class Phase(StrEnum):
    """What a refresh is at, in its order: as logs and metrics name it, and what people are told meanwhile."""

    doing: str

    def __new__(cls, name: str, doing: str) -> Phase:
        """Take the parts of a phase."""
        made = str.__new__(cls, name)
        made._value_, made.doing = name, doing
        return made

    CONFIGURE = "configure", "Checking the configuration"
    PULL = "pull", "Looking for files"
    # all steps that work out the previous cycle's figures, and what it had in use
    PREVIOUS = "previous", "Working out the previous cycle's figures"
    READ = "read", "Reading files"
    CHECK = "check", "Checking files and rows"
    MAKE = "make", "Making tables and figures"
    SUPPRESS = "suppress", "Suppressing small cells"
    BRING = "bring", "Bringing together what was found"
    BUILD = "build", "Building the release"
    PUBLISH = "publish", "Publishing the release"
    KEEP = "keep", "Keeping a copy of the release"
    TELL = "tell", "Noting what is new"


class Kind(Enum):
    """The kinds of steps, in the order of a refresh: each with its phase, and its name for people."""

    CHECK_DEFINITIONS = Phase.CONFIGURE, "check the definitions"
    PULL = Phase.PULL, "pull {source}"
    READ = Phase.READ, "read {source}"
    COMPARE = Phase.CHECK, "compare {source}"
    CHECK_FILES = Phase.CHECK, "check the files"
    LIST_RULES = Phase.CHECK, "list the rules"
    LIST_COLUMNS = Phase.CHECK, "list the columns of figures"
    CHECK_TABLE = Phase.CHECK, "check {table}"
    MAKE_TABLE = Phase.MAKE, "make {table}"
    MAKE_TABLES = Phase.MAKE, "make the tables"
    MAKE_FIGURES = Phase.MAKE, "make the figures"
    SUPPRESS = Phase.SUPPRESS, "suppress small cells"
    BRING_TOGETHER = Phase.BRING, "bring together what was found"
    BUILD = Phase.BUILD, "build the release"
    PUBLISH = Phase.PUBLISH, "publish the release"
    KEEP_COPY = Phase.KEEP, "keep a copy of the release"
    TELL = Phase.TELL, "tell"

    def __init__(self, phase: Phase, words: str) -> None:
        """Take the parts of a kind."""
        self.phase, self.words = phase, words

    @property
    def each(self) -> Literal["source", "table", None]:
        """What there is a step of this kind for each of; None where there is one."""
        return "source" if "{source}" in self.words else "table" if "{table}" in self.words else None


@dataclass(frozen=True)
class StepId:
    """Which step it is: its kind, the source or table that it is of.

    `earlier` is the number of the cycle where it works out the figures of the cycle before.
    """

    kind: Kind
    source: str | None = None
    table: str | None = None
    earlier: int | None = None

    @property
    def name(self) -> str:
        """The step's name for people."""
        own = self.kind.words.format(source=self.source, table=self.table)
        return own if self.earlier is None else f"{own} (cycle {self.earlier})"

    @property
    def phase(self) -> Phase:
        """What the refresh is at with it."""
        return self.kind.phase if self.earlier is None else Phase.PREVIOUS


@dataclass(frozen=True, kw_only=True)
class Step(StepId, Generic[T]):
    """A step: what does the work, and with what.

    `function` is one of a module. `arguments` are all that the result depends on: small records, paths in the private
    store that name their content, parts of the configuration. `places` come behind them in the call: the stores it
    works in, and whatever else says how and not what; they may not make another result. `code` names modules beside the
    function's own whose code the result depends on and that it does not import by a statement, None where nobody knows
    them; `depends_on` the steps whose results it is made of where the arguments do not hold them.
    """

    function: Callable[..., T]
    arguments: tuple[Any, ...] = ()
    places: tuple[Any, ...] = ()
    code: tuple[str, ...] | None = ()
    depends_on: tuple[Step[Any], ...] = ()

    @property
    def id(self) -> StepId:
        """Which step it is, without what it works on."""
        return StepId(self.kind, self.source, self.table, self.earlier)

    def run(self) -> T:
        """Do the work, here and now. Raises TookTooLong where it takes longer than it ever should."""
        with within(STEP_S, f"The step '{self.name}'"):
            return self.function(*self.arguments, *self.places)


def key(step: Step[Any]) -> str | None:
    """Return the key of a step's result: a hash of all that it depends on, and of nothing else.

    None where that cannot be known, since code is at work that is in no file of the project. Raises TypeError for an
    argument of which nobody knows what makes it another.
    """
    before = [key(one) for one in step.depends_on]
    modules = (step.function.__module__, *(step.code or ()))
    if step.code is None or None in before or not all(map(code_version.is_ours, modules)):
        return None
    what = (step.kind.name, step.function.__qualname__, code_version.of_code(*modules), before)
    return hashlib.sha256(plain((*what, step.arguments))).hexdigest()


class Runner(Protocol):
    """The way to run steps."""

    def __call__(self, step: Step[T], /) -> T:
        """Run a step and return what it returns."""
        ...

    def all(self, steps: Sequence[Step[T]], /) -> list[T]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        ...


@dataclass(frozen=True)
class InTurn:
    """Steps run one after the other, each by a function that is given it."""

    run: Callable[[Step[Any]], Any]

    def __call__(self, step: Step[T], /) -> T:
        """Run a step and return what it returns."""
        result: T = self.run(step)
        return result

    def all(self, steps: Sequence[Step[T]], /) -> list[T]:
        """Run steps in their order, and return what they return."""
        return [self.run(step) for step in steps]


# one after the other, since Polars uses every core for each
direct: Runner = InTurn(Step.run)


@dataclass(frozen=True)
class OfEarlier:
    """The way to run steps that work out the figures of the cycle before, whose number it is."""

    runner: Runner
    cycle: int

    def __call__(self, step: Step[T], /) -> T:
        """Run a step and return what it returns."""
        return self.runner(replace(step, earlier=self.cycle))

    def all(self, steps: Sequence[Step[T]], /) -> list[T]:
        """Run steps that do not wait for each other, and return what they return, in their order."""
        return self.runner.all([replace(step, earlier=self.cycle) for step in steps])
