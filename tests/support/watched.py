"""A small cycle that is refreshed while it is watched: good rows, a refused row, a refused file."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from flows.core.errors import StoreError
from flows.core.records import Published
from flows.core.settings import Settings
from flows.orchestration import run as running
from flows.refresh.watching import Run, Watching, watched
from flows.stores.from_settings import places_of
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, mission_book, noticas

# in the name of a file, which nobody is told
NAME = "Quenbyferrari"
CASUALTIES = noticas(casualty(1), casualty(2), casualty(3), casualty(4, cause=f"Bite of {NAME}"))
BOOK = mission_book("UNMISS")
BROKEN = BOOK[:900]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def settings(folder: Path, **more: Any) -> Settings:
    places = {f"{name}_uri": str(folder / name) for name in ("inbox", "private", "public")}
    return Settings(**places, prefect_home=str(folder / "prefect"), **more)


def fill(folder: Path) -> Rooms:
    rooms = Rooms(folder)
    rooms.put(f"noticas/{NAME}.csv", CASUALTIES)
    rooms.put("mission_report/UNMISS/book.xlsx", BOOK)
    rooms.put(f"mission_report/UNTSO/{NAME} 2.xlsx", BROKEN)
    return rooms


def refresh(folder: Path, **more: Any) -> Published:
    """Refresh as the command does."""
    return running.run(CYCLE, CONFIG, settings(folder, **more))


def fail(folder: Path, **more: Any) -> None:
    """Begin a refresh whose store fails."""

    def fails(_watch: Watching) -> Published:
        raise StoreError("The disk of the store is full; make room on it.")

    asked = settings(folder, **more)
    with pytest.raises(StoreError):
        watched(Run(CYCLE, CONFIG, asked, places_of(asked)), fails)
