"""Days and whole numbers as people write them in each language."""

from __future__ import annotations

from datetime import date

from config import Language
from expectations.messages import form


def day(value: date, language: Language) -> str:
    """Return a date as `30 April 2024`, `30 avril 2024`."""
    first = form("first_of_month", language) if value.day == 1 else str(value.day)
    return f"{first} {form('months', language).split()[value.month - 1]} {value.year}"


def number(value: int, language: Language) -> str:
    """Return a whole number with thousands set apart: `10,000`, `10 000`."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
