"""Rules on files, before any of their rows is looked at.

`file_rules` are for a frame with one row a file: `file`, `problem`, `where`, `looks_like`, `folder_mission`,
`claimed_mission`, `folder_cycle`, `claimed_cycle`, `rows`. `table_rules` are for one row a file and table: `absent`,
`missing`, `repeated`, `rows`, `too_wide`. All of them together, with Great Expectations' verdict, decide
whether a submission, or one table of it, goes further.
"""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column as Cell

from expectations.rule import Rule

# problem code: (rule, what is wrong, what to do)
PROBLEMS = {
    "empty": ("file_holds_something", "The file is empty.", "Export it again and send it anew."),
    "truncated": (
        "file_is_whole",
        "The file is damaged or cut off.",
        "Open it, save it again under the same name and send it anew.",
    ),
    "locked": ("file_is_not_locked", "The workbook is protected by a password.", "Save it without a password."),
    "old_workbook": (
        "workbook_is_xlsx",
        "The file is an Excel workbook of the kind used before 2007 (.xls).",
        "Save it as an Excel workbook (.xlsx).",
    ),
    "no_workbook": ("workbook_is_xlsx", "The file is an archive, not an Excel workbook.", "Save it as .xlsx."),
    "web_page": (
        "file_is_no_web_page",
        "The file is a web page, perhaps a log-in or error page, and not data.",
        "Download the file itself and send it anew.",
    ),
    "pdf": ("file_is_no_pdf", "The file is a PDF.", "Send the workbook or CSV file that it was made from."),
    "binary": (
        "file_is_text_or_workbook",
        "The file is neither text nor a workbook.",
        "Send it as .xlsx, .csv or .json.",
    ),
    "utf16": ("text_is_utf8", "The text is encoded in UTF-16.", "Save it as 'CSV UTF-8 (comma delimited)'."),
    "encoding": (
        "text_is_utf8",
        "The text is not encoded in UTF-8, so accented letters would be lost.",
        "Save it as 'CSV UTF-8 (comma delimited)'.",
    ),
    "half_characters": (
        "text_is_whole_characters",
        "The text holds halves of characters, so it was damaged when it was exported.",
        "Export it again and send it anew.",
    ),
    "named_otherwise": (
        "file_is_what_its_name_says",
        "The file's name and content disagree: it",
        "Save it in the format that its name says, or give it the ending of its format.",
    ),
    "no_records": ("json_is_a_list_of_records", "The JSON file holds no list of records.", "Export it again."),
    "too_wide": (
        "file_has_a_reasonable_width",
        "The file has thousands of columns.",
        "Send the export as it is agreed.",
    ),
    "no_mission_folder": (
        "file_is_in_a_mission_folder",
        "The file is not in the folder of one of the reporting missions.",
        "Move it to the folder named with the mission's acronym.",
    ),
}


def file_rules(cycle: int | None) -> list[Rule]:
    """Return the rules on the frame of files; all of them critical: a file that fails one is refused."""
    rules = [
        Rule(
            name,
            gxe.ExpectColumnValuesToNotBeInSet(column="problem", value_set=[code], severity="critical"),
            None,
            message,
            remedy,
            detail="where",
        )
        for code, (name, message, remedy) in PROBLEMS.items()
    ]
    rules += [
        Rule(
            "file_is_of_this_source",
            gxe.ExpectColumnValuesToBeNull(column="looks_like", severity="critical"),
            None,
            "The file holds the columns of another source:",
            "Move it to that source's folder, and send the right file here.",
            detail="looks_like",
        ),
        Rule(
            "mission_is_the_folders",
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="claimed_mission",
                column_B="folder_mission",
                ignore_row_if="either_value_is_missing",
                severity="critical",
            ),
            "mission",
            "The file names another mission than the one it was sent for:",
            "Send it for that mission, or correct the mission on the cover.",
            detail="claimed_mission",
        ),
        Rule(
            "file_has_rows",
            gxe.ExpectColumnValuesToBeBetween(
                column="rows", min_value=1, row_condition=Cell("problem").is_null(), severity="critical"
            ),
            None,
            "The file has headers and no row below them.",
            "Export it again with its data.",
        ),
    ]
    if cycle is not None:
        rules.append(
            Rule(
                "cycle_is_the_folders",
                gxe.ExpectColumnValuesToBeInSet(column="claimed_cycle", value_set=[cycle], severity="critical"),
                "cycle",
                f"The file is of another cycle than {cycle}: it says",
                f"Send the file of cycle {cycle}, or correct the cycle on the cover.",
                detail="claimed_cycle",
            )
        )
    return rules


def table_rules() -> list[Rule]:
    """Return the rules on the frame of files' tables; a critical one refuses that table of the file."""
    return [
        Rule(
            "sheet_is_there",
            gxe.ExpectColumnValuesToBeInSet(column="absent", value_set=[False], severity="critical"),
            None,
            "The workbook lacks the sheet.",
            "Add the sheet, with its headers, from the template.",
        ),
        Rule(
            "required_columns_are_there",
            gxe.ExpectColumnValuesToBeNull(column="missing", severity="critical"),
            None,
            "Columns are missing:",
            "Add the columns, or name them as agreed.",
            detail="missing",
        ),
        Rule(
            "columns_are_named_once",
            gxe.ExpectColumnValuesToBeNull(column="repeated", severity="critical"),
            None,
            "Columns stand twice, so that it is not clear which one counts:",
            "Remove or rename one of each.",
            detail="repeated",
        ),
        Rule(
            "columns_are_those_agreed",
            gxe.ExpectColumnValuesToBeInSet(column="too_wide", value_set=[False], severity="critical"),
            None,
            "There are far more columns than agreed, so this is not the agreed export:",
            "Send the export as it is agreed.",
            detail="widths",
        ),
    ]
