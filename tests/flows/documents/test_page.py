"""The page as a document: whole, offline, the same every time, readable, escaped; and its words."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.core import wording
from flows.documents import words
from flows.documents.page import render, svg
from flows.documents.page.changes import page_of_changes
from tests.support.report_page import CONFIG, CYCLE, Page, rendered, row_of
from tests.support.report_tables import MISSING, TABLES, figures, findings, submissions, tables
from tests.support.sweeping import some
from tests.support.waiting import slower

ROOT = Path(__file__).parents[3]
ATTACK = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def html() -> str:
    return rendered()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_it_is_one_whole_document(html: str, page: Page) -> None:
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert page.open == []
    assert "Action for Peacekeeping+ · cycle 5 · 1 November 2023 – 30 April 2024" in re.sub(r"<[^>]+>", "", html)


def test_nothing_is_fetched_and_nothing_runs(html: str, page: Page) -> None:
    assert not page.all("script")
    assert not page.all("img")
    assert "@import" not in html
    assert "url(" not in re.sub(r"url\(#[^)]+\)", "", html)
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,"))
        assert not any(name.startswith("on") for name in attributes)
    # the only address that may stand in it is the name of the SVG namespace
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {"http://www.w3.org/2000/svg"}


def test_its_policy_lets_in_its_own_style_and_nothing_else(html: str) -> None:
    first = {"from": None, "causes": [], "figures": []}
    for page in (html, page_of_changes(first, CONFIG, CYCLE)):
        (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
        assert policy
        # before anything that it could forbid
        assert policy.end() < page.index("<title>")
        assert policy[1] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        )
        # which it would stop
        assert not [one for one in Page(page).elements if "style" in one[1]]
    used = set(re.findall(r'<i class="of-(\w+)">', html))
    assert used
    assert used == set(re.findall(r"^\.of-(\w+) \{ background: #\1; \}$", html, flags=re.M))


def test_every_id_is_unique_and_every_reference_leads_somewhere(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    named = set(page.ids)
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= named
        href = attributes.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in named


def test_it_can_be_read_without_seeing_it(html: str, page: Page) -> None:
    assert page.all("html") == [{"lang": "en-GB"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    drawings = page.all("svg")
    assert len(drawings) == 19
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in drawings)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_the_data_of_every_chart_is_a_table_too(html: str) -> None:
    for figure in re.findall(r"<figure\b.*?</figure>", html, flags=re.S):
        assert "<details>" in figure
        assert "<caption" in figure
    assert row_of(html, "2023 39") == "2023 39 19 36 4 98"
    assert row_of(html, "2017 61 53") == "2017 61 53 16 4 1 0 135"


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_in_any_process(html: str) -> None:
    assert rendered() == html
    code = (
        "import hashlib; from tests.support.report_page import rendered;"
        "print(hashlib.sha256(rendered().encode()).hexdigest())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Pacific/Apia"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(html.encode()).hexdigest()


def test_the_order_of_rows_does_not_matter(html: str) -> None:
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=3) for name, frame in tables().items()}
    assert render(CONFIG, CYCLE, "provisional", MISSING, shuffled) == html


def test_it_is_quick() -> None:
    # of this process alone: what else the machine does is not the page's doing
    started = time.process_time()
    rendered()
    assert time.process_time() - started < 2.5 * slower()


@pytest.mark.sweep
@pytest.mark.parametrize("table", some(TABLES, 9))
def test_a_table_may_be_absent_or_empty(table: str) -> None:
    whole = tables()
    without: Mapping[str, pl.DataFrame] = {name: frame for name, frame in whole.items() if name != table}
    absent = Page(render(CONFIG, CYCLE, "provisional", MISSING, without))
    empty = Page(render(CONFIG, CYCLE, "provisional", MISSING, {**whole, table: whole[table].clear()}))
    assert absent.open == empty.open == []
    # without it the page is for readers who are not told of files
    assert (absent.text == empty.text) == (table != "submissions")


def test_a_missing_source_is_said_in_one_quiet_line() -> None:
    names = ("by_cause", "malicious_share", "by_mission", "by_personnel_type")
    html = rendered(**{f"fatalities_{name}": tables()[f"fatalities_{name}"].clear() for name in names})
    assert Page(html).text.count("Notifications of casualties (UNOCC).") == 1
    assert (
        "The source is missing or has sent nothing that could be used: Notifications of casualties (UNOCC)."
        in Page(html).text
    )
    assert 'id="p4-causes"' not in html


def test_without_any_table_it_still_opens() -> None:
    page = Page(render(CONFIG, CYCLE, "provisional", [], {}))
    assert page.open == []
    assert not page.all("svg")
    assert not {"quality", "mending", "from"} & set(page.ids)


def test_it_stands_in_the_order_of_the_printed_report(page: Page) -> None:
    expected = [
        "priority-1", "strategy", "p1-engagement", "priority-2", "plans", "p2-checklist", "integration",
        "p2-integration", "priority-3", "training", "p3-contingents", "p3-police-courses", "p3-leaders",
        "p3-trainings", "specialised-training", "p3-partnership", "p3-academy", "women-in-uniform", "p3-women",
        "p3-women-now", "p3-patrols", "leadership", "p3-leadership", "p3-posts", "priority-4", "safety",
        "p4-causes", "p4-malicious", "p4-missions", "ordnance", "p4-ordnance", "p4-risk-education",
        "p4-ordnance-by-mission", "health",
        "p4-hospitals", "p4-interruptions", "p4-mental-health", "crimes", "p4-funnel", "p4-crimes", "priority-5",
        "performance", "p5-ratings", "p5-military", "p5-visits", "conduct", "p5-actions", "p5-sea", "p5-misconduct",
        "priority-6", "channels", "p6-indicators", "integrity", "p6-integrity", "priority-7", "agreements",
        "p7-agreements", "coordination", "p7-mechanisms", "quality", "mending", "about", "from"
    ]  # fmt: skip
    assert [name for name in page.ids if name in expected] == expected


def test_what_is_missing_stands_at_the_top(html: str, page: Page) -> None:
    assert "Provisional" in page.text
    for sentence in MISSING:
        assert sentence in page.text
    assert page.text.index("UNISFA has sent nothing") < page.text.index("Missions with an approved")
    final = Page(rendered("final", []))
    assert "Final" in final.text
    assert "may still change" not in final.text


def test_changes_are_said_in_words(html: str) -> None:
    assert "914 sessions" in row_of(html, "Conduct and discipline training sessions")
    assert "▲ up from 511" in row_of(html, "Conduct and discipline training sessions")
    assert "▼ down from 11" in row_of(html, "Missions that conducted a CPAS")
    assert "= unchanged" in row_of(html, "Formed police units 27")
    assert "1,364 allegations" in row_of(html, "Allegations of serious misconduct other than SEA, 2023")
    assert "down from 1,402" in row_of(html, "Allegations of serious misconduct other than SEA, 2023")
    operations = row_of(html, "Peacekeeping operations")
    assert "from" not in operations.removesuffix("comes from")
    assert "unchanged" not in operations
    assert "+9% ▲ up from \u22123%" in row_of(html, "Mentions against the same period of the year before")


@pytest.mark.parametrize(
    ("value", "previous", "better", "said"),
    [
        (914.0, 511.0, "higher", words.Change("up from 511", "▲", "good")),
        (914.0, 511.0, "lower", words.Change("up from 511", "▲", "bad")),
        (10.0, 11.0, "higher", words.Change("down from 11", "▼", "bad")),
        (10.0, 11.0, None, words.Change("down from 11", "▼", "")),
        (10.0, 10.0, "higher", words.Change("unchanged", "=", "")),
        (0.0, 1234.0, "lower", words.Change("down from 1,234", "▼", "good")),
        (10.0, None, "higher", None),
        (None, 10.0, "higher", None),
    ],
)
def test_a_change(value: float | None, previous: float | None, better: str | None, said: words.Change | None) -> None:
    assert words.change(value, previous, "units", 0, better) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "previous", "exact", "said"),
    [
        (22.0, 29.0, -6.413, words.Change("down 6.4 points from 29%", "▼", "bad")),
        (22.0, 29.0, -7.2, words.Change("down from 29%", "▼", "bad")),
        (22.0, 29.0, None, words.Change("down from 29%", "▼", "bad")),
        (27.0, 27.0, 0.8, words.Change("up 0.8 points from 27%", "▲", "good")),
        (27.0, 27.0, 0.3, words.Change("unchanged", "=", "")),
        (100.0, 99.6, 0.4, words.Change("up from 99.6%", "▲", "good")),
    ],
)
def test_a_change_of_a_share_says_its_points_where_the_rounded_numbers_do_not_show_them(
    value: float, previous: float, exact: float | None, said: words.Change
) -> None:
    assert words.change(value, previous, "percent", 0, "higher", exact) == said


def test_a_share_is_written_as_all_only_where_it_is() -> None:
    shares = figures().with_columns(
        value=pl.when(pl.col("figure") == "contingents_certified_ready").then(99.6).otherwise("value")
    )
    assert "99.6%" in row_of(rendered(figures=shares), "Deploying contingents certified as operationally ready")


def test_a_count_that_can_only_rise_is_not_called_worse(html: str) -> None:
    killed = re.search(r"<tr[^>]*><th[^>]*>Peacekeepers killed.*?</tr>", html, flags=re.S)
    assert killed is not None
    assert "since 1 January 2017" in killed[0]
    assert "up from 192" in killed[0]
    assert 'class="same "' in killed[0]


def test_words_in_number_cells_keep_their_meaning(html: str) -> None:
    start = html.index('id="p7-agreements"')
    table = html[start : html.index("</table>", start)]
    assert "No SOFA/SOMA" in row_of(table, "UNMIK")
    assert "Under validation" in row_of(table, "UNIFIL")
    assert row_of(table, "UNDOF").startswith("UNDOF SOFA 0 0")
    assert "Not reported" in row_of(table, "UNFICYP")
    assert "none reported" in row_of(table, "UNFICYP")
    assert "Not received" in row_of(table, "UNISFA")
    assert "Provisional: not yet complete for UNISFA (not received); UNIFIL (under validation)." in html


def test_the_checklist_tells_no_from_not_received(html: str) -> None:
    start = html.index('id="p2-checklist"')
    table = html[start : html.index("</table>", start)]
    assert row_of(table, "MONUSCO") == "MONUSCO No Yes Yes"
    assert row_of(table, "UNDOF") == "UNDOF Yes Yes No"
    without = rendered(figures=figures().with_columns(previous=pl.lit(None, pl.Float64)))
    assert row_of(without[without.index('id="p2-checklist"') :], "MONUSCO") == "MONUSCO No Yes"
    assert row_of(table, "UNISFA").startswith("UNISFA not received")


def test_women_are_shown_at_the_last_month_of_the_cycle(html: str) -> None:
    start = html.index('id="p3-women-now"')
    table = html[start : html.index("</table>", start)]
    assert "April 2024" in table
    assert "points below" in row_of(table, "Military contingents")
    assert "Derived:" in html
    assert "June 2024" not in html[html.index('id="priority-3"') : html.index('id="priority-4"')]


def test_a_year_that_is_not_over_is_marked(html: str) -> None:
    assert "* 2024 until 3 September 2024." in html
    assert "2024*" in html


def test_rows_are_conserved_source_by_source(html: str) -> None:
    start = html.index('id="quality-by-source"')
    table = html[start : html.index("</table>", start)]
    assert row_of(table, "Notifications of casualties") == "Notifications of casualties UNOCC 1 0 1 4,980 4,971 9"
    assert "nothing received" in row_of(table, "Evaluations of military units")
    assert "does not add up" not in html
    short = submissions().with_columns(rows_staged=pl.col("rows_staged") - 1)
    assert "does not add up" in rendered(submissions=short)


def grid_of(html: str, name: str) -> str:
    start = html.index(f'id="{name}"')
    return html[start : html.index("</table>", start)]


def test_what_is_mended_waived_and_late_stands_beside_what_is_open() -> None:
    when = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
    mended = pl.DataFrame(
        [
            {"source": "noticas", "severity": "critical", "sent_on": when, "mended_on": when + timedelta(days=days)}
            for days in (1, 2, 6)
        ]
    )
    html = rendered(mended=mended)
    board = grid_of(html, "mending-by-source")
    casualties = row_of(board, "Notifications of casualties")
    # nine refused rows and a note are open, nothing is waived, three were mended, in two days at the median
    assert casualties.endswith("3 June 2024 accepted in part, 4,971 of 4,980 rows in use 9 0 1 0 3 2.0"), casualties
    assert "not received" in row_of(board, "Evaluations of military units")
    waived = findings().with_columns(
        waived=pl.when(pl.col("source") == "noticas").then(pl.lit("OCT: agreed with UNOCC until the next export"))
    )
    html = rendered(findings=waived, mended=mended)
    assert row_of(grid_of(html, "mending-by-source"), "Notifications of casualties").endswith("0 0 0 10 3 2.0")
    assert "Waived by</strong> OCT: agreed with UNOCC until the next export" in html


def test_a_file_that_came_after_its_due_date_is_said_to_be_late() -> None:
    late = submissions().with_columns(
        received_at=pl.when(pl.col("source") == "hospitals")
        .then(pl.datetime(2024, 12, 24))
        .otherwise(pl.col("received_at"))
    )
    board = grid_of(rendered(submissions=late), "mending-by-source")
    assert re.search(r"24 December 2024 \d+ days late", row_of(board, "Hospitals"))
    assert "late" not in row_of(board, "Notifications of casualties")


def test_a_matrix_shows_what_each_mission_sent() -> None:
    when = datetime(2024, 6, 3, 9, 30)
    schema = submissions().schema
    sheets = [
        ("mission_report", "sofa_soma", "UNMISS", "u.xlsx", "1" * 64, when, 1, 1, 0, "accepted"),
        ("mission_report", "conduct_training", "UNMISS", "u.xlsx", "1" * 64, when, 2, 2, 0, "accepted"),
        ("mission_report", "mission_plan", "UNMISS", "u.xlsx", "1" * 64, when, 1, 0, 1, "refused"),
        ("mission_report", None, "UNTSO", "t.xlsx", "2" * 64, when, 0, 0, 0, "refused"),
    ]
    finding = (
        findings()
        .head(1)
        .with_columns(source=pl.lit("mission_report"), table=pl.lit("conduct_training"), mission=pl.lit("UNMISS"))
    )
    board = grid_of(
        rendered(submissions=pl.DataFrame(sheets, schema=schema, orient="row"), findings=finding),
        "matrix-mission_report",
    )
    cells = re.findall(r"<td.*?</td>", next(row for row in re.findall(r"<tr.*?</tr>", board, re.S) if "UNMISS" in row))
    said = [" ".join(re.sub(r"<[^>]+>|\xa0", " ", cell).split()) for cell in cells]
    titles = [table.sheet_name("en") for table in CONFIG.contract("mission_report").tables.values()]
    by_sheet = dict(zip(titles, said[1:], strict=True))
    assert by_sheet["SOFA-SOMA incidents"] == "✓ accepted"
    assert by_sheet["Conduct trainings"] == "! 1 to mend"
    assert by_sheet["Mission plan"] == "✗ refused"
    assert by_sheet["Integration"] == "–"
    assert row_of(board, "UNTSO").count("refused") == len(titles)
    assert "not received" in row_of(board, "UNIFIL")


def test_findings_are_grouped_by_source_and_rule(html: str) -> None:
    start = html.index('id="mending"')
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[start:]))
    assert text.count("not one of the six that are allowed") == 1
    assert "9 times" in text
    assert "2 times in 2 files" in text
    assert "notifications_2024-09.csv, row 12, column “cause”" in text
    assert "sheet “SOFA-SOMA incidents”, row 6, column “total_incidents”" in text
    assert "To do: Add the column and send the file again." in text


def test_whatever_comes_from_outside_is_escaped() -> None:
    every = findings().with_columns(
        pl.lit(ATTACK).alias(name) for name in ("message", "remedy", "file", "rule", "mission")
    )
    chart = pl.DataFrame({"year": [2023], "cause": [ATTACK], "deaths": [4]})
    mission = pl.DataFrame({"mission": [f'{ATTACK}"onload="x'], "cause": ["Illness"], "deaths": [4]})
    ratings = pl.DataFrame({"cycle": [5], "mission": [ATTACK], "rating": [f"'{ATTACK}"], "evaluations": [4]})
    women = tables()["uniformed_women"].with_columns(category=pl.lit(ATTACK)).unique("month")
    texts = {
        name: frame.with_columns(pl.lit(ATTACK).alias(column) for column in columns).unique(maintain_order=True)
        for name, columns in {
            "coordination_mechanisms": ("mechanism", "status", "contribution"),
            "mental_health_support": ("mission", "mechanism"),
            "police_course_recognition": ("contributing_country",),
            "sea_actions": ("action_taken",),
            "sofa_soma_incidents": ("impact_mandated_tasks",),
            "senior_leadership": ("post",),
        }.items()
        for frame in [tables()[name]]
    }
    html = rendered(
        missing=[f"noticas: {ATTACK}"],
        findings=every,
        fatalities_by_cause=chart,
        fatalities_by_mission=mission,
        fpu_evaluation_ratings=ratings,
        uniformed_women=women,
        figures=figures().with_columns(source=pl.lit(ATTACK)),
        submissions=pl.concat(submissions().with_columns(pl.lit(ATTACK).alias(name)) for name in ("file", "source")),
        **texts,
    )
    page = Page(html)
    assert ATTACK not in html
    assert "&lt;script&gt;" in html
    assert not page.all("script")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_ids_in_a_drawing_are_its_own() -> None:
    vega = (
        '<svg class="marks" width="10" height="20" viewBox="0 0 10 20"><defs><clipPath id="clip7"/></defs>'
        '<g clip-path="url(#clip7)"><use href="#clip7"/><path clip-path="url(#clip71)" id="clip71"/></g></svg>'
    )
    drawn = svg._stand_alone(vega, "here", "A & B", "said")
    assert "clip7" not in drawn
    assert 'id="here-part-1"' in drawn
    assert 'url(#here-part-1)"' in drawn
    assert 'url(#here-part-2)"' in drawn
    assert "A &amp; B" in drawn


@pytest.mark.parametrize(
    ("value", "said"), [(1234567, "1,234,567"), (0, "0"), (-3, "\u22123"), (-0.2, "0"), (None, "–")]
)
def test_numbers(value: float | None, said: str) -> None:
    assert wording.number(value) == said


def test_units_follow_their_number() -> None:
    assert words.unit_of(1, "people") == "person"
    assert words.unit_of(1, "missions") == "mission"
    assert words.unit_of(0, "missions") == "missions"


def test_a_yearly_figure_has_the_year_of_the_cycle_in_its_title() -> None:
    later = {"figures": figures().with_columns(cycle=pl.lit(7, pl.Int64))}
    html = render(CONFIG, CONFIG.cycle(7), "final", [], later)
    assert "Allegations of sexual exploitation and abuse, 2024" in html


def test_a_figure_that_no_definition_knows_is_left_out_quietly() -> None:
    unknown = figures().with_columns(figure=pl.lit("something_else"))
    assert Page(rendered(figures=unknown)).open == []
