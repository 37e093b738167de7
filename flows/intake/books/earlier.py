"""What the numbers of a cycle are held against: those that were accepted in each cycle before it.

ledger/cycle-05/numbers.json   for each table, where its numbers lie that the cycle's last refresh accepted
numbers/<hash>.parquet         these numbers (transforms.earlier)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from config import Cycle
from flows.core.errors import NotThere
from flows.core.records import Gathered, Numbers
from flows.stores import Store, checked

FOLDER = "numbers"
_NOTED = TypeAdapter(dict[str, str])


def of_tables(gathered: Gathered) -> dict[str, str]:
    """Return where the accepted numbers of each table lie."""
    return {gated.table: gated.numbers for gated in gathered.tables if gated.numbers}


def note(of: Mapping[str, str], cycle: Cycle, private: Store) -> None:
    """Note where the numbers lie that a refresh of a cycle accepted."""
    checked.write_json(private, _path(cycle), dict(of))


def noted(cycle: Cycle, private: Store) -> dict[str, str]:
    """Return where the numbers lie that the last refresh of a cycle accepted; nothing where there was none.

    Raises Damaged.
    """
    remedy = f"a4p refresh --cycle {cycle.number} writes it anew"
    try:
        return checked.read_json(private, _path(cycle), _NOTED, remedy)
    except NotThere:
        return {}


def before(
    cycle: Cycle, cycles: Iterable[Cycle], private: Store, of_last: Mapping[str, str] | None = None
) -> dict[str, Numbers]:
    """Return what the numbers of each table are held against.

    In: the cycle, and all that there are; `of_last` where the numbers of the cycle before lie, where they were worked
    out anew. Numbers that are gone are left out: they come back with the next refresh of their cycle.
    """
    there = {entry.path for entry in private.entries(FOLDER)}
    history: dict[str, list[tuple[int, str]]] = {}
    for earlier in sorted(cycles, key=lambda each: each.number):
        if earlier.number >= cycle.number:
            continue
        anew = of_last if earlier.number == cycle.number - 1 else None
        for table, path in (anew or noted(earlier, private)).items():
            if path in there:
                history.setdefault(table, []).append((earlier.number, path))
    return {table: tuple(numbers) for table, numbers in history.items()}


def _path(cycle: Cycle) -> str:
    return f"ledger/{cycle.folder}/numbers.json"
