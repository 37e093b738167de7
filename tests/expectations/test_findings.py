"""From outcomes to findings: what is told once, what row by row, and in which order."""

from __future__ import annotations

from typing import Any

import great_expectations.expectations as gxe
import polars as pl
import pytest

from config import Waiver, load
from expectations.columns import SCHEMA
from expectations.findings import ORDER, CannotJudge, Verdict, judge
from expectations.rule import Rule

MESSAGES = load().messages


def rule(severity: str, name: str = "cell_is_good", column: str = "cell", **more: Any) -> Rule:
    expectation = gxe.ExpectColumnValuesToBeInSet(column=column, value_set=["good"], severity=severity)
    return Rule(name, expectation, column, more.pop("message", "cell is bad."), "Write good.", **more)


def frame(cells: dict[str | None, list[str]], **more: list[str | None]) -> pl.LazyFrame:
    """Rows of files, each with a cell; the first row of each file is 2."""
    rows = [
        {"_file": file, "_sheet": "S", "_row": number, "mission": None, "cell": cell}
        for file, of_file in cells.items()
        for number, cell in enumerate(of_file, start=2)
    ]
    schema = {"_file": pl.String, "_sheet": pl.String, "_row": pl.UInt32, "mission": pl.String, "cell": pl.String}
    return pl.LazyFrame(rows, schema=schema).with_columns(pl.Series(name, cells) for name, cells in more.items())


def test_a_frame_that_is_streamed_is_judged_alike() -> None:
    bad = {"all": ["bad"] * 12, "most": ["bad"] * 10 + ["good"], None: ["bad"] * 11, "few": ["good", "worse"]}
    waivers = [Waiver(source="s", rule="cell_is_good", key={"cell": "worse"}, reason="late", owner="me")]
    rules = [rule("critical"), rule("info", "cell_is_known"), rule("warning", "cell_is_best")]
    held, streamed = (
        judge(frame(bad), rules, MESSAGES, source="s", table="t", key=["cell"], waivers=waivers, streamed=streamed)
        for streamed in (False, True)
    )
    assert held.used == streamed.used
    assert sum(held.used.values()) == 1
    for one in ("findings", "reasons", "refused"):
        assert getattr(held, one).equals(getattr(streamed, one)), one


def judged(cells: dict[str | None, list[str]], *rules: Rule, **more: list[str | None]) -> Verdict:
    return judge(frame(cells, **more), rules, MESSAGES, source="s", table="t")


def places(verdict: Verdict) -> list[tuple[str | None, int, str]]:
    return list(verdict.findings.select("file", "row", "message").iter_rows())


def test_nothing_wrong_is_nothing_found() -> None:
    verdict = judged({"f": ["good", "good"]}, rule("critical"))
    assert verdict.findings.schema == SCHEMA
    assert verdict.findings.is_empty()
    assert verdict.refused.is_empty()
    assert verdict.reasons.is_empty()


def test_no_rows_are_judged_too() -> None:
    assert judged({}, rule("critical")).findings.is_empty()


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_a_finding_a_row(severity: str) -> None:
    verdict = judged({"f": ["good", "bad", "good", "worse"]}, rule(severity))
    assert verdict.findings.schema == SCHEMA
    assert verdict.findings["waived"].to_list() == [None, None]
    assert verdict.findings.drop("identity", "waived", "message_fr", "remedy_fr").to_dicts() == [
        {
            "source": "s",
            "table": "t",
            "mission": None,
            "file": "f",
            "sheet": "S",
            "row": row,
            "column": "cell",
            "rule": "cell_is_good",
            "severity": severity,
            "message": "cell is bad.",
            "remedy": "Write good.",
            "value": None,
            "earlier": None,
        }
        for row in (3, 5)
    ]
    assert verdict.refused.to_list() == ([1, 3] if severity == "critical" else [])


def test_info_is_told_once_a_file() -> None:
    verdict = judged({"f": ["good", "bad", "bad"], "g": ["bad"], "h": ["good"]}, rule("info"))
    assert places(verdict) == [
        ("f", 3, "cell is bad. Rows: 2, the first is named here."),
        ("g", 2, "cell is bad."),
    ]
    assert verdict.refused.is_empty()


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_what_is_wrong_in_every_row_is_told_once(severity: str) -> None:
    verdict = judged({"all": ["bad"] * 10, "most": ["bad"] * 10 + ["good"], "few": ["bad"] * 9}, rule(severity))
    told = places(verdict)
    assert [place for place in told if place[0] == "all"] == [
        ("all", 2, "cell is bad. In every row: 10, the first is named here.")
    ]
    assert [place[1] for place in told if place[0] == "most"] == list(range(2, 12))
    assert [place[1] for place in told if place[0] == "few"] == list(range(2, 11))
    # told once or not, each of the rows is refused
    assert verdict.refused.len() == (29 if severity == "critical" else 0)
    assert verdict.reasons.height == verdict.refused.len()


@pytest.mark.parametrize(
    ("severity", "cells", "told"),
    [
        ("info", ["bad", "worse", "bad"], [(2, None, " Rows: 2, the first is named here."), (3, "me: late", "")]),
        (
            "warning",
            ["bad"] * 6 + ["worse"] + ["bad"] * 5,
            [
                *((row, None, "") for row in range(2, 8)),
                (8, "me: late", ""),
                *((row, None, "") for row in range(9, 14)),
            ],
        ),
    ],
)
def test_what_is_told_once_is_told_apart_from_the_row_that_a_waiver_lets_stand(
    severity: str, cells: list[str], told: list[tuple[int, str | None, str]]
) -> None:
    waivers = [Waiver(source="s", rule="cell_is_good", key={"cell": "worse"}, reason="late", owner="me")]
    verdict = judge(
        frame({"f": cells}), [rule(severity)], MESSAGES, source="s", table="t", key=["cell"], waivers=waivers
    )
    expected = [(row, waived, f"cell is bad.{more}") for row, waived, more in told]
    assert list(verdict.findings.select("row", "waived", "message").iter_rows()) == expected


def test_each_mission_in_whose_rows_a_value_cannot_be_right_is_known_though_one_finding_tells_of_all() -> None:
    missions = [*["UNMISS"] * 6, *["UNIFIL"] * 5, None]
    verdict = judged({"all": ["bad"] * 12}, rule("warning", impossible="cell"), mission=missions)
    assert verdict.findings.height == 1
    assert verdict.impossible == {"cell": ("ALL", "UNIFIL", "UNMISS")}
    assert judged({"all": ["bad"] * 12}, rule("warning"), mission=missions).impossible == {}


def test_rows_without_a_file_are_told_one_by_one() -> None:
    verdict = judged({None: ["bad"] * 12}, rule("critical"))
    assert verdict.findings["file"].to_list() == [None] * 12
    assert verdict.findings["row"].to_list() == list(range(2, 14))
    assert judged({None: ["bad", "bad"]}, rule("info")).findings["row"].to_list() == [2]


def test_findings_stand_in_the_order_of_the_file() -> None:
    verdict = judged(
        {"g": ["good", "bad"], "f": ["bad", "good"]},
        rule("warning", "b"),
        rule("critical", "a"),
        rule("info", "c", "other"),
        other=["good", "no", "good", "good"],
    )
    assert list(verdict.findings.select("file", "row", "column", "rule", "severity").iter_rows()) == [
        ("f", 2, "cell", "a", "critical"),
        ("f", 2, "cell", "b", "warning"),
        ("g", 3, "cell", "a", "critical"),
        ("g", 3, "cell", "b", "warning"),
        ("g", 3, "other", "c", "info"),
    ]
    assert verdict.findings.equals(verdict.findings.sort(ORDER))


def test_refused_positions_count_from_the_first_row_of_the_frame_and_say_why() -> None:
    verdict = judged(
        {"f": ["good", "bad"], "g": ["bad", "good"]},
        rule("critical", "b"),
        rule("critical", "a", "other"),
        rule("warning", "c"),
        other=["good", "good", "no", "no"],
    )
    assert verdict.refused.to_list() == [1, 2, 3]
    assert verdict.reasons.to_dicts() == [
        {"position": 1, "reasons": "b"},
        {"position": 2, "reasons": "a; b"},
        {"position": 3, "reasons": "a"},
    ]


@pytest.mark.parametrize(
    ("message", "detail", "told"),
    [
        ("It says", "UNMISS", "It says UNMISS."),
        ("Columns are missing:", "a, b", "Columns are missing: a, b."),
        ("The file is damaged.", "line 4", "The file is damaged: line 4."),
        ("The file is damaged.", None, "The file is damaged."),
    ],
)
def test_a_detail_completes_the_message(message: str, detail: str | None, told: str) -> None:
    verdict = judged({"f": ["bad"]}, rule("critical", message=message, detail="detail"), detail=[detail])
    assert verdict.findings["message"].to_list() == [told]


def test_source_and_table_come_from_the_frame_where_they_are_not_given() -> None:
    verdict = judge(frame({"f": ["bad"]}, source=["x"], table=["y"]), [rule("critical")], MESSAGES)
    assert verdict.findings.select("source", "table").rows() == [("x", "y")]


def test_a_rule_that_cannot_be_evaluated_is_a_mistake_of_ours() -> None:
    with pytest.raises(CannotJudge, match=r"The rule 'column_is_there' could not be evaluated: .*nowhere"):
        judged({"f": ["bad"]}, rule("critical"), rule("warning", "column_is_there", "nowhere"))
