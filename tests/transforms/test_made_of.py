"""Of which sums the SQL of a figure is made, and which columns it names."""

from __future__ import annotations

import pytest

from transforms.made_of import MadeOf, Term, columns_counted, columns_named, columns_of_conditions, made_of

N, M = Term("n", None), Term("m", None)


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("sum(n)", MadeOf((N,))),
        ("(sum(n))", MadeOf((N,))),
        ("sum(n) + sum(m) + sum(n)", MadeOf((N, M, N))),
        ("sum(n) filter (where cause = 'Illness')", MadeOf((Term("n", "cause = 'Illness'"),))),
        ("sum(n) filter (where a > 1) + sum(m)", MadeOf((Term("n", "a > 1"), M))),
        ("100 * sum(n) / sum(m)", MadeOf((N,), (M,))),
        ("100 * (sum(n) + sum(m)) / (sum(m) + sum(n) filter (where a))", MadeOf((N, M), (M, Term("n", "a")))),
        # of these nothing can be followed down to the cells
        ("count(*)", None),
        ("count(n)", None),
        ("max(n)", None),
        ("sum(n + m)", None),
        ("sum(n) - sum(m)", None),
        ("sum(n) + 1", None),
        ("sum(n) / sum(m)", None),
        ("10 * sum(n) / sum(m)", None),
        ("100 * sum(n)", None),
        ("100 * sum(n) / count(*)", None),
        ("100 * count(*) / sum(n)", None),
        ("100 + sum(n) / sum(m)", None),
        ("avg(n) filter (where a > 1)", None),
    ],
)
def test_sums_that_are_added_up_and_shares_of_them(sql: str, made: MadeOf | None) -> None:
    assert made_of(sql) == made


def test_columns_are_counted_or_stand_in_conditions() -> None:
    sql = "100 * sum(n) filter (where a > 1 and n > 2) / sum(m)"
    assert columns_named(sql) == {"n", "m", "a"}
    assert columns_counted(sql) == {"n", "m"}
    assert columns_of_conditions(sql) == {"a", "n"}
    assert columns_of_conditions("sum(n)") == set()
