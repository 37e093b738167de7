"""The words of messages to the sources, in both languages; they stand in config/messages.yaml, under `letters`."""

from __future__ import annotations

from config import Language
from expectations.messages import catalogue


def text(key: str, language: Language, **values: object) -> str:
    """Return a text in a language with its gaps filled."""
    said = catalogue().letters[key].text(language)
    return said.format(**values) if values else said


def points(n: int, questions: int, language: Language) -> str:
    """Return how many points there are to mend and questions to answer, in words."""
    asked = [text(f"questions_{questions if questions < 2 else 'n'}", language, n=questions)] if questions else []
    to_mend = [text(f"points_{n if n < 2 else 'n'}", language, n=n)] if n or not asked else []
    return ", ".join([*to_mend, *asked])
