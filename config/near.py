"""Which names are near to one that somebody wrote: the one place that says so, for whoever tells that there is none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

_MOST = 3
_ALIKE = 0.7


def plain(said: str) -> str:
    """Return a name as names are compared: in small letters, with `_` for blanks and hyphens."""
    return re.sub(r"[\s\-_]+", "_", said.strip()).casefold()


def named(said: str, names: Collection[str], others: Mapping[str, str] | None = None) -> str | None:
    """Return the one of the names that is written, in whichever letters; None where there is none.

    `others` gives names by what else they are called: `{"UNFIL": "UNIFIL"}`.
    """
    if said in names:
        return said
    wanted = plain(said)
    every = [*((name, name) for name in names), *(others or {}).items()]
    meant = [name for written, name in every if plain(written) == wanted and name in names]
    return meant[0] if meant else None


def did_you_mean(said: str, names: Collection[str]) -> str:
    """Return `did you mean a or b?` with the names that are nearest to one that there is not; '' where none is near."""
    by_plain = {plain(name): name for name in sorted(names)}
    wanted = plain(said)
    near = get_close_matches(wanted, by_plain, _MOST, _ALIKE)
    # `malicious` is near to no name, and a part of some
    parts = [name for name in by_plain if len(wanted) > 2 and wanted in name]
    close = [by_plain[name] for name in dict.fromkeys((*near, *parts))][:_MOST]
    if not close:
        return ""
    *most, last = close
    return f"did you mean {', '.join(most)}{' or ' if most else ''}{last}?"
