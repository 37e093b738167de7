"""The folders that the configuration is read from: the pipeline's own, and one of the user's laid over it.

What the user's folder has counts, what it lacks is the pipeline's: an entry for files of entries (missions, figures,
messages, …), the whole file for contracts and published figures. An entry with nothing behind it (`name: ~`), or an
empty contract, takes the pipeline's away. Corrections, waivers and accepted figures of both count.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import ConfigError
from config.loader import Document, Where, read

HERE = Path(__file__).parent
STAMP = "a4p.yaml"
# how deep the entries of a file stand
LEVELS = {"proof.yaml": 2, "messages.yaml": 2, "alerts.yaml": 2, "schedules.yaml": 2}
# lists whose entries are known by some of their fields
_LISTS: dict[str, tuple[Where, tuple[str, ...]]] = {
    "cycles.yaml": (("cycles",), ("number",)),
    "parity_targets.yaml": (("uniformed_women",), ("category", "year")),
}


class _Environment(BaseSettings):
    """Where the user's configuration is: A4P_CONFIG, in the environment or in the file .env."""

    model_config = SettingsConfigDict(env_prefix="A4P_", env_file=".env", extra="ignore")

    config: str = ""


def roots(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders to read, the one that counts first.

    In: the user's folder; where none is given, the one that A4P_CONFIG names. Raises ConfigError where it is not there,
    or was written for a later version of the pipeline.
    """
    named = folder or _named_in_the_environment()
    if named is None or named.resolve() == HERE:
        return (HERE,)
    if not named.is_dir():
        raise ConfigError(f"There is no folder {named}, which A4P_CONFIG names; make one with: a4p init {named}")
    _check_version(named)
    return (named.resolve(), HERE)


def document(folders: Sequence[Path], name: str) -> Document:
    """Return a file of the configuration, the user's entries laid over the pipeline's. Raises ConfigError."""
    *above, own = [read(folder / name) for folder in folders if (folder / name).is_file()]
    for over in reversed(above):
        own = _laid_over(own, over, name)
    return own


def files(folders: Sequence[Path], pattern: str) -> Iterator[Path]:
    """Yield the files of a subfolder, by their names; of two with the same name the user's."""
    found = {path.name: path for folder in reversed(folders) for path in folder.glob(pattern)}
    yield from (found[name] for name in sorted(found))


def _named_in_the_environment() -> Path | None:
    # to read the settings takes a hundred times as long, and the configuration is asked for everywhere
    if not Path(".env").exists() and not any(name.upper() == "A4P_CONFIG" for name in os.environ):
        return None
    try:
        named = _Environment().config.strip()
    except (ValidationError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file .env cannot be read ({error}); correct or remove it.") from None
    return Path(named).expanduser() if named else None


def _check_version(folder: Path) -> None:
    """Refuse a folder of a later version: what this one does not know could be left out in silence."""
    stamp = folder / STAMP
    if not stamp.is_file():
        return
    said = read(stamp)
    written_for = str(said.data.get("version", "")) if isinstance(said.data, dict) else ""
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", written_for):
        raise said.mistake(("version",), "'version' says for which version the folder was written, such as 0.6.0")
    here = version("a4p-pipeline")
    if _numbers(written_for) > _numbers(here):
        text = f"this folder was written for version {written_for}, and this is {here}; install that one or a later one"
        raise said.mistake(("version",), text)


def version_of(folder: Path) -> str:
    """Return the version for which a folder was written; nothing where it does not say."""
    stamp = folder / STAMP
    return str((read(stamp).data or {}).get("version", "")) if stamp.is_file() else ""


def _numbers(said: str) -> tuple[int, ...]:
    # what changes behind the second number changes no configuration
    return tuple(int(part) for part in said.split(".")[:2])


def _laid_over(under: Document, over: Document, name: str) -> Document:
    if isinstance(under.data, list) or isinstance(over.data, list):
        return _one_after_the_other(under, over)
    if over.data is None:
        return under
    if name in _LISTS:
        where, known_by = _LISTS[name]
        over = _listed_over(under, over, where, known_by)
    data, replaced = _entries(under.data, over.data, LEVELS.get(name, 1))
    lines = {where: line for where, line in under.lines.items() if not any(where[: len(r)] == r for r in replaced)}
    return Document(over.path, data, {**lines, **over.lines})


def _entries(under: Any, over: Any, levels: int, at: Where = ()) -> tuple[Any, list[Where]]:
    """Return the entries of both, and which of those below were replaced."""
    if levels == 0 or not isinstance(under, dict) or not isinstance(over, dict):
        return over, [at]
    data, replaced = dict(under), []
    for key, entry in over.items():
        if key not in under:
            data[key] = entry
        elif entry is None and (levels == 1 or not isinstance(under[key], dict)):
            del data[key]
            replaced.append((*at, key))
        elif entry is not None:
            data[key], more = _entries(under[key], entry, levels - 1, (*at, key))
            replaced += more
    return data, replaced


def _listed_over(under: Document, over: Document, where: Where, known_by: tuple[str, ...]) -> Document:
    """Return the document above, its list behind the entries of the one below that it does not replace."""
    (key,) = where
    own, others = over.data.get(key) or [], under.data[key]
    if not isinstance(own, list):
        return over
    taken = {_known(entry, known_by) for entry in own}
    more = [number for number, entry in enumerate(others) if _known(entry, known_by) not in taken]
    lines = {place: line for place, line in over.lines.items() if len(place) < 2}
    for lying, numbers, first in ((under, more, 0), (over, range(len(own)), len(more))):
        for at, number in enumerate(numbers, start=first):
            of = {place: line for place, line in lying.lines.items() if place[:2] == (key, number)}
            lines |= {(key, at, *place[2:]): line for place, line in of.items()}
    return replace(over, data={**over.data, key: [*(others[number] for number in more), *own]}, lines=lines)


def _known(entry: Any, by: tuple[str, ...]) -> Any:
    return tuple(entry.get(name) for name in by) if isinstance(entry, dict) else entry


def _one_after_the_other(under: Document, over: Document) -> Document:
    first, then = under.data or [], over.data or []
    if not isinstance(first, list) or not isinstance(then, list):
        # what is no list is refused where it is read
        return over
    lines = {**under.lines}
    lines |= {
        (place[0] + len(first), *place[1:]): line
        for place, line in over.lines.items()
        if place and isinstance(place[0], int)
    }
    return Document(over.path, [*first, *then], lines)
