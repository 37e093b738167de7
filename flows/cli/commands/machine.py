"""Commands of who runs the machine: keep a server running, free space."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.commands.group import a4p, settings_in_force
from flows.core import visible


@a4p.command()
@click.option("--older-than", "days", type=click.IntRange(1), default=180, show_default=True, metavar="DAYS")
@click.option("--delete", is_flag=True, help="Delete them; without it they are only listed.")
def clean(days: int, delete: bool) -> None:
    """Free space in the private store: what refreshes worked out on the way and no release needs. Raw files stay."""
    from config import load
    from flows.refresh import clean as retention
    from flows.stores.from_settings import places_of

    places, now = places_of(settings_in_force()), datetime.now(UTC)
    found = [(places.private, one) for one in retention.disposable(places.public, places.private, load(), days, now)]
    halves = [(store, one) for store in (places.private, places.public) for one in retention.unfinished(store, now)]
    for store, entry in (*found, *halves):
        if delete:
            store.delete(entry.path)
        else:
            visible.tell(entry.path)
    what = f"{len(found)} file{'' if len(found) == 1 else 's'} that no release needs"
    if halves:
        what += f", and {len(halves)} that {'was' if len(halves) == 1 else 'were'} not written to the end"
    visible.tell(f"Deleted {what}." if delete else f"{what}; delete them with --delete.")


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
        from flows.stores import for_people

        for_people.write(out, deployments.as_yaml(load()).encode())
        visible.tell(f"Wrote {out}. Next: prefect deploy --all")
        return
    from flows.orchestration import serve as serving

    serving.serve(settings_in_force(), port)
