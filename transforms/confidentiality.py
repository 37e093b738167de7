"""Whether what is published obeys the classification of its sources, as config/disclosure.yaml declares it.

Nothing that is made of a strictly confidential source is shown below the aggregation that its table declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config import Contract, Disclosure
from config.parts import OfClassified, OfSmallCells
from transforms import catalogue, known_sums
from transforms.dictionary import CYCLE, TableEntry


def mistakes(config: OfClassified) -> list[str]:
    """Return what is declared wrongly, or not at all: a sentence each, with file and line and what to do."""
    return [
        *(said for table, entry in config.disclosure.items() for said in _of_entry(table, entry, config)),
        *_not_declared(config),
        *_of_figures(config),
    ]


def beyond(table: str, columns: Iterable[str], config: OfSmallCells) -> list[str]:
    """Return the columns of a curated table that its declaration does not allow; none where it has no declaration.

    That of the cycle is allowed: it says of which release the table is, and breaks nothing down.
    """
    entry = config.disclosure.get(table)
    return [] if entry is None else [column for column in columns if column not in {*entry.columns, CYCLE}]


def _strict_source(table: str, config: OfClassified) -> Contract | None:
    """Return the strictly confidential source that a table is made of, if it is made of one."""
    for staged in sorted(catalogue.staged_for(table)):
        for contract in config.contracts.values():
            if staged in contract.tables and contract.classification == "strictly confidential":
                return contract
    return None


def _of_entry(table: str, entry: Disclosure, config: OfClassified) -> Iterator[str]:
    known = catalogue.entries().get(table)
    if known is None:
        yield f"{entry.place}: there is no curated table '{table}'; take the entry away, or name it as its function."
        return
    extra = beyond(table, known.fields, config)
    if extra:
        yield (
            f"{entry.place}: {table} has the column '{extra[0]}', which its aggregation does not allow; take the "
            f"column from the table, or add it to the aggregation if its source agrees."
        )
    if entry.threshold is not None:
        yield from _unknown(table, entry, known)


def _unknown(table: str, entry: Disclosure, known: TableEntry) -> Iterator[str]:
    """Return what keeps the cells of a table from being suppressed: columns that it has not, tables that are not."""
    if catalogue.is_private(table):
        yield f"{entry.place}: {table} is in no release, so it has no cell to suppress; take its threshold away."
    missing = sorted(entry.columns - set(known.fields))
    if missing:
        yield f"{entry.place}: {table} has no column '{missing[0]}'; its columns are {', '.join(known.fields)}."
    for shown in entry.shown_in.values():
        other = catalogue.entries().get(shown.table)
        fields = other.fields if other else {}
        if {shown.count, *shown.by} - set(fields):
            yield f"{entry.place}: there is no table '{shown.table}' with {shown.count} by {', '.join(shown.by)}."


def _not_declared(config: OfClassified) -> Iterator[str]:
    for table in catalogue.tables():
        contract = _strict_source(table, config)
        if contract and table not in config.disclosure and not catalogue.is_private(table):
            yield (
                f"{contract.place}: {contract.source} is strictly confidential, and the table {table} is made of it; "
                f"declare in config/disclosure.yaml by what {table} may be broken down."
            )


def _of_figures(config: OfClassified) -> Iterator[str]:
    for name, figure in config.figures.items():
        if figure.table not in catalogue.tables():
            continue
        entry, contract = config.disclosure.get(figure.table), _strict_source(figure.table, config)
        if contract and figure.by and (entry is None or catalogue.is_private(figure.table)):
            yield (
                f"{figure.place}: {name} counts {contract.source}, which is strictly confidential, by {figure.by}; "
                f"take 'by' away, or count a table that config/disclosure.yaml allows to be shown by {figure.by}."
            )
        if entry and entry.threshold is not None and not known_sums.can_follow(figure, entry):
            yield (
                f"{figure.place}: {name} is made of {figure.table}, whose small cells are suppressed, and the audit "
                f"cannot follow '{figure.value}'; write it as sum(column), with filter (where ...) and +, or as "
                f"100 * a / b of those."
            )
