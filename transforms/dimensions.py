"""The tables that every other table refers to: missions, cycles, sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from config import Country, Cycle, Host, Mission, Source
from transforms.certainty import WHOLE
from transforms.dictionary import dimension

# the first day from which figures count what happened
FIRST_DAY = date(2017, 1, 1)
# what no source sends is the pipeline's own
OWN = "pipeline"
_OWN_LISTS = (OWN, "Lists that the pipeline keeps", "A4P+ coordinator", "unclassified", None, "headquarters", None)
# it takes part in no count of missions: it does not report, and is of no kind that is counted
_ALL = pl.LazyFrame(
    {"mission": [WHOLE], "name": ["All peacekeeping operations"], "kind": ["total"], "reports": [False]}
)


@dimension
def missions(config_missions: Mapping[str, Mission], cycle: Cycle) -> pl.LazyFrame:
    """UN missions that a source may name, those of A4P+ marked; one row a mission, and one for all of peacekeeping.

    Source: config/missions.yaml, after the UN Peace and Security Data Hub's list of peacekeeping operations
    Rule: Figures on peacekeeping count missions whose kind is 'peacekeeping operation'.

    Fields:
        mission: Acronym, or ALL for the whole of peacekeeping, which is no mission.
        name: Full name.
        kind: Peacekeeping operation, special political mission, other, or total for ALL.
        start_date: Day on which the mission began, where known.
        end_date: Day on which the mission ended; empty while it goes on.
        reports: Whether the mission sends an A4P+ workbook in this release's cycle.
        in_conduct_data: Whether the report counts the mission's allegations of misconduct.
        agreement: Agreement with the host state, SOFA, SOMA or none, of the missions that report.
        in_operation: Whether it is in operation on the last day of this release's cycle; empty where it is not known
            when it began.

    Key: mission
    """
    schema = {
        "mission": pl.String,
        "name": pl.String,
        "kind": pl.String,
        "start_date": pl.Date,
        "end_date": pl.Date,
        "reports": pl.Boolean,
        "in_conduct_data": pl.Boolean,
        "agreement": pl.String,
        "in_operation": pl.Boolean,
    }
    listed = pl.LazyFrame(
        [
            (
                code,
                mission.name,
                mission.kind,
                mission.start,
                mission.end,
                mission.reports,
                mission.in_conduct_data or mission.reports,
                mission.agreement,
                mission.goes_on(cycle.end),
            )
            for code, mission in sorted(config_missions.items())
        ],
        schema=schema,
        orient="row",
    )
    return pl.concat([_ALL, listed], how="diagonal").select(*schema)


@dimension
def countries(config_countries: Mapping[str, Country]) -> pl.LazyFrame:
    """Countries and areas by their codes; one row a country or area.

    Source: ISO 3166 and M49; config/countries.yaml
    Rule: M49 codes are three-character text.

    Fields:
        iso_alpha3: ISO 3166 alpha-3 code.
        m49_code: M49 code.
        name: Name that UN data use.

    Key: iso_alpha3
    """
    return pl.LazyFrame(
        [(iso3, country.m49, country.name) for iso3, country in sorted(config_countries.items())],
        schema={"iso_alpha3": pl.String, "m49_code": pl.String, "name": pl.String},
        orient="row",
    )


@dimension
def cycles(config_cycles: Mapping[int, Cycle]) -> pl.LazyFrame:
    """Reporting cycles; one row a cycle.

    Source: config/cycles.yaml
    Rule: A cycle is six months, both days included.

    Fields:
        cycle: Number of the cycle.
        start_date: First day.
        end_date: Last day.
        days (days): Days of the cycle.

    Key: cycle
    """
    return pl.LazyFrame(
        [(cycle.number, cycle.start, cycle.end, cycle.days) for _, cycle in sorted(config_cycles.items())],
        schema={"cycle": pl.Int64, "start_date": pl.Date, "end_date": pl.Date, "days": pl.Int64},
        orient="row",
    )


@dimension
def sources(config_sources: Mapping[str, Source], cycle: Cycle) -> pl.LazyFrame:
    """Sources of the report, who answers for them and when they are due; one row a source, one the pipeline itself.

    Source: config/sources
    Rule: A source is due the contract's number of days after the cycle ends. What no source sends, such as the list of
        missions, is of the source 'pipeline', and is never due.

    Fields:
        source: Name of the source.
        title: What it delivers.
        owner: Office that answers for it.
        classification: Unclassified, confidential or strictly confidential.
        cadence: How often the source brings its data up to date.
        sent_by: Headquarters, or missions where each mission sends its own file.
        due_date: Day by which it was due for this release's cycle; empty for the pipeline's own lists.

    Key: source
    """
    return pl.LazyFrame(
        [
            (
                name,
                contract.title.en,
                contract.owner,
                contract.classification,
                contract.cadence,
                contract.sent_by,
                contract.due(cycle),
            )
            for name, contract in sorted(config_sources.items())
        ]
        + [_OWN_LISTS],
        schema={
            "source": pl.String,
            "title": pl.String,
            "owner": pl.String,
            "classification": pl.String,
            "cadence": pl.String,
            "sent_by": pl.String,
            "due_date": pl.Date,
        },
        orient="row",
    )


@dimension
def host_countries(
    config_hosts: Mapping[str, tuple[Host, ...]], config_countries: Mapping[str, Country]
) -> pl.LazyFrame:
    """Countries and areas that missions are in, with a point in each for maps; one row a mission and country or area.

    Source: config/host_countries.yaml
    Rule: A point is for a sign on a map: it says nothing of borders, nor of the legal status of a territory.

    Fields:
        mission: Acronym.
        host: Name of the country or area.
        iso_alpha3: ISO 3166 alpha-3 code; empty for an area without one of its own.
        m49_code: M49 code, three-character text; empty for an area without one of its own.
        latitude (degrees): Degrees north, WGS 84.
        longitude (degrees): Degrees east, WGS 84.

    Key: mission, host
    """
    rows = []
    for mission, hosts in sorted(config_hosts.items()):
        for host in hosts:
            country = config_countries[host.country] if host.country else None
            name = country.name if country else host.area
            rows.append((mission, name, host.country, country.m49 if country else None, *host.at))
    schema = {
        "mission": pl.String,
        "host": pl.String,
        "iso_alpha3": pl.String,
        "m49_code": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
    }
    return pl.LazyFrame(rows, schema=schema, orient="row")


@dimension
def calendar(config_cycles: Mapping[int, Cycle], cycle: Cycle) -> pl.LazyFrame:
    """Days from 1 January 2017 to the end of the year in which the release's cycle ends; one row a day.

    Source: config/cycles.yaml
    Rule: Figures count what happened from 1 January 2017 on, the first day of the report's longest window.

    Fields:
        date: Day.
        calendar_year: Calendar year.
        quarter: Quarter of the year, 1 to 4.
        month_number: Month of the year, 1 to 12.
        month_end: Last day of its month.
        reporting_cycle: Number of the cycle that the day is in; empty before the first one.

    Key: date
    """
    days = pl.LazyFrame().select(date=pl.date_range(FIRST_DAY, date(cycle.end.year, 12, 31), interval="1d"))
    starts = pl.LazyFrame(
        sorted((one.start, one.end, one.number) for one in config_cycles.values()),
        schema={"date": pl.Date, "last": pl.Date, "number": pl.Int64},
        orient="row",
    )
    return days.join_asof(starts, on="date").select(
        "date",
        pl.col("date").dt.year().cast(pl.Int64).alias("calendar_year"),
        pl.col("date").dt.quarter().cast(pl.Int64).alias("quarter"),
        pl.col("date").dt.month().cast(pl.Int64).alias("month_number"),
        pl.col("date").dt.month_end().alias("month_end"),
        pl.when(pl.col("date") <= pl.col("last")).then("number").alias("reporting_cycle"),
    )
