"""What a release is about, as catalogues are told it: what it is called, which days and places its data cover. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from config import Country, Cycle, Host, Publication
from flows.core.records import Status, Submission
from flows.documents.words import NUMBER

# where no licence was decided; said in every format that can hold a sentence
NO_LICENCE = "No licence has been given: all rights are reserved. Whoever wants to use these data asks the contact."


@dataclass(frozen=True)
class Place:
    """A place that data cover: its name, and its ISO 3166 alpha-3 code where it has one."""

    name: str
    code: str | None = None


@dataclass(frozen=True)
class About:
    """A release, as catalogues are told of it beside its tables.

    `received` is when the newest of its files came in: no clock is in a release. Its data lie between the days `first`
    and `last`, which are None where it has no figure.
    """

    cycle: Cycle
    status: Status
    publication: Publication
    received: datetime
    first: date | None = None
    last: date | None = None
    places: tuple[Place, ...] = ()

    @property
    def identifier(self) -> str:
        """By what the data of the cycle are known, whatever release it is."""
        return f"a4p-{self.cycle.folder}"

    @property
    def title(self) -> str:
        """What it is called."""
        return f"A4P+ report, cycle {self.cycle.number} ({self.cycle.start} to {self.cycle.end})"

    @property
    def description(self) -> str:
        """What it is, in a sentence or two; that it has no licence, where it has none."""
        said = (
            "Tables and figures of the Action for Peacekeeping+ (A4P+) progress report of United Nations peacekeeping, "
            f"{self.cycle.start} to {self.cycle.end}."
        )
        return said if self.publication.licence else f"{said} {NO_LICENCE}"

    @property
    def day(self) -> date:
        """The day from which it is: that on which the newest of its files came in."""
        return self.received.date()

    @property
    def citation(self) -> str:
        """How it is cited, with NUMBER in place of its name."""
        said = self.publication
        parts = {"title": self.title, "publisher": said.publisher.name, "year": str(self.received.year)}
        return said.citation.format(**parts, release=NUMBER)

    @property
    def keywords(self) -> list[str]:
        """What it is found by, in the languages of its tables."""
        said = self.publication
        return list(dict.fromkeys(word.text(language) for language in said.languages for word in said.keywords))


def of_release(
    cycle: Cycle,
    status: Status,
    tables: Mapping[str, pl.DataFrame],
    submissions: Iterable[Submission],
    publication: Publication,
    hosts: Mapping[str, Sequence[Host]],
    countries: Mapping[str, Country],
    up_to: date | None = None,
) -> About:
    """Return what a release is about.

    In: its tables by name, with `figures` among them; the files that it was made of; where missions are; the day
    up to which alone data are counted, where that is before the cycle's end.
    """
    figures = tables["figures"].filter(pl.col("value").is_not_null())
    received = max((one.received_at for one in submissions), default=datetime.combine(cycle.end, datetime.min.time()))
    first, last = _days(figures, tables)
    return About(
        cycle,
        status,
        publication,
        received.astimezone(UTC).replace(microsecond=0),
        first,
        min(last, up_to) if last and up_to else last,
        _places(figures, hosts, countries),
    )


def package(said: About) -> dict[str, Any]:
    """Return it as a Data Package has it, beside name, title and version."""
    of = said.publication
    publisher = {"title": of.publisher.name, "path": of.publisher.address, "roles": ["publisher"]}
    contact = {"title": of.contact.name, "path": of.contact.page, "email": of.contact.email, "roles": ["contact"]}
    licence = of.licence
    licences = [{"name": licence.name, "path": licence.address, "title": licence.title}] if licence else None
    every = {
        "description": said.description,
        "homepage": of.homepage,
        "created": said.received.isoformat().replace("+00:00", "Z"),
        "keywords": said.keywords,
        "licenses": licences,
        "contributors": [given(publisher), given(contact)],
    }
    return given(every)


def in_files(said: About) -> dict[str, str]:
    """Return what each Parquet file says of the release that it is of, with NUMBER in place of its name."""
    licence = said.publication.licence
    return {
        "title": said.title,
        "cycle": str(said.cycle.number),
        "release": NUMBER,
        "licence": f"{licence.name} ({licence.address})" if licence else NO_LICENCE,
        "publisher": said.publication.publisher.name,
    }


def given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given: without what is None."""
    return {name: value for name, value in said.items() if value is not None}


def _days(figures: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> tuple[date | None, date | None]:
    """Return the first and the last day that a figure counts, or a row of a year in a table that is in the past."""
    last: Any = figures["as_of"].max()
    firsts: list[Any] = [figures["window_start"].min()]
    if last is not None:
        for table in tables.values():
            if "year" in table.columns and table["year"].dtype.is_integer():
                year: Any = table["year"].min()
                firsts.append(date(year, 1, 1) if year and year <= last.year else None)
    return min((day for day in firsts if day is not None), default=None), last


def _places(
    figures: pl.DataFrame, hosts: Mapping[str, Sequence[Host]], countries: Mapping[str, Country]
) -> tuple[Place, ...]:
    """Return the countries and areas of the missions that figures tell of, by name."""
    missions = set(figures["mission"])
    found = {host for mission, own in hosts.items() if mission in missions for host in own}
    known = {Place(countries[one.country].name, one.country) if one.country else Place(str(one.area)) for one in found}
    return tuple(sorted(known, key=lambda place: place.name))
