"""What a figure of figures.yaml counts, in plain words.

Only the SQL that figures are made of is known here; for any other there are no words, and the page shows the SQL alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows.core.wording import listed

if TYPE_CHECKING:
    from sqlglot import exp

_COMPARED = {"eq": "is", "neq": "is not", "gt": "is above", "lt": "is below", "gte": "is at least", "lte": "is at most"}
_AGGREGATES = {"sum": "the sum of", "max": "the highest", "min": "the lowest", "last": "the last"}
_ROWS = "the number of rows"


class _Unknown(Exception):
    """The SQL has something that is not put into words."""


def counted(value: str, where: str | None, fields: Mapping[str, str]) -> str:
    """Return what a figure counts, as `The sum of “sessions held”, of rows where …`; nothing where it is not known.

    In: the figure's `value` and `where`, and what each column of its table holds.
    """
    # late, since it takes a fifth of a second
    import sqlglot

    try:
        words = _Words(fields)
        said = words.value(sqlglot.parse_one(value))
        of = f" where {words.condition(sqlglot.parse_one(where))}" if where else ""
    except (_Unknown, sqlglot.errors.SqlglotError):
        return ""
    of = of if not of or said == _ROWS else f", of the rows{of}"
    return f"{said[:1].upper()}{said[1:]}{of}."


class _Words:
    """Says what SQL is read as, part by part."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields

    def value(self, part: exp.Expr) -> str:
        """Say a number: sums, products and shares of aggregates."""
        match part.key:
            case "paren":
                return self.value(part.this)
            case "add":
                return f"{listed([self.value(each) for each in part.flatten()])}, together"
            case "div":
                return self._share(part)
            case "mul":
                return " times ".join(self.value(each) for each in _without_percent(part))
            case "literal" if part.is_number:
                return part.name
            case "column":
                return self._column(part.name)
            case "filter":
                return f"{self._aggregate(part.this)} where {self.condition(part.expression.this)}"
            case _:
                return self._aggregate(part)

    def _share(self, part: exp.Expr) -> str:
        factors = _without_percent(part.this)
        said = " times ".join(self.value(each) for each in factors)
        base = self.value(part.expression)
        percent = len(factors) < len(_factors(part.this))
        return f"{said}, in percent of {base}" if percent else f"{said}, divided by {base}"

    def _aggregate(self, part: exp.Expr) -> str:
        inside = part.this
        if part.key == "count" and inside.key == "star":
            return _ROWS
        if part.key == "count" and inside.key == "distinct" and [each.key for each in inside.expressions] == ["column"]:
            return f"the number of different values of {_spaced(inside.expressions[0].name)}"
        if part.key == "coalesce" and [each.key for each in part.expressions] == ["literal"]:
            return f"{self.value(inside)}, or {part.expressions[0].name} where there is none"
        if part.key in _AGGREGATES and not part.expressions:
            return f"{_AGGREGATES[part.key]} {self.value(inside)}"
        raise _Unknown

    def condition(self, part: exp.Expr) -> str:
        """Say which rows are kept."""
        match part.key:
            case "and":
                return " and ".join(self.condition(each) for each in part.flatten())
            case "not" if part.this.key == "is":
                return self._known(part.this, "is known")
            case "is":
                return self._known(part, "is not known")
            case "not" if part.this.key == "column":
                return f"it is not so that {self._yes(part.this.name)}"
            case "column":
                return self._yes(part.name)
            case compared if compared in _COMPARED and part.this.key == "column" and part.expression.key == "literal":
                other = part.expression
                said = f"“{other.name}”" if other.is_string else other.name
                return f"{_spaced(part.this.name)} {_COMPARED[compared]} {said}"
            case _:
                raise _Unknown

    def _known(self, part: exp.Expr, said: str) -> str:
        if part.this.key != "column" or part.expression.key != "null":
            raise _Unknown
        return f"{self._column(part.this.name)} {said}"

    def _column(self, name: str) -> str:
        held = self.fields.get(name, "").split(";")[0].rstrip(".")
        return f"“{held[:1].lower()}{held[1:]}”" if held else f"“{_spaced(name)}”"

    def _yes(self, name: str) -> str:
        held = self.fields.get(name, "").split(";")[0].rstrip(".")
        said = re.sub(r"^Whether ", "", held)
        return f"{said[:1].lower()}{said[1:]}" if said != held else f"{_spaced(name)} is yes"


def _factors(part: exp.Expr) -> list[exp.Expr]:
    return list(part.flatten()) if part.key == "mul" else [part]


def _without_percent(part: exp.Expr) -> list[exp.Expr]:
    """Return the factors of a product, without the hundred that makes a share percent."""
    factors = _factors(part)
    return factors[1:] if len(factors) > 1 and factors[0].key == "literal" and factors[0].name == "100" else factors


def _spaced(name: str) -> str:
    return name.replace("_", " ")
