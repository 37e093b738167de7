"""The first sheet of a template: what it is for, who answers for it, by when, and how it is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlsxwriter.worksheet import Worksheet

from config import NONE, Contract, Cycle, Language
from expectations.messages import catalogue, form
from flows.core.wording import day
from flows.documents.charts import DEEP, MUTED
from flows.documents.workbook.book import address
from flows.feedback.template.sheets import Page, Style

_WIDTHS = (30, 72, 24)
_RULE = {"bottom": 4, "bottom_color": "#b9c3cb", "valign": "top"}


def write_instructions(
    sheet: Worksheet,
    style: Style,
    pages: Sequence[Page],
    contract: Contract,
    cycle: Cycle,
    mission: str | None,
    language: Language,
    *,
    named: bool,
) -> None:
    """Write the instructions in a language; `named` is whether rows are named already."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(DEEP)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, contract.title.text(language), style(bold=True, font_size=20, font_color=DEEP))
    dates = {"start": day(cycle.start, language), "end": day(cycle.end, language)}
    sheet.write_string(
        1, 0, form("cycle", language, number=cycle.number, **dates), style(font_size=12, font_color=MUTED)
    )
    row = _facts(sheet, style, 3, contract, cycle, mission, language)
    row = _heading(sheet, style, row + 1, form("how", language))
    for line in _how(contract, cycle, language, named=named):
        sheet.merge_range(row, 0, row, 2, f"•  {line}", style(text_wrap=True, valign="top"))
        sheet.set_row(row, 16 * (1 + len(line) // 118))
        row += 1
    row = _sheets(sheet, style, row + 1, pages, language)
    _words(sheet, style, row + 1, pages, language)
    sheet.protect()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.activate()


def _facts(
    sheet: Worksheet,
    style: Style,
    row: int,
    contract: Contract,
    cycle: Cycle,
    mission: str | None,
    language: Language,
) -> int:
    contact = ", ".join(one.replace("{mission}", (mission or "").lower()) for one in contract.contact)
    facts = {
        "mission": mission,
        "answers": f"{mission or contract.owner} ({contact})",
        "due": day(contract.due(cycle), language),
        "classification": form(contract.classification.replace(" ", "_"), language),
        "version": form("of_version", language, number=contract.template),
    }
    for key, said in facts.items():
        if said:
            sheet.write_string(row, 0, form(key, language), style(bold=True, valign="top"))
            sheet.write_string(row, 1, said, style(bold=key in ("mission", "due"), valign="top"))
            row += 1
    return row


def _how(contract: Contract, cycle: Cycle, language: Language, *, named: bool) -> Iterable[str]:
    yield form("how_sheets", language)
    yield form("how_required", language)
    yield form("how_blank", language)
    if any(table.none_is_an_answer for table in contract.tables.values()):
        yield form("how_none", language, none=NONE.text(language))
    if named:
        yield form("how_named", language, number=cycle.number - 1)
    yield form("how_lists", language)
    if contract.claims:
        yield form("how_filled", language)
    yield form("how_personal", language)
    yield form("how_check", language, number=cycle.number)


def _sheets(sheet: Worksheet, style: Style, row: int, pages: Sequence[Page], language: Language) -> int:
    row = _header(sheet, style, row, (form("sheet", language), form("one_row", language), form("must_be", language)))
    for page in pages:
        link = style(font_color=DEEP, underline=1, bold=True, **_RULE)
        sheet.write_url(row, 0, address(page.name.replace("'", "''")), link, page.name)
        sheet.write_string(row, 1, page.definition.one_row_is.text(language), style(text_wrap=True, **_RULE))
        sheet.write_string(row, 2, _must_be(page, language), style(text_wrap=True, **_RULE))
        row += 1
    return row


def _must_be(page: Page, language: Language) -> str:
    if page.definition.optional:
        return form("no", language)
    if page.definition.none_is_an_answer:
        return form("yes_or_none", language, none=NONE.text(language))
    return form("yes", language)


def _words(sheet: Worksheet, style: Style, row: int, pages: Sequence[Page], language: Language) -> None:
    """Say what the words mean that number cells take, where there are any."""
    meanings: dict[str, str] = {}
    for page in pages:
        for column in page.definition.columns_read.values():
            meanings |= column.words or {}
    if not meanings:
        return
    row = _heading(sheet, style, row, form("words", language))
    row = _header(sheet, style, row, (form("word", language), form("meaning", language)))
    said = {catalogue().value(word, language): meaning for word, meaning in meanings.items()}
    for word, meaning in {**said, form("blank", language): "O"}.items():
        sheet.write_string(row, 0, word, style(bold=True, **_RULE))
        sheet.write_string(row, 1, _meaning(meaning, language), style(text_wrap=True, **_RULE))
        row += 1


def _meaning(meaning: str, language: Language) -> str:
    if meaning.isalpha():
        return form(f"means_{meaning.lower()}", language)
    return form("means_zero", language) if meaning == "0" else form("means_number", language, number=meaning)


def _heading(sheet: Worksheet, style: Style, row: int, said: str) -> int:
    sheet.write_string(row, 0, said, style(bold=True, font_size=13, font_color=DEEP))
    sheet.set_row(row, 22)
    return row + 1


def _header(sheet: Worksheet, style: Style, row: int, names: Sequence[str]) -> int:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style(bold=True, font_color="#ffffff", bg_color=DEEP, valign="vcenter"))
    return row + 1
