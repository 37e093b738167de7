"""How far a number may be from earlier ones before its source is asked, as a contract says it."""

from __future__ import annotations

from pydantic import Field

from config.labels import Frozen


class Plausible(Frozen):
    """The bounds within which a number is held against those of earlier cycles.

    A number may be `ratio` times the earlier ones of its row, or as small a part of them; numbers below `base` count as
    that, so that what is small may vary. Where there are six or more, it may be so many `deviations` away from their
    median, as they vary themselves. `may_stay` is for rows whose numbers may all be rightly what they were.
    """

    ratio: float = Field(default=4, gt=1)
    base: float = Field(default=10, gt=0)
    deviations: float = Field(default=5, gt=0)
    may_stay: bool = False


USUAL = Plausible()
