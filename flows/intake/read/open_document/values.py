"""What a cell of LibreOffice holds, as text: at full precision, as a workbook of Excel would give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from config.unclear import UNCALCULATED
from flows.intake.read.looks import in_percent
from flows.intake.read.open_document.names import ERROR_TYPE, OFFICE, TABLE

_DURATION = re.compile(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d*)?S)?")


def number(said: Mapping[str, str], name: str) -> int:
    """Return how often something is repeated, or over how many cells it goes; 1 where it is not said."""
    text = said.get(name, "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1


def value(said: Mapping[str, str], text: str) -> str:
    """Return what a cell holds, at full precision, as a workbook of Excel would give it; '' where it holds nothing."""
    kind = said.get(f"{OFFICE}value-type")
    if said.get(ERROR_TYPE) == "error":
        return text if text.strip() else "#VALUE!"
    if kind is None:
        return text if text.strip() or f"{TABLE}formula" not in said else UNCALCULATED
    stored = said.get(f"{OFFICE}value", "")
    match kind:
        case "percentage" if stored:
            return in_percent(stored)
        case "float" | "currency" if stored:
            return _decimal(stored)
        case "date" if day := said.get(f"{OFFICE}date-value"):
            return _moment(day)
        case "time" if spent := _DURATION.fullmatch(said.get(f"{OFFICE}time-value", "")):
            hours, minutes, seconds = (int(part or 0) for part in spent.groups())
            return f"{hours:02}:{minutes:02}:{seconds:02}"
        case "boolean":
            return said.get(f"{OFFICE}boolean-value", text)
    return text or said.get(f"{OFFICE}string-value", "")


def _decimal(stored: str) -> str:
    try:
        # fifteen digits, as the spreadsheet computes
        return f"{Decimal(f'{float(stored):.15g}'):f}"
    except (ValueError, InvalidOperation):
        return stored


def _moment(stored: str) -> str:
    day, _, time = stored.partition("T")
    return f"{day} {time.partition('.')[0] or '00:00:00'}"
