"""compose.yaml and Containerfile as the tests read them: variables put in, anchors resolved, one service at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\})")


def resolved(text: str, given: Mapping[str, str]) -> str:
    """Put in variables as compose does: ${NAME}, ${NAME:-default}, ${NAME:?what is missing}, $$."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        name, how, said = found[1], found[2] or "", found[3] or ""
        if given.get(name):
            return given[name]
        if "?" in how:
            raise KeyError(f"{name}: {said}")
        return said

    return _VARIABLE.sub(value, text)


def compose(given: Mapping[str, str]) -> dict[str, Any]:
    """Return compose.yaml with the variables put in. Raises KeyError for one that must be given."""

    def put_in(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: put_in(value) for key, value in part.items()}
        if isinstance(part, list):
            return [put_in(one) for one in part]
        return resolved(part, given) if isinstance(part, str) else part

    document: dict[str, Any] = put_in(yaml.safe_load((TOP / "compose.yaml").read_text(encoding="utf-8")))
    return document


def environment(service: Mapping[str, Any]) -> dict[str, str]:
    """Return what a service sets; a variable that is empty there is one that nobody set."""
    return {name: str(value) for name, value in service.get("environment", {}).items()}


def instructions() -> list[tuple[str, str]]:
    """Return the Containerfile's instructions, such as ('COPY', 'flows ./flows')."""
    text = (TOP / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in text.splitlines() if line.strip()
    ]
