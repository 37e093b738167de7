"""Of which sums of columns a figure's SQL is made, as sqlglot reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True)
class Term:
    """The sum of a column, over the rows that a condition keeps."""

    column: str
    where: str | None


@dataclass(frozen=True)
class MadeOf:
    """Sums that are added up; a share, in percent, where there is a whole."""

    part: tuple[Term, ...]
    whole: tuple[Term, ...] | None = None


@cache
def made_of(value: str) -> MadeOf | None:
    """Return the sums that a figure's value is made of: `sum(a) filter (where b) + sum(c)`, `100 * sum(a) / sum(b)`.

    None where it is made otherwise.
    """
    read = _read(value)
    if read.key == "div" and read.this.key == "mul" and read.this.this.sql() == "100":
        part, whole = _terms(read.this.expression), _terms(read.expression)
        return MadeOf(part, whole) if part and whole else None
    part = _terms(read)
    return MadeOf(part) if part else None


@cache
def columns_named(sql: str) -> frozenset[str]:
    """Return the columns that SQL names."""
    return frozenset(column.name for column in _columns(_read(sql)))


@cache
def columns_counted(value: str) -> frozenset[str]:
    """Return the columns that a figure's value counts, beside those that only its conditions name."""
    from sqlglot import exp

    read = _read(value)
    for condition in [*read.find_all(exp.Where)]:
        condition.pop()
    return frozenset(column.name for column in _columns(read))


@cache
def columns_of_conditions(value: str) -> frozenset[str]:
    """Return the columns that the conditions in a figure's value name."""
    from sqlglot import exp

    conditions = [*_read(value).find_all(exp.Where)]
    return frozenset(column.name for condition in conditions for column in _columns(condition))


def _columns(part: exp.Expr) -> Iterator[exp.Expr]:
    from sqlglot import exp

    yield from part.find_all(exp.Column)


def _read(sql: str) -> exp.Expr:
    # late, since it takes a fifth of a second
    import sqlglot

    return sqlglot.parse_one(sql)


def _terms(read: exp.Expr) -> tuple[Term, ...]:
    """Return the sums that are added up; none where something else is among them."""
    terms = []
    for part in read.unnest().flatten() if read.unnest().key == "add" else [read.unnest()]:
        added, where = (part.this, part.expression.this.sql()) if part.key == "filter" else (part, None)
        if added.key != "sum" or added.this.key != "column":
            return ()
        terms.append(Term(added.this.name, where))
    return tuple(terms)
