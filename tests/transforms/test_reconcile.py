import polars as pl
import pytest

from config import PublishedFigure
from tests.transforms.frames import CONFIG, CYCLE, figure_rows
from transforms.reconcile import reconcile


def figures(**values: tuple[float | None, float | None, str]) -> pl.DataFrame:
    """A release's figures: name = (value, previous, unit); a mission stands behind two underscores."""
    rows = [
        (5, name.split("__")[0], name.split("__")[1] if "__" in name else "ALL", value, unit, previous, None, None,
         "A" if value is not None else "O", "s")
        for name, (value, previous, unit) in values.items()
    ]  # fmt: skip
    return figure_rows(rows)


def verdict(released: pl.DataFrame, **printed: object) -> tuple[str, str]:
    published = PublishedFigure.model_validate({"unit": "people", **printed})
    row = reconcile([published], released, CYCLE, CONFIG.cycles).row(0, named=True)
    return row["verdict"], row["reason"]


@pytest.mark.parametrize(
    ("printed", "value", "expected"),
    [
        ("914", 914, "equal"),
        ("460000", 459_950, "rounded"),
        ("460000", 464_999, "rounded"),
        ("460000", 470_000, "contradicts"),
        ("914", 915, "contradicts"),
        ("0", 0, "equal"),
        ("0", 1, "contradicts"),
    ],
)
def test_values(printed, value, expected):
    assert verdict(figures(x=(value, None, "people")), figure="x", value=printed)[0] == expected


def test_rows_that_add_up_to_another_number():
    said = verdict(figures(tpp_trainees=(314, 143, "people")), figure="tpp_trainees", value="306", previous=143)
    assert said == ("contradicts", "the rows give 314 people, not 306")


def test_a_caption_with_the_previous_cycles_number():
    said = verdict(figures(pki=(44, 87, "people")), figure="pki", value="87")
    assert said == ("contradicts", "87 people is the previous cycle's value; the rows of this cycle give 44")


def test_a_previous_value_that_was_another():
    released = figures(x=(10, 7, "people"))
    assert verdict(released, figure="x", value="10", previous=7) == ("equal", "")
    assert verdict(released, figure="x", value="10", previous=8)[0] == "contradicts"


def test_days_beyond_the_cycle():
    released = figures(days__UNMISS=(247, None, "days"))
    said = verdict(released, figure="days", mission="UNMISS", value="247", unit="days")
    assert said == ("contradicts", "247 days in a period of 182")


def test_a_share_of_the_days_of_the_cycle():
    released = figures(days=(30, None, "days"))
    wrong = verdict(released, figure="days", value="30", unit="days", share_pct=9.9, share_of="cycle_days")
    assert wrong == ("contradicts", "9.9% is not the share of the 182 days of the cycle (16.5%): 30 is 9.9% of 303")
    assert (
        verdict(released, figure="days", value="30", unit="days", share_pct=16.5, share_of="cycle_days")[0] == "equal"
    )


def test_a_share_of_another_base_than_it_says():
    released = figures(convicted=(85, None, "people"), tried=(136, None, "people"), identified=(294, None, "people"))
    said = verdict(released, figure="convicted", value="85", share_pct=63, share_of="identified")
    assert said == ("contradicts", "63% is not the share of identified (28.9%) but of tried")
    assert verdict(released, figure="convicted", value="85", share_pct=63, share_of="tried") == ("equal", "")


def test_a_period_of_another_cycle():
    released = figures(period=(5, 4, "period"))
    said = verdict(released, figure="period", value="May-October 2023", unit="period")
    assert said == ("contradicts", "May-October 2023 is cycle 4; the report is of cycle 5")
    assert verdict(released, figure="period", value="November-April 2024", unit="period") == ("equal", "")


def test_what_the_release_does_not_hold_is_not_covered():
    released = figures(x=(None, None, "people"))
    assert verdict(released, figure="x", value="1") == ("not covered", "the release has no value (status O)")
    assert verdict(released, figure="y", value="1") == ("not covered", "no such figure")


def test_the_published_report_is_kept_as_it_was_printed():
    printed = CONFIG.published[5]
    assert len(printed) == 51
    assert {row.figure for row in printed} <= set(CONFIG.figures)
    assert {row.share_of for row in printed if row.share_of} - {"cycle_days"} <= set(CONFIG.figures)
