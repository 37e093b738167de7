"""What a user would write instead: pandas, and Great Expectations asked for every failing row.

    python -m benchmarks.peers.pandas_gx INBOX OUT

Workbooks are read as `read_excel` reads them, by openpyxl. Where there is a fast way that is easy to know, it is taken:
columns as numpy types, dates in nanoseconds, one suite a table, no expectation evaluated twice. Prints, as JSON, the
seconds of the imports and of each part.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

os.environ["TQDM_DISABLE"] = "1"

import great_expectations as gx
import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from great_expectations.expectations.row_conditions import Column

from benchmarks.peers import facts
from benchmarks.peers.clock import Clock, arguments
from benchmarks.peers.facts import Cycle, Table

IMPORTED = time.perf_counter()
SPACE = "[\\s\u00a0\u2007\u202f\ufeff]+"
EDGE = "[ \t\r\n\u00a0]"
PAIR = {"or_equal": True, "ignore_row_if": "either_value_is_missing"}
logging.disable(logging.WARNING)


@dataclass(frozen=True)
class Rule:
    """A rule: its name, its column, and its expectation, which carries the severity."""

    name: str
    column: str
    expectation: Any


@dataclass(frozen=True)
class Checked:
    """A table of a cycle: accepted and refused rows, what was found."""

    read: int
    good: pd.DataFrame
    bad: pd.DataFrame
    findings: pd.DataFrame


def main(inbox: Path, out: Path) -> None:
    """Read, check, split, transform and write."""
    clock = Clock(BEGUN, IMPORTED)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frames = context.data_sources.add_pandas("frames")
    rows = []
    figures: pd.DataFrame | None = None
    for cycle in facts.cycles():
        checked: dict[str, Checked] = {}
        for table in facts.tables():
            text = clock("read", read, inbox, cycle, table)
            frame = clock("type", typed, text, table, cycle)
            if table.parent:
                frame = find(frame, checked[table.parent].good)
            batch = frames.add_dataframe_asset(f"{table.name}-{cycle.number}").add_batch_definition_whole_dataframe(
                "all"
            )
            known = rules(table, cycle)
            failing = clock("Great Expectations", validate, batch, frame, known)
            checked[table.name] = clock("split", split, text, frame, known, failing, table)
        rows += [(cycle.number, name, one.read, len(one.good), len(one.bad)) for name, one in checked.items()]
        made = clock("transform", curated, {name: one.good for name, one in checked.items()}, cycle)
        figures = clock("transform", with_previous, now(made, cycle), figures)
        for name, one in checked.items():
            clock("write", write_rows, out / f"cycle-{cycle.number:02d}", name, one)
    assert figures is not None
    for name, frame in {**made, "figures": figures}.items():
        if name not in ("casualties", "allegations"):
            clock("write", write_table, out / "tables", name, frame)
    clock.say(out, rows)


# reading and typing


def read(inbox: Path, cycle: Cycle, table: Table) -> pd.DataFrame:
    """Return a table's cells as text, with the number of the row and the day of receipt."""
    parts = []
    for path, received in facts.files(inbox, cycle, table.source):
        how: dict[str, Any] = {"dtype": str, "keep_default_na": False, "na_values": [""]}
        sheet = table.contract.get("sheet", 0)
        cells = pd.read_csv(path, **how) if path.suffix == ".csv" else pd.read_excel(path, sheet_name=sheet, **how)
        cells.columns = [table.headers.get(facts.spelled(header), header) for header in cells.columns]
        text = cells.reindex(columns=list(table.columns))
        text["_row"] = np.arange(2, len(text) + 2)
        text["_received_on"] = pd.Timestamp(received).as_unit("ns")
        text["_file"] = path.name
        parts.append(text.dropna(how="all", subset=list(table.columns)))
    together: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return together


def typed(text: pd.DataFrame, table: Table, cycle: Cycle) -> pd.DataFrame:
    """Type a table; `c__raw` is the cell as it stands, `c__text` without space around it, null where it is blank."""
    frame = text[["_row", "_received_on", "_file"]].copy()
    for name, said in table.columns.items():
        raw = text[name].astype("str")
        stripped = raw.str.replace(SPACE, " ", regex=True).str.strip()
        stripped = stripped.mask(stripped == "")
        frame[f"{name}__raw"] = raw.mask(stripped.isna())
        frame[f"{name}__text"] = stripped
        frame[name] = as_type(stripped, said)
    for name, said in table.columns.items():
        if "of" in said:
            frame[f"{name}__expected"] = frame[f"{said['of']}__text"].str.lower().map(country_codes(said["type"]))
    for fact in ("kind", "start", "end"):
        frame[f"mission__{fact}"] = frame["mission"].map(of_missions()[fact])
    for fact in ("start", "end"):
        frame[f"mission__{fact}"] = pd.to_datetime(frame[f"mission__{fact}"]).astype("datetime64[ns]")
    if "last_update" in frame:
        frame["_known_by"] = frame["last_update"].fillna(frame["_received_on"])
    if "type_of_casualty" in frame:
        told = frame["type_of_casualty"].notna()
        frame["type__told"] = told | ~told.groupby(frame["_file"]).transform("any")
    if "quarter" in frame:
        second = pd.Timestamp(cycle.second_quarter)
        day = frame["evaluation_date"]
        early = day.between(pd.Timestamp(cycle.start), second, inclusive="left")
        late = day.between(second, pd.Timestamp(cycle.end))
        other = pd.Series(np.select([early, late], ["Q2", "Q1"], default=""), index=frame.index)
        frame["quarter__fits"] = frame["quarter"] != other
    key = table.contract["key"]
    frame["_repeated"] = frame.duplicated(["_file", *key]) & frame[key].notna().all(axis=1)
    return frame


def as_type(text: pd.Series[Any], said: Mapping[str, Any]) -> pd.Series[Any]:
    """Return the cells in the type of their column, null where the text does not say one."""
    match said["type"]:
        case "date":
            days = text.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?$")[0]
            found = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
            if "epoch_ms" in said.get("formats", ()):
                stamps = pd.to_numeric(text.str.extract(r"^(-?\d{9,}|0)(?:\.0)?$")[0], errors="coerce")
                found = found.fillna(pd.to_datetime(stamps, unit="ms").dt.normalize().astype("datetime64[ns]"))
            return found
        case "count":
            grouped = text.str.fullmatch(r"-?\d{1,3}([, ']\d{3})+(\.\d+)?").fillna(False)
            bare = text.mask(grouped, text.str.replace("[, ']", "", regex=True))
            number = pd.to_numeric(bare, errors="coerce").astype("float64")
            return number.where(number == number.round())
        case "mission":
            return text.str.upper().map(facts.mission_codes())
        case "yes_no":
            words = dict.fromkeys(facts.YES, True) | dict.fromkeys(facts.NO, False)
            return text.str.lower().map(words)
        case "m49":
            return text.str.extract(r"^(\d{1,3})(?:\.0+)?$")[0].str.zfill(3)
        case "iso3":
            return text.str.upper()
    if "one_of" in said:
        return text.str.lower().map({word.lower(): word for word in said["one_of"]}).fillna(text)
    return text


def find(frame: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Add whether a row's unit is among the accepted ones."""
    known = units[["mission", "unit_id"]].drop_duplicates().assign(_found=True)
    found: pd.DataFrame = frame.merge(known, on=["mission", "unit_id"], how="left")
    found["_found"] = found["_found"].notna()
    return found


@cache
def of_missions() -> dict[str, dict[str, Any]]:
    """Return kind, first and last day of each mission."""
    return {fact: {one.code: getattr(one, fact) for one in facts.missions()} for fact in ("kind", "start", "end")}


@cache
def country_codes(kind: str) -> dict[str, str]:
    """Return the code of each spelling of a country."""
    return {spelling: m49 if kind == "m49" else iso3 for spelling, m49, iso3 in facts.countries()}


# rules


def rules(table: Table, cycle: Cycle) -> list[Rule]:
    """Return a table's rules."""
    found = [rule for name, said in table.columns.items() for rule in column_rules(name, said)]
    once = gxe.ExpectColumnValuesToBeInSet(column="_repeated", value_set=[False], severity="critical")
    found.append(Rule("row_is_listed_once", table.contract["key"][-1], once))
    if table.parent:
        known = Column("mission").is_not_null() & Column("unit_id").is_not_null()
        there = gxe.ExpectColumnValuesToBeInSet(
            column="_found", value_set=[True], row_condition=known, severity="critical"
        )
        found.append(Rule(f"unit_id_is_one_of_{table.parent}", "unit_id", there))
        first, last = (pd.Timestamp(day) for day in (cycle.start, cycle.end))
        within = gxe.ExpectColumnValuesToBeBetween(
            column="evaluation_date", min_value=first, max_value=last, severity="critical"
        )
        found.append(Rule("evaluation_date_is_in_the_cycle", "evaluation_date", within))
    return [*found, *business_rules(table.name)]


def column_rules(name: str, said: Mapping[str, Any]) -> Iterator[Rule]:
    """Give the rules on one column."""
    raw, text, kind = f"{name}__raw", f"{name}__text", said["type"]
    if "required" in said:
        yield Rule(f"{name}_is_given", name, gxe.ExpectColumnValuesToNotBeNull(column=text, severity="critical"))
    if kind in ("count", "date", "yes_no", "mission", "m49"):
        severity = "warning" if kind == "m49" else "critical"
        there = Column(text).is_not_null()
        expectation = gxe.ExpectColumnValuesToNotBeNull(column=name, row_condition=there, severity=severity)
        yield Rule(f"{name}_is_a_{kind}", name, expectation)
    if kind == "text":
        spaced = f"^{EDGE}|{EDGE}$"
        expectation = gxe.ExpectColumnValuesToNotMatchRegex(column=raw, regex=spaced, severity="info")
        yield Rule(f"{name}_has_no_spaces_around_it", name, expectation)
    if "one_of" in said:
        expectation = gxe.ExpectColumnValuesToBeInSet(column=name, value_set=said["one_of"], severity="critical")
        yield Rule(f"{name}_is_one_of_the_list", name, expectation)
    if "at_least" in said:
        least = int(said["at_least"])
        expectation = gxe.ExpectColumnValuesToBeBetween(column=name, min_value=least, severity="critical")
        yield Rule(f"{name}_is_in_range", name, expectation)
    if "of" in said:
        expectation = gxe.ExpectColumnPairValuesToBeEqual(
            column_A=name,
            column_B=f"{name}__expected",
            ignore_row_if="either_value_is_missing",
            severity="warning",
        )
        yield Rule(f"{name}_is_of_the_{said['of']}", name, expectation)
        yield Rule(f"{name}_is_there", name, gxe.ExpectColumnValuesToNotBeNull(column=text, severity="info"))
    if kind == "m49":
        expectation = gxe.ExpectColumnValuesToMatchRegex(column=raw, regex=rf"^{EDGE}*\d{{3}}{EDGE}*$", severity="info")
        yield Rule(f"{name}_is_written_as_text", name, expectation)


def business_rules(table: str) -> list[Rule]:
    """Return the rules that are this table's own."""

    def not_before(name: str, column: str, later: str, earlier: str, severity: Any) -> Rule:
        return Rule(
            name,
            column,
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=later, column_B=earlier, severity=severity, **PAIR),
        )

    match table:
        case "noticas":
            day = "incident_date"
            told = gxe.ExpectColumnValuesToBeInSet(column="type__told", value_set=[True], severity="warning")
            return [
                Rule("type_is_given_where_others_have_one", "type_of_casualty", told),
                not_before("incident_is_not_in_the_future", day, "_known_by", day, "critical"),
                not_before("incident_is_not_before_the_mission_began", day, day, "mission__start", "warning"),
                not_before("incident_is_not_long_after_the_mission_ended", day, "mission__end", day, "info"),
            ]
        case "uniformed_personnel":
            day = "last_reporting_date"
            return [
                not_before("month_is_not_in_the_future", day, "_received_on", day, "critical"),
                not_before("mission_was_deployed", day, day, "mission__start", "warning"),
            ]
        case "conduct_allegations":
            day, begins, ends = "date_reported", "incident_from", "incident_to"
            return [
                not_before("incident_ends_after_it_begins", ends, ends, begins, "critical"),
                not_before("report_follows_the_incident", day, day, begins, "critical"),
                not_before("report_is_not_in_the_future", day, "_received_on", day, "critical"),
            ]
        case "military_units" | "fpu_units":
            name = "military_unit" if table == "military_units" else "formed_police_unit"
            expectation = gxe.ExpectColumnValuesToBeInSet(
                column="mission__kind", value_set=[facts.OPERATION], severity="warning"
            )
            return [Rule(f"{name}_is_in_a_peacekeeping_operation", "mission", expectation)]
        case _:
            military = table == "military_unit_evaluations"
            plan = "a_poor_rating_has_a_plan" if military else "an_evaluation_that_needs_improvement_has_a_plan"
            future = "unit_evaluation_is_not_in_the_future" if military else "fpu_evaluation_is_not_in_the_future"
            poor = gxe.ExpectColumnValuesToBeInSet(
                column="improvement_plan",
                value_set=[True],
                row_condition=Column("rating").is_in(list(facts.POOR[table])),
                severity="warning",
            )
            day = "evaluation_date"
            fits = gxe.ExpectColumnValuesToBeInSet(column="quarter__fits", value_set=[True], severity="warning")
            return [
                *([] if military else [Rule("quarter_is_that_of_the_date", "quarter", fits)]),
                Rule(plan, "improvement_plan", poor),
                not_before(future, day, "_received_on", day, "critical"),
            ]


def validate(batch: Any, frame: pd.DataFrame, known: list[Rule]) -> list[list[int]]:
    """Return, for each rule, the numbers of the rows that break it."""
    suite = gx.ExpectationSuite(name="suite", expectations=[rule.expectation for rule in known])
    for number, expectation in enumerate(suite.expectations):
        expectation.id = str(number)
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["_row"]}
    results = batch.get_batch({"dataframe": frame}).validate(suite, result_format=wanted).results
    failing: list[list[int]] = [[] for _ in known]
    for result in results:
        if result.exception_info.get("raised_exception"):
            raise ValueError(result.exception_info)
        unexpected = result.result.get("unexpected_index_list") or []
        failing[int(result.expectation_config.id)] = [row["_row"] for row in unexpected]
    return failing


def split(
    text: pd.DataFrame, frame: pd.DataFrame, known: list[Rule], failing: list[list[int]], table: Table
) -> Checked:
    """Split a table into accepted and refused rows, the latter as they stood and with the reasons."""
    found = [
        (row, rule.column, rule.name, str(getattr(rule.expectation.severity, "value", rule.expectation.severity)))
        for rule, rows in zip(known, failing, strict=True)
        for row in rows
    ]
    findings = pd.DataFrame(found, columns=["_row", "column", "rule", "severity"])
    critical = findings[findings["severity"] == "critical"].sort_values("rule")
    reasons = critical.groupby("_row")["rule"].agg("; ".join)
    refused = frame["_row"].isin(reasons.index)
    good = frame.loc[~refused, [*table.columns, "_row", "_file"]]
    counts = {name: "int64" for name, said in table.columns.items() if said["type"] == "count"}
    bad = text[refused.to_numpy()].assign(reasons=lambda bad: bad["_row"].map(reasons))
    return Checked(len(frame), good.astype(counts), bad, findings)


# tables


def curated(staged: Mapping[str, pd.DataFrame], cycle: Cycle) -> dict[str, pd.DataFrame]:
    """Make the tables of accepted rows."""
    operations = [one.code for one in facts.missions() if one.kind == facts.OPERATION]
    kinds = staged["noticas"]["type_of_casualty"]
    untyped = ~kinds.notna().groupby(staged["noticas"]["_file"]).transform("any")
    casualties = staged["noticas"].assign(
        year=lambda rows: rows["incident_date"].dt.year,
        in_scope=lambda rows: rows["mission"].isin(operations) & ((kinds == "Fatality") | (kinds.isna() & untyped)),
    )
    counted = casualties[casualties["in_scope"] & (casualties["incident_date"] >= pd.Timestamp(facts.FIRST_DAY))]
    by_year = counted.groupby("year").agg(
        deaths=("cause", "size"), malicious_deaths=("cause", lambda cause: (cause == "Malicious Act").sum())
    )
    by_year["malicious_pct"] = (100 * by_year["malicious_deaths"] / by_year["deaths"]).round(2)
    ratings = size(staged["fpu_evaluations"], ["mission", "rating"], "evaluations")
    return {
        "casualties": casualties,
        "fatalities_by_cause": size(counted, ["year", "cause"], "deaths"),
        "fatalities_by_mission": size(counted, ["mission", "cause"], "deaths"),
        "fatalities_malicious_share": by_year.reset_index(),
        "uniformed_women": uniformed_women(staged["uniformed_personnel"]),
        **of_allegations(staged["conduct_allegations"]),
        "military_unit_evaluations_by_mission": evaluated(
            staged["military_units"], staged["military_unit_evaluations"], cycle
        ),
        "fpu_evaluations_by_mission": evaluated(staged["fpu_units"], staged["fpu_evaluations"], cycle),
        "fpu_evaluation_ratings": ratings.assign(cycle=cycle.number)[["cycle", "mission", "rating", "evaluations"]],
    }


def of_allegations(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make the tables of allegations; no small cell is suppressed."""
    rows = rows[rows["mission"].isin([one.code for one in facts.missions() if one.in_conduct_data])]
    ended = rows["incident_to"].fillna(rows["incident_from"]).dt.year
    before = rows["date_reported"].dt.year - ended
    allegations = rows.assign(
        year_reported=rows["date_reported"].dt.year,
        incident_year=np.select(
            [ended.isna(), before <= 0, before == 1], ["unknown", "current", "previous"], default="other"
        ),
    )
    sea = allegations[allegations["category"] == "SEA"]
    others = allegations[allegations["category"] == "Other serious misconduct"]
    kinds = ["current", "previous", "other", "unknown"]
    pairs = pd.MultiIndex.from_product(
        [sorted(sea["year_reported"].unique()), kinds], names=["year_reported", "incident_year"]
    )
    by_year = sea.groupby(["year_reported", "incident_year"]).size().reindex(pairs, fill_value=0)
    acted = sea[(sea["status"] == "Substantiated") & (sea["year_reported"] >= facts.FIRST_YEAR_OF_ACTIONS)]
    return {
        "allegations": allegations,
        "sea_allegations_by_year": by_year.rename("allegations").reset_index(),
        "sea_allegations_yearly": size(sea, ["year_reported"], "allegations"),
        "serious_misconduct_by_year": size(others, ["year_reported"], "allegations"),
        "sea_actions": size(
            acted.assign(action_taken=acted["action_taken"].fillna("Pending")), ["action_taken"], "allegations"
        ),
    }


def uniformed_women(personnel: pd.DataFrame) -> pd.DataFrame:
    """Make the table of women deployed, by month and category, against the targets."""
    reporting = [one.code for one in facts.missions() if one.reports]
    rows = personnel[personnel["mission"].isin(reporting)]
    rows = rows.assign(
        month=rows["last_reporting_date"] + pd.offsets.MonthEnd(0), category=rows["personnel_type"].map(facts.CATEGORY)
    )
    table = rows.groupby(["month", "category"])[["female_personnel", "male_personnel"]].sum().reset_index()
    table["women"] = table["female_personnel"]
    table["personnel"] = table["female_personnel"] + table["male_personnel"]
    table["women_pct"] = (100 * table["women"] / table["personnel"]).round(2)
    table["year"] = table["month"].dt.year
    targets = pd.DataFrame(list(facts.targets()), columns=["category", "year", "target_pct", "target_derived"])
    table = table.merge(targets, on=["category", "year"], how="left")
    table["gap_points"] = (table["women_pct"] - table["target_pct"]).round(2)
    columns = ["month", "category", "women", "personnel", "women_pct", "target_pct", "target_derived", "gap_points"]
    return table[columns].sort_values(["month", "category"])


def evaluated(units: pd.DataFrame, evaluations: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Make a table of units and their evaluations by mission."""
    times = evaluations.groupby(["mission", "unit_id"]).size().rename("times").reset_index()
    counted = times.groupby("mission").agg(
        units_evaluated=("times", "size"),
        units_evaluated_twice=("times", lambda often: (often >= 2).sum()),
        evaluations=("times", "sum"),
    )
    table = units.groupby("mission").agg(units=("unit_id", "nunique")).join(counted).fillna(0).astype("int64")
    return table.reset_index().assign(cycle=cycle.number)[
        ["cycle", "mission", "units", "units_evaluated", "units_evaluated_twice", "evaluations"]
    ]


def size(rows: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    """Count rows by columns."""
    return rows.groupby(by).size().rename(name).reset_index()


# figures


def now(made: Mapping[str, pd.DataFrame], cycle: Cycle) -> pd.DataFrame:
    """Return the cycle's figures of these sources."""
    casualties = made["casualties"]
    newest = casualties["last_update"].max()
    days = casualties["incident_date"]
    deaths = casualties[casualties["in_scope"] & (days >= pd.Timestamp(facts.FIRST_DAY)) & (days <= newest)]
    end, last = pd.Timestamp(cycle.end), pd.Timestamp(date(cycle.year, 12, 31))
    parts: list[tuple[str, str, float, pd.Timestamp]] = []

    def by_mission(name: str, whole: float, each: pd.Series[Any], as_of: pd.Timestamp) -> None:
        parts.extend([(name, "ALL", whole, as_of), *((name, str(m), value, as_of) for m, value in each.items())])

    for name, cause in (
        ("fatalities_total", None),
        ("fatalities_malicious", "Malicious Act"),
        ("fatalities_illness", "Illness"),
        ("fatalities_accident", "Accident"),
    ):
        rows = deaths[deaths["cause"] == cause] if cause else deaths
        by_mission(name, len(rows), rows.groupby("mission").size(), newest)
    for name, table, column in (
        ("fpus", "fpu_evaluations_by_mission", "units"),
        ("fpu_evaluations", "fpu_evaluations_by_mission", "evaluations"),
        ("military_unit_evaluations", "military_unit_evaluations_by_mission", "evaluations"),
    ):
        by_mission(name, made[table][column].sum(), made[table].set_index("mission")[column], end)
    for name, cause in (("fatalities_illness_share", "Illness"), ("fatalities_malicious_share", "Malicious Act")):
        share = 100 * (deaths["cause"] == cause).sum() / len(deaths)
        parts.append((name, "ALL", np.floor(share + 0.5), newest))
    for name, table in (
        ("sea_allegations", "sea_allegations_yearly"),
        ("serious_misconduct", "serious_misconduct_by_year"),
    ):
        of_year = made[table][made[table]["year_reported"] == cycle.year]
        parts.append((name, "ALL", of_year["allegations"].sum(), last))
    figures = pd.DataFrame(parts, columns=["figure", "mission", "value", "as_of"])
    return figures.assign(cycle=cycle.number, value=figures["value"].astype("float64"))


def with_previous(figures: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Add the previous cycle's values."""
    if before is None:
        figures["previous"] = np.nan
    else:
        previous = before[["figure", "mission", "value"]].rename(columns={"value": "previous"})
        figures = figures.merge(previous, on=["figure", "mission"], how="left")
    figures["change"] = (figures["value"] - figures["previous"]).round(6)
    columns = ["cycle", "figure", "mission", "value", "previous", "change", "as_of"]
    return figures[columns].sort_values(["figure", "mission"])


# writing


def write_rows(folder: Path, name: str, checked: Checked) -> None:
    """Write a table's accepted and refused rows, and what was found."""
    for kind, frame in (("accepted", checked.good), ("refused", checked.bad), ("findings", checked.findings)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        frame.to_parquet(folder / kind / f"{name}.parquet", index=False)


def write_table(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Write a curated table as Parquet and CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    frame.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")


if __name__ == "__main__":
    main(*arguments())
