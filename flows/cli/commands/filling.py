"""The command that renews the linked numbers of a draft."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.cli.commands.group import NEWEST_CYCLE, RELEASE, a4p, pipeline
from flows.core import visible

# exit code where a number could not be renewed
LEFT = 1
_FILE = click.Path(dir_okay=False, path_type=Path)


@a4p.command()
@click.argument("draft", metavar="DRAFT.docx", type=_FILE)
@NEWEST_CYCLE
@RELEASE
@click.option("--out", type=_FILE, metavar="FILE", help="The renewed .docx; without it, what would change.")
@click.option("--replace", is_flag=True, help="Put it in the place of a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, for machines.")
def fill(draft: Path, number: int, name: str | None, out: Path | None, replace: bool, as_json: bool) -> None:
    """Renew the numbers of a draft that `a4p proof --link` has linked, from a release, each written as it was.

    Nothing else of the file changes. Exit code 1 where a number could not be renewed; each is listed with the reason.
    """
    from flows.cli import filling_texts

    filled = pipeline().fill(draft, number, name, out=out, replace=replace)
    shown = filling_texts.of_filled_json(filled) if as_json else filling_texts.of_filled(filled, number)
    visible.show(shown, nl=not as_json)
    if out:
        visible.tell(f"Wrote {out}.", err=True)
    if filled.left:
        sys.exit(LEFT)
