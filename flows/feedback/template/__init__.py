"""A workbook to fill in, made from a source's contract: instructions, a sheet a table, lists and checks in the cells.

from flows.feedback import template
xlsx = template.template(config.contract("mission_report"), config, config.cycle(5), "UNMISS", "fr")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from io import BytesIO
from pathlib import Path

import polars as pl
import xlsxwriter

from config import Config, ConfigError, Contract, Cycle, Language, by_its_config
from expectations.messages import form
from flows.documents.workbook.book import AUTHOR
from flows.feedback.template.instructions import write_instructions
from flows.feedback.template.last import Last
from flows.feedback.template.lists import Lists
from flows.feedback.template.sheets import Page, Style, pages, write_page
from flows.stores import for_people

__all__ = ["template", "write"]


@by_its_config
def template(
    contract: Contract,
    config: Config,
    cycle: Cycle,
    mission: str | None = None,
    language: Language = "en",
    last: Mapping[str, pl.DataFrame] | None = None,
) -> bytes:
    """Return a source's template for a cycle, and for a mission where missions send it.

    `last` are the rows of the tables that were accepted in the cycle before, as text. What stood in them is said beside
    the cells; where a sheet lists the same things each cycle, their names stand in it already.
    The same contract, cycle, mission, language and values give the same bytes.
    Raises ConfigError where a mission is named and none is wanted, or the other way round.
    """
    mission = _mission(contract, config, mission)
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties(
        {
            "title": contract.title.text(language),
            "author": AUTHOR,
            "created": datetime.combine(cycle.end, time()),
        }
    )
    style = Style(book)
    front = book.add_worksheet(form("instructions", language))
    sheets: list[Page] = pages(contract, language)
    written = [(page, book.add_worksheet(page.name)) for page in sheets]
    # the last sheet, and without headers, so that it is never taken for a table
    lists = Lists(form("lists", language))
    before = {name: Last((last or {}).get(name, pl.DataFrame()), table) for name, table in contract.tables.items()}
    for page, sheet in written:
        write_page(
            sheet,
            page,
            sheets,
            style,
            lists,
            config,
            contract,
            cycle,
            mission,
            language,
            before[page.table],
        )
    named = any(one.named for one in before.values())
    write_instructions(front, style, sheets, contract, cycle, mission, language, named=named)
    lists.write(book)
    book.close()
    return buffer.getvalue()


def write(out: Path, data: bytes) -> None:
    """Write a template to a file. Raises ConfigError where another file stands there: it may be filled in."""
    if out.suffix.lower() != ".xlsx":
        raise ConfigError(f"{out.name} is a name for another kind of file; let it end in .xlsx.")
    if not out.parent.is_dir():
        raise ConfigError(f"There is no folder {out.parent}.")
    if out.exists() and out.read_bytes() != data:
        raise ConfigError(f"{out} is there already and may be filled in; move it, or choose another name.")
    for_people.write(out, data)


def _mission(contract: Contract, config: Config, mission: str | None) -> str | None:
    if contract.sent_by == "headquarters":
        if mission:
            raise ConfigError(
                f"{contract.source} is sent by {contract.owner} and not by missions; leave --mission out."
            )
        return None
    known = ", ".join(config.reporting_missions)
    if not mission:
        raise ConfigError(f"{contract.source} is sent by missions; name one with --mission: {known}.")
    if mission.upper() not in config.reporting_missions:
        raise ConfigError(f"'{mission}' is no reporting mission; they are {known}.")
    return mission.upper()
