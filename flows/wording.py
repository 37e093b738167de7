"""The words of templates, marked workbooks and the check page, in the missions' two working languages.

They stand in config/messages.yaml, under `forms`. What a finding says comes from its rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config import Language
from expectations.messages import catalogue

SEVERITIES = ("critical", "warning", "info")


def text(key: str, language: Language, **values: object) -> str:
    """Return a text in a language, its gaps filled in."""
    said = catalogue().forms[key].text(language)
    return said.format(**values) if values else said


def texts(beginning: str, language: Language) -> dict[str, str]:
    """Return the texts whose keys begin so, by the rest of their keys, their gaps not filled in."""
    forms = catalogue().forms.items()
    return {key.removeprefix(beginning): both.text(language) for key, both in forms if key.startswith(beginning)}


def told(finding: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """Return what is wrong and what to do, of a finding as expectations.findings.SCHEMA describes it."""
    if language == "fr":
        return str(finding.get("message_fr") or finding["message"]), str(finding.get("remedy_fr") or finding["remedy"])
    return str(finding["message"]), str(finding["remedy"])


def unit(name: str, language: Language) -> str:
    """Return a contract's unit in a language; as the contract has it where it is not known."""
    known = catalogue().forms.get(f"unit_{name}")
    return known.text(language) if known else name


def day(value: date, language: Language) -> str:
    """Return a date as `30 April 2024`, `30 avril 2024`."""
    first = text("first_of_month", language) if value.day == 1 else str(value.day)
    return f"{first} {text('months', language).split()[value.month - 1]} {value.year}"


def number(value: int, language: Language) -> str:
    """Return a whole number with thousands set apart: `10,000`, `10 000`."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
