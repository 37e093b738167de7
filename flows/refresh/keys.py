"""The key of each step of a refresh: a hash of all that its result depends on, and of nothing else.

Content goes in by its hash, rules and definitions as the configuration has them, code as the text of the modules that
do the work and of those that they import. What a key leaves out must not be able to change the result.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from pydantic_core import to_json

from config import Config, Contract, Cycle
from flows.core import code_version
from flows.core.records import Curated, GatedTable, Gathered, JudgedFiles, ReadSubmission, Submission
from flows.intake.read.tables import recognition
from transforms import catalogue

_SOURCES = code_version.HERE / "expectations" / "sources"


def of_reading(submissions: Sequence[Submission], contract: Contract, config: Config) -> str:
    """Return the key of reading a source's files."""
    return _key("read", submissions, recognition(contract, config))


def of_files(reads: Sequence[ReadSubmission], config: Config, cycle: Cycle | None) -> str:
    """Return the key of holding a cycle's files against the rules on files."""
    return _key(
        "files",
        code_version.of_code("flows.intake.gate.gate", "expectations.files"),
        [(one.submission, one.found) for one in reads],
        config.contracts,
        config.missions,
        config.cycles,
        config.messages,
        [(waiver, waiver.place) for waiver in config.waivers],
        cycle,
    )


def of_table(
    contract: Contract,
    name: str,
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    parents: Mapping[str, str],
    config: Config,
    cycle: Cycle | None,
) -> str:
    """Return the key of holding the rows of a source table against its rules.

    In: as for flows.intake.gate.gate.gate_table.
    """
    files = [
        (
            one.submission.file,
            one.submission.sha256,
            one.submission.mission,
            one.submission.received_at.date(),
            one.texts[name],
            one.found.tables[name].rows,
            one.submission.file in judged.refused or (one.submission.file, name) in judged.refused_tables,
        )
        for one in reads
        if name in one.texts
    ]
    modules = rule_modules(name)
    return _key(
        "table",
        code_version.of_code("flows.intake.gate.gate", *modules),
        files,
        _only(contract, name),
        parents,
        (config.missions, config.countries, config.cycles),
        told(config, modules),
        [(one, one.place) for one in config.corrections if (one.source, one.table) == (contract.source, name)],
        [(one, one.place) for one in config.waivers if one.source == contract.source and one.table in {None, name}],
        cycle,
    )


def of_curated(gated: Sequence[GatedTable], config: Config, cycle: Cycle, as_of: date | None) -> dict[str, str | None]:
    """Return the key of each curated table; None for one whose code is in no file of the project.

    In: as for flows.releases.make.curate. What a table is made from goes in by the key of that.
    """
    staged = {one.table: (one.staged, as_of if config.table_contract(one.table)[1].dated_by else None) for one in gated}
    keys: dict[str, str | None] = {}

    def of(name: str) -> str | None:
        if name not in keys:
            function = catalogue.tables()[name]
            given = {parameter: staged.get(parameter) for parameter in catalogue.needs(name)}
            parents = {one: of(one) for one in given if one in catalogue.tables() and one != name}
            asked = inspect.signature(function).parameters
            known = [_of_tables(config) if "config" in asked else None, cycle if "cycle" in asked else None]
            whole = code_version.is_ours(function.__module__) and None not in parents.values()
            code = code_version.of_code(function.__module__) if whole else None
            keys[name] = _key("curated", name, code, {**given, **parents}, *known) if whole else None
        return keys[name]

    return {name: of(name) for name in catalogue.tables()}


def of_figures(
    tables: Mapping[str, str],
    gated: Sequence[GatedTable],
    gaps: Mapping[str, Collection[str]],
    previous: str | None,
    config: Config,
    cycle: Cycle,
    as_of: date | None,
) -> str:
    """Return the key of a cycle's figures, and of the checks across its tables.

    In: the paths of the curated tables, and what else flows.releases.make.curate.figured is given.
    """
    return _key(
        "figures",
        code_version.of_code("flows.releases.make.curate"),
        tables,
        [(one.source, one.table, one.staged, one.newest, sorted(one.rows)) for one in gated],
        {name: sorted(missing) for name, missing in gaps.items()},
        previous,
        (config.figures, config.missions, config.cycles, config.countries, config.messages),
        {name: (_head(contract), _dates(contract)) for name, contract in config.contracts.items()},
        [(waiver, waiver.place) for waiver in config.waivers],
        cycle,
        as_of,
    )


def of_withheld(curated: Curated, config: Config, cycle: Cycle, out: Any) -> str:
    """Return the key of suppressing small cells: in are the tables and by what the releases that are out are known."""
    code = code_version.of_code("flows.releases.make.withhold")
    return _key(
        "withheld", code, curated, config.disclosure, config.figures, config.missions, config.cycles, cycle, out
    )


def of_release(what: str, gathered: Gathered, config: Config, cycle: Cycle, *parts: Any) -> str:
    """Return the key of what is made for a release: of all that went into it, all code and all configuration."""
    judged = gathered.judged
    return _key(
        what,
        code_version.of_pipeline(),
        code_version.of_code("flows.releases.make.build"),
        config,
        [(one, one.place) for one in (*config.corrections, *config.waivers)],
        cycle,
        (list(gathered.pulled.values()), gathered.withdrawn),
        gathered.reads,
        (sorted(judged.refused), sorted(judged.refused_tables), judged.findings, judged.used),
        gathered.tables,
        gathered.on,
        parts,
    )


@cache
def rule_modules(table: str) -> tuple[str, ...]:
    """Return the modules that hold business rules of a source table, without importing them."""
    return tuple(f"expectations.sources.{name}" for name, text in _rule_texts().items() if f'on("{table}")' in text)


def told(config: Config, modules: Sequence[str]) -> Any:
    """Return the texts that findings of a table may hold: all but those of other modules' rules alone."""
    own = "".join(text for name, text in _rule_texts().items() if f"expectations.sources.{name}" in modules)
    others = "".join(text for name, text in _rule_texts().items() if f"expectations.sources.{name}" not in modules)
    rules = {
        name: texts
        for name, texts in config.messages.rules.items()
        if _stands_in(name, own) or not _stands_in(name, others)
    }
    return rules, config.messages.phrases, config.messages.details


@cache
def _rule_texts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(_SOURCES.glob("*.py"))}


def _stands_in(rule: str, text: str) -> bool:
    return f"def {rule}(" in text or f'"{rule}"' in text


def _only(contract: Contract, name: str) -> Contract:
    """Return a contract with no other tables than one, and those that it refers to."""
    needed, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in needed:
            needed.add(one)
            waiting += contract.tables[one].refers_to
    return contract.model_copy(update={"tables": {one: contract.tables[one] for one in sorted(needed)}})


def _of_tables(config: Config) -> Any:
    """Return what a curated table may take from the configuration."""
    contracts = {name: _head(contract) for name, contract in config.contracts.items()}
    return config.missions, config.countries, config.cycles, config.parity_targets, contracts


def _head(contract: Contract) -> Any:
    return contract.model_dump(exclude={"tables"})


def _dates(contract: Contract) -> Any:
    return {name: (table.dated_by, table.within_cycle) for name, table in contract.tables.items()}


def _key(*parts: Any) -> str:
    # JSON of what is ordered: a set would be written in another order in each process
    return hashlib.sha256(to_json(parts)).hexdigest()
