"""What a release can prove: each figure and column of cells that has words, with its values and where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from config import Config, Cycle
from config.overrides import WHOLE
from config.proof import CellWording, Wording
from flows.releases.proof.words import words
from transforms.figures import former_names

MISSION = "mission"
# words of a title that name nothing
_NAMELESS = (
    "a an and of the by to in on at for with who that other than as its their those were was "
    "are is de des du la le les d l et en aux au par sur dans un une ayant ont or pour"
)
_SMALL = frozenset(_NAMELESS.split())
_YEAR = re.compile(r"\s*,?\s*\{year\}")


@dataclass(frozen=True)
class Value:
    """What the release knows of one thing: its number and the one before, as they are and as shown, and of which days.

    status: as SDMX has it; Q is suppressed. earlier: what earlier releases said, by their names.
    """

    value: float | None
    shown: float | None = None
    status: str = "A"
    previous: float | None = None
    previous_shown: float | None = None
    window: str | None = None
    start: date | None = None
    end: date | None = None
    previous_start: date | None = None
    previous_end: date | None = None
    earlier: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Measure:
    """A figure, or a column of cells: its words, and its values by those of `by`, of which mission is one.

    values: by the values of `by` in that order, WHOLE and '' standing for all of them.
    """

    name: str
    kind: str
    title: str
    unit: str
    wording: Wording
    by: tuple[str, ...]
    values: Mapping[tuple[str, ...], Value] = field(repr=False)
    table: str = "figures"
    column: str = "value"
    from_title: tuple[str, ...] = ()

    @property
    def missions(self) -> frozenset[str]:
        """The missions of which there is a value."""
        if MISSION not in self.by:
            return frozenset()
        at = self.by.index(MISSION)
        return frozenset(key[at] for key in self.values)

    def of_values(self, dimension: str) -> tuple[str, ...]:
        """Return the values that a dimension has."""
        at = self.by.index(dimension)
        return tuple(sorted({key[at] for key in self.values} - {"", WHOLE}))


def measures(
    config: Config,
    cycle: Cycle,
    tables: Mapping[str, pl.DataFrame],
    earlier: Sequence[tuple[str, pl.DataFrame]] = (),
) -> tuple[Measure, ...]:
    """Return what a release can prove.

    In: the tables of the release by name, `figures` among them; the figures of earlier releases of the cycle, by what
    these are called.
    """
    former = set(former_names(config.figures, cycle, ever=True).values())
    return (*_figures(config, cycle, tables["figures"], former, earlier), *_cells(config, tables))


def _figures(
    config: Config,
    cycle: Cycle,
    figures: pl.DataFrame,
    former: set[str],
    earlier: Sequence[tuple[str, pl.DataFrame]],
) -> list[Measure]:
    said: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for name, frame in earlier:
        for row in frame.iter_rows(named=True):
            if row["value"] is not None:
                number = row.get("unrounded")
                said.setdefault((row["figure"], row["mission"]), []).append(
                    (name, row["value"] if number is None else number)
                )
    found = []
    for (name,), rows in figures.group_by("figure", maintain_order=True):
        figure = str(name)
        definition = config.figures.get(figure)
        if figure in former and definition is None:
            # the same under the name that it had
            continue
        titles = definition.title.of_year(cycle.last_calendar_year) if definition else None
        plain_titles = (
            [_YEAR.sub("", text) for text in (definition.title.en, definition.title.fr) if text] if definition else []
        )
        by_words = tuple(filter(None, map(_as_phrase, plain_titles or [figure.replace("_", " ")])))
        wording = config.proof.figures.get(figure) or Wording(said=by_words or (figure.replace("_", " "),))
        values: dict[tuple[str, ...], Value] = {
            (row["mission"],): _value(row, tuple(said.get((figure, row["mission"]), ())))
            for row in rows.iter_rows(named=True)
        }
        title = titles.en if titles else figure.replace("_", " ")
        found.append(
            Measure(figure, "figure", title, rows["unit"][0], wording, (MISSION,), values, from_title=by_words)
        )
    return found


def _as_phrase(title: str) -> str:
    return " ".join(word for word in words(title).split() if word not in _SMALL and len(word) > 1)


def _value(row: Mapping[str, Any], earlier: tuple[tuple[str, float], ...]) -> Value:
    def unrounded(shown: str, more: str) -> float | None:
        known = row.get(more)
        return row[shown] if known is None else float(known)

    runs_on = row.get("window") in ("since", "snapshot")
    return Value(
        value=unrounded("value", "unrounded") if row["value"] is not None else None,
        shown=row["value"] if row.get("unrounded") is None else None,
        status=row["obs_status"],
        previous=unrounded("previous", "previous_unrounded") if row["previous"] is not None else None,
        previous_shown=row["previous"],
        window=row.get("window"),
        start=row.get("window_start"),
        end=row["as_of"] if runs_on else row.get("window_end"),
        previous_start=row.get("previous_start"),
        previous_end=row.get("previous_end"),
        earlier=earlier,
    )


def _cells(config: Config, tables: Mapping[str, pl.DataFrame]) -> list[Measure]:
    found = []
    for name, wording in config.proof.cells.items():
        table = tables.get(wording.table)
        if table is None or not {wording.column, *wording.by, *wording.where} <= set(table.columns):
            # it is left out of this release, or not yet in it
            continue
        title = f"{wording.table.replace('_', ' ')}: {wording.column.replace('_', ' ')}"
        found.append(
            Measure(
                name, "cell", title, wording.unit, wording, wording.by, _values(table, wording), wording.table,
                wording.column,
            )
        )  # fmt: skip
    return found


def _values(table: pl.DataFrame, wording: CellWording) -> dict[tuple[str, ...], Value]:
    for column, wanted in wording.where.items():
        table = table.filter(pl.col(column).cast(pl.String).str.to_lowercase() == wanted.lower())
    values: dict[tuple[str, ...], Value] = {}
    counted: dict[tuple[str, ...], list[tuple[float | None, float | None, str]]] = {}
    for row in table.iter_rows(named=True):
        key = tuple("" if row[one] is None else str(row[one]) for one in wording.by)
        status = row.get(f"{wording.column}_obs_status") or ("A" if row[wording.column] is not None else "O")
        previous = row[wording.previous] if wording.previous else None
        for shape in _shapes(key) if wording.adds_up else [key]:
            counted.setdefault(shape, []).append((row[wording.column], previous, status))
    for key, rows in counted.items():
        if len(rows) == 1:
            value, previous, status = rows[0]
            values[key] = Value(value, status=status, previous=previous, previous_shown=previous)
        elif wording.adds_up:
            suppressed = [status for value, _, status in rows if value is None and status == "Q"]
            total = None if suppressed else float(sum(value for value, _, _ in rows if value is not None))
            values[key] = Value(total, status="O" if suppressed else "A")
    return values


def _shapes(key: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return a key with each choice of its parts taken for all."""
    shapes: list[tuple[str, ...]] = [()]
    for part in key:
        shapes = [(*shape, choice) for shape in shapes for choice in {part, ""}]
    return shapes
