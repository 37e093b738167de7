import pytest

from transforms.rounding import decimals_shown, points_between, rounded, without_noise


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (22.5, 0, 23),
        (21.5, 0, 22),
        (-22.5, 0, -23),
        (22.4999, 0, 22),
        (0.125, 2, 0.13),
        (1.005, 2, 1.01),
        (28.499999999999996, 0, 29),
        (28.4999, 0, 28),
        (467_750, -3, 468_000),
        (1e17, 0, 1e17),
    ],
)
def test_half_is_rounded_away_from_zero(value: float, decimals: int, shown: float) -> None:
    assert rounded(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (99.4, 0, 99),
        (99.6, 0, 99.6),
        (99.96, 0, 99.96),
        (99.96, 1, 99.96),
        (100, 0, 100),
        (99.99999999999999, 0, 100),  # all of it, in binary numbers
        (100.4, 0, 100.4),
        (0.4, 0, 0.4),
        (0.04, 0, 0.04),
        (0.6, 0, 1),
        (0, 0, 0),
        (-0.4, 0, -0.4),
        (-99.7, 0, -99.7),
    ],
)
def test_a_percentage_is_none_or_all_only_where_it_is(value: float, decimals: int, shown: float) -> None:
    assert rounded(value, decimals, "percent") == shown
    # what is shown is shown again as it is
    assert rounded(shown, decimals, "percent") == shown


def test_only_percentages_are_kept_from_the_ends() -> None:
    assert (rounded(99.6, 0, "people"), rounded(0.4, 0, "days")) == (100, 0)
    assert (decimals_shown(99.6, 0, "percent"), decimals_shown(99.6, 0, "people")) == (1, 0)


@pytest.mark.parametrize(
    ("value", "previous", "change", "points"),
    [
        (22, 29, -6.413, (-6.4, 1)),  # 22.30 and 28.71: "-6" beside 22 and 29 looks like a mistake
        (22, 29, -7.4, (-7, 0)),
        (22, 29, None, (-7, 0)),
        (27, 27, 0.8, (0.8, 1)),
        (27, 27, 0.4, (0, 0)),
        (28, 27, 0.04, (0.04, 2)),  # 27.48 and 27.52
        (99.6, 100, -0.4, (-0.4, 1)),
        (0.4, 30, -29.6, (-29.6, 1)),
    ],
)
def test_points_get_a_decimal_where_the_rounded_numbers_do_not_show_them(
    value: float, previous: float, change: float | None, points: tuple[float, int]
) -> None:
    assert points_between(value, previous, change) == points


def test_ten_decimals_of_a_number_are_known():
    assert without_noise(1 / 3) == 0.3333333333
    assert without_noise(28.499999999999996) == 28.5
