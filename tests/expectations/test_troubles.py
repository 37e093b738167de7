"""What refuses a table, what leaves its numbers in doubt, and what changes nothing."""

from __future__ import annotations

from expectations.troubles import DOUBTFUL, OF_ANOTHER, TROUBLES

# of what cannot be read as it was meant, or is not the table that it says it is, nothing is used
REFUSED = {
    *("renamed_sheet", "several_sheets", "on_its_side", "two_row_header", "header_of_others"),
    *("wrong_total", "keys_lost", "nothing_new"),
}
# rows or numbers may be missing, or be other ones
IN_DOUBT = {
    *("rows_lost", "as_last_cycle", "as_other_mission", "part_passed_over", "rows_apart", "sheet_unread"),
    *("hidden_sheet_unread", "hidden_sheet_read", "hidden_rows", "hidden_columns", "struck_out", "merged_cells"),
    *("unknown_header", "lacking_columns", "numbers_beside"),
}
# nothing is missing, and somebody should look all the same
LOOKED_AT = {"total_row", "note_row", "lacking_numbers"}
FOR_THE_RECORD = {
    *("lacking_others", "texts_beside", "above_table", "named_row", "header_again", "spare_columns"),
    *("unused_sheets", "passed_over", "filtered_rows"),
}


def test_each_trouble_is_as_severe_as_what_it_may_change() -> None:
    by_severity = {
        severity: {code for code, trouble in TROUBLES.items() if trouble.severity == severity}
        for severity in ("critical", "warning", "info")
    }
    assert by_severity == {"critical": REFUSED, "warning": IN_DOUBT | LOOKED_AT, "info": FOR_THE_RECORD}
    assert {code for code, trouble in TROUBLES.items() if trouble.doubtful} == IN_DOUBT
    assert {TROUBLES[code].rule for code in IN_DOUBT} == DOUBTFUL
    assert {"numbers_are_of_this_cycle", "numbers_are_of_this_mission"} == OF_ANOTHER
