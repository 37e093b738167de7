"""Files as people send them: values that can be read in several ways, or that are not what they seem.

The files are made up and stand beside the checkout; name their folder in A4P_CASES where they are elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from tests.support.files import Rooms, workbook

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("A4P_CASES", HERE.parent / "shared" / "cases"))


class Sent(NamedTuple):
    """A file, whose it is, which rules refuse what, and what is read of a table: a column and its values."""

    file: str
    source: str
    refused: set[tuple[str, int | None]]
    table: str
    column: str
    values: list[object]


SENT = [
    Sent("04_percent_cells.xlsx", "tpp_trainings", set(), "tpp_streams", "female_pct", [5.0, 37.0, 26.0, 22.0]),
    Sent(
        "05_dot_thousands.xlsx",
        "strategic_communications",
        {
            ("cycle_value_is_read_one_way", 2),
            ("cycle_value_is_read_one_way", 3),
            ("year_before_value_is_read_one_way", 3),
        },
        "communications_indicators",
        "cycle_value",
        [3430000],
    ),
    Sent(
        "06_two_numbers_line_break.xlsx",
        "mission_report/UNMISS",
        {("sessions_is_read_one_way", 3)},
        "conduct_training",
        "sessions",
        [54, 46, 7],
    ),
    Sent(
        "19_invisible.csv",
        "noticas",
        {(f"gender_is_{rule}", 3) for rule in ("one_of_the_list", "in_latin_letters")},
        "noticas",
        "mission",
        ["UNMISS"],
    ),
    Sent(
        "26_error_in_text.xlsx",
        "mission_report/UNMISS",
        {("mechanism_holds_no_error", 4)},
        "mental_health_support",
        "mechanism",
        ["Counselling unit, on call day and night"],
    ),
    Sent("27_epoch_seconds.json", "noticas", set(), "noticas", "incident_date", ["2024-01-15", "2024-01-15"]),
    Sent("28_page_of_many.json", "noticas", {("json_holds_all_records", None)}, "noticas", "casualty_id", []),
    Sent("29_duplicate_keys.json", "noticas", {("json_names_each_value_once", None)}, "noticas", "mission", []),
    Sent(
        "33_backslash.xlsx", "paet_visits", {("workbook_is_put_together_as_usual", None)}, "paet_visits", "mission", []
    ),
    Sent(
        "48b_semicolon_header_with_commas.csv",
        "paet_visits",
        set(),
        "paet_visits",
        "mission",
        ["UNMISS", "MINUSCA", "MONUSCO"],
    ),
]


def test_how_one_sheet_or_the_separator_writes_decimals_counts_for_the_whole_file(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    streams = [("Stream", "Trainings", "Trainees", "Female pct"), ("Medical", 6, 110, "37,5")]
    summary = [("Period from", "Period to", "Trainings", "Trainees"), ("2023-11-01", "2024-04-30", 6, "3,430")]
    rooms.put("tpp_trainings/commas.xlsx", workbook({"Trainings": streams, "Summary": summary}))
    header = b"indicator;value;year_before_value\n"
    rooms.put("strategic_communications/semicolons.csv", header + b"Mentions;3,430;7\nNew followers;1,234,567;7\n")
    rooms.put("explosive_ordnance/commas.csv", b'mission,up_to,people_educated\nUNIFIL,2024-04-30,"3,430"\n')
    gathered = rooms.gather()
    critical = rooms.findings(gathered).filter(pl.col("severity") == "critical")
    assert set(critical.select("table", "rule", "row").iter_rows()) == {
        ("tpp_streams", "female_pct_is_a_number", 2),
        ("tpp_summary", "trainees_is_read_one_way", 2),
        ("communications_indicators", "cycle_value_is_read_one_way", 2),
    }
    assert rooms.staged(gathered, "communications_indicators")["cycle_value"].to_list() == [1234567]
    # where commas part the cells, one in a cell is no decimal one
    assert rooms.staged(gathered, "explosive_ordnance")["people_educated"].to_list() == [3430]


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.file)
def test_what_is_ambiguous_is_refused_and_the_rest_is_read(sent: Sent, tmp_path: Path) -> None:
    file = FOLDER / sent.file
    if not file.is_file():
        pytest.skip(f"{sent.file} is not in {FOLDER}; name its folder in A4P_CASES")
    rooms = Rooms(tmp_path)
    rooms.put(f"{sent.source}/{sent.file}", file.read_bytes())
    gathered = rooms.gather(sent.source.partition("/")[0])
    critical = rooms.findings(gathered).filter(pl.col("severity") == "critical")
    assert set(critical.select("rule", "row").iter_rows()) == sent.refused
    assert rooms.staged(gathered, sent.table)[sent.column].cast(pl.String).to_list() == [*map(str, sent.values)]
