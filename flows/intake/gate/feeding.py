"""Which columns that a file lacks, and need not have, the report's figures are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config import Config, Cycle
from config.parts import OfDefinitions, OfRows, OfTables, only
from flows.core.records import ReadSubmission

Feeding = Mapping[str, frozenset[str]]


def columns_of_figures(reads: Sequence[ReadSubmission], config: Config, cycle: Cycle | None) -> Feeding:
    """Return, for each source table that lacks columns in one of these files, those that figures are made from.

    Where no file lacks any, nothing is asked. Without a cycle they are those of the newest.
    """
    lacking = {name for one in reads for name, table in one.found.tables.items() if table.lacking}
    if not lacking:
        return {}
    from transforms.feeding import feeding

    of = cycle or config.cycles[max(config.cycles)]
    columns = feeding(only(config, OfDefinitions), only(config, OfRows), only(config, OfTables), of)
    return {name: columns[name] for name in sorted(lacking)}
