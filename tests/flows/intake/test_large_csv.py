"""A large CSV file read in pieces gives exactly what it gives as a whole."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from flows.core.records import FileRead
from flows.intake.read.tables import read_file, read_large
from tests.support.files import CONFIG
from tests.support.sweeping import SWEEP

CONTRACT = CONFIG.contract("noticas")
HEADER = ["casualty_id", "Incident date", "mission_acronym", "cause", "remarks"]
ENDINGS = ("\n", "\r\n", "\r")


def in_pieces(data: bytes, name: str, piece: int) -> tuple[FileRead, dict[str, pl.DataFrame]]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "raw")
        file.write_bytes(data)
        texts = {"noticas": Path(folder, "noticas.parquet")}
        found = read_large(file, name, CONTRACT, CONFIG, texts, piece)
        return found, {table: pl.read_parquet(texts[table]) for table in found.tables}


def same(data: bytes, piece: int, name: str = "f.csv") -> FileRead:
    whole, frames = read_file(data, name, CONTRACT, CONFIG)
    found, parts = in_pieces(data, name, piece)
    assert found == whole, (data, piece)
    assert parts.keys() == frames.keys()
    for table, frame in frames.items():
        assert parts[table].schema == frame.schema
        assert parts[table].equals(frame), (data, piece)
    return found


def cell(chance: random.Random, quotes: bool, ending: str) -> str:
    plain = ["", "UNIFIL", "2024-01-31", "é", " ", "x y", "NA", "1.5", "Illness", "\u00a0"]
    quoted = ['"a, b"', '"said ""so"""', f'"two{ending}lines"', f'"{ending}"', '"x"', f'"a{ending}{ending},b"']
    return chance.choice(plain + quoted if quotes else plain)


def file(chance: random.Random) -> bytes:
    """A CSV file of a few dozen lines: clean, with quotes, ragged, with blank lines, cut off; or all of it."""
    ending, separator = chance.choice(ENDINGS), chance.choice(",,,;\t|")
    quotes, ragged, blank, spoilt = (chance.random() < one for one in (0.5, 0.3, 0.3, 0.15))
    lines = [["a title"]] if chance.random() < 0.1 else []
    lines.append(HEADER[: chance.randint(1, 5)])
    for _ in range(chance.choice((0, 1, 5, 40, 150))):
        width = len(lines[-1 if len(lines) == 1 else 0]) if not ragged else chance.randint(1, 7)
        lines.append([cell(chance, quotes, ending) for _ in range(width)])
    text = [separator.join(line) for line in lines]
    if blank:
        for _ in range(chance.randint(1, 4)):
            text.insert(chance.randint(0, len(text)), chance.choice(("", "", separator * 3, "  ")))
    data = (ending.join(text) + chance.choice(("", ending, ending * 3))).encode()
    for _ in range(chance.choice((1, 2, 2)) if spoilt else 0):
        at = chance.randrange(len(data))
        data = data[:at] + chance.choice((b'"', b'"', b'"', b"\xff", b"\x00", b'x"y"', b"\r", b"\n")) + data[at:]
    return (b"\xef\xbb\xbf" if chance.random() < 0.2 else b"") + data


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(10))
def test_pieces_are_as_good_as_the_whole(seed: int) -> None:
    chance = random.Random(seed)
    problems = set()
    for _ in range(60 if SWEEP else 15):
        problems.add(same(file(chance), chance.choice((7, 40, 333, 1 << 20))).problem)
    assert None in problems
