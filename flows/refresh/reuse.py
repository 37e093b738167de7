"""What was worked out before: each result under a key of all that it depends on, so that it is worked out once.

kept/<key>.json     what a step returned; it names files of the private store by their content

A result is used again where its key is the same and the files that it names are all there and are what their names say.
What is lost or damaged is worked out anew, and so is everything with `Results.ignored` (`a4p refresh --full`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from flows.core.errors import NotThere
from flows.core.steps import Runner, Step, key
from flows.stores import Store, checked

T = TypeVar("T")
FOLDER = "kept"
# where steps put what they work out; made of raw files and of nothing else, so that it can be made again
WORKED_OUT = ("read", "staged", "quarantine", "numbers", "findings", "curated", "previous", "built")
_NAMED = re.compile(rf'"((?:{"|".join(WORKED_OUT)})/[^"\\]+)"'.encode())
# of a server, so many at a time are asked for
_AT_ONCE = 16
# a result may be any JSON, and only an object can hold its checksum
_SAID = b'{"said": '


@dataclass(frozen=True)
class Results:
    """Where results are kept, and whether what is there is left alone and all worked out anew."""

    store: Store
    ignored: bool = False


def one(runner: Runner, results: Results, step: Step[T]) -> T:
    """Return what a step returned when it was last run with the same key, or run it and keep that."""
    (made,) = every(runner, results, [step])
    return made


def every(runner: Runner, results: Results, steps: Sequence[Step[T]]) -> list[T]:
    """Return what steps return that do not wait for each other; those that are not kept are run side by side.

    A step without a key is always run, and not kept.
    """
    keys = [key(step) for step in steps]
    known = found(results, [(keys[number], returned_by(step.function)) for number, step in enumerate(steps)])
    missing = [number for number in range(len(steps)) if number not in known]
    for number, made in zip(missing, runner.all([steps[number] for number in missing]), strict=True):
        known[number] = made
        put(results, keys[number], returned_by(steps[number].function), made)
    return [known[number] for number in range(len(steps))]


def found(results: Results, asked: Sequence[tuple[str | None, TypeAdapter[Any]]]) -> dict[int, Any]:
    """Return what is kept, by its position: in are keys, each with the type of what is kept under it."""

    def look(number: int) -> tuple[int, Any] | None:
        under, kind = asked[number]
        try:
            said = checked.without_checksum(results.store.read(_path(under))) if under else None
            # what version 0.5.0 kept cannot be checked, and is worked out anew
            if not said or not said.startswith(_SAID):
                return None
            if not all(checked.is_whole(results.store, path) for path in named(said)):
                return None
            return number, kind.validate_json(said[len(_SAID) : -1])
        except (NotThere, ValidationError):
            return None

    if results.ignored or not asked:
        return {}
    if results.store.local(FOLDER) is not None:
        return dict(filter(None, map(look, range(len(asked)))))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return dict(filter(None, threads.map(look, range(len(asked)))))


def put(results: Results, under: str | None, kind: TypeAdapter[Any], made: Any) -> None:
    """Keep a result under its key."""
    if under:
        checked.write_json_soon(results.store, _path(under), _SAID + kind.dump_json(made) + b"}")


@cache
def returned_by(do: Any) -> TypeAdapter[Any]:
    """Return the type that a step returns, as its function says."""
    hints: Mapping[str, Any] = get_type_hints(do)
    return TypeAdapter(hints["return"])


def named(said: bytes) -> list[str]:
    """Return the files of the private store that a kept result names; of a damaged one, such as can be made out."""
    return sorted({path.decode(errors="replace") for path in _NAMED.findall(said)})


def _path(key: str) -> str:
    return f"{FOLDER}/{key}.json"
