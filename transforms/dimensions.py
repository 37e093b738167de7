"""The tables that every other table refers to: missions, cycles, sources."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Country, Cycle, Mission, Source
from transforms.dictionary import dimension


@dimension
def missions(config_missions: Mapping[str, Mission], cycle: Cycle) -> pl.LazyFrame:
    """UN missions that a source may name, those of A4P+ marked; one row a mission.

    Source: config/missions.yaml, after the UN Peace and Security Data Hub's list of peacekeeping operations
    Rule: Figures on peacekeeping count missions whose kind is 'peacekeeping operation'.

    Fields:
        mission: Acronym.
        name: Full name.
        kind: Peacekeeping operation, special political mission, or other.
        start_date: Day on which the mission began, where known.
        end_date: Day on which the mission ended; empty while it goes on.
        reports: Whether the mission sends an A4P+ workbook in this release's cycle.
        agreement: Agreement with the host state, SOFA, SOMA or none, of the missions that report.
        in_operation: Whether it is in operation on the last day of this release's cycle; empty where it is not known
            when it began.

    Key: mission
    """
    return pl.LazyFrame(
        [
            (
                code,
                mission.name,
                mission.kind,
                mission.start,
                mission.end,
                mission.reports,
                mission.agreement,
                mission.goes_on(cycle.end),
            )
            for code, mission in sorted(config_missions.items())
        ],
        schema={
            "mission": pl.String,
            "name": pl.String,
            "kind": pl.String,
            "start_date": pl.Date,
            "end_date": pl.Date,
            "reports": pl.Boolean,
            "agreement": pl.String,
            "in_operation": pl.Boolean,
        },
        orient="row",
    )


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
    """Sources of the report, who answers for them and when they are due; one row a source.

    Source: config/sources
    Rule: A source is due the contract's number of days after the cycle ends.

    Fields:
        source: Name of the source.
        title: What it delivers.
        owner: Office that answers for it.
        classification: Unclassified, confidential or strictly confidential.
        cadence: How often the source brings its data up to date.
        sent_by: Headquarters, or missions where each mission sends its own file.
        due_date: Day by which it was due for this release's cycle.

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
        ],
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
