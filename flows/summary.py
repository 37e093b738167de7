"""What the command line and the Prefect artifact say: short, in plain words, for people who do not program."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from config import Config, Cycle, Language
from expectations.messages import catalogue, in_language
from flows import frames
from flows.check import Checked
from flows.publish import Published
from flows.release import Release
from transforms.figures import figure_name

_MOST_SHOWN = 10


def of_refresh(published: Published, cycle: Cycle, config: Config) -> str:
    """Say what was read, refused and published, and where it is."""
    console = _console()
    console.print(f"Cycle {cycle.number}, {_days(cycle)}")
    console.print(_by_source(published, config))
    for line in _lines(published, cycle):
        console.print(line, markup=False)
    return _text(console)


def as_markdown(published: Published, cycle: Cycle, config: Config) -> str:
    """Return the same as Markdown, for Prefect's UI."""
    rows = ["| source | files | rows read | accepted | refused | findings |", "|---|--:|--:|--:|--:|---|"]
    rows += [f"| {' | '.join(row)} |" for row in _rows_by_source(published, config)]
    return "\n".join([f"**Cycle {cycle.number}**, {_days(cycle)}", "", *rows, "", *_lines(published, cycle)])


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
        lines += [f"Published release {release.name} ({release.status}): {release.uri}"]
    else:
        lines += [f"Nothing changed; release {release.name} ({release.status}) stays the latest: {release.uri}"]
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
        return _as_data(figures, form)
    titles = {figure_name(name, cycle): definition for name, definition in config.figures.items()}
    console, table = _console(), Table(box=None, pad_edge=False)
    for heading in ("Figure", "Mission", "Value", "Unit", "Previous", "As of", "Status"):
        table.add_column(heading, justify="right" if heading in {"Value", "Previous"} else "left")
    for row in figures.iter_rows(named=True):
        if row["mission"] != "ALL" and row["figure"] not in titles:
            continue
        table.add_row(
            row["figure"],
            row["mission"],
            _number(row["value"]),
            row["unit"],
            _number(row["previous"]),
            str(row["as_of"]),
            row["obs_status"],
        )
    console.print(table)
    return _text(console)


def of_reconciliation(compared: pl.DataFrame, form: str) -> str:
    """Return a published report's figures against a release's, contradictions last so that they are seen."""
    if form != "table":
        return _as_data(compared, form)
    order = {"equal": 0, "rounded": 1, "not covered": 2, "contradicts": 3}
    console, table = _console(), Table(box=None, pad_edge=False)
    for heading in ("Verdict", "Figure", "Mission", "Published", "Release", "Unit", "Reason"):
        table.add_column(heading, justify="right" if heading in {"Published", "Release"} else "left")
    by_verdict = pl.col("verdict").replace_strict(order, return_dtype=pl.Int8)
    for row in compared.sort(by_verdict, maintain_order=True).iter_rows(named=True):
        published = _number(float(row["published"])) if row["unit"] != "period" else row["published"]
        table.add_row(
            row["verdict"],
            row["figure"],
            row["mission"],
            published,
            _number(row["release"]),
            row["unit"],
            row["reason"],
        )
    console.print(table)
    counts = dict(compared.group_by("verdict").len().iter_rows())
    console.print(", ".join(f"{counts[verdict]} {verdict}" for verdict in order if verdict in counts))
    return _text(console) + "\n"


def of_releases(found: Sequence[tuple[Cycle, Sequence[Release], Release | None]]) -> str:
    """List releases, the latest of each cycle marked."""
    console, table = _console(), Table(box=None, pad_edge=False)
    for heading in ("Cycle", "Release", "Status", "Latest", "URI"):
        table.add_column(heading)
    for cycle, releases, latest in found:
        for release in releases:
            mark = "yes" if latest and release.name == latest.name else ""
            table.add_row(str(cycle.number), release.name, release.status, mark, release.uri)
    if not table.row_count:
        return "There is no release yet; make one with: a4p refresh --cycle N"
    console.print(table)
    return _text(console)


def of_check(results: Sequence[Checked], language: Language = "en") -> str:
    """Say what is wrong with each file, where, and how to mend it."""
    labels = catalogue().labels
    console = _console()
    for result in results:
        verdict = labels["file_would_be_refused" if result.refused else "file_would_be_accepted"].text(language)
        file = f"{result.file} ({result.source})" if result.source else result.file
        accepted, read = (_whole(count, language) for count in (result.rows_accepted, result.rows_read))
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
    return _text(console)


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
    """Show the status board: one row a source and mission."""
    console, table = _console(), Table(box=None, pad_edge=False)
    for heading in ("Source", "Mission", "Due", "Status", "File"):
        table.add_column(heading)
    for row in board.iter_rows(named=True):
        title = config.contract(row["source"]).title.en
        table.add_row(title, row["mission"] or "", str(row["due"]), row["status"], row["file"] or "")
    console.print(f"Cycle {cycle.number}, {_days(cycle)}")
    console.print(table)
    counts = dict(board.group_by("status").len().sort("status").iter_rows())
    console.print(", ".join(f"{count} {status}" for status, count in counts.items()))
    return _text(console)


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


def _as_data(frame: pl.DataFrame, form: str) -> str:
    if form == "csv":
        return frames.as_text(frame).write_csv()
    return json.dumps(json.loads(frame.write_json()), indent=2, ensure_ascii=False) + "\n"


def _severity() -> pl.Expr:
    return pl.col("severity").replace_strict({"critical": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)


def _whole(count: int, language: Language) -> str:
    return f"{count:,}".replace(",", "\u202f") if language == "fr" else f"{count:,}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"


def _days(cycle: Cycle) -> str:
    return f"{cycle.start.day} {cycle.start:%B %Y} to {cycle.end.day} {cycle.end:%B %Y}"


def _console() -> Console:
    # a width is set where the output is no terminal, so that tables are not cut at 80 columns
    width = None if Console().is_terminal else 200
    return Console(file=io.StringIO(), width=width or Console().width, highlight=False, soft_wrap=False)


def _text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().rstrip().splitlines())
