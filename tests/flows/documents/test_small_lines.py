"""The small line beside a figure: drawn of the cycles before and this one, and said in words."""

from __future__ import annotations

import re

import polars as pl
import pytest

from flows.core.wording import number
from flows.documents.page import render
from flows.documents.page.small_lines import small_line
from tests.support.report_page import CONFIG, CYCLE, row_of
from tests.support.report_tables import figures, tables
from transforms.series import over_cycles


def points(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (place.split(",") for place in run.split())]
        for run in re.findall(r'points="([^"]+)"', svg)
    ]


def test_a_line_goes_up_where_the_values_do_and_stays_in_its_frame() -> None:
    line = small_line({5: 4.0, 3: 1.0, 4: 3.0}, number)
    assert line
    ((first, second, third),) = points(line.svg)
    assert first[0] < second[0] < third[0]
    assert first[1] > second[1] > third[1]
    assert all(0 < x < 72 and 0 < y < 18 for x, y in (first, second, third))
    assert (line.short, line.spoken) == ("cycles 3–5", "1 in cycle 3, 3 in cycle 4, 4 in cycle 5")


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    line = small_line({3: 1.0, 4: 2.0, 5: None, 7: 4.0}, lambda value: "" if value is None else number(value))
    assert line
    assert [len(run) for run in points(line.svg)] == [2]
    # the value that stands alone, and the last one
    assert len(set(re.findall(r"<circle[^>]+>", line.svg))) == 1
    assert line.spoken == "1 in cycle 3, 2 in cycle 4, no value in cycle 5, no value in cycle 6, 4 in cycle 7"


def test_what_never_changes_is_level_and_one_value_is_no_line() -> None:
    line = small_line({4: 2.0, 5: 2.0}, number)
    assert line
    assert {y for _, y in points(line.svg)[0]} == {9.0}
    assert small_line({4: None, 5: 2.0}, number) is None
    assert small_line({}, number) is None


@pytest.mark.slow
def test_the_page_draws_the_cycles_before_beside_a_figure() -> None:
    earlier = CONFIG.cycle(4)
    then = figures().with_columns(pl.col("value") - 1)
    series = over_cycles([(earlier, "r001", then)], CONFIG.figures)
    html = render(CONFIG, CYCLE, "final", [], tables(), earlier=series)
    killed = row_of(html, "Peacekeepers killed by malicious acts")
    assert "cycles 4–5 : 195 in cycle 4, 196 in cycle 5" in killed
    # of a year, which has another name in each cycle
    assert re.search(
        r"\d+ in cycle 4, \d+ in cycle 5", row_of(html, "Allegations of sexual exploitation and abuse, 2023")
    )
    share = row_of(html, "Share of deaths by malicious acts")
    assert re.search(r"\d+% in cycle 4, \d+% in cycle 5", share)
    assert 'aria-hidden="true" focusable="false"' in html
    assert "in cycle 4," not in render(CONFIG, CYCLE, "final", [], tables())
