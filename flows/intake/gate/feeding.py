"""Which columns that a file lacks, and need not have, the report's figures are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from config import Config, Cycle
from config.parts import OfDefinitions, OfRows, OfTables, only, texts
from flows.core.records import ReadSubmission

Feeding = Mapping[str, frozenset[str]]
Definitions = tuple[OfDefinitions, OfRows, OfTables]


def columns_of_figures(
    reads: Sequence[ReadSubmission],
    config: Config,
    cycle: Cycle | None,
    ask: Callable[[Definitions, Cycle], Feeding] | None = None,
) -> Feeding:
    """Return, for each source table that lacks columns in one of these files, those that figures are made from.

    Where no file lacks any, nothing is asked. Without a cycle they are those of the newest. `ask` is the way to ask
    `columns_of`, or for what it answered before.
    """
    lacking = {name for one in reads for name, table in one.found.tables.items() if table.lacking}
    if not lacking:
        return {}
    # no text is told here, and nothing decided
    rows = only(config, OfRows, messages=texts(config.messages, ()), corrections=(), waivers=())
    definitions = (only(config, OfDefinitions), rows, only(config, OfTables))
    columns = (ask or columns_of)(definitions, cycle or config.cycles[max(config.cycles)])
    return {name: columns[name] for name in sorted(lacking)}


def columns_of(definitions: Definitions, cycle: Cycle) -> Mapping[str, frozenset[str]]:
    """Return, for each source table, the columns that figures of a cycle are made from."""
    from transforms.feeding import feeding

    return feeding(*definitions, cycle)
