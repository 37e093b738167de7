"""What a run shows in Prefect's UI: who sent what, what was found, what came of it. No value of a cell stands in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from config import Config, Cycle
from expectations.severity import SEVERITIES, critical_and_open
from flows.core import terminal
from flows.core.counted_up_to import of_sources, status_of
from flows.core.records import Published
from flows.core.standing import LOOKED_AT, Standing, standings
from flows.orchestration import markdown
from flows.orchestration.markdown import Markdown
from flows.releases import shelf as releasing
from flows.releases.same import CHANGES
from flows.stores import Store

_MOST_SHOWN = 15


def sources(published: Published, cycle: Cycle, config: Config, today: date) -> str:
    """Return a table of who sent what: a row a source, or a mission of it; what somebody has to see to comes first."""
    every = standings(published.submissions, config, cycle, today)
    rows = [_sent(standing, config) for standing in sorted(every, key=lambda standing: not standing.to_see_to)]
    head = ["Source", "Status", "Received", "Due", "Rows", "Refused"]
    return f"## Who sent what for cycle {cycle.number}\n\n" + markdown.table(head, rows, numbers=2)


def _sent(standing: Standing, config: Config) -> list[Markdown]:
    title = config.contract(standing.source).title.en + (f", {standing.mission}" if standing.mission else "")
    state = markdown.bold(standing.state) if standing.to_see_to else markdown.text(standing.state)
    in_use = (standing.in_use,) if standing.in_use else ()
    status = Markdown(", ".join((state, *map(markdown.text, (*standing.remarks, *in_use)))))
    came = standing.received_on
    counts = (
        f"{int(standing.judged[name].sum() or 0):,}" if came else "" for name in ("rows_read", "rows_quarantined")
    )
    return [markdown.text(title), status, *map(markdown.text, (str(came or ""), str(standing.due), *counts))]


def findings(published: Published, cycle: Cycle, config: Config) -> str:
    """Return a table of how much was found, by source and severity."""
    said = f"## What was found in the files of cycle {cycle.number}\n\n"
    counted = published.findings.group_by("source", "severity").len()
    if counted.is_empty():
        return said + "Nothing."
    by_source: dict[str, dict[str, int]] = {}
    for source, severity, count in counted.iter_rows():
        by_source.setdefault(source or "", {})[severity] = count
    order = sorted(by_source, key=lambda one: [-by_source[one].get(severity, 0) for severity in SEVERITIES])
    rows = [(_title(source, config), *(f"{by_source[source].get(one, 0):,}" for one in SEVERITIES)) for source in order]
    rows.append(("All", *(f"{sum(by.get(one, 0) for by in by_source.values()):,}" for one in SEVERITIES)))
    meaning = (
        "Critical: the row or file was refused, and is to be mended. Warning: kept, and to be looked at. Info: noted. "
        f"Each of them, with file and row: the internal report of the release, or `a4p alerts --cycle {cycle.number}`."
    )
    cells = [list(map(markdown.text, row)) for row in rows]
    return said + markdown.table(["Source", "Critical", "Warnings", "Info"], cells, numbers=3) + f"\n\n{meaning}"


def release(published: Published, cycle: Cycle, link: str | None) -> str:
    """Return what came of the run: the release, where it is, what is missing for it to be final."""
    one = published.release
    if one is None:
        return f"## Nothing was published for cycle {cycle.number}\n\nNo file of any source could be used."
    what = "New release" if published.new else "Nothing changed; the latest release is still"
    if published.like:
        what = f"What {published.like} was, which is withdrawn, is not published again; the latest release is still"
    lines = [f"## {what} {one.name} of cycle {cycle.number}, {status_of(one)}", ""]
    if link and link.startswith("http"):
        lines += [f"**{markdown.link('Open its report', link)}**", ""]
    elif published.report_uri:
        # a browser follows no link from a page of a server to a file
        lines += [f"Its report, to be opened in a browser on that machine: {markdown.code(published.report_uri)}", ""]
    lines += [f"All of it: {markdown.code(one.uri)}"]
    if one.status != "final":
        lines += ["", "### Not final yet", "", *(f"- {markdown.text(sentence)}" for sentence in open_points(published))]
    return "\n".join(lines)


def in_short(published: Published, cycle: Cycle) -> list[str]:
    """Return the run in three sentences, for its log."""
    used = published.submissions.filter(LOOKED_AT)
    refused = used.filter(pl.col("status") == "refused")["file"].n_unique()
    by_severity: dict[str, int] = dict(published.findings.group_by("severity").len().iter_rows())
    found = ", ".join(f"{by_severity[one]:,} {one}" for one in SEVERITIES if one in by_severity) or "nothing"
    files = used["file"].n_unique()
    rows = int(used["rows_read"].sum() or 0)
    said = [
        f"Cycle {cycle.number}: {files} files with {rows:,} rows, refused in whole or in part: {refused}.",
        f"Found: {found}. Late or not usable: {len(of_sources(published.missing))}.",
    ]
    one = published.release
    if one is None:
        return [*said, "Nothing was published: no file of any source could be used."]
    if published.like:
        return [
            *said,
            f"It is the withdrawn {published.like} once more; readers go on seeing {one.name} ({status_of(one)}).",
        ]
    what = "New release" if published.new else "Nothing changed since release"
    return [*said, f"{what} {one.name} ({status_of(one)})."]


def open_points(published: Published) -> list[str]:
    """Return a sentence for each thing that a release lacks to be final."""
    critical = published.findings.filter(critical_and_open()).height
    found = "critical finding is" if critical == 1 else "critical findings are"
    return [*published.missing, *([f"{critical:,} {found} open."] if critical else [])]


def changes(published: Published, public: Store, cycle: Cycle, config: Config) -> str | None:
    """Return what changed since the release before; None where there is no new release, or none before it."""
    if published.release is None or not published.new:
        return None
    document = json.loads(releasing.read_file(public, published.release, CHANGES))
    if document["from"] is None:
        return None
    before = markdown.text(document["from"])
    lines = [f"## What changed from {before} to {published.release.name} of cycle {cycle.number}", ""]
    lines += _causes(document["causes"], config) or ["- Nothing that was sent."]
    figures = document["figures"]
    if figures:
        head = ["Figure", "Mission", "Unit", "Was", "Is"]
        rows = [list(map(markdown.text, _figure(one))) for one in figures[:_MOST_SHOWN]]
        lines += ["", markdown.table(head, rows, numbers=2)]
    if len(figures) > _MOST_SHOWN:
        lines += ["", f"… and {len(figures) - _MOST_SHOWN} more figures: `changes.html` of the release has them all."]
    return "\n".join(lines)


def _causes(causes: Sequence[Mapping[str, Any]], config: Config) -> list[str]:
    """Return a line a kind of cause, with those it is about; which file it was, the release's changes.html says."""
    by_kind: dict[str, list[str]] = {}
    for one in causes:
        source, mission = one["source"], one["mission"]
        name = one["said"] if source is None else _title(source, config) + (f" ({mission})" if mission else "")
        by_kind.setdefault(one["cause"], []).append(name)
    return [f"- {markdown.bold(kind)}: {markdown.text('; '.join(names))}" for kind, names in by_kind.items()]


def _figure(one: Mapping[str, Any]) -> list[str]:
    now = "gone" if one["change"] == "removed" else terminal.number(one["to"])
    return [one["figure"], one["mission"], one["unit"], terminal.number(one["from"]), now]


def _title(source: str, config: Config) -> str:
    return config.contracts[source].title.en if source in config.contracts else "All sources together"


def web_address(uri: str | None, public_url: str | None, public: Store) -> str | None:
    """Return the address under which a browser opens a file of the public store; None where none is known.

    `public_url` is the address at which the store is served (setting A4P_PUBLIC_URL).
    """
    if uri is None:
        return None
    path = uri.removeprefix(public.uri).lstrip("/")
    if public_url:
        return f"{public_url.rstrip('/')}/{path}"
    if uri.startswith(("http://", "https://")):
        return uri
    if uri.startswith("s3://"):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        server = (public.endpoint_url or "").rstrip("/")
        return f"{server}/{bucket}/{key}" if server else f"https://{bucket}.s3.amazonaws.com/{key}"
    return uri if uri.startswith("file://") else f"file://{uri}"
