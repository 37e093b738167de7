"""Who may read what a release says of its own data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from config.labels import Frozen
from config.loader import Document, parse

Audience = Literal["public", "member_states", "internal"]
# from those who may read least to those who may read most
AUDIENCES: tuple[Audience, ...] = ("public", "member_states", "internal")


class Audiences(Frozen):
    """The least audience of each table in which a release says what it was made of."""

    restatements: Audience = "public"
    received: Audience = "public"
    findings: Audience = "internal"
    submissions: Audience = "internal"
    mended: Audience = "internal"

    def may_read(self, audience: Audience) -> tuple[str, ...]:
        """Return the tables that an audience may read; who may read more may read all that the others may."""
        reach = AUDIENCES.index(audience)
        return tuple(table for table, of in self if AUDIENCES.index(of) <= reach)

    def apart(self) -> Iterator[Audience]:
        """Yield the audiences who get more than those who may read least."""
        for audience in AUDIENCES[1:]:
            if any(of == audience for _, of in self):
                yield audience


def read_audiences(document: Document) -> Audiences:
    """Read audiences.yaml. Raises ConfigError with file and line."""
    return parse(document, Audiences)
