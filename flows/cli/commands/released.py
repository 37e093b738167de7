"""Commands on releases: list, compare, explain, verify, load them elsewhere, go back, and bring back what was lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from flows.cli.commands.group import (
    BY,
    CYCLE,
    MISSION,
    NOT_PUBLISHED,
    REASON,
    RELEASE,
    CycleNumber,
    a4p,
    asked_reason,
    cycle_of,
    pipeline,
    settings_in_force,
)
from flows.core import visible


@a4p.command("load")
@click.argument("uri", metavar="POSTGRES_URI")
@CYCLE
@RELEASE
@click.option("--schema", default="a4p", show_default=True, help="Schema of the database that holds the tables.")
def load_release(uri: str, number: int, name: str | None, schema: str) -> None:
    """Load a release into PostgreSQL, such as postgresql://user@host/database, in one transaction.

    It takes the place of what was loaded of the cycle before. The password comes from PGPASSWORD or a password file.
    """
    from flows.releases import postgres

    here = pipeline()
    found = here.cycle(number).releases.get(name).record
    loaded = postgres.load(uri, here.places.public, found, schema)
    visible.tell(
        f"Loaded release {found.name} ({found.status}) of cycle {number} into the schema {schema} of {loaded.where}: "
        f"{len(loaded.rows)} tables, {sum(loaded.rows.values()):,} rows."
    )


class _CycleOrAll(CycleNumber):
    """A cycle by its number, or `all` of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return its number, or `all`."""
        return "all" if str(value).strip().lower() == "all" else super().convert(value, param, ctx)


_FILE = click.Path(dir_okay=False, path_type=Path)


@a4p.command("export")
@click.option("--duckdb", type=_FILE, metavar="FILE", help="A DuckDB database: keys, references and comments.")
@click.option("--sqlite", type=_FILE, metavar="FILE", help="An SQLite database: keys, references, data_dictionary.")
@click.option("--zip", type=_FILE, metavar="FILE", help="The files as they are, in a ZIP file.")
@click.option(
    "--cycle",
    "number",
    type=_CycleOrAll(),
    default="all",
    show_default=True,
    metavar="N",
    help="Cycle, latest, or all.",
)
@RELEASE
@click.option("--replace", is_flag=True, help="Put it in the place of a file that is there.")
def export_release(number: int | str, name: str | None, replace: bool, **files: Path | None) -> None:
    """Write a release, or the tables of all cycles, as a single file for somebody who wants one."""
    wanted: dict[Any, Path] = {form: file for form, file in files.items() if file}
    if not wanted:
        raise click.UsageError("Say what to write: --duckdb FILE, --sqlite FILE or --zip FILE.")
    if name and isinstance(number, str):
        raise click.UsageError("A release is of one cycle: --cycle N.")
    here = pipeline()
    of = here if isinstance(number, str) else here.cycle(number).releases.get(name)
    for form, file in wanted.items():
        done = of.export(file, form, replace=replace)
        which = ", ".join(f"{release} of cycle {cycle}" for cycle, release in sorted(done.releases.items()))
        visible.tell(f"Wrote {done.file}: {done.tables} tables of {which}.")


@a4p.command()
@click.option("--cycle", "number", type=CycleNumber(), metavar="N", help="Only this cycle.")
def releases(number: int | None) -> None:
    """List the releases there are."""
    from flows.cli import release_texts

    here = pipeline()
    found = []
    for cycle in [here.cycle(number)] if number else here.cycles:
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

    cycle = cycle_of(number)
    changes = cycle.releases.diff(before, after)
    said = release_texts.of_changes(changes.document, changes.after.name, cycle.period)
    visible.show(written(changes.document).decode() if as_json else said, nl=False)


@a4p.command()
@click.argument("figure")
@CYCLE
@MISSION
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def history(figure: str, number: int, mission: str, form: str) -> None:
    """Show FIGURE in each release of a cycle: first published against now."""
    from flows.cli import release_texts

    visible.show_as(form, release_texts.of_history(cycle_of(number).releases.history(figure, mission), form))


@a4p.command("series")
@click.argument("figure")
@MISSION
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def series_of(figure: str, mission: str, form: str) -> None:
    """Show FIGURE over all cycles of which a release is out."""
    from flows.cli import release_texts

    here = pipeline()
    visible.show_as(form, release_texts.of_series(here.series(figure, mission), here.config, form))


@a4p.command()
@click.argument("figure")
@CYCLE
@MISSION
@RELEASE
@click.option("--rows", type=click.IntRange(0), default=40, show_default=True, help="How many rows to show.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, for machines.")
def explain(figure: str, number: int, mission: str, name: str | None, rows: int, as_json: bool) -> None:
    """Show where FIGURE comes from: its definition, then the rows with file, sheet, row and hash, and its changes."""
    from flows.cli import release_texts

    cycle = cycle_of(number)
    explained = cycle.releases.get(name).explain(figure, mission)
    text = release_texts.of_explanation(explained, cycle.config, rows)
    visible.show(release_texts.of_explanation_json(explained) if as_json else text, nl=False)


@a4p.command()
@CYCLE
@RELEASE
@click.option("--rebuild", is_flag=True, help="Make it again from its raw files and compare every byte.")
def verify(number: int, name: str | None, rebuild: bool) -> None:
    """Hold each file of a release, and each raw file that it came from, against its hash."""
    from flows.cli import release_texts

    verified = cycle_of(number).releases.get(name).verify(rebuild=rebuild)
    visible.show(release_texts.of_verification(verified))
    if not verified.holds:
        sys.exit(NOT_PUBLISHED)


@a4p.command()
@CYCLE
@click.option("--to", metavar="R", required=True, help="Release to go back to, such as r002.")
@REASON
@BY
def rollback(number: int, to: str, reason: str, by: str | None) -> None:
    """Lead readers back to an earlier release; those after it are withdrawn, and the files that they brought in."""
    from flows.cli import release_texts

    cycle = cycle_of(number)
    done = cycle.releases.withdraw(to, asked_reason(reason), by)
    visible.show(release_texts.of_rollback(done.to.record, done.releases, done.files, cycle.period, cycle.config))


@a4p.command()
@click.option("--cycle", "number", type=CycleNumber(), metavar="N", help="Only this cycle.")
def restore(number: int | None) -> None:
    """Bring back what is missing or damaged of releases and of the record of decisions, from copies, byte for byte."""
    from config import ConfigError, load
    from flows.intake.books import record
    from flows.refresh import erasing
    from flows.releases import copies as restoring
    from flows.releases import copies_apart, shown
    from flows.stores.from_settings import places_of

    config = load()
    cycles = [config.cycle(number)] if number else list(config.cycles.values())
    places = places_of(settings_in_force())
    decisions = record.restore(places.private)
    if decisions:
        files = f"{decisions} file{'' if decisions == 1 else 's'}"
        visible.tell(f"{files} of the record of decisions brought back.")
    apart = copies_apart.places_of_editions(places)
    restored = [found for cycle in cycles if (found := restoring.restore(cycle, places.public, places.private, apart))]
    shown.show(places.public, config)
    # a backup that was brought back may hold it
    erased = erasing.finish(record.entries(places.private), places, config)
    for decision in erased:
        visible.tell(f"A file that {decision.place} erased was in the private store, and is erased again.")
    if not restored and not decisions and not erased:
        raise ConfigError(f"There is no copy of a release in {places.private.uri}; publish with: a4p refresh --cycle N")
    for one in restored:
        whole = f"{one.files} file{'' if one.files == 1 else 's'} brought back" if one.files else "nothing was missing"
        visible.tell(
            f"Cycle {one.cycle}: {', '.join(one.names)} are whole, {whole}; "
            f"readers see {one.shown.name} ({one.shown.status})."
        )
