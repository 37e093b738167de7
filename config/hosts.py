"""Where missions are: the countries and areas that host them, as host_countries.yaml says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import Field, RootModel, model_validator

from config.labels import Frozen
from config.layers import HERE
from config.loader import Document, parse

_Latitude = Annotated[float, Field(ge=-90, le=90)]
_Longitude = Annotated[float, Field(ge=-180, le=180)]


class Host(Frozen):
    """A country, by ISO 3166 alpha-3, or an area that has no code of its own; `at` is a point in it for maps."""

    country: str | None = None
    area: str | None = None
    at: tuple[_Latitude, _Longitude]

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Host:
        if (self.country is None) == (self.area is None):
            raise ValueError("give either a country, by its ISO 3166 alpha-3 code, or an area, by its name")
        return self


class _Hosts(RootModel[dict[str, tuple[Host, ...]]]):
    """The countries and areas of each mission."""


def read_hosts(
    document: Document, missions: Collection[str], countries: Collection[str]
) -> Mapping[str, tuple[Host, ...]]:
    """Return the countries and areas of each mission.

    Raises ConfigError with file and line for a mission or a country that is not known. Of the list that comes with the
    package those are passed over: whoever takes a mission or a country away need not take it away here too.
    """
    hosts = {}
    for mission, own in parse(document, _Hosts).root.items():
        shipped = document.line((mission,)).file.parent == HERE
        if not shipped and mission not in missions:
            raise document.mistake(
                (mission,), f"'{mission}' is no mission of config/missions.yaml; write '{mission}: ~' to take it away"
            )
        unknown = [number for number, host in enumerate(own) if host.country and host.country not in countries]
        if unknown and not shipped:
            raise document.mistake(
                (mission, unknown[0], "country"), f"'{own[unknown[0]].country}' is no country of config/countries.yaml"
            )
        if mission in missions:
            hosts[mission] = tuple(host for number, host in enumerate(own) if number not in unknown)
    return hosts
