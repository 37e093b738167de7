"""What people are told, in English and in French: the texts of config/messages.yaml with their gaps filled.

Findings carry both, `message` and `remedy` in English, `message_fr` and `remedy_fr` in French; `in_language` chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from babel.lists import format_list

from config import ConfigError, Contract, Cycle, Language, Messages, Phrase, Table, load, readable

# the columns of findings that hold a text in each language, by what is added to their names
SUFFIX: dict[Language, str] = {"en": "", "fr": "_fr"}
# whose dates and lists are written
LOCALE: dict[Language, str] = {"en": "en_GB", "fr": "fr"}
LANGUAGES: tuple[Language, ...] = ("en", "fr")


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    en: str
    fr: str

    def __str__(self) -> str:
        """Return the English text."""
        return self.en


@dataclass(frozen=True)
class NamedColumn(Both):
    """A column as people read it; as a string it is the contract's name, of which the names of rules are made."""

    name: str

    def __str__(self) -> str:
        """Return the contract's name."""
        return self.name


Word = str | int | date | Both


def catalogue() -> Messages:
    """Return the texts of the configuration."""
    return load().messages


def form(key: str, language: Language, **words: object) -> str:
    """Return a text of templates, marked workbooks or the check page in a language.

    Its gaps are filled where words are given. Raises KeyError where there is no such text, or none of the words fills
    a gap.
    """
    text = catalogue().forms[key].text(language)
    return text.format_map(words) if words else text


def forms_of(beginning: str, language: Language) -> dict[str, str]:
    """Return the texts whose keys begin so, by the rest of their keys, their gaps not filled in."""
    forms = catalogue().forms.items()
    return {key.removeprefix(beginning): both.text(language) for key, both in forms if key.startswith(beginning)}


def message_and_remedy(finding: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """Return what is wrong and what to do, of a finding as expectations.columns.SCHEMA describes it.

    In English where there is no French.
    """
    message, remedy = (finding.get(f"{text}{SUFFIX[language]}") or finding[text] for text in ("message", "remedy"))
    return str(message), str(remedy)


def filled(phrase: Phrase, words: Mapping[str, Word], where: str = "a text") -> Both:
    """Fill the gaps of a text.

    Raises ConfigError where it has a gap that none of the words is for.
    """
    try:
        return Both(
            phrase.en.format_map({name: _said(word, "en") for name, word in words.items()}),
            phrase.text("fr").format_map({name: _said(word, "fr") for name, word in words.items()}),
        )
    except KeyError as gap:
        raise ConfigError(
            f"config/messages.yaml: {where} has the gap {gap}; allowed: {', '.join(sorted(words)) or 'none'}."
        ) from None


def _said(word: Word, language: Language) -> str:
    return getattr(word, language) if isinstance(word, Both) else str(word)


def of_cycle(cycle: Cycle | None) -> dict[str, Word]:
    """Return what can be said of a cycle."""
    if cycle is None:
        return {}
    return {"cycle": cycle.number, "start": cycle.start, "end": cycle.end, "days": cycle.days}


def named(column: str, table: Table | None) -> NamedColumn:
    """Return a column by the header that a template gives it, in English in quotation marks.

    French texts have marks of their own around it.
    """
    en, fr = (table.title(column, language) if table else readable(column) for language in LANGUAGES)
    return NamedColumn(f"“{en}”", fr, column)


def titles(columns: Iterable[str], table: Table) -> Both:
    """Return columns by their headers, for what completes a message: `Training, Sessions`."""
    names = list(columns)
    en, fr = (", ".join(table.title(name, language) for name in names) for language in LANGUAGES)
    return Both(en, fr)


def column_title(finding: Mapping[str, Any], contract: Contract | None, language: Language) -> str:
    """Return the header of the column that a finding points at, as a template of its source has it."""
    column = finding["column"]
    if not column:
        return ""
    table = contract.tables.get(finding["table"] or "") if contract else None
    return table.title(column, language) if table else readable(column)


def listed(words: Sequence[Word]) -> Both:
    """Join words to one: a, b and c; a, b et c."""
    said = {one: format_list([_said(word, one) for word in words], locale=locale) for one, locale in LOCALE.items()}
    return Both(said["en"], said["fr"])


def number(value: float) -> Both:
    """Return a number as it is written in each language."""
    return Both(f"{value:g}", french_number(f"{value:g}"))


def french_number(text: str) -> str:
    """Return a number with a narrow no-break space for thousands and a decimal comma; any other text as it is."""
    if not re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?", text):
        return text
    return text.replace(",", "\u202f").replace(".", ",")


def in_french(detail: str, messages: Messages) -> str:
    """Return what completes a message in French; what says the same in both languages stays as it is."""
    for phrase in messages.details.values():
        # the English text with its gaps open
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\S+)", re.escape(phrase.en))
        if found := re.fullmatch(pattern, detail):
            words = {name: french_number(word) for name, word in found.groupdict().items()}
            return phrase.text("fr").format_map(words)
    return detail


def in_language(findings: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Return findings with `message` and `remedy` in one language, in English where there is no French."""
    texts = ("message", "remedy")
    if language == "fr":
        findings = findings.with_columns(pl.coalesce(f"{text}_fr", text).alias(text) for text in texts)
    return findings.drop(f"{text}_fr" for text in texts)
