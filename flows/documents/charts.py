"""What a chart is: its words, numbers and colours. The page draws it as SVG, the workbook as a chart of Excel's own.

A chart is defined where its section is (`flows/documents/page/priorities`), and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flows.core.wording import listed, number, shown

INK, MUTED, GRID = "#1b2a38", "#4d5b68", "#dde3e8"
BLUE, DEEP, PALE, RED, AMBER, GREY = "#0a7fb8", "#0b4f7d", "#8cc7e6", "#b8431f", "#e3a72f", "#98a4ae"
CAUSES = {
    "Malicious Act": RED,
    "Illness": BLUE,
    "Accident": AMBER,
    "Self-Inflicted": "#5a4a8a",
    "To Be Determined": GREY,
    "Unknown": "#c9d0d6",
}
ORDNANCE = {"exploded": RED, "removed_by_mission": BLUE, "removed_by_others": PALE}
HOSPITALS = {"1+": PALE, "2": "#3f9bcc", "3": DEEP}
GENDERS = {"women": "#5a4a8a", "uniformed women": "#a99bd0", "men": GREY, "uniformed men": "#d3d9de"}
INCIDENT_YEARS = {
    "current": DEEP,
    "previous": "#3f9bcc",
    "other": "#a9d5ec",
    "unknown": "#c9d0d6",
    "suppressed": "#efe3c8",
}
# seven steps, worst to best: told apart by lightness as well as by hue
SCALE = ("#8f2d10", "#cf6a3a", "#efb58f", "#d5dbe0", "#9fcfe8", "#3f9bcc", "#0b4f7d")

Category = str | int


@dataclass(frozen=True)
class Series:
    """What one colour of a chart stands for."""

    name: str
    colour: str


@dataclass(frozen=True)
class Bars:
    """Numbers by category (one a bar, in order) and series (one a colour, in stacking order).

    `labels` are written on the page where they say more than the category: `2024*` for a year that goes on.
    """

    categories: Sequence[Category]
    series: Mapping[str, Series]
    values: Mapping[tuple[Category, str], float | None]
    labels: Mapping[Category, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the series."""
        return tuple(series.name for series in self.series.values())

    @property
    def colours(self) -> tuple[str, ...]:
        """The colours of the series."""
        return tuple(series.colour for series in self.series.values())

    def label(self, category: Category) -> str:
        """Return what is written for a category."""
        return self.labels.get(category, str(category))

    def at(self, category: Category, series: str) -> float:
        """Return a number; one that is not there is a zero."""
        return self.values.get((category, series)) or 0

    def total(self, category: Category) -> float:
        """Return the length of a whole bar."""
        return sum(self.at(category, series) for series in self.series)

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Return the numbers as rows of text: category, each series, and the total of several series."""
        several = len(self.series) > 1
        return tuple(
            (
                self.label(category),
                *(number(self.at(category, series)) for series in self.series),
                *([number(self.total(category))] if several else []),
            )
            for category in self.categories
        )

    def in_words(self, unit: str = "") -> str:
        """Return the length of each bar in words: `MINUSCA 3, UNMISS 5 and UNTSO 1`."""
        return listed([f"{self.label(bar)} {shown(self.total(bar), 0, unit)}" for bar in self.categories])

    def parts_in_words(self, of: Callable[[str], str]) -> str:
        """Return what each bar is made of, in words; `of` says what a series is called after its number."""
        return "; ".join(
            f"{self.label(bar)}: "
            + listed([f"{number(self.at(bar, part))} {of(part)}" for part in self.series if self.at(bar, part)])
            for bar in self.categories
        )


@dataclass(frozen=True)
class Columns:
    """Upright bars. A chart in percent is drawn as it is written, in whole ones."""

    bars: Bars
    unit: str = ""


@dataclass(frozen=True)
class Rows:
    """Lying bars, with so much room for the labels and the totals on the page."""

    bars: Bars
    label_width: int = 130
    total_width: int = 44


@dataclass(frozen=True)
class Beside:
    """Upright bars, those of a category beside each other; the workbook alone draws them."""

    bars: Bars


@dataclass(frozen=True)
class Way:
    """Steps of a way, the first one first: what each is called, its number, and words under it."""

    id: str
    title: str
    steps: Sequence[tuple[str, float, str]]
    colour: str


@dataclass(frozen=True)
class Ways:
    """Ways whose steps are bars."""

    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Line:
    """A share over time against its target, both in percent by year with decimals; and the same in words."""

    id: str
    title: str
    spoken: str
    share: Sequence[tuple[float, float]]
    target: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Lines:
    """Shares over the same time, each drawn by itself; the page alone draws them."""

    lines: tuple[Line, ...]
    span: tuple[float, float]
    top: float


@dataclass(frozen=True)
class Alone:
    """What a chart says in the workbook, where it stands by itself: its title, and words before and after its source.

    `table` is the curated table that it is made from. Where its numbers stand there row by row, in the columns
    `reads` (of the category, then of each series), Excel's chart reads them there; else they get a block of their own.
    `decimals` are those of a chart in percent.
    """

    title: str
    table: str
    before: str = ""
    after: str = ""
    reads: tuple[str, ...] = ()
    decimals: int | None = None


@dataclass(frozen=True)
class Chart:
    """A chart with all that is said around it.

    `spoken` is the chart in words, for those who do not see it. `heading` stands above the categories in the table of
    its numbers, `total` above the totals; `columns` and `rows` are that table, where it is another than that of the
    bars. A chart of one series that needs no name is `plain`: it has no legend. `alone` is what it says in the
    workbook; without it the page alone has it.
    """

    id: str
    title: str
    subtitle: str
    drawing: Columns | Rows | Beside | Ways | Lines
    source: str
    heading: str
    spoken: str = ""
    total: str = "All"
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    data_note: str = ""
    plain: bool = False
    alone: Alone | None = None

    @property
    def bars(self) -> Bars:
        """Its numbers as bars; the steps of several ways are bars of one colour."""
        match self.drawing:
            case Columns(bars) | Rows(bars) | Beside(bars):
                return bars
            case Ways(ways):
                steps = {f"{way.title} {name.lower()}": value for way in ways for name, value, _ in way.steps}
                series = {"number": Series("Number", ways[-1].colour)}
                return Bars(list(steps), series, {(name, "number"): value for name, value in steps.items()})
            case Lines():
                return Bars((), {}, {})

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """What its colours mean: name and colour, `dashed` for a dashed line."""
        match self.drawing:
            case Lines():
                return (("Share of women", BLUE), ("Target", "dashed"))
            case Ways():
                return ()
        return () if self.plain else tuple(zip(self.bars.names, self.bars.colours, strict=True))

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the table of its numbers."""
        several = (self.total,) if len(self.bars.series) > 1 else ()
        return self.columns or (self.heading, *self.bars.names, *several)

    @property
    def numbers(self) -> tuple[tuple[str, ...], ...]:
        """The rows of that table."""
        return self.rows or self.bars.table()


def on(colour: str) -> str:
    """Return the colour of text that is read on another one."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else INK
