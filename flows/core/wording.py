"""Numbers, dates and places as people write them: the one place that says how.

English needs no texts of the configuration, so that documents, which are given all that they hold, can use it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.lists import format_list

from config import Config, Cycle, Language
from expectations.messages import LOCALE as _LOCALE
from expectations.messages import catalogue, column_title, french_number
from transforms.rounding import decimals_shown, rounded

MINUS = "\u2212"
_BLOCKS = "▁▂▃▄▅▆▇█"


def number(value: float | None, decimals: int = 0, language: Language = "en") -> str:
    """Return a number with thousands set apart, `10,000` or `10 000`, or a dash where there is none."""
    if value is None:
        return "–"
    text = f"{rounded(abs(value), decimals):,.{decimals}f}"
    minus = MINUS if value < 0 and text.strip("0.,") else ""
    return minus + (french_number(text) if language == "fr" else text)


def shown(value: float, decimals: int, unit: str) -> str:
    """Return a number as it stands before its unit: `914`, or with the sign of a percentage: `24%`."""
    text = number(value, decimals_shown(value, decimals, unit))
    return f"{text}%" if unit == "percent" else text


def share(part: float | None, whole: float | None, decimals: int = 0) -> str:
    """Return what share a part is of a whole as `24%`, or a dash where that is not known."""
    return shown(100 * part / whole, decimals, "percent") if part is not None and whole else "–"


def counted(count: int, single: str, several: str | None = None) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count:,} {single if count == 1 else several or single + 's'}"


def coverage(row: Mapping[str, Any]) -> str:
    """Return how much of it is in a figure, where that is not all: `reported by 1 of 11 missions, 2 rows refused`.

    What is open and may make it wrong is said too, and that somebody accepts it nevertheless.
    """
    reported, expected, refused = (row.get(name) for name in ("missions_in", "missions_expected", "rows_refused"))
    said = []
    if expected and reported is not None and reported < expected:
        said.append(f"reported by {reported} of {expected} missions")
    if refused:
        said.append(f"{counted(refused, 'row')} refused")
    if doubts := row.get("in_doubt"):
        said.append(f"{counted(doubts, 'finding')} may change it")
    if questions := row.get("questions"):
        said.append(f"being confirmed, {counted(questions, 'question')} open")
    if row.get("accepted"):
        said.append("accepted as it is")
    return ", ".join(said)


def day(value: date | None, language: Language = "en") -> str:
    """Return a date as `30 April 2024`, `30 avril 2024`, or a dash where there is none."""
    if value is None:
        return "–"
    text = format_date(value, "d MMMM y", locale=_LOCALE[language])
    # the library has no ordinal for it
    return f"1er{text[1:]}" if language == "fr" and value.day == 1 else text


def month(value: date) -> str:
    """Return a month as `April 2024`."""
    return format_date(value, "MMMM y", locale=_LOCALE["en"])


def moment(value: datetime) -> str:
    """Return a moment, which is in UTC, as `11 May 2024 08:00 UTC`."""
    return format_datetime(value, "dd MMMM y HH:mm 'UTC'", locale=_LOCALE["en"])


def days(cycle: Cycle) -> str:
    """Return the days of a cycle as `1 November 2023 to 30 April 2024`."""
    return f"{day(cycle.start)} to {day(cycle.end)}"


def in_blocks(values: Sequence[float | None]) -> str:
    """Return values as a line of blocks, each as high as its value, `▁▄█`; '' where there are not two of them."""
    given = [value for value in values if value is not None]
    if len(given) < 2:
        return ""
    low, high = min(given), max(given)
    spread = (high - low) or 1
    return "".join("·" if one is None else _BLOCKS[round((one - low) / spread * (len(_BLOCKS) - 1))] for one in values)


def listed(names: list[str]) -> str:
    """Return `A`, `A and B`, or `A, B and C`."""
    return format_list(names, locale=_LOCALE["en"])


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def place(finding: Mapping[str, Any], config: Config, language: Language = "en") -> str:
    """Return where in its file a finding stands: `sheet Units, row 4, column Cause`; nothing for the whole file."""
    labels = catalogue().labels
    titled = {**finding, "column": column_title(finding, config.contracts.get(finding["source"]), language)}
    return _joined(titled, *(labels[part].text(language) for part in ("sheet", "row", "column")))


def quoted_place(finding: Mapping[str, Any]) -> str:
    """Return the same in English with names in quotation marks, without the texts of the configuration."""
    return _joined(finding, "sheet “{name}”", "row {number}", "column “{name}”")


def _joined(finding: Mapping[str, Any], sheet: str, row: str, column: str) -> str:
    parts = (
        sheet.format(name=finding["sheet"]) if finding["sheet"] else "",
        row.format(number=finding["row"]) if finding["row"] is not None else "",
        column.format(name=finding["column"]) if finding["column"] else "",
    )
    return ", ".join(part for part in parts if part)
