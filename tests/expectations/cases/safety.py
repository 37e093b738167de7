"""Cases of crimes, explosive ordnance, hospitals and digital channels."""

from __future__ import annotations

from tests.expectations.cases.case import also, at, blank, negative, no, one, repeated, spaced, unlisted
from tests.expectations.rows import CLEAN
from tests.expectations.rows.safety import CRIME_SHARES, CRIMES

CRIMES_TOTAL = len(CLEAN["crimes"]) - 1
WITHOUT_SHARES = dict.fromkeys(CRIME_SHARES)
# which step a number that is too small contradicts
STEP_AFTER = {
    "cases_reported": ["investigated_cases_are_of_those_reported"],
    "perpetrators_identified": ["detained_perpetrators_are_of_those_identified"],
    "perpetrators_detained": ["tried_perpetrators_are_of_those_detained"],
    "perpetrators_tried": ["convicted_perpetrators_are_of_those_tried"],
}
PARTS = ("exploded", "removed_by_mission", "removed_by_others")
CLEARED, MEASURED = (
    ("items_destroyed", "hazards_removed", "observers_injured"),
    ("routes_verified_km", "land_released_m2"),
)

CASES = [
    # crimes, the total
    *at(
        CRIMES_TOTAL,
        *blank("crimes", "mission_or_total", *CRIMES),
        *no("count", "crimes", *CRIMES),
        *no("number", "crimes", *CRIME_SHARES),
        *unlisted("crimes", "mission_or_total"),
        repeated("crimes", "mission_or_total"),
        *(
            one("crimes", f"{count}_of_the_total_row_is_the_sum", "warning", count, **WITHOUT_SHARES | {count: said})
            for count, said in zip(CRIMES, ("111", "98", "295", "252", "238", "220"), strict=True)
        ),
        # a whole percent is at most half of one away, a tenth at most half of a tenth
        *(
            one("crimes", f"{share}_is_that_share", "warning", share, **{share: said})
            for share, said in zip(CRIME_SHARES, ("89", "86.2", "95", "75.1"), strict=True)
        ),
        # what part and base give, as a share of one
        *(
            case
            for share, said in zip(CRIME_SHARES, ("0.88", "0.861", "0.94", "0.75"), strict=True)
            for case in also(
                [f"{share}_is_that_share"],
                one("crimes", f"{share}_is_in_percent", "critical", share, **{share: said}),
            )
        ),
        # another share than it says: of those tried instead of those identified
        one(
            "crimes",
            "convicted_of_identified_pct_is_that_share",
            "warning",
            "convicted_of_identified_pct",
            convicted_of_identified_pct="92",
        ),
        *(case for share in CRIME_SHARES for case in also([f"{share}_is_that_share"], *negative("crimes", share))),
    ),
    # crimes, a mission; its number is part of the total
    *spaced("crimes", "mission_or_total"),
    *(
        case
        for count in CRIMES
        for case in also(
            [f"{count}_of_the_total_row_is_the_sum", *STEP_AFTER.get(count, ())], *negative("crimes", count)
        )
    ),
    *(
        case
        for rule, count, said in (
            ("investigated_cases_are_of_those_reported", "cases_investigated", "63"),
            ("detained_perpetrators_are_of_those_identified", "perpetrators_detained", "97"),
            ("tried_perpetrators_are_of_those_detained", "perpetrators_tried", "62"),
            ("convicted_perpetrators_are_of_those_tried", "perpetrators_convicted", "49"),
        )
        for case in also(
            [f"{count}_of_the_total_row_is_the_sum"], one("crimes", rule, "warning", count, **{count: said})
        )
    ),
    # explosive ordnance
    *blank("explosive_ordnance", "mission", "up_to"),
    *no("mission", "explosive_ordnance", "mission"),
    *no("date", "explosive_ordnance", "counted_from", "up_to"),
    *no("count", "explosive_ordnance", "incidents", *PARTS, "people_educated", *CLEARED),
    *no("number", "explosive_ordnance", *MEASURED),
    *(case for column in (*CLEARED, *MEASURED) for case in negative("explosive_ordnance", column)),
    *(
        case
        for count in ("incidents", *PARTS)
        for case in also(["incidents_is_the_sum_of_its_parts"], *negative("explosive_ordnance", count))
    ),
    *negative("explosive_ordnance", "people_educated"),
    repeated("explosive_ordnance", "mission"),
    one("explosive_ordnance", "incidents_is_the_sum_of_its_parts", "warning", "incidents", incidents="5026"),
    # a total of which only some parts are given
    *at(
        1,
        one("explosive_ordnance", "total_holds_its_parts", "warning", "incidents", incidents="7", exploded="9"),
        one("explosive_ordnance", "total_holds_its_parts", "warning", "incidents", incidents="701", exploded="7"),
    ),
    one("explosive_ordnance", "last_day_counted_is_not_in_the_future", "critical", "up_to", up_to="2024-05-21"),
    one("explosive_ordnance", "ordnance_is_of_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    # hospitals
    *blank("hospitals", "hospital_id", "mission", "level"),
    *spaced("hospitals", "hospital_id", "level"),
    *no("mission", "hospitals", "mission"),
    *unlisted("hospitals", "level"),
    repeated("hospitals", "hospital_id"),
    one("hospitals", "hospital_is_in_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    *blank("service_interruptions", "hospital_id", "mission", "service", "days"),
    *spaced("service_interruptions", "hospital_id", "service"),
    *no("mission", "service_interruptions", "mission"),
    *no("count", "service_interruptions", "days"),
    *no("number", "service_interruptions", "share_of_cycle_pct"),
    *unlisted("service_interruptions", "service"),
    *negative("service_interruptions", "days", share_of_cycle_pct=None),
    *also(
        ["share_of_cycle_pct_is_that_share"],
        one(
            "service_interruptions",
            "share_of_cycle_pct_is_in_percent",
            "critical",
            "share_of_cycle_pct",
            days="30",
            share_of_cycle_pct="0.165",
        ),
    ),
    *also(["share_of_cycle_pct_is_that_share"], *negative("service_interruptions", "share_of_cycle_pct")),
    repeated("service_interruptions", "service"),
    one("service_interruptions", "hospital_id_is_one_of_hospitals", "critical", "hospital_id", mission="UNMISS"),
    *(
        one(
            "service_interruptions",
            "days_fit_into_the_cycle",
            "warning",
            "days",
            days=days,
            share_of_cycle_pct=None,
        )
        for days in ("183", "247")
    ),
    *(
        one(
            "service_interruptions",
            "share_of_cycle_pct_is_that_share",
            "warning",
            "share_of_cycle_pct",
            days="30",
            share_of_cycle_pct=said,
        )
        # 16.48 of a hundred
        for said in ("17", "16.6", "16.4")
    ),
    # digital channels
    *blank("communications_indicators", "indicator", "cycle_value"),
    *spaced("communications_indicators", "indicator"),
    *no("count", "communications_indicators", "cycle_value", "year_before_value"),
    *unlisted("communications_indicators", "indicator"),
    *negative("communications_indicators", "cycle_value"),
    *negative("communications_indicators", "year_before_value"),
    repeated("communications_indicators", "indicator"),
]
