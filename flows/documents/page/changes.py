"""The page of what changed from one release to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config import Config, Cycle
from flows.core.wording import number
from flows.documents.page.templates import dressed, template
from transforms.rounding import decimals_shown


def page_of_changes(document: Mapping[str, Any], config: Config, cycle: Cycle) -> str:
    """Return what changed as a page of HTML that opens offline."""
    return template("changes.html.j2").render(
        **dressed(),
        document=document,
        cycle=cycle,
        number=lambda value: "–" if value is None else number(value, _decimals(value)),
        title=lambda figure: _title(figure, config, cycle),
    )


def _title(figure: str, config: Config, cycle: Cycle) -> str:
    return config.figures[figure].title.of_year(cycle.last_calendar_year).en if figure in config.figures else figure


def _decimals(value: float) -> int:
    return decimals_shown(value, 0 if float(value).is_integer() else 1, "percent")
