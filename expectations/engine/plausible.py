"""What makes a number doubtful beside others, as Polars expressions: true where its source is to be asked.

Each takes the columns of a rule in its order, and the rule's bounds. Where a number that is needed is missing, nothing
is asked. What is known of earlier numbers stands in columns (config.earlier.KNOWN), beside the number itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

Columns = Sequence[tuple[str, pl.DataType]]

# from so many earlier numbers on their own spread says what is far
ENOUGH = 6
# numbers that are within this ratio of each other are of the same size
_ALIKE = 1.5
_ALIKE_THOUSANDFOLD = 3.0
# a spread is hardly known from so few numbers: they count as varying by this much, as a logarithm, and by chance
_LEAST_SPREAD = 0.15
# where the spread says that a number is far, it has to differ by this ratio from the last one too
_SEEN_BESIDE_LAST = 2.0
# the median of absolute deviations, as a standard deviation
_OF_DEVIATIONS = 1.4826
# numbers that have fewer digits in common, the zeros at their ends left out, may have them by chance
_DIGITS = 5


def far_from_earlier(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """Far above or below the usual numbers; where there are enough earlier ones, far as they vary themselves."""
    value, last, low, high, median, spread, times = (pl.col(name) for name, _ in columns)
    base, ratio = bounds["base"], bounds["ratio"]
    beyond = pl.max_horizontal(_ratio(value, high, base), _ratio(low, value, base))
    deviations = (value.clip(base).log() - median.clip(base).log()).abs()
    # how much a count varies by chance alone
    by_chance = (_LEAST_SPREAD**2 + 1 / median.clip(base)).sqrt()
    spread = pl.max_horizontal(spread * _OF_DEVIATIONS, by_chance)
    of_last = pl.max_horizontal(_ratio(value, last, base), _ratio(last, value, base))
    by_spread = (deviations / spread > bounds["deviations"]) & (of_last > _SEEN_BESIDE_LAST)
    far = pl.when(times >= ENOUGH).then(by_spread).otherwise(beyond > ratio)
    return _asked(far & (value >= 0) & ~_times_too_many(value, low, high, base))


def tenfold(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """About ten times an earlier number, or a tenth of it."""
    value, _, low, high, *_ = (pl.col(name) for name, _ in columns)
    return _asked(_is_multiple(value, low, high, bounds["base"], 10, _ALIKE))


def thousandfold(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """About a thousand times an earlier number, or a thousandth of it."""
    value, _, low, high, *_ = (pl.col(name) for name, _ in columns)
    return _asked(_is_multiple(value, low, high, bounds["base"], 1000, _ALIKE_THOUSANDFOLD))


def fallen(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """Less than the last number, where it counts on and on."""
    value, last, low, high, *_ = (pl.col(name) for name, _ in columns)
    return _asked((value < last) & ~_times_too_many(value, low, high, bounds["base"]))


def out_of_column(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """One of the numbers of a row that all stand one column to the right, or to the left; told at the first of them.

    The columns are those with the numbers, then the lowest of the usual ones, then the highest. `at` says of which
    number the rule is; where it is None, the row is.
    """
    names = [pl.col(name) for name, _ in columns]
    many = len(names) // 3
    values, lows, highs = names[:many], names[many : 2 * many], names[2 * many :]
    base, at = bounds["base"], bounds["at"]
    in_place = [_alike(*of, base) for of in zip(values, lows, highs, strict=True)]
    moved = pl.lit(False)
    for by in (1, -1):
        moved |= _moved(values, lows, highs, base, by, pl.sum_horizontal(in_place))
    if at is None:
        return _asked(moved)
    misplaced = [(value.is_not_null() & ~alike).fill_null(False) for value, alike in zip(values, in_place, strict=True)]
    first = misplaced[at] & ~pl.any_horizontal(pl.lit(False), *misplaced[:at])
    return _asked(moved & first)


def as_last_time(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """One of the numbers of a row that are all the last ones again, where that can be no chance; told at the largest.

    The columns are those with the numbers, then the last ones. `at` says of which number the rule is.
    """
    names = [pl.col(name) for name, _ in columns]
    many = len(names) // 2
    pairs = list(zip(names[:many], names[many:], strict=True))
    same = pl.all_horizontal((value == last).fill_null(value.is_null() & last.is_null()) for value, last in pairs)
    digits = [_digits(value) for value, _ in pairs]
    most = pl.max_horizontal(digits)
    at = bounds["at"]
    earlier = [digit < most for digit in digits[:at]]
    return _asked(
        same & (pl.sum_horizontal(digits) >= _DIGITS) & (digits[at] == most) & pl.all_horizontal(pl.lit(True), *earlier)
    )


def less_than_its_parts(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """A total of which some parts are blank, that is less than those given, or so many `times` more."""
    total, *parts = (pl.col(name) for name, _ in columns)
    given = pl.sum_horizontal(parts)
    blank = pl.any_horizontal(part.is_null() for part in parts) & pl.any_horizontal(part > 0 for part in parts)
    return _asked(blank & ((total < given) | (total > given * bounds["times"])))


def no_whole_number(columns: Columns, _: Mapping[str, Any]) -> pl.Expr:
    """A share, in percent, that no whole number of what is counted beside it comes to, rounded or cut off."""
    share, base = (pl.col(name) for name, _ in columns)
    nearest = 100 * (share * base / 100).round() / base
    written = pl.when(share == share.round(0)).then(1.0).when(share == share.round(1)).then(0.1).otherwise(0.01)
    # what is below 1 is a share of one (expectations.contract), and no share in percent
    return _asked((base > 0) & (share >= 1) & ((nearest - share).abs() >= written + 1e-9))


def out_of_rate(columns: Columns, bounds: Mapping[str, Any]) -> pl.Expr:
    """More, or fewer, than there can be for each of the other number."""
    value, per = (pl.col(name) for name, _ in columns)
    outside = []
    if bounds.get("at_least") is not None:
        outside.append(value < per * bounds["at_least"])
    if bounds.get("at_most") is not None:
        outside.append(value > per * bounds["at_most"])
    return _asked(pl.any_horizontal(outside) & (value >= 0) & (per >= 0))


def _asked(asked: pl.Expr) -> pl.Expr:
    return asked.fill_null(False)


def _ratio(value: pl.Expr, other: pl.Expr, base: float) -> pl.Expr:
    """Return how many times the other a number is; numbers below the base differ by nothing."""
    return value.clip(base) / other.clip(base)


def _times_too_many(value: pl.Expr, low: pl.Expr, high: pl.Expr, base: float) -> pl.Expr:
    return (
        _is_multiple(value, low, high, base, 10, _ALIKE)
        | _is_multiple(value, low, high, base, 1000, _ALIKE_THOUSANDFOLD)
    ).fill_null(False)


def _is_multiple(value: pl.Expr, low: pl.Expr, high: pl.Expr, base: float, times: float, alike: float) -> pl.Expr:
    """Tell whether a number is about so many times the earlier ones, or as small a part, and none of the usual size."""
    more, less = value / times, value * times
    # counts are whole: of 14 a tenth is 1
    too_large = (more >= base) & (more >= low / alike) & (more <= high * alike) & (value > high * 2)
    too_small = (
        (high >= base / alike)
        & (less >= base)
        & (less >= low / alike - times / 2)
        & (less <= high * alike)
        & (value < low / 2)
        & (value > 0)
    )
    return too_large | too_small


def _alike(value: pl.Expr, low: pl.Expr, high: pl.Expr, base: float) -> pl.Expr:
    """Tell whether a number that can be told from others is of the size of the earlier ones."""
    return ((value >= base) & (value >= low / _ALIKE) & (value <= high * _ALIKE)).fill_null(False)


def _moved(
    values: Sequence[pl.Expr],
    lows: Sequence[pl.Expr],
    highs: Sequence[pl.Expr],
    base: float,
    by: int,
    in_place: pl.Expr,
) -> pl.Expr:
    """Tell whether the numbers of a row are those that belong so many columns beside them.

    What fell over the edge may have come in at the other one, or left a blank there.
    """
    many = len(values)
    signs, against = [], []
    for belongs, (low, high) in enumerate(zip(lows, highs, strict=True)):
        stands = belongs + by
        value = values[stands % many]
        alike = _alike(value, low, high, base)
        signs.append(alike)
        if stands in range(many):
            told_apart = (high >= base) | (value >= base).fill_null(False)
            against.append((told_apart & ~alike).fill_null(False))
    left = 0 if by > 0 else many - 1
    signs.append(((values[left].is_null() | (values[left] == 0)) & (highs[left] >= base)).fill_null(False))
    score = pl.sum_horizontal(signs)
    return (score >= 2) & (score > in_place) & ~pl.any_horizontal(against)


def _digits(value: pl.Expr) -> pl.Expr:
    """Return how many digits a number of several has, without the zeros at its end; 0 for any other."""
    digits = value.cast(pl.Int64, strict=False).cast(pl.String).str.strip_chars_end("0").str.len_chars()
    return pl.when(value >= 10).then(digits).otherwise(0)


# by the name of Great Expectations' metric: what is asked, and the bounds that the rule may have
ASKED: dict[str, tuple[Callable[[Columns, Mapping[str, Any]], pl.Expr], tuple[str, ...]]] = {
    "numbers.far_from_earlier": (far_from_earlier, ("ratio", "base", "deviations")),
    "numbers.tenfold": (tenfold, ("base",)),
    "numbers.thousandfold": (thousandfold, ("base",)),
    "numbers.fallen": (fallen, ("base",)),
    "numbers.out_of_column": (out_of_column, ("base", "at")),
    "numbers.as_last_time": (as_last_time, ("at",)),
    "numbers.less_than_parts": (less_than_its_parts, ("times",)),
    "numbers.no_whole_number": (no_whole_number, ()),
    "numbers.out_of_rate": (out_of_rate, ("at_least", "at_most")),
}
