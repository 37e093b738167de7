"""The command that holds a draft report against a release."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.cli.commands.group import NEWEST_CYCLE, RELEASE, a4p, pipeline
from flows.core import visible

# exit code where a number is wrong, out of date or must not be printed
WRONG = 1
_FILE = click.Path(dir_okay=False, path_type=Path)


@a4p.command()
@click.argument("draft", type=_FILE)
@NEWEST_CYCLE
@RELEASE
@click.option(
    "--out", type=_FILE, metavar="MARKED", help="A marked copy, .docx or .pdf as the draft; or a page, .html."
)
@click.option("--link", type=_FILE, metavar="LINKED.docx", help="A copy whose proved numbers `a4p fill` can renew.")
@click.option("--replace", is_flag=True, help="Put it in the place of a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Every number as JSON, for machines.")
def proof(
    draft: Path, number: int, name: str | None, out: Path | None, link: Path | None, replace: bool, as_json: bool
) -> None:
    """Hold every number of DRAFT (.docx, .pdf, .html, .md, .txt) against a release, and against the draft itself.

    Exit code 1 where a number is wrong, out of date or must not be printed. What is only unsure is listed, and is not
    proved.
    """
    from flows.cli import proof_texts

    found = pipeline().proof(draft, number, name)
    for place, write in ((out, found.marked), (link, found.linked)):
        if place:
            write(place, replace=replace)
            visible.tell(f"Wrote {place}.", err=True)
    shown = proof_texts.of_proof_json(found.record) if as_json else proof_texts.of_proof(found.record)
    visible.show(shown, nl=not as_json)
    if not found.holds:
        sys.exit(WRONG)
