"""A source's own file given back with its findings marked in the cells, and a sheet that lists them.

from flows.feedback.marked_copy import annotate
xlsx = annotate(data, "UNMISS.xlsx", checked.findings, contract, config, "fr")

A workbook is not written anew: its parts are copied, and only the marked cells' styles, the comments and one more sheet
are put in. Formulas with their results, images, charts, other sheets and their looks stay byte for byte.
CSV and JSON files come back as a workbook of text cells; a file that cannot be read, and a spreadsheet of LibreOffice,
as the list of findings alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import polars as pl

from config import Config, ConfigError, Contract, Language, by_its_config
from expectations.messages import form
from expectations.severity import SEVERITIES
from flows.core.within import FILE_S, within
from flows.feedback.check import Checked, opened
from flows.feedback.marked_copy.earlier import clear
from flows.feedback.marked_copy.findings_sheet import add_findings_sheet
from flows.feedback.marked_copy.marking import mark
from flows.feedback.marked_copy.package import NotMarkable, Package
from flows.feedback.marked_copy.places import Place, Places
from flows.feedback.marked_copy.plain import empty_workbook, workbook_of
from flows.intake.read import limits
from flows.intake.read.grids import JSON, OPEN_DOCUMENT, WORKBOOK, grids, kind_of
from flows.intake.read.limits import Unreadable
from flows.stores import for_people

__all__ = ["Found", "Marked", "annotate", "marked", "marked_name", "write"]


@dataclass(frozen=True)
class Found:
    """A finding, as expectations.columns.SCHEMA says, and where it stands in the marked workbook."""

    finding: Mapping[str, Any]
    place: Place


@dataclass(frozen=True)
class Marked:
    """The marked workbook, and the findings, worst first, with their places in it.

    `cells` tells whether a cell is marked, or the findings are listed only.
    """

    workbook: bytes
    found: Sequence[Found]
    cells: bool = False


def annotate(
    data: bytes,
    name: str,
    findings: pl.DataFrame,
    contract: Contract,
    config: Config,
    language: Language = "en",
    *,
    whole: bool = True,
) -> bytes:
    """Return a file as a workbook with its findings marked; `findings` are those of this file alone.

    `whole` is false for a copy out of which personal data will be taken, so that it says where to mend.
    """
    return marked(data, name, findings, contract, config, language, whole=whole).workbook


@by_its_config
def marked(
    data: bytes,
    name: str,
    findings: pl.DataFrame,
    contract: Contract,
    config: Config,
    language: Language = "en",
    *,
    whole: bool = True,
) -> Marked:
    """Return a file as a workbook with its findings marked, and where each of them stands."""
    rank = pl.col("severity").replace_strict({one: at for at, one in enumerate(SEVERITIES)}, default=9)
    listed = findings.sort(rank, maintain_order=True).to_dicts()
    try:
        found = grids(data, name)
    except Unreadable:
        return _list_alone(name, listed, language)
    kind = kind_of(data)
    places = Places(found, contract, kind, language)
    if kind == OPEN_DOCUMENT:
        return _list_alone(name, listed, language, [places.of(finding) for finding in listed])
    try:
        if kind == WORKBOOK:
            book = Package(data)
            clear(book, found)
        else:
            book = workbook_of(found[0], language, header_first=kind == JSON)
        placed = mark(book, listed, [places.of(finding) for finding in listed], language)
    except NotMarkable:
        return _list_alone(name, listed, language)
    add_findings_sheet(book, name, listed, placed, language, whole=whole)
    return Marked(book.bytes(), [Found(*one) for one in zip(listed, placed.places, strict=True)], placed.cells > 0)


def write(file: Path, out: Path, checked: Checked, config: Config, language: Language = "en") -> None:
    """Write a checked file's marked workbook. Raises ConfigError where it would replace the file itself, say."""
    ending = PurePath(marked_name(file.name)).suffix
    if out.suffix.lower() != ending:
        raise ConfigError(f"The marked workbook of {file.name} must be named with {ending} at its end, not {out.name}.")
    if out.resolve() == file.resolve():
        raise ConfigError(f"{out} is the file itself, which is left as it is; choose another name.")
    if not out.parent.is_dir():
        raise ConfigError(f"There is no folder {out.parent}.")
    contract = config.contract(checked.source or next(iter(config.contracts)))
    with within(FILE_S * limits.times(), f"Marking {file.name}"):
        data = annotate(opened(file)[0], file.name, checked.findings, contract, config, language)
    for_people.write(out, data)


def marked_name(name: str, language: Language = "en") -> str:
    """Return a file name for the marked workbook of a file."""
    return f"{PurePath(name).stem} - {form('findings', language).lower()}.xlsx"


def _list_alone(
    name: str, listed: Sequence[Mapping[str, Any]], language: Language, places: Sequence[Place] | None = None
) -> Marked:
    """Return a workbook with nothing but the list; `places` are those in the file, where it could be read."""
    book = empty_workbook(language)
    placed = mark(book, listed, [Place.of_the_file() for _ in listed], language)
    if places is not None:
        placed = replace(placed, places=places)
    why = "could_not_be_read" if places is None else "could_not_be_marked"
    add_findings_sheet(book, name, listed, placed, language, alone=why)
    return Marked(book.bytes(), [Found(*one) for one in zip(listed, placed.places, strict=True)])
