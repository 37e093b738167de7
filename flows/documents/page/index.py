"""The page of all releases: by cycle, with status, dates, why one was withdrawn, and where its files are."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from config import Cycle
from flows.core.counted_up_to import labelled
from flows.core.visible import in_line
from flows.core.wording import day
from flows.documents.page.templates import template

_POLICY = "the policy of this page"
_FILES = {
    "report.html": "report",
    ".xlsx": "workbook",
    "changes.html": "what changed",
    "datapackage.json": "descriptor",
}


@dataclass(frozen=True)
class Listed:
    """A release as the page lists it.

    In: its name and status; the days of the newest file that it was made of, and up to which it counts, where they are
    known; the day up to which alone it counts, where that is before the cycle's end; the paths of its files; on which
    day, and why, it was withdrawn.
    """

    name: str
    status: str
    received: date | None
    as_of: date | None
    up_to: date | None
    files: Sequence[str]
    withdrawn: tuple[date, str] | None = None


@dataclass(frozen=True)
class _Link:
    text: str
    address: str


def page_of_releases(cycles: Mapping[Cycle, Sequence[Listed]], shown: Mapping[int, tuple[str, Sequence[str]]]) -> str:
    """Return the page as HTML without script, which fetches nothing; all addresses are relative to where it lies.

    In: the releases of each cycle, oldest first; by the number of a cycle, the release that readers are led to and the
    paths of its files under `current/`.
    """
    listed = []
    for cycle in sorted(cycles, key=lambda one: one.number, reverse=True):
        latest, files = shown.get(cycle.number, ("", ()))
        releases = [
            {
                "name": one.name,
                "received": day(one.received) if one.received else "",
                "as_of": day(one.as_of) if one.as_of else "",
                "status": _status(one),
                "links": _links(one.files),
            }
            for one in reversed(cycles[cycle])
        ]
        listed.append(
            {
                "number": cycle.number,
                "start": day(cycle.start),
                "end": day(cycle.end),
                "latest": latest,
                "links": _links(files),
                "releases": releases,
            }
        )
    html = template("index.html.j2").render(cycles=listed, policy=_POLICY)
    return html.replace(_POLICY, _policy(html), 1)


def _status(one: Listed) -> str:
    status = labelled(one.status, one.up_to).capitalize()
    if one.withdrawn is None:
        return status
    on, why = one.withdrawn
    return f"{status}; withdrawn on {day(on)}{': ' if why else ''}{in_line(why)}"


def _links(files: Sequence[str]) -> list[_Link]:
    """Return links to those of a release's files that people open, in the order in which they are wanted."""
    found = []
    for wanted, text in _FILES.items():
        found += [_Link(text, path) for path in files if PurePosixPath(path).name.endswith(wanted)]
    return found


def _policy(html: str) -> str:
    """Return the content security policy: this page's own style by its hash, nothing else."""
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
