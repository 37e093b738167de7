"""Missions and countries, as the YAML files may describe them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import StringConstraints

from config.dated import Dated
from config.labels import Frozen

MissionKind = Literal["peacekeeping operation", "special political mission", "other"]


class Mission(Dated):
    """One UN mission.

    `reports` marks those that send an A4P+ workbook, `in_conduct_data` those of which the report counts allegations
    besides them.
    """

    name: str
    kind: MissionKind = "peacekeeping operation"
    start: date | None = None
    end: date | None = None
    reports: bool = False
    in_conduct_data: bool = False
    agreement: Literal["SOFA", "SOMA", "none"] | None = None
    aliases: tuple[str, ...] = ()

    def goes_on(self, day: date) -> bool | None:
        """Tell whether it is in operation on a day; None where it is not known when it began."""
        return None if self.start is None else self.start <= day and (self.end is None or day <= self.end)


class Country(Frozen):
    """A country or area: M49 code as three-character text, ISO 3166 alpha-3, the names it goes by."""

    m49: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    name: str
    aliases: tuple[str, ...] = ()
