"""Cases of casualties, allegations, personnel and leaders."""

from __future__ import annotations

from tests.expectations.cases.case import Case, blank, country, negative, no, one, repeated, spaced, unlisted

CASES = [
    # casualties
    *blank("noticas", "casualty_id", "incident_date", "mission", "cause"),
    *spaced(
        "noticas", "personnel_type", "casualty_id", "type_of_casualty", "cause", "gender", "nationality", "record_id"
    ),
    *no("date", "noticas", "incident_date", "last_update"),
    # seconds beside the milliseconds of another row
    *(
        one("noticas", f"{column}_is_read_one_way", "critical", column, **{column: "1705320000"})
        for column in ("incident_date", "last_update")
    ),
    *no("mission", "noticas", "mission"),
    *unlisted("noticas", "type_of_casualty", "cause", "personnel_type", "gender"),
    *country("noticas", "nationality"),
    repeated("noticas", "casualty_id"),
    # others of the file have one
    one("noticas", "type_is_given_where_others_have_one", "warning", "type_of_casualty", type_of_casualty=None),
    one("noticas", "incident_is_not_in_the_future", "critical", "incident_date", incident_date="2031-03-07"),
    one("noticas", "incident_is_not_in_the_future", "critical", "incident_date", incident_date="2024-05-02"),
    # without the source's own stamp, the day of receipt is what counts
    one(
        "noticas",
        "incident_is_not_in_the_future",
        "critical",
        "incident_date",
        incident_date="2024-05-21",
        last_update=None,
    ),
    one("noticas", "incident_is_not_before_the_mission_began", "warning", "incident_date", incident_date="1971-02-03"),
    one(
        "noticas",
        "incident_is_not_long_after_the_mission_ended",
        "info",
        "incident_date",
        incident_date="2024-02-03",
        mission="MINUSMA",
    ),
    # allegations
    *blank("conduct_allegations", "allegation_id", "category", "mission", "date_reported"),
    *spaced("conduct_allegations", "allegation_id", "category", "personnel_category", "status", "action_taken"),
    *no("date", "conduct_allegations", "date_reported", "incident_from", "incident_to"),
    *no("mission", "conduct_allegations", "mission"),
    *unlisted("conduct_allegations", "category", "personnel_category", "status", "action_taken"),
    repeated("conduct_allegations", "allegation_id"),
    one("conduct_allegations", "incident_ends_after_it_begins", "critical", "incident_to", incident_to="2023-11-30"),
    one("conduct_allegations", "report_follows_the_incident", "critical", "date_reported", date_reported="2023-11-29"),
    one("conduct_allegations", "report_is_not_in_the_future", "critical", "date_reported", date_reported="2031-03-07"),
    one("conduct_allegations", "report_is_not_in_the_future", "critical", "date_reported", date_reported="2024-05-21"),
    # personnel
    *blank(
        "uniformed_personnel",
        "contributing_country",
        "mission",
        "personnel_type",
        "female_personnel",
        "male_personnel",
        "last_reporting_date",
    ),
    *spaced("uniformed_personnel", "contribution_id", "contributing_country", "personnel_type"),
    *country("uniformed_personnel", "contributing_country"),
    *no("mission", "uniformed_personnel", "mission"),
    *no("count", "uniformed_personnel", "female_personnel", "male_personnel"),
    *no("date", "uniformed_personnel", "last_reporting_date"),
    Case(
        "uniformed_personnel",
        "last_reporting_date_is_read_one_way",
        "critical",
        "last_reporting_date",
        {"last_reporting_date": "1714478400"},
        others={1: {"last_reporting_date": "1711843200000"}},
    ),
    *unlisted("uniformed_personnel", "personnel_type"),
    *negative("uniformed_personnel", "female_personnel"),
    *negative("uniformed_personnel", "male_personnel"),
    repeated("uniformed_personnel", "last_reporting_date"),
    one(
        "uniformed_personnel",
        "month_is_not_in_the_future",
        "critical",
        "last_reporting_date",
        last_reporting_date="2024-05-31",
    ),
    one(
        "uniformed_personnel",
        "mission_was_deployed",
        "warning",
        "last_reporting_date",
        last_reporting_date="1971-02-28",
    ),
    # leaders and posts
    *blank("senior_leaders", "post_id", "mission", "post", "uniformed"),
    *spaced("senior_leaders", "post_id", "post", "gender"),
    *no("mission", "senior_leaders", "mission"),
    *no("yes_no", "senior_leaders", "uniformed"),
    *unlisted("senior_leaders", "post", "gender"),
    repeated("senior_leaders", "post_id"),
    one("senior_leaders", "leader_is_of_a_peacekeeping_operation", "warning", "mission", mission="UNAMA"),
    *blank("mission_posts", "mission", "as_of_date", "women", "men"),
    *no("mission", "mission_posts", "mission"),
    *no("date", "mission_posts", "as_of_date"),
    *no("count", "mission_posts", "women", "men"),
    *negative("mission_posts", "women"),
    *negative("mission_posts", "men"),
    repeated("mission_posts", "as_of_date"),
    one("mission_posts", "posts_are_of_a_peacekeeping_operation", "warning", "mission", mission="UNSOS"),
    one("mission_posts", "posts_are_not_of_the_future", "critical", "as_of_date", as_of_date="2024-05-21"),
]
