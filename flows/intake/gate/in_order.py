"""The order in which source tables are held against their rules: those that others refer to first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from config import Contract
from config.parts import of_table
from flows.core.records import GatedTable, JudgedFiles, ReadSubmission, TableText
from flows.intake.gate.gate import table_texts


@dataclass(frozen=True)
class Gating:
    """One source table to be held against its rules: its contract and name, what was read, what it refers to."""

    contract: Contract
    table: str
    texts: Sequence[TableText]
    parents: Mapping[str, str]


def in_order(
    contracts: Sequence[Contract],
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    gate: Callable[[Sequence[Gating]], list[GatedTable]],
) -> list[GatedTable]:
    """Gate the tables of sources, and return them in the order of the contracts.

    `gate` does so for several that do not wait for each other. Raises graphlib.CycleError where tables refer to each
    other in a circle.
    """
    of = {name: contract for contract in contracts for name in contract.tables}
    waiting = TopologicalSorter({name: contract.tables[name].refers_to for name, contract in of.items()})
    waiting.prepare()
    done: dict[str, GatedTable] = {}
    while waiting.is_active():
        ready = sorted(waiting.get_ready(), key=list(of).index)
        asked = []
        for name in ready:
            own = [one for one in reads if one.submission.source == of[name].source]
            parents = {parent: done[parent].staged for parent in of[name].tables[name].refers_to}
            asked.append(Gating(of_table(of[name], name), name, table_texts(name, own, judged), parents))
        done.update(zip(ready, gate(asked), strict=True))
        waiting.done(*ready)
    return [done[name] for name in of]
