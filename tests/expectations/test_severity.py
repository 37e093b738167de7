"""The one order of severities."""

from __future__ import annotations

import polars as pl

from expectations.severity import SEVERITIES, TO_MEND, critical_and_open, rank, to_mend, worst_first

FOUND = pl.DataFrame({"severity": ["info", "strange", "critical", "warning", "critical"]})


def test_the_worst_comes_first_and_what_is_not_known_last() -> None:
    ordered = FOUND.sort(worst_first(), maintain_order=True)["severity"].to_list()
    assert ordered == ["critical", "critical", "warning", "info", "strange"]
    assert sorted(FOUND["severity"], key=rank) == ordered
    assert [rank(one) for one in SEVERITIES] == [0, 1, 2]


def test_what_is_to_be_mended_and_what_refuses() -> None:
    assert FOUND.filter(to_mend())["severity"].unique().sort().to_list() == sorted(TO_MEND)
    waived = FOUND.with_columns(waived=pl.Series([None, None, "OCT: agreed", None, None]))
    assert waived.filter(critical_and_open()).height == 1
