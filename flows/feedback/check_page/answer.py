"""What the page is told of a file: the verdict, the findings in groups, and the marked workbook."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config import Config, Cycle, Language, by_its_config
from expectations.messages import form, message_and_remedy
from expectations.questions import KINDS, kind_of
from flows.core.wording import number
from flows.feedback.check import Checked, check_data
from flows.feedback.marked_copy import Found, marked, marked_name

_MOST_PLACES = 12


@dataclass(frozen=True)
class Asked:
    """A file to check, and what its sender says of it."""

    data: bytes
    name: str
    language: Language
    source: str | None = None
    mission: str | None = None
    cycle: Cycle | None = None


@by_its_config
def answer(asked: Asked, config: Config) -> dict[str, Any]:
    """Check a file. Raises ConfigError, NotRecognised among them, as flows.feedback.check does."""
    result = check_data(asked.data, asked.name, datetime.now(UTC), config, asked.source, asked.mission, asked.cycle)
    contract = config.contract(result.source or next(iter(config.contracts)))
    book = marked(asked.data, asked.name, result.findings, contract, config, asked.language)
    return {
        "file": asked.name,
        "verdict": _verdict(result),
        "sentence": form(f"page_{_verdict(result)}", asked.language),
        "details": _details(result, config, asked.language),
        "groups": _groups(book.found, asked.language),
        "workbook": base64.b64encode(book.workbook).decode(),
        "marked": book.cells,
        "workbook_name": marked_name(asked.name, asked.language),
    }


def _verdict(result: Checked) -> str:
    if not result.refused:
        return "accepted"
    return "in_part" if result.rows_accepted else "refused"


def _details(result: Checked, config: Config, language: Language) -> list[str]:
    said = []
    if result.source:
        what = [config.contract(result.source).title.text(language)]
        what += [result.mission] if result.mission else []
        what += [form("page_of_cycle", language, number=result.cycle)] if result.cycle else []
        said.append(form("page_recognised", language, what=", ".join(what)))
    if result.rows_read:
        rows = {
            "accepted": number(result.rows_accepted, language=language),
            "read": number(result.rows_read, language=language),
        }
        said.append(form("page_rows", language, **rows))
    return said


def _groups(found: Sequence[Found], language: Language) -> list[Mapping[str, Any]]:
    """Return the findings by kind; those that say the same of several places are told once."""
    by_kind: dict[str, dict[tuple[str, str], list[str]]] = {}
    for one in found:
        same = by_kind.setdefault(kind_of(one.finding), {})
        same.setdefault(message_and_remedy(one.finding, language), []).append(one.place.said(language))
    return [
        {
            "severity": kind,
            "heading": form(kind, language),
            "means": form(f"{kind}_means", language),
            "count": number(sum(len(places) for places in by_kind[kind].values()), language=language),
            "findings": [
                {"message": message, "remedy": remedy, **_where(places, language)}
                for (message, remedy), places in by_kind[kind].items()
            ],
        }
        for kind in KINDS
        if kind in by_kind
    ]


def _where(places: Sequence[str], language: Language) -> dict[str, Any]:
    beyond = len(places) - _MOST_PLACES
    if beyond <= 1:
        return {"where": list(places)}
    return {
        "where": places[:_MOST_PLACES],
        "more": form("page_and_more", language, count=number(beyond, language=language)),
    }
