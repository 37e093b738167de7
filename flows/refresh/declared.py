"""The steps of a refresh whose results are kept, each declared once: what does the work, and all that it may look at.

What a step is handed is its key, so it is handed no more of the configuration than it needs: else it would be done
again whenever something changes that has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from config import Config, Cycle, Messages, code_folder, own_code
from config.parts import (
    Contracts,
    OfClassified,
    OfDefinitions,
    OfFigures,
    OfFiles,
    OfFound,
    OfRows,
    OfSmallCells,
    OfTables,
    only,
    texts,
)
from flows.core import code_version
from flows.core.canonical import hash_of, plain
from flows.core.records import (
    Built,
    Checks,
    Compared,
    Curated,
    Earlier,
    GatedTable,
    Gathered,
    JudgedFiles,
    Numbers,
    Origin,
    PassedOver,
    ReadSubmission,
    Submission,
    TableRules,
)
from flows.core.steps import Kind, Step
from flows.intake.gate import compared, gate, rules
from flows.intake.gate.feeding import Definitions, Feeding, columns_of
from flows.intake.gate.in_order import Gating
from flows.intake.read import submissions as reading
from flows.releases.make import build, curate, tables, withhold
from flows.releases.make.tables import Accepted, Rows
from flows.stores import Store
from flows.stores.from_settings import Places
from transforms import catalogue, definitions, figures
from transforms.certainty import Known


def _of_tables() -> tuple[str, ...]:
    """Name the modules with tables: the catalogue finds them by their names; what they say of their columns counts."""
    return tuple(module.__name__ for module in catalogue.modules())


def check_definitions(config: Config) -> Step[None]:
    """Hold what the configuration defines against the tables there are."""
    return Step(
        kind=Kind.CHECK_DEFINITIONS,
        function=definitions.check,
        arguments=(only(config, OfDefinitions),),
        code=_of_tables(),
    )


def check_disclosure(config: Config) -> Step[None]:
    """Hold what is shown of each source against its classification."""
    return Step(
        kind=Kind.CHECK_DEFINITIONS,
        function=withhold.check,
        arguments=(only(config, OfClassified),),
        code=_of_tables(),
    )


def read(
    source: str, submissions: Sequence[Submission], config: Config, known: Contracts, places: Places
) -> Step[list[ReadSubmission]]:
    """Read files of a source; `known` says by what the files of every source are known."""
    return Step(
        kind=Kind.READ,
        source=source,
        function=reading.read_source,
        arguments=(submissions, reading.shapes(source, config, known)),
        places=(places.private, places.anew),
    )


def compare_each(
    reads: Sequence[ReadSubmission],
    earlier: Sequence[Earlier],
    configs: Mapping[int, Config],
    cycle: Cycle,
    places: Places,
) -> list[Step[list[Compared]]]:
    """Compare the files of each source with earlier ones and with each other; `configs` are those of all their cycles.

    By what the files of other sources are known makes no difference here, so it is in no key; the facts of all sources
    are in each key by their hash.
    """
    its = configs[cycle.number]
    # no text is told here, and nothing decided
    silent = its.messages.model_copy(update={name: {} for name in Messages.model_fields})
    facts = only(its, OfRows, messages=silent, corrections=(), waivers=())
    of_facts = hash_of(plain(facts))
    known = {number: reading.known_by(config) for number, config in configs.items()}
    steps = []
    for source, contract in its.contracts.items():
        own = [one for one in reads if one.submission.source == source]
        others = [one for one in earlier if one.submission.source == source and source in configs[one.cycle].contracts]
        if not others and (contract.sent_by != "missions" or len(own) < 2):
            continue
        numbers = sorted({cycle.number, *(one.cycle for one in others)})
        before = {number: configs[number].contracts[source] for number in numbers}
        otherwise = {number: one for number, one in before.items() if one is not contract and one != contract}
        shapes = {number: reading.shapes(source, configs[number], known[number]) for number in numbers}
        steps.append(
            Step(
                kind=Kind.COMPARE,
                source=source,
                function=compared.compare,
                arguments=(own, others, contract, otherwise, cycle, of_facts),
                places=(facts, places.private, shapes),
            )
        )
    return steps


def list_columns(of: Definitions, cycle: Cycle) -> Step[Mapping[str, frozenset[str]]]:
    """List the columns of the source tables that figures are made from."""
    return Step(kind=Kind.LIST_COLUMNS, function=columns_of, arguments=(of, cycle), code=_of_tables())


def check_files(
    reads: Sequence[ReadSubmission],
    told: Sequence[Compared],
    passed: Sequence[PassedOver],
    columns: Feeding,
    config: Config,
    cycle: Cycle,
    places: Places,
) -> Step[JudgedFiles]:
    """Hold a cycle's files against the rules on files.

    In: the files, what comparing them gave, those that they took the place of, and the columns of tables that they lack
    which figures are made from.
    """
    known = only(config, OfFiles, messages=texts(config.messages))
    return Step(
        kind=Kind.CHECK_FILES,
        function=gate.judge_files,
        arguments=(reads, (told, passed), columns, known, cycle),
        places=(places.private,),
    )


def list_rules(config: Config, cycle: Cycle) -> Step[dict[str, TableRules]]:
    """List what the rules on rows come from and tell: all code of expectations may have registered some."""
    known = only(config, OfRows, messages=texts(config.messages), corrections=(), waivers=())
    return Step(
        kind=Kind.LIST_RULES,
        function=rules.rules_of,
        arguments=(config.contracts, known, cycle),
        code=(*code_version.modules_in("expectations"), *own_code.names("rules", code_folder())),
    )


def check_table(
    of: Gating, its_rules: TableRules, earlier: Numbers, config: Config, cycle: Cycle, places: Places
) -> Step[GatedTable]:
    """Hold the rows of a source table against its rules, which tell their own texts and no others.

    `earlier` are the numbers of earlier cycles that its numbers are held against.
    """
    source = of.contract.source
    known = only(
        config,
        OfRows,
        messages=texts(config.messages, its_rules.texts),
        corrections=tuple(one for one in config.corrections if (one.source, one.table) == (source, of.table)),
        waivers=tuple(one for one in config.waivers if one.source == source and one.table in {None, of.table}),
    )
    return Step(
        kind=Kind.CHECK_TABLE,
        source=source,
        table=of.table,
        function=gate.gate_table,
        arguments=(of.contract, of.table, of.texts, of.parents, known, cycle, earlier),
        places=(places.private,),
        code=its_rules.modules,
    )


def make_each(of: Sequence[Accepted], config: Config, cycle: Cycle) -> dict[str, Step[Any]]:
    """Make each curated table, in the catalogue's order; they are made together, and kept one by one."""
    staged = {one.table: one.rows for one in of}
    known = only(config, OfTables)
    # what calls the table functions names all of their modules, so its own text alone counts
    called_by = code_version.of("transforms/catalogue.py", "transforms/dictionary.py", "flows/releases/make/tables.py")
    steps: dict[str, Step[Any]] = {}

    def step(name: str) -> Step[Any]:
        if name not in steps:
            parents = {parent: step(parent) for parent in catalogue.needs(name) if parent in every and parent != name}
            rows = {one: staged.get(one) for one in catalogue.needs(name) if one not in parents}
            number = cycle.number if catalogue.adds_cycle(name) else None
            steps[name] = Step(
                kind=Kind.MAKE_TABLE,
                table=name,
                function=every[name],
                arguments=(rows, catalogue.given(name, known, cycle), called_by, number),
                depends_on=tuple(parents.values()),
            )
        return steps[name]

    every = catalogue.tables()
    return {name: step(name) for name in every}


def make_tables(
    of: Sequence[Accepted], known: Mapping[str, str], config: Config, cycle: Cycle, places: Places
) -> Step[dict[str, str]]:
    """Make the curated tables that are not known."""
    staged: dict[str, Rows] = {one.table: one.rows for one in of}
    return Step(
        kind=Kind.MAKE_TABLES,
        function=tables.tables,
        arguments=(staged, known, only(config, OfTables), cycle),
        places=(places.private,),
    )


def make_figures(
    made: Mapping[str, str],
    of: Sequence[Accepted],
    gaps: Mapping[str, Collection[str]],
    sure: Mapping[str, Known],
    previous: str | None,
    config: Config,
    cycle: Cycle,
    as_of: date | None,
    places: Places,
) -> Step[Curated]:
    """Make a cycle's figures, and check its tables against each other."""
    known = only(config, OfFigures, messages=texts(config.messages))
    return Step(
        kind=Kind.MAKE_FIGURES,
        function=curate.figured,
        arguments=(made, of, gaps, sure, previous, known, cycle, as_of),
        places=(places.private,),
        code=_of_tables(),
    )


def suppress(figured: Curated, config: Config, cycle: Cycle, places: Places, public: Store | None) -> Step[Curated]:
    """Suppress small cells, so that the releases in `public` do not give them away."""
    out = withhold.out(public, places.private, config) if public else []
    former = figures.former_names(config.figures, cycle)
    return Step(
        kind=Kind.SUPPRESS,
        function=curate.withheld,
        arguments=(figured, only(config, OfSmallCells), cycle, former, out, withhold.made_by(out, config)),
        places=(places.private, public),
        code=_of_tables(),
    )


def bring_together(gathered: Gathered, curated: Curated, config: Config, cycle: Cycle, places: Places) -> Step[Checks]:
    """Bring together what was found."""
    known = only(config, OfFound, messages=texts(config.messages))
    return Step(
        kind=Kind.BRING_TOGETHER,
        function=build.found,
        arguments=(gathered, curated, known, cycle),
        places=(places.private,),
    )


def build_release(
    gathered: Gathered, curated: Curated, checks: Checks, origin: Origin, config: Config, cycle: Cycle, places: Places
) -> Step[Built]:
    """Build the files of a release: of all that went into it, all code and all configuration."""
    return Step(
        kind=Kind.BUILD,
        function=build.build,
        arguments=(gathered, curated, checks, origin, build.made_by(config), config, cycle),
        places=(places.private,),
    )
