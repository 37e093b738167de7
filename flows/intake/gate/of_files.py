"""What of a file, and of each of its tables, is held against the rules on files: a row each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from config import Contract, Table
from config.parts import OfFiles
from expectations.messages import titles
from flows.core.records import FileRead, ReadSubmission, TableRead
from flows.intake.gate.claims import canonical_mission, cycle_number
from flows.intake.gate.of_parts import Parts
from flows.intake.gate.regions import MOST_UNKNOWN, PLACE, of_themselves

# what was made from no template is held to all that the newest one asks for
NEWEST_TEMPLATE = 10_000

FILE_ROW = {
    **PLACE,
    "problem": pl.String,
    "where": pl.String,
    "looks_like": pl.String,
    "looks_like_fr": pl.String,
    "folder_mission": pl.String,
    "claimed_mission": pl.String,
    "claimed_cycle": pl.Int64,
    "blank": pl.String,
    "earlier_template": pl.String,
    "lacking_part": pl.String,
}
TABLE_ROW = {
    **PLACE,
    "absent": pl.Boolean,
    "missing": pl.String,
    "missing_fr": pl.String,
    "repeated": pl.String,
    "repeated_fr": pl.String,
    "too_wide": pl.Boolean,
    "widths": pl.String,
    "blank": pl.String,
    "contradicted": pl.Boolean,
}


def file_row(one: ReadSubmission, config: OfFiles, placed: bool, whole: Parts) -> dict[str, object]:
    """Return what of a file is held against the rules, as FILE_ROW says; `placed` where its folder says something."""
    submission, found = one.submission, one.found
    contract = config.contract(submission.source)
    by_missions = contract.sent_by == "missions"
    other = config.contract(found.looks_like).title if found.looks_like else None
    misplaced = placed and by_missions and submission.mission is None
    return {
        "source": submission.source,
        "_file": submission.file,
        "mission": submission.mission,
        "problem": found.problem or ("no_mission_folder" if misplaced else None),
        "where": found.where or None,
        "looks_like": other.en if other else None,
        "looks_like_fr": other.text("fr") if other else None,
        "folder_mission": submission.mission,
        "claimed_mission": canonical_mission(found.claimed_mission, config.missions),
        "claimed_cycle": cycle_number(found.claimed_cycle),
        "earlier_template": _earlier_template(found, contract),
        "blank": None if any(whole.elsewhere(one, name) for name in found.tables) else _blank_file(found, contract),
        "lacking_part": whole.lacking(one) if placed else None,
    }


def reporting(found: FileRead, contract: Contract) -> dict[str, TableRead]:
    """Return the tables of a file that report something: not its cover, where there is more."""
    return {name: table for name, table in found.tables.items() if name not in contract.covers} or dict(found.tables)


def _blank_file(found: FileRead, contract: Contract) -> str | None:
    """Return what is to be done with a file in which nothing is filled in, as the rules have it; None where it is."""
    tables = reporting(found, contract)
    # without any header there is nothing to say of rows; the rules on tables say what is missing
    if all(table.header_row is None for table in tables.values()):
        return None
    if any(table.rows or table.none_in is not None for table in tables.values()):
        return None
    return _to_do(any(contract.tables[name].none_is_an_answer for name in tables))


def _earlier_template(found: FileRead, contract: Contract) -> str | None:
    if found.template is None or found.template >= contract.template:
        return None
    return f"{found.template} instead of {contract.template}"


def _to_do(none_is_an_answer: bool) -> str:
    return "or_none" if none_is_an_answer else "fill_in"


def table_rows(one: ReadSubmission, contract: Contract, whole: Parts) -> list[dict[str, object]]:
    """Return what of each table of a file is held against the rules, as TABLE_ROW says."""
    rows: list[dict[str, object]] = []
    contract = contract.of_template(one.found.template)
    # where a region says why a table cannot be read, nothing else is said of it
    why = of_themselves(one.found)
    for name, found in one.found.tables.items():
        table = contract.tables[name]
        if name in why:
            continue
        may_lack = table.optional or whole.elsewhere(one, name)
        rows.append(
            {
                "source": contract.source,
                "table": name,
                "_file": one.submission.file,
                "_sheet": found.sheet or table.sheet_name("en"),
                "mission": one.submission.mission,
                "absent": found.absent and not may_lack,
                **_titled("missing", found.missing, table),
                **_titled("repeated", found.repeated, table),
                "too_wide": found.unknown > MOST_UNKNOWN,
                "widths": f"{found.width} instead of {len(table.columns)}",
                "blank": _to_do(table.none_is_an_answer) if found.blank and not may_lack else None,
                "contradicted": found.contradicted,
                "_row": found.none_in if found.contradicted else None,
            }
        )
    return rows


def _titled(name: str, columns: Sequence[str], table: Table) -> dict[str, str | None]:
    """Return what says of columns by their headers, in English and in French; None where there are none."""
    headers = titles(columns, table)
    return {name: headers.en or None, f"{name}_fr": headers.fr or None}
