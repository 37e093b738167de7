"""How far the cells of a sheet reach, taken from the bytes of its XML: it is held with its empty cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from flows.intake.read.limits import MOST_COLUMNS, Unreadable, hold_cells

_ROWS_OF_A_SHEET = 1_048_576


@dataclass
class Reach:
    """How far a sheet's cells reach, as far as it was looked at; `rows` may be up to a tenth too many.

    `unplaced` is true where a cell does not say where it stands in the way that nearly all programs write it.
    """

    columns: int = 0
    rows: int = 0
    unplaced: bool = False

    def __post_init__(self) -> None:
        """Look for a cell anywhere."""
        self._letters = self._digits = "(?!)"
        self._beyond = _not_within(self._letters, self._digits)

    def look(self, text: bytes, end: int) -> None:
        """Look at a piece of it; only cells beyond those that are known cost more than a glance."""
        if _PREFIXED.search(text):
            self.unplaced = True
            return
        at = 0
        while (found := self._beyond.search(text, at)) and found.start() < end:
            at = found.start()
            said = _REFERENCE.match(text, found.end())
            if said is None or self._is_within(said):
                self.unplaced = True
                return
            self._grow(said)
            # mostly the last cells of this row and of all that is there are those that stand furthest
            for until in (text.find(b"</row", at, end), end):
                last = _HOLDING.match(text, max(text.rfind(b"<c ", at, max(until, 0)), 0))
                if last:
                    self._grow(last)
            self._beyond = _not_within(self._letters, self._digits)

    def _grow(self, said: re.Match[bytes]) -> None:
        """Reach as far as a cell that says where it stands."""
        column, row = _number(said[1]), int(said[2][:9])
        if row > _ROWS_OF_A_SHEET:
            raise Unreadable("too_many_cells")
        if column > MOST_COLUMNS:
            raise Unreadable("too_wide")
        if column > self.columns:
            self.columns, self._letters = column, _letters_up_to(said[1].decode())
        if row > self.rows:
            self.rows, self._digits = _digits_up_to(row)
        hold_cells(self.rows, self.columns)

    def _is_within(self, said: re.Match[bytes]) -> bool:
        return _number(said[1]) <= self.columns and int(said[2][:9]) <= self.rows


# what makes a start tag `c` one that holds nothing
_EMPTY = r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+(?:(?<=/)>|></)"""


# sheets reach about as far as others
@lru_cache(maxsize=1_000)
def _not_within(letters: str, digits: str) -> re.Pattern[bytes]:
    """Return what finds a start tag `c` that holds something and does not say that it stands within these."""
    return re.compile(rf"""<c(?=[\s/>])(?! r="(?:{letters})(?:{digits})")(?!{_EMPTY})""".encode())


_PREFIXED = re.compile(rb":c[\s/>]")
_REFERENCE = re.compile(rb' r="([A-Z]+)([1-9][0-9]*)"')
_HOLDING = re.compile(rf"""<c r="([A-Z]+)([1-9][0-9]*)"(?!{_EMPTY})""".encode())


def _letters_up_to(letters: str) -> str:
    """Return a pattern of the columns up to one: `A` to `BC` for BC."""
    parts = [f"[A-Z]{{1,{len(letters) - 1}}}"] if len(letters) > 1 else []
    for at, letter in enumerate(letters):
        rest = len(letters) - at - 1
        if rest and letter > "A":
            parts.append(f"{letters[:at]}[A-{chr(ord(letter) - 1)}][A-Z]{{{rest}}}")
    return "|".join([*parts, f"{letters[:-1]}[A-{letters[-1]}]"])


def _digits_up_to(row: int) -> tuple[int, str]:
    """Return the last row that begins with the same two digits (`4711`: 4799), and a pattern of all up to it."""
    if row < 100:
        return 99, "[1-9][0-9]?"
    more = len(str(row)) - 2
    tens, ones = divmod(row // 10**more, 10)
    less = f"[1-{tens - 1}][0-9]|" if tens > 1 else ""
    # most cells of a long sheet have as many digits as its last row
    pattern = f"(?:{less}{tens}[0-{ones}])[0-9]{{{more}}}|[1-9][0-9]{{0,{more}}}"
    return (tens * 10 + ones + 1) * 10**more - 1, pattern


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def placed(sheet: bytes) -> Reach:
    """Count where the cells of a sheet stand, of which some may not say it: each is right of the one before."""
    found = Reach()
    row = column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        match name.rpartition(":")[2]:
            case "row":
                said = attributes.get("r", "")
                row, column = int(said) if said.isdecimal() and len(said) < 9 else row + 1, 0
            case "c":
                column += 1
                if place := re.fullmatch(r"([A-Za-z]{1,4})([0-9]{1,8})", attributes.get("r", "")):
                    column, row = _number(place[1].encode()), int(place[2])
            case "v" | "is" | "f":
                found.columns, found.rows = max(found.columns, column), max(found.rows, row)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(sheet, True)
    except (expat.ExpatError, ValueError):
        raise Unreadable("truncated") from None
    return found
