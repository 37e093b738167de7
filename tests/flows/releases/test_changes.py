"""What changed between releases: rows by key, figures with their causes, restatements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from config import load
from flows.core.code_version import of_parts
from flows.releases import changes
from flows.releases.changes import Side
from transforms.dictionary import FieldEntry, TableEntry

CONFIG = load()
CYCLE = CONFIG.cycle(5)
PARTS = of_parts(CONFIG)
FIGURES = {"figure": pl.String, "mission": pl.String, "value": pl.Float64, "previous": pl.Float64, "unit": pl.String}
ENTRY = TableEntry(
    name="deaths", description="", fields={"mission": FieldEntry("")}, key=("mission",), source="", rule=""
)


def figures(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [(*row, "A") for row in rows], schema={**FIGURES, "obs_status": pl.String}, orient="row"
    ).with_columns(cycle=pl.lit(5, pl.Int64))


def source(title: str, sha: str, mission: str | None = None, received: str = "2024-05-10T00:00:00Z") -> dict[str, Any]:
    said = {"title": title, "path": f"raw/{title}/{sha}/file.xlsx", "hash": f"sha256:{sha * 64}"}
    return {**said, "received_at": received, **({"mission": mission} if mission else {})}


def side(frame: pl.DataFrame, *sources: dict[str, Any], name: str | None = "r001", **parts: str) -> Side:
    return Side(name, {"figures": frame}, sources, {**PARTS, **parts}, "2024-04-30")


def between(before: Side | None, after: Side) -> dict[str, Any]:
    return changes.between(before, after, {"deaths": ENTRY}, CONFIG, CYCLE)


DEATHS = ("fatalities_total", "ALL", 715.0, 700.0, "people")


def test_the_first_release_has_nothing_to_be_compared_with() -> None:
    document = between(None, side(figures(DEATHS)))
    assert document == {"from": None, "causes": [], "figures": [], "tables": []}


def test_the_same_is_no_change() -> None:
    one = side(figures(DEATHS), source("noticas", "a"))
    assert between(one, one) == {"from": "r001", "causes": [], "figures": [], "tables": []}


def test_earlier_cycles_that_changed_are_said_and_are_the_cause_of_no_figure() -> None:
    before = replace(side(figures(DEATHS)), earlier="previous/a.parquet")
    after = replace(side(figures((*DEATHS[:2], 716.0, *DEATHS[3:]))), earlier="previous/b.parquet")
    document = between(before, after)
    assert [one["cause"] for one in document["causes"]] == ["changed earlier cycles"]
    assert [one["causes"] for one in document["figures"]] == [["not known"]]
    # a release of an earlier version says nothing of them
    assert between(replace(before, earlier=None), after)["causes"] == []


def test_a_corrected_submission_is_the_cause_of_the_figures_of_its_source_only() -> None:
    plans = ("approved_mission_plans", "ALL", 8.0, None, "missions")
    before = side(figures(DEATHS, plans), source("noticas", "a"), source("mission_report", "b", "UNMISS"))
    after = side(
        figures((*DEATHS[:2], 716.0, *DEATHS[3:]), (*plans[:2], 9.0, *plans[3:])),
        source("noticas", "c"),
        source("mission_report", "b", "UNMISS"),
    )
    document = between(before, after)
    assert [(one["cause"], one["source"]) for one in document["causes"]] == [("corrected submission", "noticas")]
    assert "instead of the file received on 2024-05-10 at " in document["causes"][0]["said"]
    by_figure = {one["figure"]: one for one in document["figures"]}
    assert by_figure["fatalities_total"]["causes"] == ["corrected submission"]
    assert (by_figure["fatalities_total"]["from"], by_figure["fatalities_total"]["to"]) == (715, 716)
    # nothing that the pipeline knows of explains it, and it does not pretend
    assert by_figure["approved_mission_plans"]["causes"] == ["not known"]


def test_each_kind_of_cause_is_told_apart() -> None:
    due = CONFIG.contract("mission_report").due(CYCLE)
    late = date.fromordinal(due.toordinal() + 1).isoformat() + "T00:00:00Z"
    plan = ("approved_mission_plans", "UNMISS", 0.0, None, "missions")
    cases: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]] = {
        "new submission": ([], [source("mission_report", "a", "UNMISS")], {}),
        "late submission": ([], [source("mission_report", "a", "UNMISS", late)], {}),
        "withdrawn submission": ([source("mission_report", "a", "UNMISS")], [], {}),
        "changed contract": ([], [], {"contracts/mission_report": "other"}),
        "changed rule or calculation": ([], [], {"rules": "other"}),
        "changed definition": ([], [], {"figures/approved_mission_plans": "other"}),
        "changed correction or waiver": ([], [], {"decisions": "other"}),
    }
    for cause, (then, now, parts) in cases.items():
        changed = (*plan[:2], 1.0, *plan[3:])
        document = between(side(figures(plan), *then), side(figures(changed), *now, **parts))
        assert document["figures"][0]["causes"] == [cause], cause
    # of another mission's file it does not come
    other = between(side(figures(plan)), side(figures(changed), source("mission_report", "a", "UNTSO")))
    assert other["figures"][0]["causes"] == ["not known"]


def test_a_change_of_the_previous_value_alone_is_the_previous_cycles() -> None:
    after = side(figures((*DEATHS[:3], 699.0, "people")))
    assert between(side(figures(DEATHS)), after)["figures"][0]["causes"] == ["changed previous cycle"]


def test_figures_that_come_and_go() -> None:
    document = between(side(figures(DEATHS)), side(figures(("hospitals_total", "ALL", 3.0, None, "hospitals"))))
    assert {one["figure"]: one["change"] for one in document["figures"]} == {
        "fatalities_total": "removed",
        "hospitals_total": "added",
    }


CELLS = st.lists(
    st.tuples(st.sampled_from(["UNMISS", "UNTSO", None, "UNFICYP"]), st.none() | st.integers(0, 3)), max_size=8
)


@given(CELLS, CELLS)
def test_rows_are_accounted_for(before: list[tuple[str | None, int | None]], after: list[Any]) -> None:
    """What was there, less what is gone, plus what came, is what is there."""
    schema = {"mission": pl.String, "deaths": pl.Int64}
    then, now = (pl.DataFrame(rows, schema=schema, orient="row") for rows in (before, after))
    found = changes.between(
        Side("r001", {"deaths": then}, []), Side("r002", {"deaths": now}, []), {"deaths": ENTRY}, CONFIG, CYCLE
    )["tables"]
    if not found:
        assert sorted(map(str, before)) == sorted(map(str, after))
        return
    (table,) = found
    assert then.height - table["rows_removed"] + table["rows_added"] == now.height
    assert len(table["rows"]) == table["rows_added"] + table["rows_removed"] + table["rows_changed"]
    for row in table["rows"]:
        assert row.get("fields", {}).keys() == ({"deaths"} if row["change"] == "changed" else set())


def test_a_restated_figure_keeps_what_was_first_published() -> None:
    def figure(value: float | None) -> pl.DataFrame:
        return figures(("fatalities_total", "ALL", value, None, "people"))

    assert changes.restatements(None, figure(1)).is_empty()
    tables: dict[str, pl.DataFrame] = {"figures": figure(None)}
    said = []
    for value in (None, 715.0, 715.0, 716.0, 716.0, None, 718.0, 715.0):
        known = changes.restatements(tables, figure(value))
        tables = {"figures": figure(value), "restatements": known}
        said.append(known.select("first_value", "value_before", "value", "times").rows())
    assert said == [
        [],
        [],  # a number that comes is no restatement
        [],
        [(715.0, 715.0, 716.0, 1)],
        [(715.0, 715.0, 716.0, 1)],
        [(715.0, 716.0, None, 2)],
        [(715.0, 716.0, 718.0, 2)],
        [(715.0, 718.0, 715.0, 3)],
    ]


def test_a_suppressed_figure_is_told_by_no_restatement() -> None:
    hidden = figures(DEATHS).with_columns(value=pl.lit(None, pl.Float64), obs_status=pl.lit("Q"))
    assert changes.restatements({"figures": figures(DEATHS)}, hidden).is_empty()


def test_a_table_that_is_left_out_is_why_its_figures_of_missions_are_gone() -> None:
    whole, mission = (
        ("perpetrators_detained", "ALL", 203.0, None, "people"),
        ("perpetrators_detained", "UNIFIL", 1.0, None, "people"),
    )
    gone = figures((*whole[:2], 204.0, *whole[3:]), (*mission[:2], None, *mission[3:]))
    before, table = side(figures(whole, mission)), ["crimes_against_peacekeepers"]
    document = between(before, replace(side(gone), left_out=table))
    assert [(one["cause"], one["said"]) for one in document["causes"]] == [
        ("table left out", "crimes_against_peacekeepers is left out, so that no small number of it can be computed.")
    ]
    by_mission = {one["mission"]: one["causes"] for one in document["figures"]}
    assert by_mission == {"ALL": ["not known"], "UNIFIL": ["table left out"]}
    # and where it comes back, that is said
    (back,) = between(replace(side(gone), left_out=table), before)["causes"]
    assert back["said"] == "crimes_against_peacekeepers, which was left out, is shown."
    assert between(replace(side(gone), left_out=table), replace(side(gone), left_out=table))["causes"] == []
