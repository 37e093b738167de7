"""What may be told of a part of a file that was not read as rows, or was read and needs a look, also beside others."""

from __future__ import annotations

from typing import NamedTuple

from expectations.severity import Severity


class Trouble(NamedTuple):
    """A part of a file that was not read as rows, or was read and needs a look: the rule it breaks, how severe it is.

    A critical one refuses the table; a warning may change a number; what is info was not used and changes nothing.
    `doubtful` says that numbers of the table may be wrong as long as nobody mends it or lets it stand.
    """

    rule: str
    severity: Severity
    doubtful: bool = False


TROUBLES = {
    "renamed_sheet": Trouble("sheet_has_its_name", "critical"),
    "several_sheets": Trouble("rows_stand_on_one_sheet", "critical"),
    "on_its_side": Trouble("headers_stand_in_a_row", "critical"),
    "two_row_header": Trouble("header_is_one_row", "critical"),
    "header_of_others": Trouble("header_stands_once", "critical"),
    "wrong_total": Trouble("total_row_is_the_sum", "critical"),
    "keys_lost": Trouble("cumulative_rows_are_kept", "critical"),
    "nothing_new": Trouble("cumulative_rows_go_on", "critical"),
    "rows_lost": Trouble("rows_of_the_file_before_are_kept", "warning", doubtful=True),
    "as_last_cycle": Trouble("numbers_are_of_this_cycle", "warning", doubtful=True),
    "as_other_mission": Trouble("numbers_are_of_this_mission", "warning", doubtful=True),
    "part_passed_over": Trouble("parts_are_read_together", "warning", doubtful=True),
    "total_row": Trouble("rows_hold_no_totals", "warning"),
    "note_row": Trouble("nothing_stands_below_the_table", "warning"),
    "rows_apart": Trouble("rows_stand_together", "warning", doubtful=True),
    "sheet_unread": Trouble("sheets_stand_once", "warning", doubtful=True),
    "hidden_sheet_unread": Trouble("hidden_sheets_hold_no_rows", "warning", doubtful=True),
    "hidden_sheet_read": Trouble("sheets_are_shown", "warning", doubtful=True),
    "hidden_rows": Trouble("rows_are_shown", "warning", doubtful=True),
    "hidden_columns": Trouble("columns_are_shown", "warning", doubtful=True),
    "struck_out": Trouble("nothing_is_struck_out", "warning", doubtful=True),
    "merged_cells": Trouble("cells_are_not_merged", "warning", doubtful=True),
    "unknown_header": Trouble("headers_are_named_as_agreed", "warning", doubtful=True),
    "lacking_columns": Trouble("columns_of_figures_are_there", "warning", doubtful=True),
    "lacking_numbers": Trouble("columns_of_tables_are_there", "warning"),
    "lacking_others": Trouble("columns_that_may_be_left_out_are_there", "info"),
    "numbers_beside": Trouble("no_numbers_stand_beside_the_table", "warning", doubtful=True),
    "texts_beside": Trouble("nothing_stands_beside_the_table", "info"),
    "above_table": Trouble("a_title_stands_above_the_table", "info"),
    "named_row": Trouble("named_rows_are_filled_in", "info"),
    "header_again": Trouble("header_is_not_repeated", "info"),
    "spare_columns": Trouble("columns_are_of_the_contract", "info"),
    "unused_sheets": Trouble("sheets_are_of_the_contract", "info"),
    "passed_over": Trouble("file_is_the_one_that_counts", "info"),
    "filtered_rows": Trouble("rows_are_not_filtered", "info"),
}

# the rules that tell of a file that is another one, as far as some of its tables show
OF_ANOTHER = frozenset(TROUBLES[code].rule for code in ("as_last_cycle", "as_other_mission"))
# the rules that leave a table accepted and its numbers in doubt
DOUBTFUL = frozenset(trouble.rule for trouble in TROUBLES.values() if trouble.doubtful)
