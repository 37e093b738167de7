"""What all parts of a pipeline stand on, and how what people write is taken: days, paths, one source or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import cast

import config as configuration
from config import Config, ConfigError, Language
from flows.core import logs, names
from flows.core import settings as configured
from flows.core.settings import Settings
from flows.stores.from_settings import Places, places_of


@dataclass(frozen=True)
class Ground:
    """The configuration, the settings and the Prefect server of a pipeline, as `flows.orchestration.run` takes them."""

    config: Config
    settings: Settings
    prefect: str | None

    def of_cycle(self, number: int) -> Ground:
        """Return the same with the facts of a cycle."""
        return replace(self, config=self.config.of_cycle(number))

    @cached_property
    def places(self) -> Places:
        """Where raw files come from and where things are kept."""
        return places_of(self.settings)

    @contextmanager
    def in_force(self, *, logged: bool = False) -> Iterator[None]:
        """Have all that is done in the body go by this configuration and these settings; `logged` sets up its log."""
        if logged:
            logs.set_up(self.settings)
        with configuration.in_force(self.config), configured.in_force(self.settings):
            yield

    def sources(self, only: str | Sequence[str]) -> tuple[str, ...]:
        """Return sources that are named, one or several. Raises ConfigError where there is none of that name."""
        return tuple(names.source(said, self.config) for said in ((only,) if isinstance(only, str) else only))


def day(said: date | str | None) -> date | None:
    """Return a day that is given as a date or as ISO text. Raises ConfigError where it is neither."""
    if isinstance(said, datetime):
        return said.date()
    if said is None or isinstance(said, date):
        return said
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ConfigError(f"'{said}' is no day; write it as 2024-09-03.") from None


def whole_number(said: str) -> int:
    """Return the number of a cycle that is given as text. Raises ConfigError where it is none."""
    if not said.strip().isdecimal():
        raise ConfigError(f"'{said}' is no cycle; write its number, such as 5, or latest.")
    return int(said)


def language(said: str) -> Language:
    """Return a language. Raises ConfigError where the pipeline does not speak it."""
    if said not in {"en", "fr"}:
        raise ConfigError(f"There is no language '{said}'; the languages are en and fr.")
    return cast("Language", said)


def file(said: str | Path) -> Path:
    """Return the path of a file that there is. Raises ConfigError where there is none."""
    path = Path(said)
    # what is neither file nor folder is refused by the check, with a finding
    if not path.exists() or path.is_dir():
        raise ConfigError(f"There is no file {path}.")
    return path
