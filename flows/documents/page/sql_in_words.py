"""What a figure of figures.yaml counts, in plain words.

Only the SQL that figures are made of is known here; for any other there are no words, and the page shows the SQL alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z_][a-z0-9_]*)|'((?:[^']|'')*)'|(<>|>=|<=|[-+*/(),=<>]))", re.I)
_COMPARED = {"=": "is", "<>": "is not", ">": "is above", "<": "is below", ">=": "is at least", "<=": "is at most"}
_AGGREGATES = {"sum": "the sum of", "max": "the highest", "min": "the lowest", "last": "the last"}
_HUNDRED = "100"
_ROWS = "the number of rows"


class _Unknown(Exception):
    """The SQL has something that is not put into words."""


def counted(value: str, where: str | None, fields: Mapping[str, str]) -> str:
    """Return what a figure counts, as `The sum of “sessions held”, of rows where …`; nothing where it is not known.

    In: the figure's `value` and `where`, and what each column of its table holds.
    """
    try:
        said = _Words(value, fields).whole_value()
        of = f" where {_Words(where, fields).whole_condition()}" if where else ""
        of = of if not of or said == _ROWS else f", of the rows{of}"
    except _Unknown:
        return ""
    return f"{said[:1].upper()}{said[1:]}{of}."


class _Words:
    """Reads SQL token by token and says it."""

    def __init__(self, sql: str, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(sql.rstrip()):
            found = _TOKEN.match(sql, at)
            if not found:
                raise _Unknown
            number, name, text, sign = found.groups()
            if number is not None:
                self.tokens.append(("number", number))
            elif name is not None:
                self.tokens.append(("name", name.lower()))
            elif text is not None:
                self.tokens.append(("text", text))
            else:
                self.tokens.append(("sign", sign))
            at = found.end()

    def whole_value(self) -> str:
        return self._all_of(self._sum())

    def whole_condition(self) -> str:
        return self._all_of(self._condition())

    def _all_of(self, said: str) -> str:
        if self.tokens:
            raise _Unknown
        return said

    def _next_is(self, *values: str) -> bool:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1] in values:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, value: str) -> None:
        if not self._next_is(value):
            raise _Unknown

    def _take(self, *kinds: str) -> str:
        if not self.tokens or self.tokens[0][0] not in kinds:
            raise _Unknown
        return self.tokens.pop(0)[1]

    def _sum(self) -> str:
        parts = [self._product()]
        while self._next_is("+"):
            parts.append(self._product())
        return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}, together"

    def _product(self) -> str:
        factors = [self._factor()]
        over = ""
        while self.tokens and not over:
            if self._next_is("*"):
                factors.append(self._factor())
            elif self._next_is("/"):
                over = self._factor()
            else:
                break
        percent = factors[0] == _HUNDRED and len(factors) > 1
        said = " times ".join(factors[1:] if percent else factors)
        if not over:
            return said
        return f"{said}, in percent of {over}" if percent else f"{said}, divided by {over}"

    def _factor(self) -> str:
        if self._next_is("("):
            said = self._sum()
            self._need(")")
            return said
        if self.tokens and self.tokens[0][0] == "number":
            return self._take("number")
        name = self._take("name")
        return self._aggregate(name) if self._next_is("(") else self._column(name)

    def _aggregate(self, name: str) -> str:
        if name == "count":
            if self._next_is("*"):
                said = _ROWS
            else:
                self._need("distinct")
                said = f"the number of different values of {_spaced(self._take('name'))}"
        elif name == "coalesce":
            said = self._sum()
            self._need(",")
            said += f", or {self._take('number')} where there is none"
        elif name in _AGGREGATES:
            said = f"{_AGGREGATES[name]} {self._sum()}"
        else:
            raise _Unknown
        self._need(")")
        if self._next_is("filter"):
            self._need("(")
            self._need("where")
            said += f" where {self._condition()}"
            self._need(")")
        return said

    def _column(self, name: str) -> str:
        held = self.fields.get(name, "").split(";")[0].rstrip(".")
        return f"“{held[:1].lower()}{held[1:]}”" if held else f"“{_spaced(name)}”"

    def _condition(self) -> str:
        parts = [self._test()]
        while self._next_is("and"):
            parts.append(self._test())
        return " and ".join(parts)

    def _test(self) -> str:
        if self._next_is("not"):
            return f"it is not so that {self._yes(self._take('name'))}"
        name = self._take("name")
        if self._next_is("is"):
            known = self._next_is("not")
            self._need("null")
            return f"{self._column(name)} is {'known' if known else 'not known'}"
        if self.tokens and self.tokens[0][1] in _COMPARED and self.tokens[0][0] == "sign":
            compared = _COMPARED[self._take("sign")]
            other = f"“{self._take('text')}”" if self.tokens and self.tokens[0][0] == "text" else self._take("number")
            return f"{_spaced(name)} {compared} {other}"
        return self._yes(name)

    def _yes(self, name: str) -> str:
        held = self.fields.get(name, "").split(";")[0].rstrip(".")
        said = re.sub(r"^Whether ", "", held)
        return f"{said[:1].lower()}{said[1:]}" if said != held else f"{_spaced(name)} is yes"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
