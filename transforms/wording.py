"""How a number is written where all its digits count."""

from __future__ import annotations


def exact(value: float) -> str:
    """Return a number with thousands separators and as many decimals as it has, up to ten digits: `1,234.5`."""
    return f"{value:,.10g}"
