"""Rules on files, before any of their rows is looked at.

`file_rules` are for a frame with one row a file: `file`, `problem`, `where`, `looks_like`, `folder_mission`,
`claimed_mission`, `folder_cycle`, `claimed_cycle`, `blank`, `earlier_template`, `lacking_part`. `table_rules` are for
one row a file and table: `absent`, `missing`, `repeated`, `too_wide`, `blank`, `contradicted`. `region_rules` are for
one row a region of a file. All of them together, with Great Expectations' verdict, decide whether a submission, or one
table of it, goes further.

`blank` says what is to be done where nothing is filled in: `fill_in`, or `or_none` where that may be a true answer.
"""

from __future__ import annotations

from typing import NamedTuple

import great_expectations.expectations as gxe

from config import NONE, Messages
from expectations.messages import Both
from expectations.rule import Rule, told
from expectations.troubles import TROUBLES


class Problem(NamedTuple):
    """A problem that keeps a file from being read: the rule it breaks, its texts, what says where it is.

    `says` names the entry of config/messages.yaml where a rule has several; else it is the rule's.
    """

    rule: str
    says: str = ""
    detail: str = "where"


PROBLEMS = {
    "empty": Problem("file_holds_something"),
    "truncated": Problem("file_is_whole"),
    "locked": Problem("file_is_not_locked"),
    "old_workbook": Problem("workbook_is_xlsx", "workbook_is_xlsx, not xls"),
    "no_workbook": Problem("workbook_is_xlsx", "workbook_is_xlsx, not an archive"),
    "archive": Problem("workbook_is_xlsx", "workbook_is_xlsx, not packed"),
    "word": Problem("file_is_no_document"),
    "slides": Problem("file_is_no_document", "file_is_no_document, slides"),
    "picture": Problem("file_is_no_picture"),
    "shortcut": Problem("file_is_no_shortcut"),
    "web_page": Problem("file_is_no_web_page"),
    "pdf": Problem("file_is_no_pdf"),
    "binary": Problem("file_is_text_or_workbook"),
    "utf16": Problem("text_is_utf8", "text_is_utf8, not utf16"),
    "encoding": Problem("text_is_utf8"),
    "half_characters": Problem("text_is_whole_characters"),
    "named_otherwise": Problem("file_is_what_its_name_says"),
    "no_records": Problem("json_is_a_list_of_records"),
    "one_page": Problem("json_holds_all_records"),
    "named_twice": Problem("json_names_each_value_once"),
    "too_wide": Problem("file_has_a_reasonable_width"),
    "too_large": Problem("file_is_small_enough"),
    "too_many_cells": Problem("file_has_a_reasonable_length"),
    "line_too_long": Problem("lines_have_a_reasonable_length"),
    "too_slow": Problem("file_is_read_in_time"),
    "expands": Problem("workbook_unpacks_to_a_reasonable_size"),
    "macros": Problem("workbook_has_no_macros"),
    "links": Problem("workbook_has_no_links_to_other_files"),
    "disorder": Problem("workbook_is_put_together_as_usual"),
    "backslashes": Problem("workbook_is_put_together_as_usual", "workbook_is_put_together_as_usual, with slashes"),
    "name": Problem("file_name_is_plain"),
    "no_file": Problem("file_is_no_link"),
    "no_mission_folder": Problem("file_is_in_a_mission_folder"),
}


_NONE = {"none": Both(NONE.text("en"), NONE.text("fr"))}


def file_rules(cycle: int | None, messages: Messages) -> list[Rule]:
    """Return the rules on the frame of files: one that fails a critical rule is refused."""
    rules = [
        Rule(
            problem.rule,
            gxe.ExpectColumnValuesToNotBeInSet(column="problem", value_set=[code], severity="critical"),
            None,
            detail=problem.detail,
            says=problem.says,
        )
        for code, problem in PROBLEMS.items()
    ]
    rules += [
        Rule(
            "file_is_of_this_source",
            gxe.ExpectColumnValuesToBeNull(column="looks_like", severity="critical"),
            None,
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
            detail="claimed_mission",
        ),
        *_filled_in("file_has_rows"),
        Rule(
            "template_is_the_newest",
            gxe.ExpectColumnValuesToBeNull(column="earlier_template", severity="warning"),
            None,
            detail="earlier_template",
        ),
        Rule(
            "all_parts_are_there",
            gxe.ExpectColumnValuesToBeNull(column="lacking_part", severity="critical"),
            None,
            detail="lacking_part",
        ),
    ]
    if cycle is not None:
        rules.append(
            Rule(
                "cycle_is_the_folders",
                gxe.ExpectColumnValuesToBeInSet(column="claimed_cycle", value_set=[cycle], severity="critical"),
                "cycle",
                detail="claimed_cycle",
                words={"cycle": cycle},
            )
        )
    return told(rules, messages)


def table_rules(messages: Messages) -> list[Rule]:
    """Return the rules on the frame of files' tables; a critical one refuses that table of the file."""
    rules = [
        Rule(
            "sheet_is_there",
            gxe.ExpectColumnValuesToBeInSet(column="absent", value_set=[False], severity="critical"),
            None,
        ),
        Rule(
            "required_columns_are_there",
            gxe.ExpectColumnValuesToBeNull(column="missing", severity="critical"),
            None,
            detail="missing",
        ),
        Rule(
            "columns_are_named_once",
            gxe.ExpectColumnValuesToBeNull(column="repeated", severity="critical"),
            None,
            detail="repeated",
        ),
        Rule(
            "columns_are_those_agreed",
            gxe.ExpectColumnValuesToBeInSet(column="too_wide", value_set=[False], severity="critical"),
            None,
            detail="widths",
        ),
        *_filled_in("table_is_filled_in"),
        Rule(
            "none_stands_alone",
            gxe.ExpectColumnValuesToBeInSet(column="contradicted", value_set=[False], severity="critical"),
            None,
            words=_NONE,
        ),
    ]
    return told(rules, messages)


def region_rules(messages: Messages) -> list[Rule]:
    """Return the rules on the frame of regions of files: `trouble`, one of TROUBLES or none, and `where` it is."""
    return told(
        [
            Rule(
                trouble.rule,
                gxe.ExpectColumnValuesToNotBeInSet(column="trouble", value_set=[code], severity=trouble.severity),
                None,
                detail="where",
            )
            for code, trouble in TROUBLES.items()
        ],
        messages,
    )


def _filled_in(rule: str) -> list[Rule]:
    """Return a rule that something is filled in, with a text each for where "none" is an answer and where it is not."""
    return [
        Rule(
            rule,
            gxe.ExpectColumnValuesToNotBeInSet(column="blank", value_set=[to_do], severity="critical"),
            None,
            words=_NONE,
            says=says,
        )
        for to_do, says in (("fill_in", rule), ("or_none", f"{rule}, or says none"))
    ]
