"""Charts on the page: plain Vega-Lite, rendered to SVG that stands on its own.

Every size is fixed and no label is measured, so that the SVG does not depend on the fonts of the machine; its text
takes the font of the page. A chart carries its numbers along as a small table.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from flows.core import wording
from flows.core.wording import number
from flows.documents.charts import (
    BLUE,
    GRID,
    INK,
    MUTED,
    Bars,
    Beside,
    Chart,
    Columns,
    Line,
    Lines,
    Rows,
    Way,
    Ways,
    on,
)
from transforms.rounding import rounded

Spec = dict[str, Any]

_CONFIG: Spec = {
    "aria": False,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "labelColor": MUTED,
        "labelPadding": 6,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "title": None,
        "minExtent": 0,
        "maxExtent": 0,
    },
    "text": {"fontSize": 12, "color": INK},
}


@dataclass(frozen=True)
class Panel:
    """One drawing of a chart; a chart of small multiples has several, each with a title."""

    svg: Markup
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart as it stands on the page."""

    chart: Chart
    panels: tuple[Panel, ...]
    kind: str = "chart"


def picture(chart: Chart) -> Picture:
    """Draw a chart."""
    match chart.drawing:
        case Columns(bars, unit):
            return Picture(chart, (_columns(chart, bars, unit),))
        case Rows():
            return Picture(chart, (_rows(chart, chart.drawing),))
        case Ways(ways):
            return Picture(chart, tuple(map(_steps, ways)))
        case Lines():
            return Picture(chart, tuple(_line(line, chart.drawing) for line in chart.drawing.lines))
        case Beside():
            raise ValueError(f"{chart.id}: the page draws no bars beside each other.")


def _segments(bars: Bars) -> list[Spec]:
    """Return each coloured piece of each bar with where it begins and ends."""
    pieces = []
    for category in bars.categories:
        start = 0.0
        for name, series in bars.series.items():
            value = bars.at(category, name)
            if value:
                piece: Spec = {"category": bars.label(category), "colour": series.colour, "ink": on(series.colour)}
                piece |= {"from": start, "to": start + value, "mid": start + value / 2, "label": number(value)}
                pieces.append(piece)
            start += value
    return pieces


def _columns(chart: Chart, bars: Bars, unit: str) -> Panel:
    """Draw upright bars, stacked where there are several series, with each total above its bar."""
    width, height = 390, 210
    if unit:
        known = {key: value for key, value in bars.values.items() if value is not None}
        bars = replace(bars, values={key: rounded(value, 0, unit) for key, value in known.items()})
    labels = [bars.label(category) for category in bars.categories]
    every = -(-len(labels) // 12)  # more than twelve labels would run into each other
    shown = [label for at, label in enumerate(reversed(labels)) if at % every == 0]
    totals = [
        {"category": bars.label(bar), "to": bars.total(bar), "label": wording.shown(bars.total(bar), 0, unit)}
        for bar in bars.categories
    ]
    x = {
        "field": "category",
        "type": "nominal",
        "scale": {"domain": labels, "paddingInner": 0.28, "paddingOuter": 0.14},
        "axis": {"values": shown[::-1], "labelAngle": 0, "labelOverlap": False},
    }
    sign = "%" if unit == "percent" else ""
    axis = {"tickCount": 4, "grid": True, "format": ",d", "labelExpr": f"datum.label + '{sign}'"}
    layers: list[Spec] = [
        {
            "data": {"values": _segments(bars)},
            "mark": {"type": "bar"},
            "encoding": {
                "x": x,
                "y": {"field": "from", "type": "quantitative", "axis": axis},
                "y2": {"field": "to"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": totals},
            "mark": {
                "type": "text",
                "baseline": "bottom",
                "dy": -4,
                "fontWeight": 600,
                "fontSize": 12 if every == 1 else 11,
            },
            "encoding": {
                "x": x,
                "y": {"field": "to", "type": "quantitative", "axis": axis},
                "text": {"field": "label", "type": "nominal"},
            },
        },
    ]
    padding = {"left": 40, "right": 6, "top": 18, "bottom": 26}
    return Panel(
        _draw(chart.id, chart.title, chart.spoken, {"layer": layers, "width": width, "height": height}, padding)
    )


def _rows(chart: Chart, drawing: Rows) -> Panel:
    """Draw lying bars, stacked where there are several series, with counts inside and the total behind each bar."""
    bars, label_width, total_width = drawing.bars, drawing.label_width, drawing.total_width
    width, height = 436 - total_width - label_width, 30 * len(bars.categories)
    longest = max((bars.total(one) for one in bars.categories), default=0) or 1
    several = len(bars.series) > 1
    totals = [
        {"category": bars.label(bar), "to": bars.total(bar), "label": number(bars.total(bar))}
        for bar in bars.categories
    ]
    # a count is written into its piece only where the piece is wide enough for it
    roomy = [
        piece
        for piece in _segments(bars)
        if (piece["to"] - piece["from"]) / longest * width > 5 + 8 * len(piece["label"])
    ]
    y = {
        "field": "category",
        "type": "nominal",
        "scale": {"domain": list(map(bars.label, bars.categories)), "paddingInner": 0.3, "paddingOuter": 0.15},
        "axis": {"labelLimit": 0, "labelColor": INK},
    }
    x = {"type": "quantitative", "scale": {"domain": [0, longest]}, "axis": None}
    words = {"text": {"field": "label", "type": "nominal"}}
    layers: list[Spec] = [
        {
            "data": {"values": _segments(bars)},
            "mark": {"type": "bar"},
            "encoding": {
                "y": y,
                "x": {"field": "from", **x},
                "x2": {"field": "to"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": totals},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 5, "fontWeight": 600},
            "encoding": {"y": y, "x": {"field": "to", **x}, **words},
        },
    ]
    if several and roomy:
        layers.append(
            {
                "data": {"values": roomy},
                "mark": {"type": "text", "baseline": "middle"},
                "encoding": {
                    "y": y,
                    "x": {"field": "mid", **x},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                    **words,
                },
            }
        )
    padding = {"left": label_width, "right": total_width, "top": 2, "bottom": 2}
    return Panel(
        _draw(chart.id, chart.title, chart.spoken, {"layer": layers, "width": width, "height": height}, padding)
    )


def _steps(way: Way) -> Panel:
    """Draw the steps of a way, each a bar with its number behind it and words under it."""
    of = way.steps
    spoken = "; ".join(f"{label} {number(value)}" + (f", {words}" if words else "") for label, value, words in of)
    label_width, total_width, step, thick = 84, 44, 46, 20
    width, height = 436 - total_width - label_width, step * len(of) - (step - thick)
    longest = max((value for _, value, _ in of), default=0) or 1
    values = [{"step": label, "value": value, "label": number(value), "words": words} for label, value, words in of]
    y = {
        "field": "step",
        "type": "nominal",
        "scale": {"domain": [label for label, _, _ in of], "paddingInner": 1 - thick / step, "paddingOuter": 0},
        "axis": {"labelLimit": 0, "labelColor": INK},
    }
    x = {"type": "quantitative", "scale": {"domain": [0, longest]}, "axis": None}
    end = {"y": y, "x": {"field": "value", **x}}
    behind = {"type": "text", "align": "left", "baseline": "middle", "dx": 5, "fontWeight": 600}
    under = {"type": "text", "align": "left", "baseline": "middle", "dy": thick / 2 + 9, "color": MUTED}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": way.colour}, "encoding": end},
        {"mark": behind, "encoding": {**end, "text": {"field": "label", "type": "nominal"}}},
        {"mark": under, "encoding": {"y": y, "x": {"datum": 0, **x}, "text": {"field": "words", "type": "nominal"}}},
    ]
    spec = {"data": {"values": values}, "layer": layers, "width": width, "height": height}
    padding = {"left": label_width, "right": total_width, "top": 2, "bottom": 18}
    return Panel(_draw(way.id, way.title, spoken + ".", spec, padding), way.title)


def _line(line: Line, drawing: Lines) -> Panel:
    """Draw a share over time against its target, with the last value of each written.

    Time is in years with decimals, so that no time zone comes into it.
    """
    width, height = 150, 110
    share, target, span, top = line.share, line.target, drawing.span, drawing.top
    years = list(range(math.ceil(span[0]), math.floor(span[1]) + 1))
    x = {
        "field": "year",
        "type": "quantitative",
        "scale": {"domain": list(span), "nice": False, "zero": False},
        "axis": {"values": years[:: -(-len(years) // 4) or 1], "format": "d", "grid": False, "labelOverlap": False},
    }
    axis = {"tickCount": 4, "grid": True, "format": ",d", "labelExpr": "datum.label + '%'"}
    y = {"type": "quantitative", "scale": {"domain": [0, top], "nice": True}, "axis": axis}
    few = len(share) <= 3
    layers: list[Spec] = []
    for series, mark in (
        (target, {"type": "line", "color": INK, "strokeDash": [4, 3], "strokeWidth": 1.5, "interpolate": "step-after"}),
        (
            share,
            {"type": "line", "color": BLUE, "strokeWidth": 2.5, "point": {"color": BLUE, "size": 30} if few else False},
        ),
    ):
        if series:
            values = [{"year": at, "pct": value} for at, value in series]
            encoding = {"x": x, "y": {"field": "pct", **y}}
            layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    ends = [(series[-1], colour) for series, colour in ((share, BLUE), (target, INK)) if series]
    apart = _apart([end[1] for end, _ in ends], smallest=top * 13 / height)
    for (end, colour), at in zip(ends, apart, strict=True):
        layers.append(
            {
                "data": {"values": [{"year": end[0], "pct": at, "label": wording.shown(end[1], 1, "percent")}]},
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "middle",
                    "dx": 5,
                    "color": colour,
                    "fontWeight": 600,
                },
                "encoding": {"x": x, "y": {"field": "pct", **y}, "text": {"field": "label", "type": "nominal"}},
            }
        )
    padding = {"left": 34, "right": 46, "top": 8, "bottom": 26}
    spec = {"layer": layers, "width": width, "height": height}
    return Panel(_draw(line.id, line.title, line.spoken, spec, padding), line.title)


def _apart(heights: Sequence[float], smallest: float) -> list[float]:
    """Move two labels from each other where they would overlap."""
    if len(heights) < 2 or abs(heights[0] - heights[1]) >= smallest:
        return list(heights)
    middle, side = sum(heights) / 2, 1 if heights[0] > heights[1] else -1
    return [middle + side * smallest / 2, middle - side * smallest / 2]


def _draw(chart: str, title: str, description: str, spec: Spec, padding: Spec) -> Markup:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": _CONFIG,
        "autosize": "none",
        "padding": padding,
        **spec,
    }
    return _stand_alone(_drawn(json.dumps(whole)), chart, title, description)


@lru_cache(maxsize=256)
def _drawn(spec: str) -> str:
    """Return the SVG of a specification; each edition of a release has the same charts."""
    import vl_convert  # 0.5 s until the first drawing, so only where there is one

    # of a text it reads some numbers otherwise in their last digit
    return str(vl_convert.vegalite_to_svg(json.loads(spec), allowed_base_urls=[]))


def _stand_alone(svg: str, chart: str, title: str, description: str) -> Markup:
    """Give an SVG a title, a description, the page's font and ids of its own.

    Vega numbers its ids on and on within a process, so they are counted anew here: two charts on a page never share
    one, and the same chart is the same text every time.
    """
    start, body = re.match(r"<svg[^>]*>", svg), re.sub(r"^<svg[^>]*>|</svg>\s*$", "", svg)
    assert start is not None
    size = re.search(r'viewBox="0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)"', start[0])
    assert size is not None
    width, height = size[1], size[2]
    body = re.sub(r' font-family="[^"]*"', "", body)
    for at, old in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', body)), start=1):
        body = re.sub(rf'(\bid="|url\([\'"]?#|href="#){re.escape(old)}(?=["\')])', rf"\g<1>{chart}-part-{at}", body)
    # Vega escapes the texts in the body; ours are escaped here
    return Markup(  # noqa: S704 # nosec B704
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="{chart}-title {chart}-desc">'
        f'<title id="{chart}-title">{escape(title)}</title><desc id="{chart}-desc">{escape(description)}</desc>'
        f"{body}</svg>"
    )
