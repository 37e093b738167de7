"""What the command line says of releases: which there are, what changed between them, where a figure comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from rich.table import Table

from config import Cycle
from flows import terminal
from flows.counted_up_to import standing
from flows.explain import Explained
from flows.release import Release
from flows.verify import Verified

_ROWS_SHOWN = 40


def of_releases(
    found: Sequence[tuple[Cycle, Sequence[Release], Release | None, Mapping[str, Mapping[str, Any]]]],
) -> str:
    """List releases, the one that readers are led to marked, and those withdrawn with the reason."""
    console, table = terminal.console(), Table(box=None, pad_edge=False)
    for heading in ("Cycle", "Release", "Status", "Latest", "URI"):
        table.add_column(heading)
    for cycle, releases, latest, withdrawn in found:
        for release in releases:
            mark = "yes" if latest and release.name == latest.name else ""
            if gone := withdrawn.get(release.name):
                mark = f"withdrawn on {gone['on'][:10]}{': ' if gone['why'] else ''}{gone['why']}"
            table.add_row(str(cycle.number), release.name, standing(release), mark, release.uri)
    if not table.row_count:
        return "There is no release yet; make one with: a4p refresh --cycle N"
    console.print(table)
    return terminal.text(console)


def of_changes(document: Mapping[str, Any], after: str, cycle: Cycle) -> str:
    """Say what changed between two releases: why, which figures, which tables."""
    console = terminal.console()
    console.print(f"Cycle {cycle.number}: from {document['from']} to {after}", markup=False)
    for cause in document["causes"]:
        console.print(f"  {cause['cause']}: {cause['said']}", markup=False, soft_wrap=True)
    if document["figures"]:
        table = Table(box=None, pad_edge=False)
        for heading in ("Figure", "Mission", "Was", "Is", "Unit", "Status", "Why"):
            table.add_column(heading, justify="right" if heading in {"Was", "Is"} else "left")
        for one in document["figures"]:
            statuses = dict.fromkeys(status or "–" for status in (one["status_from"], one["status_to"]))
            table.add_row(
                one["figure"],
                one["mission"],
                terminal.number(one["from"]),
                "gone" if one["change"] == "removed" else terminal.number(one["to"]),
                one["unit"],
                " → ".join(statuses),
                ", ".join(one["causes"]),
            )
        console.print()
        console.print(table)
    if document["tables"]:
        table = Table(box=None, pad_edge=False)
        for heading in ("Table", "Change", "Rows added", "Removed", "Changed", "Columns added or removed"):
            table.add_column(heading, justify="right" if heading in {"Rows added", "Removed", "Changed"} else "left")
        for one in document["tables"]:
            counts = (f"{one[f'rows_{what}']:,}" for what in ("added", "removed", "changed"))
            table.add_row(one["table"], one["change"], *counts, ", ".join(one["fields"]))
        console.print()
        console.print(table)
    else:
        console.print("Every table is the same.")
    return terminal.text(console) + "\n"


def of_history(history: pl.DataFrame, form: str) -> str:
    """Show a figure in each release, or give it as CSV or JSON."""
    if form != "table":
        return terminal.as_data(history, form)
    console, table = terminal.console(), Table(box=None, pad_edge=False)
    for heading in ("Release", "Status", "Value", "Unit", "Since first published", "Status of the value"):
        table.add_column(heading, justify="right" if heading in {"Value", "Since first published"} else "left")
    for row in history.iter_rows(named=True):
        change = row["change_since_first"]
        table.add_row(
            row["release"],
            row["status"],
            terminal.number(row["value"]),
            row["unit"],
            "" if not change else f"{change:+,.10g}",
            row["obs_status"],
        )
    console.print(f"{history['figure'][0]}, {history['mission'][0]}", markup=False)
    console.print(table)
    return terminal.text(console) + "\n"


def of_verification(verified: Verified) -> str:
    """Say whether a release is what was published, or what is not as it was."""
    if verified.problems:
        return "\n".join(
            [f"{verified.release} is not as it was published:", *(f"  - {one}" for one in verified.problems)]
        )
    whole = (
        f"{verified.release} is whole: its {verified.files} files and {verified.raw_files} raw files have their hashes."
    )
    return f"{whole} Made again from the raw files, every file is the same." if verified.rebuilt else whole


def of_explanation(explained: Explained, rows: int = _ROWS_SHOWN) -> str:
    """Say what a figure is, how it is defined, from which rows it comes, and when it changed."""
    console, definition = terminal.console(), explained.definition
    start, end = explained.window
    console.print(f"{explained.title}: {_value(explained)}", markup=False)
    console.print(f"  {explained.figure}, {explained.mission}, release {explained.release}", markup=False)
    console.print()
    console.print(f"Counts   {definition.value} from {definition.table}", markup=False)
    if definition.where:
        console.print(f"Where    {definition.where}", markup=False)
    console.print(f"Window   {definition.window}: {f'{start} to {end}' if start else f'up to {end}'}", markup=False)
    console.print(f"Source   {definition.source}", markup=False)
    if definition.rule:
        console.print(f"Rule     {definition.rule}", markup=False)
    console.print()
    found = explained.rows
    if found.is_empty():
        console.print("It comes from no row of a source: from the configuration, or there is nothing to count.")
    else:
        _print_rows(console, found, explained, rows)
    console.print()
    console.print(_verdict(explained), markup=False)
    values = explained.history.select("release", "value").rows()
    told = ", ".join(f"{name} {terminal.number(value) or 'none'}" for name, value in values)
    console.print(f"Published as: {told}", markup=False)
    return terminal.text(console) + "\n"


def _value(explained: Explained) -> str:
    if explained.value is None:
        return f"no value (status {explained.obs_status})"
    return f"{terminal.number(explained.value)} {explained.unit} (status {explained.obs_status})"


def _print_rows(console: Any, found: pl.DataFrame, explained: Explained, rows: int) -> None:
    counts = found.group_by("mission").len().sort("mission", nulls_last=True).rows()
    by_mission = ", ".join(f"{mission or 'no mission'} {count:,}" for mission, count in counts)
    kind = "Rows that it needs" if explained.sifted else "Rows that it is taken from"
    console.print(f"{kind}: {found.height:,} ({by_mission})", markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("Mission", "File", "Sheet", "Row", "Cells", "Findings", "Raw file"):
        table.add_column(heading, justify="right" if heading == "Row" else "left")
    for row in found.head(rows).iter_rows(named=True):
        table.add_row(
            row["mission"] or "",
            row["file"].rpartition("/")[2],
            row["sheet"] or "",
            str(row["row"]),
            row["cells"],
            row["findings"] or "",
            f"sha256 {row['sha256'][:12]}…",
        )
    console.print(table)
    if found.height > rows:
        console.print(f"… and {found.height - rows:,} more; all of them with --json or --rows {found.height}")


def _verdict(explained: Explained) -> str:
    other = "" if explained.same_pipeline else " Another version of the pipeline made the release."
    if explained.obs_status == "Q":
        return "The value is suppressed for confidentiality; the rows are for those who may read the private store."
    if explained.proven:
        return "Made again from these rows alone, it is the same."
    return f"Made again from these rows, it is {terminal.number(explained.again) or 'nothing'}.{other}"


def of_explanation_json(explained: Explained) -> str:
    """Return all of it for machines."""
    start, end = explained.window
    said = {
        "figure": explained.figure,
        "mission": explained.mission,
        "title": explained.title,
        "release": explained.release,
        "definition": explained.definition.model_dump(mode="json", exclude_none=True),
        "window": {"from": start.isoformat() if start else None, "to": end.isoformat()},
        "value": explained.value,
        "unit": explained.unit,
        "obs_status": explained.obs_status,
        "made_again": explained.again,
        "sifted": explained.sifted,
        "rows": explained.rows.to_dicts(),
        "raw": dict(sorted(explained.raw.items())),
        "history": explained.history.to_dicts(),
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
