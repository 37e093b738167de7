"""What the command line says of releases: which there are, what changed between them, where a figure comes from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from rich.table import Table
from rich.text import Text

from config import Config, Cycle
from flows.cli import explanation_texts
from flows.cli.as_data import as_data
from flows.core import terminal, visible
from flows.core.counted_up_to import status_of
from flows.core.records import Release
from flows.core.verified import Verified
from flows.core.wording import in_blocks
from flows.releases.explain import Explained
from flows.releases.marks import in_words
from flows.releases.series import titles
from flows.releases.withdrawals import Named

_ROWS_SHOWN = 40


def of_releases(
    found: Sequence[tuple[Cycle, Sequence[Release], Release | None, Mapping[str, Mapping[str, Any]]]],
) -> str:
    """List releases, the one that readers are led to marked, and those withdrawn with the reason."""
    rows = []
    for cycle, releases, latest, withdrawn in found:
        for release in releases:
            mark = "yes" if latest and release.name == latest.name else ""
            if gone := withdrawn.get(release.name):
                mark = f"withdrawn {in_words(gone)}"
            rows.append((str(cycle.number), release.name, status_of(release), mark, release.uri))
    if not rows:
        return "There is no release yet; make one with: a4p refresh --cycle N"
    return terminal.page(terminal.table(("Cycle", "Release", "Status", "Latest", "URI"), rows))


def of_changes(document: Mapping[str, Any], after: str, cycle: Cycle) -> str:
    """Say what changed between two releases: why, which figures, which tables."""
    looks = "back from the newer" if document.get("direction") == "backwards" else "from the older"
    other = "older" if document.get("direction") == "backwards" else "newer"
    parts: list[str | Text | Table] = [f"Cycle {cycle.number}: {looks} {document['from']} to the {other} {after}"]
    parts += [terminal.unbroken(f"  {cause['cause']}: {cause['said']}") for cause in document["causes"]]
    if document["figures"]:
        headings = ("Figure", "Mission", "Was", "Is", "Unit", "Status", "Why")
        parts += ["", terminal.table(headings, map(_changed_figure, document["figures"]), right={"Was", "Is"})]
    if document["tables"]:
        counts = ("Rows added", "Removed", "Changed")
        of_table = ("Table", "Change", *counts, "Columns added or removed")
        parts += ["", terminal.table(of_table, map(_changed_table, document["tables"]), right=counts)]
    else:
        parts.append("Every table is the same.")
    return terminal.page(*parts) + "\n"


def _changed_figure(one: Mapping[str, Any]) -> list[str]:
    statuses = dict.fromkeys(status or "–" for status in (one["status_from"], one["status_to"]))
    return [
        one["figure"],
        one["mission"],
        terminal.number(one["from"]),
        "gone" if one["change"] == "removed" else terminal.number(one["to"]),
        one["unit"],
        " → ".join(statuses),
        ", ".join(one["causes"]),
    ]


def _changed_table(one: Mapping[str, Any]) -> list[str]:
    counts = (f"{one[f'rows_{what}']:,}" for what in ("added", "removed", "changed"))
    return [one["table"], one["change"], *counts, ", ".join(one["fields"])]


def of_history(history: pl.DataFrame, form: str) -> str:
    """Show a figure in each release, or give it as CSV or JSON."""
    if form != "table":
        return as_data(history, form)
    rows = []
    for row in history.iter_rows(named=True):
        change = row["change_since_first"]
        rows.append(
            (
                row["release"],
                row["status"],
                terminal.number(row["value"]),
                row["unit"],
                "" if not change else f"{change:+,.10g}",
                row["obs_status"],
                row["withdrawn"] or "",
            )
        )
    headings = ("Release", "Status", "Value", "Unit", "Since first published", "Status of the value", "Withdrawn")
    table = terminal.table(headings, rows, right={"Value", "Since first published"})
    return terminal.page(f"{history['figure'][0]}, {history['mission'][0]}", table) + "\n"


def of_series(series: pl.DataFrame, config: Config, form: str) -> str:
    """Show a figure over the cycles, or give it as CSV or JSON."""
    if form != "table":
        return as_data(series, form)
    rows = []
    before: float | None = None
    for row in series.iter_rows(named=True):
        value = row["value"]
        change = None if value is None or before is None else value - before
        cycle = config.cycles[row["cycle"]]
        rows.append(
            (
                str(row["cycle"]),
                f"{cycle.start} to {cycle.end}",
                row["release"],
                terminal.number(value),
                row["unit"],
                "" if not change else f"{change:+,.10g}",
                str(row["as_of"]),
                row["obs_status"],
            )
        )
        before = value
    headings = ("Cycle", "Days", "Release", "Value", "Unit", "Change", "As of", "Status")
    line = in_blocks(series["value"].to_list())
    figure, mission = series.row(0, named=True)["figure"], series["mission"][0]
    heading = f"{figure}, {mission}{f'  {line}' if line else ''}"
    title = titles(config).get(figure, "")
    return (
        terminal.page(*([title] if title else []), heading, terminal.table(headings, rows, right={"Value", "Change"}))
        + "\n"
    )


def of_rollback(to: Release, later: Sequence[str], out: Collection[Named], cycle: Cycle, config: Config) -> str:
    """Say what readers see after a rollback, and which files stay out of what is released from now on."""
    gone = f"{', '.join(later)} withdrawn" if later else "nothing is withdrawn"
    lines = [f"Readers of cycle {cycle.number} now see {to.name} ({status_of(to)}); {gone}."]
    if out:
        lines.append("These files came with what is withdrawn, and stay out until others replace them:")
        for one in out:
            whose = f"{config.contract(one.source).title.en}{f' ({one.mission})' if one.mission else ''}"
            lines.append(f"  - {whose}: {one.file}, sha256 {one.sha256[:12]}…")
        lines.append(
            f"To let one of them count again: a4p decide reinstate FILE_OR_SHA256 --cycle {cycle.number} --reason TEXT"
        )
    if later:
        lines.append(f"To undo all of it: a4p rollback --cycle {cycle.number} --to {later[-1]} --reason TEXT")
    return "\n".join(lines)


def of_verification(verified: Verified) -> str:
    """Say whether a release is what was published, or what is not as it was."""
    if verified.problems:
        said = [f"{verified.release} is not as it was published:", *(f"  - {one}" for one in verified.problems)]
        said += ["Not looked at:", *(f"  - {one}" for one in verified.unseen)] if verified.unseen else []
        return "\n".join(map(visible.in_line, (*said, *verified.told)))
    if verified.unseen:
        said = [f"What could be looked at of {verified.release} is as it was published. Not looked at:"]
        said += [f"  - {one}" for one in verified.unseen]
        return "\n".join(map(visible.in_line, (*said, *verified.told)))
    whole = (
        f"{verified.release} is whole: its {verified.files} files and {verified.raw_files} raw files have their hashes."
    )
    whole = f"{whole} Made again from the raw files, every file is the same." if verified.rebuilt else whole
    return "\n".join(map(visible.in_line, (whole, *verified.told)))


def of_explanation(explained: Explained, config: Config, rows: int = _ROWS_SHOWN) -> str:
    """Say what a figure is, how it is defined, from which rows it comes, and when it changed."""
    definition = explained.definition
    start, end = explained.window
    parts: list[str | Table] = [
        f"{explained.title}: {_value(explained)}",
        f"  {explained.figure}, {explained.mission}, release {explained.release}",
        *([f"  This release is withdrawn, {explained.withdrawn}."] if explained.withdrawn else []),
        "",
        f"Counts   {definition.value} from {definition.table}",
        *([f"Where    {definition.where}"] if definition.where else []),
        f"Window   {definition.window}: {f'{start} to {end}' if start else f'up to {end}'}",
        f"Source   {definition.source}",
        *([f"Rule     {definition.rule}"] if definition.rule else []),
        "",
    ]
    found = explained.rows
    parts += explanation_texts.of_confidential(explained, config)
    if explained.unseen:
        parts += explanation_texts.of_files(explained)
    elif not found.is_empty():
        parts += _rows(found, explained, rows)
    elif explained.in_words.is_empty():
        parts.append("It comes from no row of a source: from the configuration, or there is nothing to count.")
    parts += explanation_texts.of_words(explained)
    values = explained.history.select("release", "value", "withdrawn").rows()
    told = ", ".join(
        f"{name} {terminal.number(value) or 'none'}{' (withdrawn)' if withdrawn else ''}"
        for name, value, withdrawn in values
    )
    if explained.answers:
        parts.append(f"Unusual, and explained: {explained.answers}")
    before = explanation_texts.of_before(explained)
    return terminal.page(*parts, "", _verdict(explained), f"Published as: {told}", *before) + "\n"


def _value(explained: Explained) -> str:
    if explained.value is None:
        return f"no value (status {explained.obs_status})"
    sure = f"{explained.obs_status}: {explained.coverage}" if explained.coverage else explained.obs_status
    return f"{terminal.number(explained.value)} {explained.unit} (status {sure})"


def _rows(found: pl.DataFrame, explained: Explained, rows: int) -> list[str | Table]:
    counts = found.group_by("mission").len().sort("mission", nulls_last=True).rows()
    by_mission = ", ".join(f"{mission or 'no mission'} {count:,}" for mission, count in counts)
    kind = "Rows that it needs" if explained.sifted else "Rows that it is taken from"
    shown = [
        (
            row["mission"] or "",
            row["file"].rpartition("/")[2],
            row["sheet"] or "",
            str(row["row"]),
            row["cells"],
            row["findings"] or "",
            f"sha256 {row['sha256'][:12]}…",
        )
        for row in found.head(rows).iter_rows(named=True)
    ]
    headings = ("Mission", "File", "Sheet", "Row", "Cells", "Findings", "Raw file")
    parts: list[str | Table] = [
        f"{kind}: {found.height:,} ({by_mission})",
        terminal.table(headings, shown, right={"Row"}),
    ]
    if found.height > rows:
        parts.append(f"… and {found.height - rows:,} more; all of them with --json or --rows {found.height}")
    return parts


def _verdict(explained: Explained) -> str:
    other = "" if explained.same_pipeline else " Another version of the pipeline made the release."
    if explained.unseen:
        return "It was not made again, which takes the rows."
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
        "withdrawn": explained.withdrawn,
        "definition": explained.definition.model_dump(mode="json", exclude_none=True),
        "window": {"from": start.isoformat() if start else None, "to": end.isoformat()},
        "value": explained.value,
        "unit": explained.unit,
        "obs_status": explained.obs_status,
        "coverage": explained.coverage or None,
        "answers": explained.answers or None,
        "made_again": explained.again,
        "sifted": explained.sifted,
        "rows": explained.rows.to_dicts(),
        "raw": dict(sorted(explained.raw.items())),
        "history": explained.history.to_dicts(),
        **explanation_texts.as_document(explained),
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
