"""Commands of a cycle under way: refresh it, see who sent what, tell the sources, hold its figures against a report."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.commands.group import CYCLE, NOT_PUBLISHED, RELEASE, CycleNumber, a4p, cycle_of, pipeline
from flows.core import visible

if TYPE_CHECKING:
    from flows import Cycle, Result


@a4p.command()
@CYCLE
@click.option("--inbox", metavar="URI", help="Folder or bucket with the raw files  [A4P_INBOX_URI, ./inbox].")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Count only what is dated up to this day.")
@click.option("--source", "only", multiple=True, metavar="NAME", help="Pull only this source anew; may be repeated.")
@click.option("--full", is_flag=True, help="Work everything out anew, also what is kept from refreshes before.")
@click.option("--with-server", is_flag=True, help="Start a Prefect server for this run, run through it and stop it.")
def refresh(
    number: int, inbox: str | None, as_of: datetime | None, only: tuple[str, ...], full: bool, with_server: bool
) -> None:
    """Refresh a cycle: pull the raw files, check them, curate the tables, publish a release."""
    cycle = cycle_of(number)
    day = as_of.date() if as_of else None
    _show(cycle, cycle.refresh(day, only, inbox=inbox, full=full, with_server=with_server))


@a4p.command()
@click.option(
    "--cycle", "number", type=CycleNumber(), metavar="N", default=5, show_default=True, help="Cycle to refresh."
)
def demo(number: int) -> None:
    """Try it: write a sample into the inbox unless that is there already, and refresh through a Prefect server."""
    cycle = cycle_of(number)
    inbox = pipeline().settings.inbox_uri
    folder = Path(inbox.removeprefix("file://"))
    if "://" in inbox.removeprefix("file://") or folder.exists():
        visible.tell(f"Using the raw files in {inbox}")
    else:
        import sample

        visible.tell(f"Wrote {len(sample.write(folder, number))} invented files into {folder}.")
    _show(cycle, cycle.refresh(with_server=True))


def _show(cycle: Cycle, result: Result) -> None:
    """Print what came of a refresh; the exit code is 1 where nothing could be published."""
    from flows.cli import refresh_texts

    visible.show(refresh_texts.of_refresh(result.published, cycle.period, cycle.config))
    if result.release is None:
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@CYCLE
def status(number: int) -> None:
    """Show who has sent what, by source and mission: received, late, refused, accepted; what is to be mended."""
    from flows.cli import refresh_texts

    cycle = cycle_of(number)
    shown = cycle.releases.shown()
    found = shown.table("findings") if shown and "findings" in shown.tables else None
    unknown = cycle.messages().unknown
    visible.show(refresh_texts.of_status(cycle.status(), found, cycle.period, cycle.config, unknown))


@a4p.command()
@click.option("--source", metavar="NAME", help="Only this source, such as noticas.")
@click.option("--mission", metavar="M", help="Only this mission.")
@click.option(
    "--cycle", "numbers", type=CycleNumber(), metavar="N", multiple=True, help="Only this cycle; may be repeated."
)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--out", metavar="FILE.xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook.")
def scorecard(source: str | None, mission: str | None, numbers: tuple[int, ...], form: str, out: Path | None) -> None:
    """Show how each source has done over the cycles: in time, accepted at first, what was wrong, how soon mended."""
    from flows.cli import score_texts

    card = pipeline().scorecard(numbers, source=source, mission=mission)
    if out:
        visible.tell(f"Wrote the scorecard into {card.write(out)}; it is for the coordinator, and in no release.")
    else:
        visible.show_as(form, score_texts.of_scorecard(card.cycles, card.trend, form))


@a4p.command()
@CYCLE
@click.option("--send", "send_them", is_flag=True, help="Send the messages, and note that they were sent.")
@click.option("--source", "only", multiple=True, metavar="NAME", help="Only this source, in full; may be repeated.")
def alerts(number: int, send_them: bool, only: tuple[str, ...]) -> None:
    """Show what each source is to be told after the last refresh, and readers of releases; with --send, tell them."""
    from flows.core.errors import StoreError
    from flows.feedback.alerts import shown

    messages = cycle_of(number).messages(only)
    if not send_them:
        due, readers = messages.due, messages.to_readers
        visible.show(shown.of_due(due, messages.period, messages.outbox, in_full=bool(only), readers=readers))
        if damaged := messages.damaged:
            raise StoreError("\n".join(damaged))
        return
    outcome = messages.send(check=False)
    visible.show(shown.of_outcome(outcome, messages.period, messages.outbox))
    outcome.check()


@a4p.command(name="open")
@CYCLE
@click.option(
    "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Folder to write into  [cycle-NN]."
)
@click.option("--send", "send_them", is_flag=True, help="Send the invitations, as `a4p alerts` does.")
def open_(number: int, out: Path | None, send_them: bool) -> None:
    """Open a cycle: write every template of it, and the invitations to fill them in; with --send, send these."""
    from flows.feedback.alerts import shown

    cycle = cycle_of(number)
    if out or not send_them:
        folder = out or Path(cycle.period.folder)
        opened = cycle.open(folder)
        visible.tell(
            f"Wrote {len(opened.templates)} templates and {len(opened.invitations)} invitations into {folder}."
        )
    if send_them:
        outcome = cycle.invite(check=False)
        visible.show(shown.of_outcome(outcome, cycle.period, cycle.messages().outbox))
        outcome.check()
    else:
        visible.tell(f"Send the invitations with: a4p open --cycle {number} --send")


@a4p.command()
@CYCLE
@RELEASE
@click.option("--figure", "only", multiple=True, metavar="NAME", help="Only this figure; may be repeated.")
@click.option("--mission", "missions", multiple=True, metavar="M", help="Only this mission, or ALL; may be repeated.")
@click.option("--priority", "priorities", multiple=True, type=int, metavar="P", help="Only of this A4P+ priority.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def figures(
    number: int,
    name: str | None,
    only: tuple[str, ...],
    missions: tuple[str, ...],
    priorities: tuple[int, ...],
    form: str,
) -> None:
    """Show the figures of a release, all or those that are asked for."""
    from flows.cli import refresh_texts

    cycle = cycle_of(number)
    figures = cycle.releases.get(name).figures(only, missions, priorities)
    visible.show_as(form, refresh_texts.of_figures(figures, cycle.config, cycle.period, form))


@a4p.command()
@CYCLE
@RELEASE
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option(
    "--file",
    "path",
    metavar="CSV",
    type=click.Path(path_type=Path),
    help="The numbers of a draft or another report, in the form of config/published/README.md.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where a figure contradicts the release.")
def reconcile(number: int, name: str | None, form: str, path: Path | None, strict: bool) -> None:
    """Hold a published report's figures against a release's."""
    from config import ConfigError, read_published
    from flows.cli import refresh_texts
    from transforms.figures import former_names, under_both_names
    from transforms.reconcile import reconcile as compare

    cycle = cycle_of(number)
    config = cycle.config
    if path is None and number not in config.published:
        raise ConfigError(
            f"There is no published report of cycle {number}; add it as config/published/report-{number}.csv, or name "
            f"a file with --file."
        )
    published = read_published(path) if path else config.published[number]
    figures = cycle.releases.get(name).table("figures")
    both_names = under_both_names(figures, former_names(config.figures, cycle.period, ever=True))
    compared = compare(published, both_names, cycle.period, config.cycles)
    visible.show_as(form, refresh_texts.of_reconciliation(compared, form))
    if strict and (compared["verdict"] == "contradicts").any():
        sys.exit(NOT_PUBLISHED)
