"""What a section shows: a table of lines and columns with its notes, and the marks that it must reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table

NONE = "–"
Line = tuple[str, list[str]]


@dataclass(frozen=True)
class Mark:
    """What must be reached: what was measured, whether it is; where not, `where` says where the time goes."""

    what: str
    measured: str
    must: str
    reached: bool
    where: str = ""


@dataclass(frozen=True)
class Page:
    """A section's table: lines in groups that belong together, a cell a column."""

    title: str
    columns: Sequence[str]
    groups: Sequence[Sequence[Line]]
    notes: Sequence[str] = ()
    marks: Sequence[Mark] = field(default=())


def printed(page: Page) -> None:
    """Print a page for the terminal."""
    print(page.title)
    _print(["", *page.columns], [[[name, *cells] for name, cells in group] for group in page.groups])
    print(*page.notes, sep="\n")
    if page.marks:
        print()
        _print(_MARKS, [[_mark(mark) for mark in page.marks]])
        print(*_missed(page.marks), sep="\n")


def markdown(pages: Iterable[tuple[Page, str]]) -> str:
    """Return pages as one Markdown text, the marks of all of them first; each page comes with how it was measured."""
    pages = list(pages)
    marks = [mark for page, _ in pages for mark in page.marks]
    parts = [
        "# What the pipeline takes",
        "Made by `make bench`; medians, ratios of medians that were measured in turn.",
    ]
    if marks:
        parts += [_table(_MARKS, [_mark(mark) for mark in marks]), *_missed(marks)]
    for page, how in pages:
        rows = [[name, *cells] for group in page.groups for name, cells in group]
        parts += [f"## {page.title}", how, _table(["", *page.columns], rows), "\n".join(page.notes)]
    return "\n\n".join([part for part in parts if part] + [""])


def seconds(value: float) -> str:
    """Return seconds as they are shown."""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"


def where_time_goes(parts: dict[str, float]) -> str:
    """Say the seconds of the largest parts."""
    largest = sorted(parts.items(), key=lambda part: -part[1])[:5]
    return "the time goes into " + ", ".join(f"{name} {seconds(value)} s" for name, value in largest)


_MARKS = ("mark", "measured", "must be", "")


def _mark(mark: Mark) -> list[str]:
    return [mark.what, mark.measured, mark.must, "reached" if mark.reached else "MISSED"]


def _missed(marks: Iterable[Mark]) -> list[str]:
    return [f"Missed: {mark.what}: {mark.where}." for mark in marks if not mark.reached and mark.where]


def _print(header: Sequence[str], groups: Sequence[Sequence[Sequence[str]]]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(header):
        table.add_column(column, justify="right" if number else "left")
    for group in groups:
        for cells in group:
            table.add_row(*cells)
        table.add_section()
    width = None if Console().is_terminal else 200
    Console(highlight=False, width=width).print(table)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        f"| {' | '.join(header)} |",
        f"|---|{'--:|' * (len(header) - 1)}",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]
    return "\n".join(lines)
