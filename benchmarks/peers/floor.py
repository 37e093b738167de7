"""The floor: the same work in bare Polars, as one would write it who wants nothing but the tables.

    python -m benchmarks.peers.floor INBOX OUT

Prints, as JSON, the seconds of the imports and of each part.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from benchmarks.peers import facts
from benchmarks.peers.clock import Clock, arguments
from benchmarks.peers.facts import Cycle, Table

IMPORTED = time.perf_counter()
SPACE = r"[\s\u{a0}\u{2007}\u{202f}\u{feff}]+"
EDGES = " \t\r\n\u00a0"


@dataclass(frozen=True)
class Rule:
    """A rule: its name, column and severity, and the expression that is true of the rows that break it."""

    name: str
    column: str
    severity: str
    broken: pl.Expr


@dataclass(frozen=True)
class Checked:
    """A table of a cycle: accepted and refused rows, what was found, the newest day of its data."""

    read: int
    good: pl.DataFrame
    bad: pl.DataFrame
    findings: pl.DataFrame


def main(inbox: Path, out: Path) -> None:
    """Read, check, split, transform and write."""
    clock = Clock(BEGUN, IMPORTED)
    made: dict[int, dict[str, pl.LazyFrame]] = {}
    figures: pl.LazyFrame | None = None
    rows = []
    for cycle in facts.cycles():
        checked: dict[str, Checked] = {}
        for table in facts.tables():
            text = clock("read", read, inbox, cycle, table)
            units = checked[table.parent].good if table.parent else None
            checked[table.name] = clock("check", check, text, table, cycle, units)
        rows += [(cycle.number, name, one.read, one.good.height, one.bad.height) for name, one in checked.items()]
        staged = {name: one.good.lazy() for name, one in checked.items()}
        made[cycle.number] = clock("transform", curated, staged, cycle)
        figures = clock("transform", with_previous, now(made[cycle.number], cycle), figures)
        for name, one in checked.items():
            clock("write", write_rows, out / f"cycle-{cycle.number:02d}", name, one)
    assert figures is not None
    final = {name: frame for name, frame in made[cycle.number].items() if name not in ("casualties", "allegations")}
    frames = clock("transform", pl.collect_all, [*final.values(), figures])
    for name, frame in zip([*final, "figures"], frames, strict=True):
        clock("write", write_table, out / "tables", name, frame)
    clock.say(out, rows)


# reading


def read(inbox: Path, cycle: Cycle, table: Table) -> pl.DataFrame:
    """Return a table's cells as text, with the number of the row and the day of receipt."""
    parts = []
    for path, received in facts.files(inbox, cycle, table.source):
        if path.suffix == ".csv":
            cells = pl.read_csv(path, infer_schema=False)
        else:
            sheets = fastexcel.read_excel(path)
            sheet = table.contract.get("sheet", sheets.sheet_names[0])
            cells = sheets.load_sheet(sheet, dtypes="string").to_polars()
        placed = {facts.spelled(header): header for header in cells.columns}
        named = {name: placed[header] for header, name in table.headers.items() if header in placed}
        absent = [pl.lit(None, pl.String).alias(name) for name in table.columns if name not in named]
        selected = cells.with_row_index("_row", offset=2).select(
            "_row", *(pl.col(header).alias(name) for name, header in named.items()), *absent
        )
        parts.append(selected.with_columns(_received_on=pl.lit(received), _file=pl.lit(path.name)))
    return pl.concat(parts, how="diagonal").filter(pl.any_horizontal(pl.col(*table.columns).is_not_null()))


# typing


def typed(text: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """Type a table; `c__raw` is the cell as it stands, `c__text` without space around it, null where it is blank."""
    columns = table.columns
    raw = text.rename({name: f"{name}__raw" for name in columns})
    stripped = raw.with_columns(
        pl.col(f"{name}__raw").str.replace_all(SPACE, " ").str.strip_chars().replace("", None).alias(f"{name}__text")
        for name in columns
    )
    return stripped.with_columns(as_type(name, said).alias(name) for name, said in columns.items())


def as_type(name: str, said: Mapping[str, Any]) -> pl.Expr:
    """Return the value of a cell in the type of its column, null where the text does not say one."""
    cell = pl.col(f"{name}__text")
    match said["type"]:
        case "date":
            forms = said.get("formats", ["iso"])
            return pl.coalesce(as_date(cell, form) for form in forms)
        case "count":
            return pl.coalesce(cell.cast(pl.Int64, strict=False), as_whole_number(cell))
        case "mission":
            return cell.str.to_uppercase().replace_strict(mission_codes(), default=None, return_dtype=pl.String)
        case "yes_no":
            words = dict.fromkeys(facts.YES, True) | dict.fromkeys(facts.NO, False)
            return cell.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        case "m49":
            return cell.str.extract(r"^(\d{1,3})(?:\.0+)?$").str.zfill(3)
        case "iso3":
            return cell.str.to_uppercase()
    if "one_of" in said:
        words_of = {word.lower(): word for word in said["one_of"]}
        return cell.str.to_lowercase().replace_strict(words_of, default=cell, return_dtype=pl.String)
    return cell


def as_date(cell: pl.Expr, form: str) -> pl.Expr:
    """Return a day that is written as the form says."""
    if form == "epoch_ms":
        return pl.from_epoch(cell.str.extract(r"^(-?\d{9,}|0)(?:\.0)?$").cast(pl.Int64, strict=False), "ms").dt.date()
    return cell.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?$").str.to_date("%Y-%m-%d", strict=False)


def as_whole_number(cell: pl.Expr) -> pl.Expr:
    """Return a whole number that is written 12.0 or 1,234."""
    bare = pl.when(cell.str.contains(r"^-?\d{1,3}([, ']\d{3})+(\.\d+)?$")).then(cell.str.replace_all("[, ']", ""))
    number = pl.coalesce(bare, cell).cast(pl.Float64, strict=False)
    return pl.when(number == number.round()).then(number.cast(pl.Int64, strict=False))


@cache
def mission_codes() -> dict[str, str]:
    """Return the acronym for each spelling of a mission."""
    return facts.mission_codes()


@cache
def of_missions() -> dict[str, tuple[str, date | None, date | None]]:
    """Return kind, first and last day of each mission."""
    return {one.code: (one.kind, one.start, one.end) for one in facts.missions()}


@cache
def country_codes(kind: str) -> dict[str, str]:
    """Return the code of each spelling of a country."""
    return {spelling: m49 if kind == "m49" else iso3 for spelling, m49, iso3 in facts.countries()}


# rules


def rules(table: Table, cycle: Cycle) -> list[Rule]:
    """Return a table's rules."""
    found = [rule for name, said in table.columns.items() for rule in column_rules(name, said)]
    key = table.contract["key"]
    all_given = pl.all_horizontal(pl.col(*key).is_not_null())
    repeated = all_given & ~pl.struct("_file", *key).is_first_distinct()
    found.append(Rule("row_is_listed_once", key[-1], "critical", repeated))
    if table.parent:
        lost = pl.col("_found").is_null() & pl.col("mission").is_not_null() & pl.col("unit_id").is_not_null()
        found.append(Rule(f"unit_id_is_one_of_{table.parent}", "unit_id", "critical", lost))
        outside = ~pl.col("evaluation_date").is_between(cycle.start, cycle.end)
        found.append(Rule("evaluation_date_is_in_the_cycle", "evaluation_date", "critical", outside))
    return [*found, *business_rules(table.name, cycle)]


def column_rules(name: str, said: Mapping[str, Any]) -> Iterable[Rule]:
    """Give the rules on one column."""
    raw, text, value = pl.col(f"{name}__raw"), pl.col(f"{name}__text"), pl.col(name)
    kind = said["type"]
    if "required" in said:
        yield Rule(f"{name}_is_given", name, "critical", text.is_null())
    if kind in ("count", "date", "yes_no", "mission", "m49"):
        severity = "warning" if kind == "m49" else "critical"
        yield Rule(f"{name}_is_a_{kind}", name, severity, value.is_null() & text.is_not_null())
    if kind == "text":
        spaced = (raw.str.strip_chars(EDGES) != raw) & text.is_not_null()
        yield Rule(f"{name}_has_no_spaces_around_it", name, "info", spaced)
    if "one_of" in said:
        yield Rule(f"{name}_is_one_of_the_list", name, "critical", ~value.is_in(list(said["one_of"])))
    if "at_least" in said:
        yield Rule(f"{name}_is_in_range", name, "critical", value < int(said["at_least"]))
    if "of" in said:
        country = pl.col(f"{said['of']}__text").str.to_lowercase()
        expected = country.replace_strict(country_codes(kind), default=None, return_dtype=pl.String)
        yield Rule(f"{name}_is_of_the_{said['of']}", name, "warning", value != expected)
        yield Rule(f"{name}_is_there", name, "info", text.is_null())
    if kind == "m49":
        written = raw.str.contains(r"^[ \t\r\n\x{a0}]*\d{3}[ \t\r\n\x{a0}]*$")
        yield Rule(f"{name}_is_written_as_text", name, "info", ~written & text.is_not_null())


def business_rules(table: str, cycle: Cycle) -> list[Rule]:
    """Return the rules that are this table's own."""

    def of_mission(place: int, dtype: Any) -> pl.Expr:
        known = {code: said[place] for code, said in of_missions().items()}
        return pl.col("mission").replace_strict(known, default=None, return_dtype=dtype)

    def rule(name: str, column: str, severity: str, broken: pl.Expr) -> Rule:
        return Rule(name, column, severity, broken)

    kind, began, ended = of_mission(0, pl.String), of_mission(1, pl.Date), of_mission(2, pl.Date)
    received = pl.col("_received_on")
    match table:
        case "noticas":
            day = pl.col("incident_date")
            known_by = pl.coalesce("last_update", "_received_on")
            kind_of = pl.col("type_of_casualty")
            untold = kind_of.is_null() & kind_of.is_not_null().any().over("_file")
            return [
                rule("type_is_given_where_others_have_one", "type_of_casualty", "warning", untold),
                rule("incident_is_not_in_the_future", "incident_date", "critical", day > known_by),
                rule("incident_is_not_before_the_mission_began", "incident_date", "warning", day < began),
                rule("incident_is_not_long_after_the_mission_ended", "incident_date", "info", day > ended),
            ]
        case "uniformed_personnel":
            day = pl.col("last_reporting_date")
            return [
                rule("month_is_not_in_the_future", "last_reporting_date", "critical", day > received),
                rule("mission_was_deployed", "last_reporting_date", "warning", day < began),
            ]
        case "conduct_allegations":
            reported, begins, ends = pl.col("date_reported"), pl.col("incident_from"), pl.col("incident_to")
            return [
                rule("incident_ends_after_it_begins", "incident_to", "critical", ends < begins),
                rule("report_follows_the_incident", "date_reported", "critical", reported < begins),
                rule("report_is_not_in_the_future", "date_reported", "critical", reported > received),
            ]
        case "military_units" | "fpu_units":
            name = "military_unit" if table == "military_units" else "formed_police_unit"
            elsewhere = kind != facts.OPERATION
            return [rule(f"{name}_is_in_a_peacekeeping_operation", "mission", "warning", elsewhere)]
        case _:
            military = table == "military_unit_evaluations"
            plan = "a_poor_rating_has_a_plan" if military else "an_evaluation_that_needs_improvement_has_a_plan"
            future = "unit_evaluation_is_not_in_the_future" if military else "fpu_evaluation_is_not_in_the_future"
            poor = pl.col("rating").is_in(list(facts.POOR[table])) & ~pl.col("improvement_plan")
            day = pl.col("evaluation_date")
            early = day.is_between(cycle.start, cycle.second_quarter, "left")
            late = day.is_between(cycle.second_quarter, cycle.end)
            other = pl.when(early).then(pl.lit("Q2")).when(late).then(pl.lit("Q1"))
            fits = "quarter_is_that_of_the_date"
            return [
                *([] if military else [rule(fits, "quarter", "warning", pl.col("quarter") == other)]),
                rule(plan, "improvement_plan", "warning", poor),
                rule(future, "evaluation_date", "critical", pl.col("evaluation_date") > received),
            ]


def check(text: pl.DataFrame, table: Table, cycle: Cycle, units: pl.DataFrame | None) -> Checked:
    """Type a table, hold it against its rules, and split it; `units` are accepted rows that it refers to."""
    known = rules(table, cycle)
    frame = typed(text.lazy(), table)
    if units is not None:
        found = units.lazy().select("mission", "unit_id", _found=True).unique()
        frame = frame.join(found, on=["mission", "unit_id"], how="left", maintain_order="left")
    critical = [rule.name for rule in known if rule.severity == "critical"]
    masks = [rule.broken.fill_null(False).alias(rule.name) for rule in known]
    marked = frame.with_columns(masks).with_columns(_refused=pl.any_horizontal(critical))
    place = ["_file", "_row"]
    good, bad, broken = pl.collect_all(
        [
            marked.filter(~pl.col("_refused")).select(*table.columns, *place),
            marked.filter("_refused").select(
                *place, *(pl.col(f"{name}__raw").alias(name) for name in table.columns), reasons=reasons(critical)
            ),
            marked.filter(pl.any_horizontal(rule.name for rule in known)).select(
                *place, *(rule.name for rule in known)
            ),
        ]
    )
    about = pl.DataFrame(
        [(rule.name, rule.column, rule.severity) for rule in known], ["rule", "column", "severity"], orient="row"
    )
    findings = (
        broken.unpivot(on=[rule.name for rule in known], index=place, variable_name="rule")
        .filter("value")
        .join(about, on="rule")
        .select(pl.lit(table.name).alias("table"), *place, "column", "rule", "severity")
    )
    return Checked(text.height, good, bad, findings)


def reasons(critical: Sequence[str]) -> pl.Expr:
    """Return the names of the critical rules that a row breaks."""
    named = [pl.when(name).then(pl.lit(name)) for name in sorted(critical)]
    return pl.concat_str(named, separator="; ", ignore_nulls=True)


# tables


def curated(staged: Mapping[str, pl.LazyFrame], cycle: Cycle) -> dict[str, pl.LazyFrame]:
    """Make the tables of accepted rows."""
    everyone = pl.LazyFrame(
        [(one.code, one.kind == facts.OPERATION, one.reports, one.in_conduct_data) for one in facts.missions()],
        schema=["mission", "operation", "reports", "in_conduct_data"],
        orient="row",
    )
    operations = everyone.filter("operation").select("mission", "operation")
    kind = pl.col("type_of_casualty")
    fatal = (kind == "Fatality").fill_null(kind.is_null().all().over("_file"))
    casualties = (
        staged["noticas"]
        .join(operations, on="mission", how="left")
        .select(
            "casualty_id",
            "incident_date",
            "mission",
            "cause",
            "personnel_type",
            "gender",
            "last_update",
            year=pl.col("incident_date").dt.year().cast(pl.Int64),
            in_scope=pl.col("operation").fill_null(False) & fatal,
        )
    )
    counted = casualties.filter("in_scope", pl.col("incident_date") >= facts.FIRST_DAY)
    ended = pl.coalesce("incident_to", "incident_from").dt.year()
    before = pl.col("date_reported").dt.year() - ended
    allegations = (
        staged["conduct_allegations"]
        .join(everyone.filter("in_conduct_data"), on="mission", how="semi")
        .select(
            "allegation_id",
            "category",
            "mission",
            "status",
            "action_taken",
            year_reported=pl.col("date_reported").dt.year().cast(pl.Int64),
            incident_year=pl.when(ended.is_null())
            .then(pl.lit("unknown"))
            .when(before <= 0)
            .then(pl.lit("current"))
            .when(before == 1)
            .then(pl.lit("previous"))
            .otherwise(pl.lit("other")),
        )
    )
    return {
        "casualties": casualties,
        "fatalities_by_cause": counted.group_by("year", "cause").agg(deaths=count()).sort("year", "cause"),
        "fatalities_by_mission": counted.group_by("mission", "cause").agg(deaths=count()).sort("mission", "cause"),
        "fatalities_malicious_share": counted.group_by("year")
        .agg(deaths=count(), malicious_deaths=(pl.col("cause") == "Malicious Act").sum().cast(pl.Int64))
        .with_columns(malicious_pct=(100 * pl.col("malicious_deaths") / pl.col("deaths")).round(2))
        .sort("year"),
        "uniformed_women": uniformed_women(staged["uniformed_personnel"], everyone),
        "allegations": allegations,
        **of_allegations(allegations),
        "military_unit_evaluations_by_mission": evaluated(
            staged["military_units"], staged["military_unit_evaluations"], cycle
        ),
        "fpu_evaluations_by_mission": evaluated(staged["fpu_units"], staged["fpu_evaluations"], cycle),
        "fpu_evaluation_ratings": staged["fpu_evaluations"]
        .group_by("mission", "rating")
        .agg(evaluations=count())
        .select(number(cycle), "mission", "rating", "evaluations")
        .sort("mission", "rating"),
    }


def of_allegations(allegations: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """Make the tables of allegations; no small cell is suppressed."""
    sea = allegations.filter(pl.col("category") == "SEA")
    others = allegations.filter(pl.col("category") == "Other serious misconduct")
    by_year = sea.group_by("year_reported", "incident_year").agg(allegations=count())
    kinds = pl.LazyFrame({"incident_year": ["current", "previous", "other", "unknown"]})
    actions = sea.filter(
        pl.col("status") == "Substantiated", pl.col("year_reported") >= facts.FIRST_YEAR_OF_ACTIONS
    ).group_by(pl.col("action_taken").fill_null("Pending"))
    return {
        "sea_allegations_by_year": by_year.select(pl.col("year_reported").unique())
        .join(kinds, how="cross")
        .join(by_year, on=["year_reported", "incident_year"], how="left")
        .with_columns(pl.col("allegations").fill_null(0))
        .sort("year_reported", "incident_year"),
        "sea_allegations_yearly": sea.group_by("year_reported").agg(allegations=count()).sort("year_reported"),
        "serious_misconduct_by_year": others.group_by("year_reported").agg(allegations=count()).sort("year_reported"),
        "sea_actions": actions.agg(allegations=count()).sort("action_taken"),
    }


def uniformed_women(personnel: pl.LazyFrame, missions: pl.LazyFrame) -> pl.LazyFrame:
    """Make the table of women deployed, by month and category, against the targets."""
    targets = pl.LazyFrame(
        list(facts.targets()), schema=["category", "year", "target_pct", "target_derived"], orient="row"
    )
    women, men = pl.sum("female_personnel"), pl.sum("male_personnel")
    return (
        personnel.join(missions.filter("reports"), on="mission", how="semi")
        .with_columns(
            month=pl.col("last_reporting_date").dt.month_end(),
            category=pl.col("personnel_type").replace_strict(facts.CATEGORY, return_dtype=pl.String),
        )
        .group_by("month", "category")
        .agg(women=women, personnel=women + men)
        .with_columns(
            women_pct=(100 * pl.col("women") / pl.col("personnel")).round(2),
            year=pl.col("month").dt.year().cast(pl.Int64),
        )
        .join(targets, on=["category", "year"], how="left")
        .with_columns(gap_points=(pl.col("women_pct") - pl.col("target_pct")).round(2))
        .select("month", "category", "women", "personnel", "women_pct", "target_pct", "target_derived", "gap_points")
        .sort("month", "category")
    )


def evaluated(units: pl.LazyFrame, evaluations: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Make a table of units and their evaluations by mission."""
    counted = (
        evaluations.group_by("mission", "unit_id")
        .agg(times=count())
        .group_by("mission")
        .agg(
            units_evaluated=count(),
            units_evaluated_twice=(pl.col("times") >= 2).sum().cast(pl.Int64),
            evaluations=pl.sum("times"),
        )
    )
    counts = ("units_evaluated", "units_evaluated_twice", "evaluations")
    return (
        units.group_by("mission")
        .agg(units=units_of())
        .join(counted, on="mission", how="left")
        .select(number(cycle), "mission", "units", pl.col(*counts).fill_null(0))
        .sort("mission")
    )


def count() -> pl.Expr:
    """Return how many rows there are."""
    return pl.len().cast(pl.Int64)


def units_of() -> pl.Expr:
    """Return how many units there are."""
    return pl.col("unit_id").n_unique().cast(pl.Int64)


def number(cycle: Cycle) -> pl.Expr:
    """Return the number of the cycle."""
    return pl.lit(cycle.number, pl.Int64).alias("cycle")


# figures


def now(made: Mapping[str, pl.LazyFrame], cycle: Cycle) -> pl.LazyFrame:
    """Return the cycle's figures of these sources."""
    newest = made["casualties"].select(pl.max("last_update")).collect().item()
    deaths = made["casualties"].filter("in_scope", pl.col("incident_date").is_between(facts.FIRST_DAY, newest))
    of_year = pl.col("year_reported") == cycle.year
    last = date(cycle.year, 12, 31)
    fpus, units = made["fpu_evaluations_by_mission"], made["military_unit_evaluations_by_mission"]
    deaths_of: Callable[[str], pl.LazyFrame] = lambda cause: deaths.filter(pl.col("cause") == cause)
    share: Callable[[str], pl.Expr] = lambda cause: rounded(100 * (pl.col("cause") == cause).sum() / pl.len())
    by_mission = [
        ("fatalities_total", deaths, pl.len(), newest),
        ("fatalities_malicious", deaths_of("Malicious Act"), pl.len(), newest),
        ("fatalities_illness", deaths_of("Illness"), pl.len(), newest),
        ("fatalities_accident", deaths_of("Accident"), pl.len(), newest),
        ("fpus", fpus, pl.sum("units"), cycle.end),
        ("fpu_evaluations", fpus, pl.sum("evaluations"), cycle.end),
        ("military_unit_evaluations", units, pl.sum("evaluations"), cycle.end),
    ]
    alone = [
        ("fatalities_illness_share", deaths, share("Illness"), newest),
        ("fatalities_malicious_share", deaths, share("Malicious Act"), newest),
        ("sea_allegations", made["sea_allegations_yearly"].filter(of_year), pl.sum("allegations"), last),
        ("serious_misconduct", made["serious_misconduct_by_year"].filter(of_year), pl.sum("allegations"), last),
    ]
    parts = [
        frame.select(*about(cycle, name, as_of), mission=pl.lit("ALL"), value=value.cast(pl.Float64))
        for name, frame, value, as_of in [*by_mission, *alone]
    ] + [
        frame.group_by("mission")
        .agg(value=value.cast(pl.Float64))
        .select(*about(cycle, name, as_of), "mission", "value")
        for name, frame, value, as_of in by_mission
    ]
    return pl.concat(parts).collect().lazy()


def about(cycle: Cycle, name: str, as_of: date) -> list[pl.Expr]:
    """Return what is alike in a figure's rows."""
    return [number(cycle), pl.lit(name).alias("figure"), pl.lit(as_of).alias("as_of")]


def rounded(share: pl.Expr) -> pl.Expr:
    """Round a share to whole percents."""
    return share.round(0, mode="half_away_from_zero")


def with_previous(figures: pl.LazyFrame, before: pl.LazyFrame | None) -> pl.LazyFrame:
    """Add the previous cycle's values."""
    previous = pl.lit(None, pl.Float64)
    if before is not None:
        figures = figures.join(
            before.select("figure", "mission", previous="value"), on=["figure", "mission"], how="left"
        )
        previous = pl.col("previous")
    return (
        figures.with_columns(previous=previous, change=(pl.col("value") - previous).round(6))
        .select("cycle", "figure", "mission", "value", "previous", "change", "as_of")
        .sort("figure", pl.col("mission") != "ALL", "mission")
    )


# writing


def write_rows(folder: Path, name: str, checked: Checked) -> None:
    """Write a table's accepted and refused rows, and what was found."""
    for kind, frame in (("accepted", checked.good), ("refused", checked.bad), ("findings", checked.findings)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / kind / f"{name}.parquet")


def write_table(folder: Path, name: str, frame: pl.DataFrame) -> None:
    """Write a curated table as Parquet and CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / f"{name}.parquet")
    frame.write_csv(folder / f"{name}.csv")


if __name__ == "__main__":
    main(*arguments())
