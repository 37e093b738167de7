"""Priority 3: capabilities and mindsets (participation of women in peacekeeping)."""

from __future__ import annotations

import polars as pl

from config import Cycle, ParityTarget
from transforms.dictionary import by_period, dimension
from transforms.reporting import percent_of, reported_counts

# The strategy's categories, by the personnel types that the Hub's data set counts.
PARITY_CATEGORY = {
    "Troops": "Military contingents",
    "Experts on Mission": "Military observers and staff officers",
    "Staff Officers": "Military observers and staff officers",
    "Formed Police Units": "Formed police units",
    "Individual Police": "Individual police officers",
}
_POINTS_A_YEAR = 1.0


@by_period("month")
def uniformed_women(
    uniformed_personnel: pl.LazyFrame, missions: pl.LazyFrame, parity_targets: pl.LazyFrame
) -> pl.LazyFrame:
    """Uniformed women in reporting missions against the Uniformed Gender Parity Strategy; a row a month and category.

    Source: OMA and Police Division
    Rule: 5th report, Priority 3, chart 'Uniformed deployments and UGPS targets'; targets: UGPS 2018-2028. A year
        without a known target is interpolated between those that have one, and before the first of them follows the
        strategy's pace of one point a year.
    Imputed: Targets of years that the strategy does not state; `target_derived` says of which.

    Fields:
        month: Last day of the month reported.
        category: Category of the strategy.
        women (people): Women deployed.
        personnel (people): All personnel deployed.
        women_pct (percent): Share of women; empty where nobody was deployed.
        target_pct (percent): Share that the strategy sets for the year.
        target_derived: Whether the target is derived, and not one that the strategy states.
        gap_points (percentage points): Share less target.

    Key: month, category
    """
    reporting = missions.filter("reports").select("mission")
    deployed = (
        uniformed_personnel.join(reporting, on="mission", how="semi")
        .with_columns(
            month=pl.col("last_reporting_date").dt.month_end(),
            category=pl.col("personnel_type").replace_strict(PARITY_CATEGORY, return_dtype=pl.String),
        )
        .group_by("month", "category")
        .agg(
            women=pl.sum("female_personnel"),
            personnel=pl.sum("female_personnel") + pl.sum("male_personnel"),
        )
        .with_columns(
            women_pct=percent_of(pl.col("women"), pl.col("personnel")),
            year=pl.col("month").dt.year().cast(pl.Int64),
        )
    )
    return (
        deployed.join(parity_targets, on=["category", "year"], how="left")
        .with_columns(gap_points=pl.col("women_pct") - pl.col("target_pct"))
        .select("month", "category", "women", "personnel", "women_pct", "target_pct", "target_derived", "gap_points")
        .sort("month", "category")
    )


@dimension
def parity_targets(config_parity_targets: tuple[ParityTarget, ...]) -> pl.LazyFrame:
    """Share of women that the Uniformed Gender Parity Strategy sets for a year; one row a category and year.

    Source: config/parity_targets.yaml, after the Uniformed Gender Parity Strategy 2018-2028
    Rule: Years between known targets are interpolated; earlier ones follow the pace of one point a year.
    Imputed: Targets of years that the strategy does not state; `target_derived` says of which.

    Fields:
        category: Category of the strategy.
        year: Calendar year, 2018 to 2028.
        target_pct (percent): Share of women to be reached.
        target_derived: Whether the target is derived, and not one that the strategy states.

    Key: category, year
    """
    known: dict[str, dict[int, float]] = {}
    for target in config_parity_targets:
        known.setdefault(target.category, {})[target.year] = target.women_pct
    rows = [
        (category, year, _target(years, year), year not in years)
        for category, years in sorted(known.items())
        for year in range(2018, 2029)
    ]
    schema = {"category": pl.String, "year": pl.Int64, "target_pct": pl.Float64, "target_derived": pl.Boolean}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def _target(known: dict[int, float], year: int) -> float:
    before = max((stated for stated in known if stated <= year), default=None)
    after = min((stated for stated in known if stated >= year), default=None)
    if before is None or after is None:
        nearest = after if before is None else before
        assert nearest is not None
        return known[nearest] + _POINTS_A_YEAR * (year - nearest)
    if before == after:
        return known[before]
    return known[before] + (known[after] - known[before]) * (year - before) / (after - before)


def senior_leadership(senior_leaders: pl.LazyFrame, cycle: Cycle) -> pl.LazyFrame:
    """Heads and deputy heads of mission by gender; one row a post, gender and whether it is held by an officer.

    Source: A4P+ reporting
    Rule: 5th report, Priority 3, gender representation in senior mission leadership: posts that are encumbered, thus
        those without a gender are left out. Of these are the 37 percent of the report: 3 and 4 women in 19 posts.

    Fields:
        cycle: Number of the cycle.
        post: Head of mission, or deputy head of mission.
        gender: Gender, M or F.
        uniformed: Whether the posts are held by uniformed officers.
        people (people): Leaders in post.

    Key: cycle, post, gender, uniformed
    """
    return (
        senior_leaders.filter(pl.col("gender").is_not_null())
        .group_by("post", "gender", "uniformed")
        .agg(people=pl.len().cast(pl.Int64))
        .select(pl.lit(cycle.number, pl.Int64).alias("cycle"), "post", "gender", "uniformed", "people")
        .sort("post", "gender", "uniformed")
    )


@by_period("as_of_date")
def women_in_posts(mission_posts: pl.LazyFrame) -> pl.LazyFrame:
    """Women in all posts of missions that DPO leads; one row a day that is reported.

    Source: A4P+ reporting
    Rule: All posts of missions, of whatever grade; the 37 percent of the 5th report are of senior leadership alone
        (senior_leadership), and no figure is made of this table.

    Fields:
        as_of_date: Day of the count.
        women (people): Women in posts.
        people (people): All people in posts.
        women_pct (percent): Share of women; empty where there is nobody.

    Key: as_of_date
    """
    return (
        mission_posts.group_by("as_of_date")
        .agg(women=pl.sum("women"), people=pl.sum("women") + pl.sum("men"))
        .with_columns(women_pct=percent_of(pl.col("women"), pl.col("people")))
        .sort("as_of_date")
    )


@by_period("mission", "year")
def women_in_patrols(women_in_patrols: pl.LazyFrame) -> pl.LazyFrame:
    """Patrols with women and engagement teams by mission and calendar year; one row a mission and year.

    Source: A4P+ reporting
    Rule: 5th report, Priority 3: share of patrols with female presence, and teams at the end of the year.

    Fields:
        mission: Acronym.
        year: Calendar year.
        patrols (patrols): Patrols.
        patrols_obs_status: SDMX observation status of the patrols.
        patrols_with_women (patrols): Patrols with at least one woman.
        patrols_with_women_obs_status: SDMX observation status of the patrols with women.
        engagement_teams (teams): Engagement teams at the end of the year.
        engagement_teams_obs_status: SDMX observation status of the teams.

    Key: mission, year
    """
    counts = ("patrols", "patrols_with_women", "engagement_teams")
    return women_in_patrols.select("mission", "year", *reported_counts(counts)).sort("mission", "year")
