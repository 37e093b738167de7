"""The command `a4p`, on which the other modules of this folder hang theirs, and what several of them need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flows import Cycle, Pipeline
    from flows.core.settings import Settings

# exit code
NOT_PUBLISHED = 1
REASON = click.option(
    "--reason", "--why", "reason", metavar="TEXT", default="", help="Why; it is kept with the decision."
)
BY = click.option("--by", metavar="NAME", help="Who decides; the user of this machine where it is not given.")


class CycleNumber(click.types.IntParamType):
    """A cycle by its number; `latest` is the newest of which there is a release."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return its number. Raises ConfigError where the newest is asked for and no cycle has a release."""
        if isinstance(value, str) and value.strip().lower() == "latest":
            return pipeline().cycle("latest").number
        return int(super().convert(value, param, ctx))


CYCLE = click.option(
    "--cycle",
    "number",
    type=CycleNumber(),
    required=True,
    metavar="N",
    help="Number of the reporting cycle, or latest: the newest that has a release.",
)
NEWEST_CYCLE = click.option(
    "--cycle",
    "number",
    type=CycleNumber(),
    default="latest",
    metavar="N",
    help="Number of the reporting cycle; left out, it is the newest that has a release.",
)
RELEASE = click.option(
    "--release", "name", metavar="R", help="Release, such as r001; latest, or left out, is the newest."
)
MISSION = click.option(
    "--mission", metavar="M", default="ALL", show_default=True, help="Mission, or ALL for the whole."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="a4p-pipeline", prog_name="a4p")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def a4p(debug: bool) -> None:
    """Raw files in, checked and traceable A4P+ report figures out."""


def pipeline() -> Pipeline:
    """Return the pipeline that the environment sets up."""
    from flows import Pipeline

    return Pipeline.from_environment()


def cycle_of(number: int) -> Cycle:
    """Return a cycle of that pipeline."""
    return pipeline().cycle(number)


def settings_in_force() -> Settings:
    """Return the settings of the environment, and log as they say."""
    from flows.core import logs, settings

    found = settings.load()
    logs.set_up(found)
    return found


def asked_reason(reason: str) -> str:
    """Return the reason of a decision; it is asked for on a terminal. Raises UsageError where nobody can be asked."""
    if reason.strip():
        return reason
    if not sys.stdin.isatty():
        raise click.UsageError("A decision needs a reason, which is kept with it: --reason TEXT.")
    return str(click.prompt("Reason"))
