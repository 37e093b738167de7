"""What the command line says of a draft whose linked numbers were renewed."""

from __future__ import annotations

from rich.table import Table

from flows.core import terminal
from flows.core.canonical import as_json
from flows.releases.filling import Filled, Number


def of_filled(filled: Filled, cycle: int) -> str:
    """Return what changed, and what could not be renewed and why."""
    changed, left = filled.changed, filled.left
    same = len(filled.numbers) - len(changed) - len(left)
    parts: list[str | Table] = [
        f"{len(filled.numbers)} linked number{_s(len(filled.numbers))}, by release {filled.release} of cycle {cycle}: "
        f"{len(changed)} changed, {same} stayed, {len(left)} could not be renewed."
    ]
    if changed:
        rows = [(_title(one), one.mission, one.old.strip(), one.new.strip()) for one in changed]
        parts += ["", terminal.table(("Changed", "Mission", "Was", "Is"), rows, ("Was", "Is"))]
    if left:
        rows = [(_title(one), one.mission, one.old.strip(), one.why) for one in left]
        parts += [
            "",
            terminal.table(("Could not be renewed", "Mission", "Stands there", "Why"), rows, ("Stands there",)),
        ]
    return terminal.page(*parts)


def of_filled_json(filled: Filled) -> str:
    """Return all of it as JSON."""
    numbers = [
        {
            "figure": one.name, "title": one.title, "mission": one.mission, "was": one.old, "is": one.new,
            "value": one.value, "changed": one.changed, "why_not": one.why or None, "tag": one.tag,
        }
        for one in filled.numbers
    ]  # fmt: skip
    return as_json({"release": filled.release, "numbers": numbers}).decode()


def _title(one: Number) -> str:
    return one.title or one.name or one.tag


def _s(many: int) -> str:
    return "" if many == 1 else "s"
