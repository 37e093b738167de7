"""The command `a4p`, on which the other modules of this folder hang theirs, and what several of them need."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from flows.core import visible

if TYPE_CHECKING:
    from config import Config, Cycle
    from flows import Cycle as FaceCycle
    from flows import Pipeline
    from flows.core.settings import Settings
    from flows.stores.from_settings import Places

# exit code
NOT_PUBLISHED = 1
CYCLE = click.option("--cycle", "number", type=int, required=True, help="Number of the reporting cycle.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="a4p-pipeline", prog_name="a4p")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def a4p(debug: bool) -> None:
    """Raw files in, checked and traceable A4P+ report figures out."""


def pipeline() -> Pipeline:
    """Return the pipeline that the environment sets up."""
    from flows import Pipeline

    return Pipeline.from_environment()


def cycle_of(number: int) -> FaceCycle:
    """Return a cycle of that pipeline."""
    return pipeline().cycle(number)


def settings_in_force() -> Settings:
    """Return the settings of the environment, and log as they say."""
    from flows.core import logs, settings

    found = settings.load()
    logs.set_up(found)
    return found


def places_of_cycle(number: int) -> tuple[Config, Cycle, Places]:
    """Return the configuration, a cycle, and where its files lie."""
    from config import load
    from flows.stores.from_settings import places_of

    config = load().of_cycle(number)
    return config, config.cycle(number), places_of(settings_in_force())


def turn_of(places: Places, cycle: Cycle) -> AbstractContextManager[None]:
    """Wait until no refresh of the cycle is at work: it would not know what is decided meanwhile."""
    from flows.stores.turns import this_process, turn

    return turn(places.public, cycle, this_process(), lambda sentence: visible.tell(sentence, err=True))
