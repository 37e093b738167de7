r"""Regular expressions with Python's meaning.

Polars' own regular expressions are fast, but some signs mean something else in them: `$` does not match before a final
line break, `\w` takes in combining marks, `[a&&b]` is an intersection. A pattern is given to Polars only if all of it
means the same in both; any other is left to Python's `re`, once for each distinct value.
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from expectations.engine.values import each_distinct

_SAME_IN_BOTH = re.compile(
    r"""(?:
        [^\\\[\](){}.*+?|^$]                                    # a plain character
      | \\[d.\\^$*+?{}\[\]()|/-]                                # \d, or an escaped sign
      | \[\^?(?:\\[d\]\[\\^.-]|(?!--)[^\[\]\\&~])+\]            # a class, without operators between sets
      | [.^|)] | \((?:\?:)?(?![?*+])                            # any, start, or, groups
      | (?<![*+?}(|^])(?:[*+?]|\{\d+(?:,\d*)?\})(?!\+)\??       # a repetition, greedy or lazy, not possessive
    )*
    (?P<end>\$?)""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def _for_polars(pattern: str) -> str | None:
    """The pattern as Polars writes it; None where only Python's meaning will do."""
    match = _SAME_IN_BOTH.fullmatch(pattern)
    if match is None:
        return None
    translated = pattern[: match.start("end")] + (r"\n?\z" if match["end"] else "")
    try:
        pl.select(pl.lit("").str.contains(translated))
    except pl.exceptions.ComputeError:
        return None
    return translated


def found_in(text: pl.Expr, pattern: str) -> pl.Expr:
    """Whether the pattern is found anywhere in a text."""
    translated = _for_polars(pattern)
    if translated is not None:
        return text.str.contains(translated)
    compiled = re.compile(pattern)
    return each_distinct(text, lambda value: compiled.search(value) is not None, pl.Boolean())
