"""What the command line says: short, in plain words, for people who do not program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import polars as pl
from rich.table import Table

from config import Config, Cycle, Language
from expectations.messages import catalogue, in_language
from expectations.questions import KINDS, kind, kind_of
from expectations.severity import worst_first
from flows.cli.as_data import as_data
from flows.core import terminal
from flows.core.counted_up_to import status_of
from flows.core.records import Published
from flows.core.standing import LOOKED_AT
from flows.core.wording import counted, coverage, days, number, place
from flows.feedback.check import Checked
from flows.intake.books import ledger
from flows.intake.gate import decisions
from flows.intake.receive import astray
from flows.releases.lookup import title

_MOST_SHOWN = 10


def of_refresh(published: Published, cycle: Cycle, config: Config) -> str:
    """Say what was read, refused and published, and where it is."""
    by_source = terminal.table(
        ("Source", "Files", "Rows read", "Accepted", "Refused", "Findings"),
        _rows_by_source(published, config),
        right={"Files", "Rows read", "Accepted", "Refused"},
    )
    return terminal.page(f"Cycle {cycle.number}, {days(cycle)}", by_source, *_lines(published, cycle, config))


def _lines(published: Published, cycle: Cycle, config: Config) -> list[str]:
    lines = []
    if published.missing:
        lines.append("Missing:")
        lines += [f"  - {sentence}" for sentence in published.missing]
    critical = published.findings.filter(pl.col("severity") == "critical")
    if critical.height:
        lines.append(f"To be mended by the sources ({critical.height}):")
        for finding in critical.head(_MOST_SHOWN).iter_rows(named=True):
            lines.append(f"  - {_place(finding, config)}: {finding['message']} {finding['remedy']}")
        if critical.height > _MOST_SHOWN:
            lines.append(f"  … and {critical.height - _MOST_SHOWN} more, in the internal report.")
    lines += _to_see_to(published.findings)
    withdrawn = published.submissions.filter(pl.col("status") == "withdrawn")
    if withdrawn.height:
        lines.append("Left out, since they came with a release that was withdrawn:")
        lines += [f"  - {row['file']}, sha256 {row['sha256'][:12]}…" for row in withdrawn.iter_rows(named=True)]
    release = published.release
    if release is None:
        lines.append(
            "Nothing was published: no file of any source could be used. Mend what is named above and try again."
        )
    elif published.new:
        lines += [f"Published release {release.name} ({status_of(release)}): {release.uri}"]
    elif published.like:
        lines += [
            f"Not published: it is the withdrawn {published.like} once more; release {release.name} "
            f"({status_of(release)}) stays the latest: {release.uri}"
        ]
    else:
        lines += [f"Nothing changed; release {release.name} ({status_of(release)}) stays the latest: {release.uri}"]
    if published.report_uri:
        lines.append(f"Report: {published.report_uri}")
    if published.internal_report_uri:
        lines.append(f"With findings and files, not for everybody: {published.internal_report_uri}")
    return lines


def _to_see_to(findings: pl.DataFrame) -> list[str]:
    told = decisions.not_needed(findings)
    lying = astray.told(findings)
    return [
        *(["In the inbox, and not counted:", *(f"  - {sentence}" for sentence in lying)] if lying else []),
        *(["No longer needed:", *(f"  - {sentence}" for sentence in told)] if told else []),
    ]


def _rows_by_source(published: Published, config: Config) -> list[list[str]]:
    rows = []
    for source, contract in config.contracts.items():
        sent = published.submissions.filter(pl.col("source") == source, LOOKED_AT)
        found = published.findings.filter(pl.col("source") == source)
        by_kind = dict(found.group_by(kind()).len().iter_rows())
        said = ", ".join(f"{by_kind[one]} {one}" for one in KINDS if one in by_kind)
        rows.append(
            [
                contract.title.en,
                str(sent["file"].n_unique()) if sent.height else "none",
                *(f"{int(sent[column].sum() or 0):,}" for column in ("rows_read", "rows_staged", "rows_quarantined")),
                said or ("none" if sent.height else ""),
            ]
        )
    return rows


def of_figures(figures: pl.DataFrame, config: Config, cycle: Cycle, form: str) -> str:
    """Return a release's figures as a table, CSV or JSON."""
    if form != "table":
        return as_data(figures, form)
    titles = {name: title(name, config, cycle) for name in set(figures["figure"])}
    first = set(figures.with_row_index("at").group_by("figure").agg(pl.col("at").first())["at"])
    rows = [
        (
            row["figure"],
            row["mission"],
            terminal.number(row["value"]),
            row["unit"],
            terminal.number(row["previous"]),
            str(row["as_of"]),
            f"{row['obs_status']}: {in_it}" if (in_it := coverage(row)) else row["obs_status"],
            # once a figure, not with each mission
            titles[row["figure"]] if at in first else "",
        )
        for at, row in enumerate(figures.iter_rows(named=True))
    ]
    headings = ("Figure", "Mission", "Value", "Unit", "Previous", "As of", "Status", "Title")
    return terminal.page(terminal.table(headings, rows, right={"Value", "Previous"})) + "\n"


def of_reconciliation(compared: pl.DataFrame, form: str) -> str:
    """Return a published report's figures against a release's, contradictions last so that they are seen."""
    if form != "table":
        return as_data(compared, form)
    order = {"equal": 0, "rounded": 1, "not covered": 2, "contradicts": 3}
    by_verdict = pl.col("verdict").replace_strict(order, return_dtype=pl.Int8)
    rows = [
        (
            row["verdict"],
            row["figure"],
            row["mission"],
            row["printed"],
            terminal.number(row["release"]),
            row["unit"],
            row["reason"],
        )
        for row in compared.sort(by_verdict, maintain_order=True).iter_rows(named=True)
    ]
    headings = ("Verdict", "Figure", "Mission", "Printed", "Release", "Unit", "Reason")
    counts = dict(compared.group_by("verdict").len().iter_rows())
    counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in order if verdict in counts)
    return terminal.page(terminal.table(headings, rows, right={"Printed", "Release"}), counted) + "\n"


def of_check(results: Sequence[Checked], config: Config, language: Language = "en") -> str:
    """Say what is wrong with each file, where, and how to mend it."""
    labels = catalogue().labels
    headings = [labels[heading].text(language) for heading in ("severity", "where", "what_is_wrong", "what_to_do")]
    parts: list[str | Table] = []
    for result in results:
        verdict = labels["file_would_be_refused" if result.refused else "file_would_be_accepted"].text(language)
        file = (
            f"{result.file} ({config.contract(result.source).title.text(language)})" if result.source else result.file
        )
        accepted, read = (number(count, language=language) for count in (result.rows_accepted, result.rows_read))
        parts.append(verdict.format(file=file, accepted=accepted, read=read))
        findings = in_language(result.findings, language).sort(worst_first(), maintain_order=True)
        if findings.height:
            rows = [
                (
                    labels[kind_of(finding)].text(language),
                    place(finding, config, language),
                    finding["message"],
                    finding["remedy"],
                )
                for finding in findings.iter_rows(named=True)
            ]
            parts.append(terminal.table(headings, rows))
    return terminal.page(*parts)


def of_check_json(results: Sequence[Checked]) -> str:
    """Return the results of a check as JSON, one object a file."""
    return json.dumps(
        [
            {
                "file": result.file,
                "source": result.source,
                "accepted": not result.refused,
                "rows_read": result.rows_read,
                "rows_accepted": result.rows_accepted,
                "findings": result.findings.to_dicts(),
            }
            for result in results
        ],
        indent=2,
        ensure_ascii=False,
    )


def of_status(
    board: pl.DataFrame, found: pl.DataFrame | None, cycle: Cycle, config: Config, unknown: Sequence[str] = ()
) -> str:
    """Show the status board: a row a headquarters source, then missions by the sources that missions send.

    `found` are the findings of the release that readers are led to, None where there is none. `unknown` are those of
    whose last message nobody knows whether it arrived.
    """
    by_missions = ledger.mission_sources(config)
    counts = dict(board.group_by("status").len().sort("status").iter_rows())
    parts: list[str | Table] = [
        f"Cycle {cycle.number}, {days(cycle)}",
        _headquarters_board(board.filter(~pl.col("source").is_in(by_missions)), config),
        "",
        _mission_board(board.filter(pl.col("source").is_in(by_missions)), config),
        "",
        ", ".join(f"{count} {status}" for status, count in counts.items()),
    ]
    open_findings = int(board["to_mend"].sum())
    if open_findings:
        parts.append(
            f"{counted(open_findings, 'finding')} to be mended; who is told what: a4p alerts --cycle {cycle.number}"
        )
    if unknown:
        again = f"it is sent once more with: a4p alerts --cycle {cycle.number} --send"
        parts.append(f"Nobody knows whether the last message to {', '.join(unknown)} arrived; {again}")
    questions = int(board["asked"].sum())
    if questions:
        asked = counted(questions, "question")
        parts.append(f"{asked} to sources; see them with: a4p questions --cycle {cycle.number}")
    return terminal.page(*parts, *(_to_see_to(found) if found is not None else ()))


def _headquarters_board(board: pl.DataFrame, config: Config) -> Table:
    rows = []
    for row in board.iter_rows(named=True):
        days = row["days_to_mend"]
        rows.append(
            (
                config.contract(row["source"]).title.en,
                str(row["due"]),
                _status(row),
                _or_nothing(row["to_mend"]),
                _or_nothing(row["asked"]),
                _or_nothing(row["mended"]),
                "" if days is None else f"{days:,.1f}",
                PurePosixPath(row["file"]).name if row["file"] else "",
            )
        )
    numbers = ("To mend", "Questions", "Mended", "Days to mend")
    return terminal.table(("Source", "Due", "Status", *numbers, "File"), rows, right=numbers, whole={"Due"})


def _mission_board(board: pl.DataFrame, config: Config) -> Table:
    """Missions down, the sources that missions send across."""
    sources = board["source"].unique(maintain_order=True).to_list()
    due = dict(board.select("source", "due").unique().iter_rows())
    cells = {(row["mission"], row["source"]): row for row in board.iter_rows(named=True)}
    rows = [
        (mission, *(_slot(cells[mission, source]) for source in sources))
        for mission in board["mission"].unique(maintain_order=True)
    ]
    return terminal.table(
        ("Mission", *(f"{config.contract(source).title.en}, due {due[source]}" for source in sources)), rows
    )


def _slot(row: dict[str, Any]) -> str:
    said = [_status(row)]
    said += [f"{row['to_mend']} to mend"] if row["to_mend"] else []
    said += [counted(row["asked"], "question")] if row["asked"] else []
    said += [f"{row['mended']} mended in {row['days_to_mend']:,.1f} days"] if row["days_to_mend"] is not None else []
    return "; ".join(said)


def _status(row: dict[str, Any]) -> str:
    return f"{row['status']} ({row['in_use']})" if row["in_use"] else str(row["status"])


def _or_nothing(count: int) -> str:
    return f"{count:,}" if count else ""


def _place(finding: dict[str, Any], config: Config) -> str:
    return ", ".join(part for part in (str(finding["file"]), place(finding, config)) if part)
