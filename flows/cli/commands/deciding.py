"""Commands on decisions: what the coordinator decides, put down in the record, and the record itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from flows.cli.commands.group import BY, CYCLE, MISSION, REASON, CycleNumber, a4p, asked_reason, cycle_of, pipeline
from flows.core import visible

if TYPE_CHECKING:
    from flows.intake.books.record import Entry

ONE_CYCLE = click.option(
    "--cycle", "number", type=CycleNumber(), metavar="N", help="Only in this cycle; in every one where it is not given."
)
SOURCE = click.option("--source", metavar="NAME", help="Source, such as noticas.")
KEY = click.option("--key", "keys", multiple=True, metavar="COLUMN=TEXT", help="The row, by its key; may be repeated.")
IDENTITY = click.option("--finding", "identity", metavar="ID", help="A finding of the last refresh, by its identity.")


@a4p.group()
def decide() -> None:
    """Decide what the pipeline cannot: each decision is kept in the record, with its day, who decided and why."""


@decide.command()
@IDENTITY
@SOURCE
@click.option("--rule", metavar="NAME", help="The rule that need not hold.")
@click.option("--mission", metavar="M", help="Only for this mission.")
@click.option("--table", metavar="NAME", help="Only in this table.")
@click.option("--column", metavar="NAME", help="Only in this column.")
@KEY
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Its last day.")
@ONE_CYCLE
@REASON
@BY
def waive(
    identity: str | None,
    source: str | None,
    rule: str | None,
    mission: str | None,
    table: str | None,
    column: str | None,
    keys: tuple[str, ...],
    until: datetime | None,
    number: int | None,
    reason: str,
    by: str | None,
) -> None:
    """Let a finding stand, or a rule not hold: one --finding, or --source and --rule with what limits it."""
    deciding, why = pipeline().decide, asked_reason(reason)
    if identity:
        if number is None:
            raise click.UsageError("--finding needs --cycle, of whose last refresh it is.")
        _tell(deciding.waive_finding(identity, number, reason=why, by=by))
        return
    if not source or not rule:
        raise click.UsageError("Say what is waived: --finding ID, or --source NAME and --rule NAME.")
    last = until.date() if until else None
    limits = {"mission": mission, "table": table, "column": column}
    said = deciding.waive(source, rule, **limits, key=_key(keys), until=last, cycle=number, reason=why, by=by)
    _tell(said)


@decide.command()
@click.option("--source", metavar="NAME", required=True, help="Source, such as noticas.")
@click.option("--table", metavar="NAME", required=True, help="Table of the source.")
@KEY
@click.option("--column", metavar="NAME", required=True, help="Column of the cell.")
@click.option("--from", "was", metavar="TEXT", default="", help="What the source sends; a blank cell where left out.")
@click.option("--to", metavar="TEXT", default="", help="What is read instead; a blank cell where left out.")
@ONE_CYCLE
@REASON
@BY
def correct(
    source: str,
    table: str,
    keys: tuple[str, ...],
    column: str,
    was: str,
    to: str,
    number: int | None,
    reason: str,
    by: str | None,
) -> None:
    """Correct a cell before it is read, until the source sends it right."""
    why, key = asked_reason(reason), _key(keys)
    decided = pipeline().decide.correct(
        source, table, key, column, to or None, was=was, cycle=number, reason=why, by=by
    )
    _tell(decided)


@decide.command()
@click.option("--figure", metavar="NAME", required=True, help="Figure, as `a4p figures` names it.")
@MISSION
@CYCLE
@REASON
@BY
def accept(figure: str, mission: str, number: int, reason: str, by: str | None) -> None:
    """Accept a figure of the latest release as it is, while it keeps its value: it may be part of a final release."""
    why = asked_reason(reason)
    _tell(pipeline().decide.accept(figure, number, mission=mission, reason=why, by=by))


@decide.command()
@click.argument("submission", metavar="[FILE_OR_SHA256]", required=False)
@CYCLE
@click.option("--to", metavar="R", help="Lead readers back to this release, and withdraw those after it.")
@REASON
@BY
def withdraw(submission: str | None, number: int, to: str | None, reason: str, by: str | None) -> None:
    """Keep a file out of what is released from now on; or, with --to, go back to a release, as `a4p rollback` does."""
    from flows.cli import release_texts

    if (submission is None) == (to is None):
        raise click.UsageError("Say what is withdrawn: a file, or with --to the releases after one.")
    why = asked_reason(reason)
    if to:
        cycle = cycle_of(number)
        done = cycle.releases.withdraw(to, why, by)
        visible.show(release_texts.of_rollback(done.to.record, done.releases, done.files, cycle.period, cycle.config))
        return
    assert submission
    for one in pipeline().decide.withdraw(submission, number, reason=why, by=by):
        visible.tell(f"{one.file} stays out from the next refresh on.")
    visible.tell(f"Next: a4p refresh --cycle {number}")


@decide.command()
@click.argument("submission", metavar="FILE_OR_SHA256")
@CYCLE
@REASON
@BY
def reinstate(submission: str, number: int, reason: str, by: str | None) -> None:
    """Let a file count again that was withdrawn with a release; name it by its file or the beginning of its SHA-256."""
    why = asked_reason(reason)
    for one in pipeline().decide.reinstate(submission, number, reason=why, by=by):
        visible.tell(f"{one.file} counts again from the next refresh on.")
    visible.tell(f"Next: a4p refresh --cycle {number}")


@decide.command()
@click.argument("identity", metavar="ID")
@click.option("--text", metavar="TEXT", default="", help="What was answered; it is published with the figure.")
@click.option("--as-it-is", is_flag=True, help="Take the number as it is, without an answer of its source.")
@click.option(
    "--cycle", "number", type=CycleNumber(), metavar="N", help="The cycle whose finding it is, where several have it."
)
@BY
def answer(identity: str, text: str, as_it_is: bool, number: int | None, by: str | None) -> None:
    """Put down what a source answered to the question ID, or to another finding; see them with: a4p questions."""
    from flows.intake.books.questions import TAKEN

    if as_it_is == bool(text.strip()):
        raise click.UsageError("Say what was answered with --text TEXT, or take the number with --as-it-is.")
    why = TAKEN if as_it_is else text
    entry = pipeline().decide.answer(identity, number, reason=why, by=by)
    _tell(entry, changes="between" in entry.about)


@decide.command()
@click.argument("sha256", metavar="SHA256")
@REASON
@BY
def erase(sha256: str, reason: str, by: str | None) -> None:
    """Erase a file that was sent by mistake, with all that came from it, from the private store; for good.

    SHA256 is that of the file as it was sent, or its beginning.
    """
    from flows.cli import decision_texts

    visible.show(decision_texts.of_erasure(pipeline().decide.erase(sha256, reason=asked_reason(reason), by=by)))


@decide.command("take-back")
@click.argument("decision", type=int, metavar="NUMBER")
@REASON
@BY
def take_back(decision: int, reason: str, by: str | None) -> None:
    """Take a decision back by its NUMBER in the record: it holds no more, and both stay there."""
    why = asked_reason(reason)
    gone = pipeline().decide.take_back(decision, reason=why, by=by)
    visible.tell(f"Decision {decision} ({gone.kind}, {gone.by}: {gone.reason}) is taken back.")
    if gone.cycle:
        visible.tell(f"Next: a4p refresh --cycle {gone.cycle}")


@a4p.command()
@CYCLE
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def questions(number: int, form: str) -> None:
    """Show the numbers of which sources are asked whether they are right, and how to put down their answers."""
    from flows.cli import decision_texts

    cycle = cycle_of(number)
    visible.show_as(form, decision_texts.of_questions(cycle.questions(), cycle.config, number, form))


@a4p.command()
@click.option("--cycle", "number", type=CycleNumber(), metavar="N", help="Only what is decided of this cycle.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def record(number: int | None, form: str) -> None:
    """Show the record of decisions: who decided what, when and why, and whether it still holds."""
    from flows.cli import decision_texts

    visible.show_as(form, decision_texts.of_record(pipeline().record(number), form))


def _key(keys: Iterable[str]) -> dict[str, str]:
    key = {}
    for one in keys:
        column, sign, text = one.partition("=")
        if not sign:
            raise click.UsageError(f"'{one}' names no cell of a key; write it as COLUMN=TEXT.")
        key[column.strip()] = text
    return key


def _tell(entry: Entry, *, changes: bool = True) -> None:
    visible.tell(f"Decision {entry.number} is in the record ({entry.kind}, by {entry.by}).")
    if changes:
        cycle = f" --cycle {entry.cycle}" if entry.cycle else " --cycle N"
        visible.tell(f"Next: a4p refresh{cycle}")
