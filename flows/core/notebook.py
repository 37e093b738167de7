"""How something is shown where Python is written line by line: one line of text, or a little HTML in a notebook.

What is shown may be kept in a notebook and passed on: no value of a source's cell stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from flows.core import visible

_MOST_ROWS = 20


def line(what: str, *facts: object) -> str:
    """Return one line that says what something is, and the facts that there are."""
    said = ", ".join(str(fact) for fact in facts if fact not in {None, ""})
    return f"<{visible.in_line(f'{what}: {said}' if said else what)}>"


def html(title: str, facts: Mapping[str, object], *more: str) -> str:
    """Return HTML with a title, facts by their names but those that are None, and more HTML (`table`) below."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{_text(name)}</th><td style='text-align:left'>{_text(fact)}</td></tr>"
        for name, fact in facts.items()
        if fact is not None
    )
    return f"<div><strong>{_text(title)}</strong>{f'<table>{rows}</table>' if rows else ''}{''.join(more)}</div>"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as an HTML table, the first of them where there are many; nothing where there are none."""
    every = list(rows)
    if not every:
        return ""
    head = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in every[:_MOST_ROWS])
    rest = f"<p>… and {len(every) - _MOST_ROWS:,} more</p>" if len(every) > _MOST_ROWS else ""
    return f"<table><tr>{head}</tr>{body}</table>{rest}"


def _text(fact: object) -> str:
    return escape(visible.in_line("" if fact is None else str(fact)))
