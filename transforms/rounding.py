"""How a number is rounded where it is shown: once, from the number as it is, half away from zero.

What a release publishes as a figure's value, and what page, workbook and letters write, all comes from here.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import polars as pl

# the usual 28 digits are too few for what a number may be
_ALL_DIGITS = Context(prec=400)
# what stands behind them comes of numbers being binary: 28.499999999999996 is 28.5
_DECIMALS_KNOWN = 10
# a percentage that is none of it, or all
_NONE_OR_ALL = (0.0, 100.0)


def rounded(value: float, decimals: int = 0, unit: str = "") -> float:
    """Round as people do: 22.5 is 23. A percentage is 0 or 100 only where it is none or all: 99.6 stays 99.6."""
    return _half_up(value, decimals_shown(value, decimals, unit))


def decimals_shown(value: float, decimals: int = 0, unit: str = "") -> int:
    """Return with how many decimals a number is shown: those that are asked for.

    A percentage that they would let look like none or all, and that is not, gets as many more as it takes.
    """
    known = abs(without_noise(value))
    if unit == "percent" and known not in _NONE_OR_ALL:
        while decimals < _DECIMALS_KNOWN and _half_up(known, decimals) in _NONE_OR_ALL:
            decimals += 1
    return decimals


def without_noise(value: float) -> float:
    """Return a number without what its being binary adds to it, so that the same rows always give the same one."""
    return round(value, _DECIMALS_KNOWN)


def points_between(value: float, previous: float, change: float | None, decimals: int = 0) -> tuple[float, int]:
    """Return how many points a percentage is from the one before, and with how many decimals that is shown.

    In: both as they are shown, and the change as it is, where that is known. Where the two as they are shown do not
    show the change, it gets a decimal more: 22 and 29 may be 6.4 apart, and "6" beside them looks like a mistake.
    """
    decimals = max(decimals_shown(each, decimals, "percent") for each in (value, previous))
    between = _half_up(value - previous, decimals)
    if change is None or _half_up(change, decimals) == between:
        return between, decimals
    decimals += 1
    while decimals < _DECIMALS_KNOWN and _half_up(change, decimals) == 0:
        decimals += 1
    return _half_up(change, decimals), decimals


def as_shown(column: str, decimals: int = 0, unit: str = "") -> pl.Expr:
    """Return a column of numbers as they are shown."""
    return pl.col(column).map_elements(lambda value: rounded(value, decimals, unit), return_dtype=pl.Float64)


def as_it_is(column: str) -> pl.Expr:
    """Return a column of numbers before they are rounded, without noise."""
    return pl.col(column).map_elements(without_noise, return_dtype=pl.Float64)


def _half_up(value: float, decimals: int) -> float:
    digits = Decimal(repr(without_noise(float(value))))
    return float(digits.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _ALL_DIGITS))
