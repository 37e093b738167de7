import polars as pl
import pytest

from config import PublishedFigure
from config.printed import printed_number
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
        ("914", 915, "contradicts"),
        ("0", 0, "equal"),
        ("0", 1, "contradicts"),
        ("460k", 460_000, "equal"),
        ("460k", 459_500, "rounded"),
        ("460k", 460_499, "rounded"),
        ("460k", 460_500, "contradicts"),
        ("460k", 467_750, "contradicts"),
        ("460000", 459_950, "contradicts"),
        ("60,000", 60_000, "equal"),
        ("60,000", 59_950, "contradicts"),
        ("100,000", 60_000, "contradicts"),
        ("400", 364, "contradicts"),
        ("1.6 million", 1_649_999, "rounded"),
        ("1.6 million", 1_650_000, "contradicts"),
        ("approximately 914", 914, "equal"),
        ("approximately 914", 913, "contradicts"),
        ("approximately 5,000", 4_950, "rounded"),
        ("approximately 5,000", 5_050, "contradicts"),
        ("over 5000", 5_000, "rounded"),
        ("over 5000", 5_999, "rounded"),
        ("over 5000", 6_000, "contradicts"),
        ("over 5000", 4_999, "contradicts"),
        ("nearly 5000", 4_001, "rounded"),
        ("nearly 5000", 4_000, "contradicts"),
        ("nearly 5000", 5_001, "contradicts"),
        ("Eight", 8, "equal"),
        ("Eight", 10, "contradicts"),
    ],
)
def test_values_are_equal_by_the_rounding_that_the_text_shows(printed, value, expected):
    number = printed_number(printed).value
    assert verdict(figures(x=(value, None, "people")), figure="x", value=number, printed=printed)[0] == expected


@pytest.mark.parametrize(
    ("printed", "shown", "unrounded", "expected"),
    [
        ("37%", 37, 36.842, "equal"),
        ("36.8%", 37, 36.842, "rounded"),
        ("36.9%", 37, 36.842, "contradicts"),
        ("63%", 63, 62.5, "equal"),
        ("62%", 63, 62.5, "contradicts"),
        ("100%", 60, 60, "contradicts"),
        ("100%", 99.6, 99.6, "contradicts"),
        ("99.6%", 99.6, 99.6, "equal"),
        ("more than 99%", 99.6, 99.6, "rounded"),
        ("0%", 0.4, 0.4, "contradicts"),
        ("0%", 0, 0, "equal"),
        ("100%", 100, 100, "equal"),
        # what it is before it is rounded is not published
        ("20%", 20, None, "equal"),
        ("20.4%", 20, None, "rounded"),
        ("20.6%", 20, None, "contradicts"),
    ],
)
def test_shares_are_held_against_what_they_are_before_they_are_rounded(printed, shown, unrounded, expected):
    released = figures(x=(shown, None, "percent")).with_columns(unrounded=pl.lit(unrounded, pl.Float64))
    number = printed_number(printed).value
    assert verdict(released, figure="x", value=number, printed=printed, unit="percent")[0] == expected


def test_a_value_that_is_not_the_printed_one():
    said = verdict(figures(x=(914, None, "people")), figure="x", value="941", printed="approximately 914")
    assert said == ("contradicts", "the file gives 941 for what is printed as approximately 914")


def test_rows_that_add_up_to_another_number():
    said = verdict(figures(tpp_trainees=(314, 143, "people")), figure="tpp_trainees", value="306", previous="143")
    assert said == ("contradicts", "the rows give 314 people, not 306")


def test_a_caption_with_the_previous_cycles_number():
    said = verdict(figures(pki=(44, 87, "people")), figure="pki", value="87")
    assert said == ("contradicts", "87 people is the previous cycle's value; the rows of this cycle give 44")


def test_a_previous_value_that_was_another():
    released = figures(x=(10, 7, "people"))
    assert verdict(released, figure="x", value="10", previous="7") == ("equal", "")
    assert verdict(released, figure="x", value="10", previous="8")[0] == "contradicts"


@pytest.mark.parametrize(
    ("printed", "shown", "unrounded", "given"),
    [
        ("29%", 28, None, "28"),
        ("29%", 28, 28.4567, "28.5"),
        # with so many decimals that it is seen not to be the printed one
        ("28.50%", 28, 28.4567, "28.46"),
        ("100%", 99, 99.9996, "99.9996"),
        ("0%", 1, 0.0004, "0.0004"),
    ],
)
def test_the_value_is_told_so_that_it_is_seen_to_be_another(printed, shown, unrounded, given):
    released = figures(x=(shown, None, "percent")).with_columns(unrounded=pl.lit(unrounded, pl.Float64))
    number = printed_number(printed).value
    assert verdict(released, figure="x", value=number, printed=printed, unit="percent") == (
        "contradicts",
        f"the rows give {given} percent, not {printed}",
    )


@pytest.mark.parametrize(
    ("previous", "given"),
    [
        ("29", None),
        ("28.6", None),
        # what is shown may be given with a decimal that it does not have
        ("29.0", None),
        ("28", "28.6"),
        ("28.7", "28.6"),
        ("28.60", "28.57"),
        ("30", "28.6"),
    ],
)
def test_a_previous_share_is_held_against_both_that_are_known_of_it(previous, given):
    released = figures(x=(37, 29, "percent")).with_columns(previous_unrounded=pl.lit(200 / 7))
    said = verdict(released, figure="x", value="37", printed="37%", unit="percent", previous=previous)
    wrong = ("contradicts", f"the previous value is given as {previous}, and was {given}")
    assert said == (("equal", "") if given is None else wrong)


def test_days_beyond_the_cycle():
    released = figures(days__UNMISS=(247, None, "days"))
    said = verdict(released, figure="days", mission="UNMISS", value="247", unit="days")
    assert said == ("contradicts", "247 days in a period of 182")


def test_a_share_of_the_days_of_the_cycle():
    released = figures(days=(30, None, "days"))
    wrong = verdict(released, figure="days", value="30", unit="days", share_pct="9.9", share_of="cycle_days")
    assert wrong == ("contradicts", "9.9% is not the share of the 182 days of the cycle (16.5%): 30 is 9.9% of 303")
    assert (
        verdict(released, figure="days", value="30", unit="days", share_pct="16.5", share_of="cycle_days")[0] == "equal"
    )


@pytest.mark.parametrize(
    ("days", "share", "really"),
    [("182", "100", None), ("182", "99", "100"), ("181", "99", None), ("181", "100", "99.5"), ("0", "0", None),
     ("1", "0", "0.5"), ("1", "1", None)],
)  # fmt: skip
def test_all_days_are_100_percent_of_the_cycle_and_none_are_0(days, share, really):
    released = figures(days=(float(days), None, "days"))
    verdict_of, reason = verdict(
        released, figure="days", value=days, unit="days", share_pct=share, share_of="cycle_days"
    )
    assert verdict_of == ("contradicts" if really else "equal")
    assert reason.startswith(f"{share}% is not the share of the 182 days of the cycle ({really}%)" if really else "")
    assert (reason == "") is (really is None)


def test_a_share_of_one_and_of_none():
    released = figures(tried=(1, None, "people"), caught=(1, None, "people"), nobody=(0, None, "people"))
    assert verdict(released, figure="tried", value="1", share_pct="100", share_of="caught") == ("equal", "")
    assert verdict(released, figure="tried", value="1", share_pct="50", share_of="caught") == (
        "contradicts",
        "50% is not the share of caught (100%): 1 is 50% of 2",
    )
    # of nobody there is no share
    assert verdict(released, figure="nobody", value="0", share_pct="0", share_of="nobody") == (
        "contradicts",
        "0% is not the share of nobody but of tried or caught",
    )


def test_a_share_of_another_base_than_it_says():
    released = figures(convicted=(85, None, "people"), tried=(136, None, "people"), identified=(294, None, "people"))
    said = verdict(released, figure="convicted", value="85", share_pct="63", share_of="identified")
    assert said == ("contradicts", "63% is not the share of identified (28.9%) but of tried")
    assert verdict(released, figure="convicted", value="85", share_pct="63", share_of="tried") == ("equal", "")


def test_periods_years_and_days():
    released = figures(x=(10, 7, "people")).with_columns(
        as_of=pl.date(2024, 4, 30),
        window=pl.lit("cycle"),
        window_start=pl.date(2023, 11, 1),
        window_end=pl.date(2024, 4, 30),
    )
    right = {"as_of": "2024-04-30", "year": 2024, "period": "November 2023 to April 2024"}
    assert verdict(released, figure="x", value="10", **right) == ("equal", "")
    assert verdict(released, figure="x", value="10", period="May-October 2023") == (
        "contradicts",
        "May-October 2023 is cycle 4, and the release counts 2023-11-01 to 2024-04-30",
    )
    assert verdict(released, figure="x", value="10", period="2022")[1].startswith(
        "it is given for 2022, and the release"
    )
    assert verdict(released, figure="x", value="10", year=2023) == (
        "contradicts",
        "it is given for 2023, and the release counts 2024",
    )
    assert verdict(released, figure="x", value="10", as_of="2024-04-29") == (
        "contradicts",
        "it is given as of 2024-04-29, and the release counts up to 2024-04-30",
    )


def test_what_counts_up_to_a_day_has_its_last_day_there():
    since = figures(x=(10, 7, "people")).with_columns(
        as_of=pl.date(2024, 9, 3),
        window=pl.lit("since"),
        window_start=pl.date(2017, 1, 1),
        window_end=pl.date(2024, 9, 30),
    )
    assert verdict(since, figure="x", value="10", period="1 Jan 2017 to 3 Sept 2024") == ("equal", "")
    snapshot = since.with_columns(window=pl.lit("snapshot"), window_start=pl.lit(None, pl.Date))
    assert verdict(snapshot, figure="x", value="10", period="1 Jan 2017 to 3 Sept 2024") == ("equal", "")
    assert verdict(snapshot, figure="x", value="10", period="1 Jan 2017 to 4 Sept 2024")[0] == "contradicts"


def test_what_cannot_be_checked_is_said():
    """A release of before says neither which days it counts nor, of a new figure, what it was."""
    released = figures(x=(10, None, "people"), whole=(None, None, "people")).drop(
        "window", "window_start", "window_end"
    )
    said = verdict(released, figure="x", value="10", previous="7", period="2023", share_pct="50", share_of="whole")
    assert said == (
        "equal",
        "the release has no previous value to hold 7 against; the release has no value of whole to hold 50% against; "
        "the release does not say which days it counts",
    )


def test_units_and_bases_are_those_of_the_release():
    released = figures(x=(10, 7, "people"), share=(37, 29, "percent"), cases=(20, None, "cases"))
    assert verdict(released, figure="x", value="10", unit="missions") == (
        "contradicts",
        "printed in missions, and the release counts people",
    )
    assert verdict(released, figure="x", value="10", printed="10%")[0] == "contradicts"
    assert verdict(released, figure="share", value="37", printed="37%", unit="percent") == ("equal", "")
    assert verdict(released, figure="x", value="10", share_pct="50", share_of="cases") == (
        "contradicts",
        "50% is given of cases, and x are people",
    )
    assert verdict(released, figure="x", value="10", share_pct="50", share_of="y") == (
        "contradicts",
        "50% is given of y, which is no figure",
    )


def test_a_number_of_another_mission_than_it_is_of():
    released = figures(x__UNFICYP=(163, None, "events"), x__UNMIK=(None, None, "events"), total=(4, None, "missions"))
    blank = released.with_columns(
        obs_status=pl.when(pl.col("value").is_null()).then(pl.lit("L")).otherwise("obs_status")
    )
    swapped = {"figure": "x", "mission": "UNMIK", "value": "163", "unit": "events"}
    assert verdict(blank, **swapped) == (
        "contradicts",
        "the release has no value of UNMIK (status L): it was not reported; 163 is that of UNFICYP",
    )
    assert verdict(blank, **{**swapped, "value": "12"}) == ("not covered", "the release has no value (status L)")
    # what has not come in yet may be the same number
    assert verdict(released, **swapped) == ("not covered", "the release has no value (status O)")
    impossible = blank.with_columns(obs_status=pl.lit("M"))
    assert verdict(impossible, **{**swapped, "value": "12"})[0] == "contradicts"
    assert verdict(blank, **{**swapped, "mission": "UNTSO"}) == (
        "contradicts",
        "the release counts nothing for UNTSO; 163 is that of UNFICYP",
    )
    assert verdict(blank, **{**swapped, "mission": "UNTSO", "value": "0"})[0] == "not covered"
    assert verdict(blank, figure="total", mission="UNTSO", value="4", unit="missions") == (
        "contradicts",
        "the figure is of all missions together, and not by mission, so of none for UNTSO",
    )


def test_what_the_release_does_not_hold_is_not_covered():
    released = figures(x=(None, None, "people"))
    assert verdict(released, figure="x", value="1") == ("not covered", "the release has no value (status O)")
    assert verdict(released, figure="y", value="1") == ("not covered", "no such figure")


def test_the_published_report_is_kept_as_it_was_printed():
    printed = CONFIG.published[5]
    assert len(printed) == 52
    assert {row.figure for row in printed} <= set(CONFIG.figures)
    assert {row.share_of for row in printed if row.share_of} - {"cycle_days"} <= set(CONFIG.figures)
