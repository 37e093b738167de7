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
from flows import ledger, terminal
from flows.check import Checked
from flows.counted_up_to import standing
from flows.publish import Published
from flows.wording import number
from transforms.figures import figure_name

_MOST_SHOWN = 10


def of_refresh(published: Published, cycle: Cycle, config: Config) -> str:
    """Say what was read, refused and published, and where it is."""
    console = terminal.console()
    console.print(f"Cycle {cycle.number}, {_days(cycle)}")
    console.print(_by_source(published, config))
    for line in _lines(published, cycle):
        console.print(line, markup=False)
    return terminal.text(console)


def _lines(published: Published, cycle: Cycle) -> list[str]:
    lines = []
    if published.missing:
        lines.append("Missing:")
        lines += [f"  - {sentence}" for sentence in published.missing]
    critical = published.findings.filter(pl.col("severity") == "critical")
    if critical.height:
        lines.append(f"To be mended by the sources ({critical.height}):")
        for finding in critical.head(_MOST_SHOWN).iter_rows(named=True):
            lines.append(f"  - {_place(finding)}: {finding['message']} {finding['remedy']}")
        if critical.height > _MOST_SHOWN:
            lines.append(f"  … and {critical.height - _MOST_SHOWN} more, in quality/findings.parquet and the report.")
    release = published.release
    if release is None:
        lines.append(
            "Nothing was published: no file of any source could be used. Mend what is named above and try again."
        )
    elif published.new:
        lines += [f"Published release {release.name} ({standing(release)}): {release.uri}"]
    else:
        lines += [f"Nothing changed; release {release.name} ({standing(release)}) stays the latest: {release.uri}"]
    if published.report_uri:
        lines.append(f"Report: {published.report_uri}")
    return lines


def _by_source(published: Published, config: Config) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("Source", "Files", "Rows read", "Accepted", "Refused", "Findings"):
        table.add_column(heading, justify="left" if heading in {"Source", "Findings"} else "right")
    for row in _rows_by_source(published, config):
        table.add_row(*row)
    return table


def _rows_by_source(published: Published, config: Config) -> list[list[str]]:
    rows = []
    for source, contract in config.contracts.items():
        sent = published.submissions.filter(pl.col("source") == source, pl.col("status") != "superseded")
        found = published.findings.filter(pl.col("source") == source)
        by_severity = dict(found.group_by("severity").len().iter_rows())
        said = ", ".join(f"{by_severity[one]} {one}" for one in ("critical", "warning", "info") if one in by_severity)
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
        return terminal.as_data(figures, form)
    titles = {figure_name(name, cycle): definition for name, definition in config.figures.items()}
    console, table = terminal.console(), Table(box=None, pad_edge=False)
    for heading in ("Figure", "Mission", "Value", "Unit", "Previous", "As of", "Status"):
        table.add_column(heading, justify="right" if heading in {"Value", "Previous"} else "left")
    for row in figures.iter_rows(named=True):
        if row["mission"] != "ALL" and row["figure"] not in titles:
            continue
        table.add_row(
            row["figure"],
            row["mission"],
            terminal.number(row["value"]),
            row["unit"],
            terminal.number(row["previous"]),
            str(row["as_of"]),
            row["obs_status"],
        )
    console.print(table)
    return terminal.text(console)


def of_reconciliation(compared: pl.DataFrame, form: str) -> str:
    """Return a published report's figures against a release's, contradictions last so that they are seen."""
    if form != "table":
        return terminal.as_data(compared, form)
    order = {"equal": 0, "rounded": 1, "not covered": 2, "contradicts": 3}
    console, table = terminal.console(), Table(box=None, pad_edge=False)
    for heading in ("Verdict", "Figure", "Mission", "Published", "Release", "Unit", "Reason"):
        table.add_column(heading, justify="right" if heading in {"Published", "Release"} else "left")
    by_verdict = pl.col("verdict").replace_strict(order, return_dtype=pl.Int8)
    for row in compared.sort(by_verdict, maintain_order=True).iter_rows(named=True):
        published = terminal.number(float(row["published"])) if row["unit"] != "period" else row["published"]
        table.add_row(
            row["verdict"],
            row["figure"],
            row["mission"],
            published,
            terminal.number(row["release"]),
            row["unit"],
            row["reason"],
        )
    console.print(table)
    counts = dict(compared.group_by("verdict").len().iter_rows())
    console.print(", ".join(f"{counts[verdict]} {verdict}" for verdict in order if verdict in counts))
    return terminal.text(console) + "\n"


def of_check(results: Sequence[Checked], language: Language = "en") -> str:
    """Say what is wrong with each file, where, and how to mend it."""
    labels = catalogue().labels
    console = terminal.console()
    for result in results:
        verdict = labels["file_would_be_refused" if result.refused else "file_would_be_accepted"].text(language)
        file = f"{result.file} ({result.source})" if result.source else result.file
        accepted, read = (number(count, language) for count in (result.rows_accepted, result.rows_read))
        console.print(verdict.format(file=file, accepted=accepted, read=read), markup=False)
        table = Table(box=None, pad_edge=False)
        for heading in ("severity", "where", "what_is_wrong", "what_to_do"):
            table.add_column(labels[heading].text(language))
        findings = in_language(result.findings, language).sort(_severity(), maintain_order=True)
        for finding in findings.iter_rows(named=True):
            severity = labels[finding["severity"]].text(language)
            table.add_row(severity, _cell(finding, language), finding["message"], finding["remedy"])
        if table.row_count:
            console.print(table)
    return terminal.text(console)


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


def of_status(board: pl.DataFrame, cycle: Cycle, config: Config) -> str:
    """Show the status board: a row a headquarters source, then missions by the sources that missions send."""
    console, by_missions = terminal.console(), ledger.mission_sources(config)
    console.print(f"Cycle {cycle.number}, {_days(cycle)}", markup=False)
    console.print(_headquarters_board(board.filter(~pl.col("source").is_in(by_missions)), config))
    console.print()
    console.print(_mission_board(board.filter(pl.col("source").is_in(by_missions)), config))
    console.print()
    counts = dict(board.group_by("status").len().sort("status").iter_rows())
    console.print(", ".join(f"{count} {status}" for status, count in counts.items()), markup=False)
    open_findings = int(board["to_mend"].sum())
    if open_findings:
        console.print(
            f"{_of(open_findings, 'finding')} to be mended; who is told what: a4p alerts --cycle {cycle.number}"
        )
    return terminal.text(console)


def _headquarters_board(board: pl.DataFrame, config: Config) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("Source", "Due", "Status", "To mend", "Mended", "Days to mend", "File"):
        numeric = heading in {"To mend", "Mended", "Days to mend"}
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=heading == "Due")
    for row in board.iter_rows(named=True):
        days = row["days_to_mend"]
        table.add_row(
            config.contract(row["source"]).title.en,
            str(row["due"]),
            row["status"],
            _or_nothing(row["to_mend"]),
            _or_nothing(row["mended"]),
            "" if days is None else f"{days:,.1f}",
            PurePosixPath(row["file"]).name if row["file"] else "",
        )
    return table


def _mission_board(board: pl.DataFrame, config: Config) -> Table:
    """Missions down, the sources that missions send across."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Mission")
    sources = board["source"].unique(maintain_order=True).to_list()
    due = dict(board.select("source", "due").unique().iter_rows())
    for source in sources:
        table.add_column(f"{config.contract(source).title.en}, due {due[source]}")
    cells = {(row["mission"], row["source"]): row for row in board.iter_rows(named=True)}
    for mission in board["mission"].unique(maintain_order=True):
        table.add_row(mission, *(_slot(cells[mission, source]) for source in sources))
    return table


def _slot(row: dict[str, Any]) -> str:
    said = [row["status"]]
    said += [f"{row['to_mend']} to mend"] if row["to_mend"] else []
    said += [f"{row['mended']} mended in {row['days_to_mend']:,.1f} days"] if row["days_to_mend"] is not None else []
    return "; ".join(said)


def _or_nothing(count: int) -> str:
    return f"{count:,}" if count else ""


def _of(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def _place(finding: dict[str, Any]) -> str:
    where = _cell(finding)
    return f"{finding['file']}, {where}" if where else str(finding["file"])


def _cell(finding: dict[str, Any], language: Language = "en") -> str:
    labels = catalogue().labels
    parts = [
        labels["sheet"].text(language).format(name=finding["sheet"]) if finding["sheet"] else "",
        labels["row"].text(language).format(number=finding["row"]) if finding["row"] is not None else "",
        labels["column"].text(language).format(name=finding["column"]) if finding["column"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _severity() -> pl.Expr:
    return pl.col("severity").replace_strict({"critical": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)


def _days(cycle: Cycle) -> str:
    return f"{cycle.start.day} {cycle.start:%B %Y} to {cycle.end.day} {cycle.end:%B %Y}"
