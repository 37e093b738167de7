"""The order in which source tables are held against their rules: those that others refer to first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from config import Config, Contract, Cycle
from flows.core.records import GatedTable, JudgedFiles, ReadSubmission


@dataclass(frozen=True)
class Gating:
    """One source table to be held against its rules: its contract and name, what was read, what it refers to."""

    contract: Contract
    table: str
    reads: Sequence[ReadSubmission]
    judged: JudgedFiles
    parents: Mapping[str, str]
    config: Config
    cycle: Cycle | None

    @property
    def arguments(
        self,
    ) -> tuple[Contract, str, Sequence[ReadSubmission], JudgedFiles, Mapping[str, str], Config, Cycle | None]:
        """The arguments of flows.intake.gate.gate.gate_table but the store."""
        return self.contract, self.table, self.reads, self.judged, self.parents, self.config, self.cycle


def in_order(
    contracts: Sequence[Contract],
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    config: Config,
    cycle: Cycle | None,
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
            asked.append(Gating(of[name], name, own, judged, parents, config, cycle))
        done.update(zip(ready, gate(asked), strict=True))
        waiting.done(*ready)
    return [done[name] for name in of]
