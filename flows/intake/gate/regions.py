"""The regions of files that were not read as rows, or that need a look, as a frame that is held against the rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from config import Column, Contract, Table
from config.parts import Contracts
from expectations.messages import titles
from flows.core.records import Compared, FileRead, PassedOver, ReadSubmission, TableRead, Told

# where what is held against the rules stands
PLACE = {
    "source": pl.String,
    "table": pl.String,
    "_file": pl.String,
    "_sheet": pl.String,
    "_row": pl.Int64,
    "mission": pl.String,
}
_REGION = {
    **PLACE,
    "trouble": pl.String,
    "where": pl.String,
    "where_fr": pl.String,
}
# a file with more columns beyond the contract's is another export than the agreed one, and nothing else is said of them
MOST_UNKNOWN = 60
# what keeps a table from being read at all
_UNREAD = ("renamed_sheet", "on_its_side", "two_row_header")


def regions_of(
    reads: Sequence[ReadSubmission],
    compared: Sequence[Compared],
    passed: Sequence[PassedOver],
    config: Contracts,
    feeding: Mapping[str, frozenset[str]],
) -> pl.DataFrame:
    """Return one row for each region that is told of files, and for each file one that has no trouble.

    In: the files, what is told of them beside others, the files that they took the place of, and for each table the
    columns that figures are made from.

    The latter keeps a trouble of many tables from being told once for all of them, as what every row has.
    """
    beside = {one.file: one.told for one in compared}
    rows = [
        {
            "source": one.submission.source,
            "table": told.table,
            "_file": one.submission.file,
            "_sheet": told.sheet,
            "_row": told.row,
            "mission": one.submission.mission,
            "trouble": told.trouble or None,
            "where": told.where or None,
            "where_fr": told.where_fr or None,
        }
        for one in reads
        for told in (
            Told(""),
            *_once([*one.found.told, *beside.get(one.submission.file, ())]),
            *_lacking(one.found, config.contract(one.submission.source), feeding),
        )
        if not (told.trouble == "spare_columns" and one.found.tables[told.table or ""].unknown > MOST_UNKNOWN)
    ]
    rows += [
        {"source": one.source, "_file": one.file, "mission": one.mission, "trouble": one.trouble, "where": one.by}
        for one in passed
    ]
    return pl.DataFrame(rows, schema=_REGION)


def in_doubt(
    findings: pl.DataFrame, refused: Collection[tuple[str, str]]
) -> tuple[tuple[str, str | None, str | None], ...]:
    """Return source, table and mission of each finding that puts accepted numbers in doubt and was not let stand.

    In: the findings on regions, and the tables of files that are refused, of which nothing is counted.
    """
    from expectations.troubles import DOUBTFUL, OF_ANOTHER

    doubtful = findings.filter(pl.col("rule").is_in(list(DOUBTFUL)), pl.col("waived").is_null())
    rows = doubtful.select("file", "source", "table", "mission", "rule").iter_rows()
    return tuple(
        (source, None if rule in OF_ANOTHER else table, mission)
        for file, source, table, mission, rule in rows
        if (file, table) not in refused
    )


def of_themselves(found: FileRead) -> frozenset[str]:
    """Return the tables of a file of which a region says why nothing of them was read."""
    return frozenset(told.table for told in found.told if told.trouble in _UNREAD and told.table)


def _once(told: Sequence[Told]) -> list[Told]:
    """Return regions, of each sheet and kind of trouble one, as a large file that was read in pieces may have many."""
    kept: dict[tuple[str | None, str, str | None], Told] = {}
    for one in told:
        kept.setdefault((one.table, one.trouble, one.sheet), one)
    return list(kept.values())


def _lacking(found: FileRead, contract: Contract, feeding: Mapping[str, frozenset[str]]) -> list[Told]:
    """Return the tables without columns that need not be there: of figures, numbers of tables, and others."""
    unread = of_themselves(found)
    told = []
    for name, read in found.tables.items():
        table = contract.tables[name]
        # one that must be there in the newest template is told with the version of this one
        optional = [column for column in read.lacking if not table.columns[column].required]
        needed = [column for column in optional if column in feeding.get(name, ())]
        # what is of another type than a count only states something of the others
        numbers = [column for column in optional if column not in needed and table.columns[column].type == "count"]
        rest = [column for column in optional if column not in (*needed, *numbers)]
        others = [column for column in rest if _says(table.columns[column], table)]
        if name in unread or _is_empty(read):
            continue
        for trouble, columns in (
            ("lacking_columns", needed),
            ("lacking_numbers", numbers),
            ("lacking_others", others),
        ):
            if columns:
                headers = titles(columns, table)
                told.append(Told(trouble, headers.en, name, read.sheet, where_fr=headers.fr))
    return told


def _is_empty(read: TableRead) -> bool:
    return bool(read.missing) or not read.rows


def _says(column: Column, table: Table) -> bool:
    """Whether a column holds numbers, or else an answer that a form asks for, and no remark."""
    asked = column.type in ("yes_no", "date") or column.one_of is not None
    return column.type in ("count", "number") or (bool(table.sheet) and asked)
