"""The command `a4p`. Heavy libraries are imported by the commands that need them, so that help comes at once."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.core import visible

if TYPE_CHECKING:
    from config import Config, Cycle, Language
    from flows import Cycle as FaceCycle
    from flows import Pipeline
    from flows.core.settings import Settings
    from flows.stores.from_settings import Places

NOT_PUBLISHED, WRONG_USE = 1, 2
CYCLE = click.option("--cycle", "number", type=int, required=True, help="Number of the reporting cycle.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="a4p-pipeline", prog_name="a4p")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def a4p(debug: bool) -> None:
    """Raw files in, checked and traceable A4P+ report figures out."""


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
    from flows.cli import refresh_texts

    cycle = _cycle(number)
    day = as_of.date() if as_of else None
    published = cycle.refresh(day, only, inbox=inbox, full=full, with_server=with_server).published
    visible.show(refresh_texts.of_refresh(published, cycle.period, cycle.config))
    if published.release is None:
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--cycle", "number", type=int, default=5, show_default=True, help="Cycle to write, with the one before it."
)
@click.option("--scale", type=click.IntRange(1), default=1, show_default=True, help="How many times the usual rows.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives other files.")
@click.option("--faults", is_flag=True, help="Plant faults, as sources make them, and list them beside the files.")
def sample(folder: Path, number: int, scale: int, seed: int, faults: bool) -> None:
    """Write a cycle of raw files into FOLDER, to try things on."""
    import sample as making
    from config import load

    cycle = load().cycle(number)
    written = making.write(folder, number, scale=scale, seed=seed)
    visible.tell(f"Wrote {len(written)} files into {folder}.")
    if faults:
        planted = making.plant(folder, number, seed)
        visible.tell(f"Planted {len(planted)} faults; they are listed in {making.manifest(folder, cycle)}.")
    visible.tell(f"Next: a4p refresh --cycle {number} --inbox {folder}")


@a4p.command()
@CYCLE
@click.option("--release", "name", metavar="NAME", help="A release such as r001; the latest where it is not given.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def figures(number: int, name: str | None, form: str) -> None:
    """Show the figures of a release."""
    from flows.cli import refresh_texts

    cycle = _cycle(number)
    figures = cycle.releases.get(name).table("figures")
    visible.show(refresh_texts.of_figures(figures, cycle.config, cycle.period, form), nl=False)


@a4p.command()
@CYCLE
@click.option("--release", "name", metavar="NAME", help="A release such as r001; the latest where it is not given.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 where a figure contradicts the release.")
def reconcile(number: int, name: str | None, form: str, strict: bool) -> None:
    """Hold a published report's figures against a release's."""
    from config import ConfigError
    from flows.cli import refresh_texts
    from transforms.reconcile import reconcile as compare

    cycle = _cycle(number)
    config = cycle.config
    if number not in config.published:
        raise ConfigError(
            f"There is no published report of cycle {number}; add it as config/published/report-{number}.csv."
        )
    figures = cycle.releases.get(name).table("figures")
    compared = compare(config.published[number], figures, cycle.period, config.cycles)
    visible.show(refresh_texts.of_reconciliation(compared, form), nl=False)
    if strict and (compared["verdict"] == "contradicts").any():
        sys.exit(NOT_PUBLISHED)


@a4p.command("load")
@click.argument("uri", metavar="POSTGRES_URI")
@CYCLE
@click.option("--release", "name", metavar="NAME", help="A release such as r001; the latest where it is not given.")
@click.option("--schema", default="a4p", show_default=True, help="Schema of the database that holds the tables.")
def load_release(uri: str, number: int, name: str | None, schema: str) -> None:
    """Load a release into PostgreSQL, such as postgresql://user@host/database, in one transaction.

    It takes the place of what was loaded of the cycle before. The password comes from PGPASSWORD or a password file.
    """
    from flows.releases import postgres

    pipeline = _pipeline()
    found = pipeline.cycle(number).releases.get(name).record
    loaded = postgres.load(uri, pipeline.places.public, found, schema)
    visible.tell(
        f"Loaded release {found.name} ({found.status}) of cycle {number} into the schema {schema} of {loaded.where}: "
        f"{len(loaded.rows)} tables, {sum(loaded.rows.values()):,} rows."
    )


@a4p.command()
@click.option("--cycle", "number", type=int, help="Only this cycle.")
def releases(number: int | None) -> None:
    """List the releases there are."""
    from flows.cli import release_texts

    pipeline = _pipeline()
    found = []
    for cycle in [pipeline.cycle(number)] if number else pipeline.cycles:
        every, shown = [one.record for one in cycle.releases], cycle.releases.shown()
        found.append((cycle.period, every, shown.record if shown else None, cycle.releases.withdrawn()))
    visible.show(release_texts.of_releases(found))


@a4p.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@CYCLE
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, for machines.")
def diff(before: str, after: str, number: int, as_json: bool) -> None:
    """Show what changed from release A to release B, such as r001 r002: figures, tables, and why."""
    from flows.cli import release_texts
    from flows.core.canonical import as_json as written

    cycle = _cycle(number)
    changes = cycle.releases.diff(before, after)
    said = release_texts.of_changes(changes.document, changes.after.name, cycle.period)
    visible.show(written(changes.document).decode() if as_json else said, nl=False)


@a4p.command()
@click.argument("figure")
@CYCLE
@click.option("--mission", metavar="M", default="ALL", show_default=True, help="Mission, or ALL for the whole.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def history(figure: str, number: int, mission: str, form: str) -> None:
    """Show FIGURE in each release of a cycle: first published against now."""
    from flows.cli import release_texts

    visible.show(release_texts.of_history(_cycle(number).releases.history(figure, mission), form), nl=False)


@a4p.command()
@click.argument("figure")
@CYCLE
@click.option("--mission", metavar="M", default="ALL", show_default=True, help="Mission, or ALL for the whole.")
@click.option("--release", "name", metavar="R", help="Release; the latest where it is not given.")
@click.option("--rows", type=click.IntRange(0), default=40, show_default=True, help="How many rows to show.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, for machines.")
def explain(figure: str, number: int, mission: str, name: str | None, rows: int, as_json: bool) -> None:
    """Show where FIGURE comes from: its definition, then the rows with file, sheet, row and hash, and its changes."""
    from flows.cli import release_texts

    explained = _cycle(number).releases.get(name).explain(figure, mission)
    visible.show(
        release_texts.of_explanation_json(explained) if as_json else release_texts.of_explanation(explained, rows),
        nl=False,
    )


@a4p.command()
@CYCLE
@click.option("--release", "name", metavar="R", help="Release; the latest where it is not given.")
@click.option("--rebuild", is_flag=True, help="Make it again from its raw files and compare every byte.")
def verify(number: int, name: str | None, rebuild: bool) -> None:
    """Hold each file of a release, and each raw file that it came from, against its hash."""
    from flows.cli import release_texts

    verified = _cycle(number).releases.get(name).verify(rebuild=rebuild)
    visible.show(release_texts.of_verification(verified))
    if verified.problems:
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@CYCLE
@click.option("--to", metavar="R", required=True, help="Release to go back to, such as r002.")
@click.option("--why", metavar="TEXT", default="", help="Reason, kept with the releases that are withdrawn.")
def rollback(number: int, to: str, why: str) -> None:
    """Lead readers back to an earlier release; those after it are withdrawn, and the files that they brought in."""
    from flows.cli import release_texts

    cycle = _cycle(number)
    done = cycle.releases.withdraw(to, why)
    visible.show(release_texts.of_rollback(done.to.record, done.releases, done.files, cycle.period, cycle.config))


@a4p.group()
def decide() -> None:
    """Decide what the pipeline cannot: each decision is kept with its day and reason."""


@decide.command()
@click.argument("submission", metavar="FILE_OR_SHA256")
@CYCLE
@click.option("--why", metavar="TEXT", required=True, help="Reason, kept with the decision.")
def reinstate(submission: str, number: int, why: str) -> None:
    """Let a file count again that was withdrawn with a release; name it by its file or the beginning of its SHA-256."""
    from flows.releases import withdrawals

    _, cycle, places = _places(number)
    now = datetime.now(UTC)
    with _turn(places, cycle):
        back = withdrawals.reinstate(submission, cycle, visible.in_line(why), now, places.public, places.private)
    for one in back:
        visible.tell(f"{one.file} counts again from the next refresh on.")
    visible.tell(f"Next: a4p refresh --cycle {number}")


@a4p.command()
@click.option("--cycle", "number", type=int, help="Only this cycle.")
def restore(number: int | None) -> None:
    """Bring back what is missing or damaged of the releases, from the copies in the private store, byte for byte."""
    from config import ConfigError, load
    from flows.releases import copies as restoring
    from flows.stores.from_settings import places_of

    config = load()
    cycles = [config.cycle(number)] if number else list(config.cycles.values())
    places = places_of(_settings())
    restored = [found for cycle in cycles if (found := restoring.restore(cycle, places.public, places.private))]
    if not restored:
        raise ConfigError(f"There is no copy of a release in {places.private.uri}; publish with: a4p refresh --cycle N")
    for one in restored:
        whole = f"{one.files} file{'' if one.files == 1 else 's'} brought back" if one.files else "nothing was missing"
        visible.tell(
            f"Cycle {one.cycle}: {', '.join(one.names)} are whole, {whole}; "
            f"readers see {one.shown.name} ({one.shown.status})."
        )


@a4p.command()
@CYCLE
def status(number: int) -> None:
    """Show who has sent what, by source and mission: received, late, refused, accepted; what is to be mended."""
    from flows.cli import refresh_texts

    cycle = _cycle(number)
    visible.show(refresh_texts.of_status(cycle.status(), cycle.period, cycle.config))


@a4p.command()
@CYCLE
@click.option("--send", "send_them", is_flag=True, help="Send the messages, and note that they were sent.")
@click.option("--source", "only", multiple=True, metavar="NAME", help="Only this source, in full; may be repeated.")
def alerts(number: int, send_them: bool, only: tuple[str, ...]) -> None:
    """Show what each source is to be told after the last refresh; with --send, tell them."""
    from flows.feedback.alerts import shown

    messages = _cycle(number).messages(only)
    if not send_them:
        visible.show(shown.of_due(messages.due, messages.period, messages.outbox, in_full=bool(only)))
        return
    outcome = messages.send(check=False)
    visible.show(shown.of_outcome(outcome, messages.period, messages.outbox))
    outcome.check()


@a4p.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="NAME", help="Source of the file; recognised by its columns where it is not given.")
@click.option("--mission", metavar="M", help="Mission that sends it.")
@click.option("--cycle", "number", type=int, metavar="N", help="Cycle that it is for.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for machines; in both languages.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="English or French.")
@click.option(
    "--annotate",
    "out",
    metavar="OUT.xlsx",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the file's own workbook with the findings marked in its cells.",
)
@click.option("--serve", "as_page", is_flag=True, help="Offer a page on this computer on which files are checked.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port of that page.")
def check(
    files: tuple[Path, ...],
    source: str | None,
    mission: str | None,
    number: int | None,
    as_json: bool,
    language: Language,
    out: Path | None,
    as_page: bool,
    port: int,
) -> None:
    """Check FILES before they are sent; nothing is stored or sent. With --serve, on a page instead."""
    if as_page:
        if files or out:
            raise click.UsageError("--serve takes no files: they are dropped on its page.")
        from config import load
        from flows.feedback import check_page

        check_page.serve(load(), port)
        return
    if not files:
        raise click.UsageError("Missing argument 'FILES...'.")
    if out and len(files) > 1:
        raise click.UsageError("--annotate takes one file at a time.")
    from flows import check as checked
    from flows.cli import refresh_texts

    results = [checked(file, number, source=source, mission=mission) for file in files]
    found = [result.record for result in results]
    visible.show(refresh_texts.of_check_json(found) if as_json else refresh_texts.of_check(found, language))
    if out:
        visible.tell(f"Marked workbook: {results[0].marked(out, language)}", err=True)
    if any(result.refused for result in results):
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@click.option("--source", metavar="NAME", required=True, help="Source that will fill it in, such as mission_report.")
@click.option("--mission", metavar="M", help="Mission that will send it, where missions do.")
@CYCLE
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook (.xlsx).",
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="English or French.")
def template(source: str, mission: str | None, number: int, out: Path, language: Language) -> None:
    """Write a workbook for a source to fill in, made from its contract."""
    from config import load
    from flows.feedback import template as making

    config = load()
    making.write(out, making.template(config.contract(source), config, config.cycle(number), mission, language))
    visible.tell(f"Wrote {out}. Filled in, it is checked with: a4p check {out} --cycle {number}")


@a4p.command()
@click.option("--older-than", "days", type=click.IntRange(1), default=180, show_default=True, metavar="DAYS")
@click.option("--delete", is_flag=True, help="Delete them; without it they are only listed.")
def clean(days: int, delete: bool) -> None:
    """Free space in the private store: what refreshes worked out on the way and no release needs. Raw files stay."""
    from datetime import UTC, datetime

    from config import load
    from flows.refresh import clean as retention
    from flows.stores.from_settings import places_of

    places = places_of(_settings())
    found = retention.disposable(places.public, places.private, load(), days, datetime.now(UTC))
    for entry in found:
        if delete:
            places.private.delete(entry.path)
        else:
            visible.tell(entry.path)
    what = f"{len(found)} file{'' if len(found) == 1 else 's'} that no release needs"
    visible.tell(f"Deleted {what}." if delete else f"{what}; delete them with --delete.")


@a4p.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file, instead of the terminal.")
def dictionary(out: Path | None) -> None:
    """Write the data dictionary: what sources deliver, what tables hold."""
    from config import load
    from flows.documents.dictionary import as_markdown

    text = as_markdown(load())
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        visible.show(text, nl=False)


@a4p.command()
@click.option("--port", type=int, default=4200, show_default=True, help="Port of the Prefect server it starts.")
@click.option(
    "--write",
    "out",
    metavar="prefect.yaml",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only write the deployments down, for workers of a Prefect server of your own.",
)
def serve(port: int, out: Path | None) -> None:
    """Keep a Prefect server running that refreshes as config/schedules.yaml says; Ctrl-C stops it."""
    if out:
        from config import load
        from flows.orchestration import deployments

        out.write_text(deployments.as_yaml(load()), encoding="utf-8")
        visible.tell(f"Wrote {out}. Next: prefect deploy --all")
        return
    from flows.orchestration import serve as serving

    serving.serve(_settings(), port)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors for people are one sentence, `--debug` shows the traceback."""
    tidy_seldom()
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    # wanted before or after the command's name
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        a4p.main(arguments, prog_name="a4p", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        visible.show(said.getvalue(), err=True, nl=False)
        sys.exit(WRONG_USE)
    except click.Abort:
        visible.tell("Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        text, code = _for_people(error)
        visible.show(text, err=True)
        sys.exit(code)


def tidy_seldom() -> None:
    """Have Python look for rubbish seldom, and not at all at the end of this process."""
    # most of what is made stays: looking after each 700 new objects, and once more through all of it when there is
    # nothing left to do, takes a fifth of a short refresh
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)


def _for_people(error: Exception) -> tuple[str, int]:
    from config.errors import ForPeople

    if isinstance(error, ForPeople):
        return str(error), error.exit_code
    # not its text: it may hold the value of a cell
    return (
        f"Something went wrong that should not ({type(error).__name__}); run it again with --debug and report it.",
        ForPeople.exit_code,
    )


def _pipeline() -> Pipeline:
    from flows import Pipeline

    return Pipeline.from_environment()


def _cycle(number: int) -> FaceCycle:
    return _pipeline().cycle(number)


def _settings() -> Settings:
    from flows.core import logs, settings

    found = settings.load()
    logs.set_up(found)
    return found


def _places(number: int) -> tuple[Config, Cycle, Places]:
    from config import load
    from flows.stores.from_settings import places_of

    config = load()
    return config, config.cycle(number), places_of(_settings())


def _turn(places: Places, cycle: Cycle) -> AbstractContextManager[None]:
    """Wait until no refresh of the cycle is at work: it would not know what is decided meanwhile."""
    from flows.stores.turns import this_process, turn

    return turn(places.public, cycle, this_process(), lambda sentence: visible.tell(sentence, err=True))
