"""Whether what stands in the personal columns of a workbook stands in another place of it too, wherever that is.

Looked through is every part of the file as text, what elements hold and what attributes say: other sheets, hidden ones
too, remarks and their bubbles, lists to choose from, defined names, formulas, headers, text boxes, charts, what pivot
tables keep, properties, links. A name is found in any order of its words, whatever their case, accents and what stands
between them. A part that cannot be looked through, such as a macro or another file put in, may hold anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from html import unescape
from urllib.parse import unquote
from xml.parsers import expat

from config import Config, Contract
from flows.core.xml_edits import NotXml, parser
from flows.feedback.marked_copy.package import NotMarkable, Package

# shorter texts stand everywhere by chance; the signs of some scripts say more
_TELLING, _TELLING_DIGITS, _WORD, _OF_A_NAME = 4, 5, 2, 4
_XML = (".xml", ".rels", ".vml")
# what is no text and yet is known: pictures, and how a page is printed
_LOOKED_AT_AS_BYTES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".ico")
_PRINTING = "printerSettings"
# attributes in which a number is one that people wrote; in others it is a place or a size
_SAYING = frozenset(
    {"name", "displayName", "prompt", "promptTitle", "error", "errorTitle", "tooltip", "display", "Target", "descr",
     "title", "alt", "val", "v", "caption", "author", "userId", "location", "text"}
)  # fmt: skip
# within a text that is written in pieces
_RUN, _PIECES = "r", frozenset({"t", "font", "span", "b", "i", "u"})
_BEFORE_A_NAME = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "col", "maj", "capt", "gen", "sgt", "lt", "mme"})
_ASCII_WORDS = re.compile("[a-z0-9]+")
_WRITTEN_OUT = re.compile("_x([0-9A-Fa-f]{4})_")
_OF_HEADERS = re.compile(r'&(?:"[^"]*"|[A-Za-z]|\d+)')


class Wanted:
    """Texts that are looked for."""

    def __init__(self, texts: Iterable[str], known: Collection[str] = ()) -> None:
        self._by_word: dict[str, list[frozenset[str]]] = {}
        self._signs: set[str] = set()
        for text in texts:
            words = words_of(text)
            if " ".join(words) in known:
                continue
            if any(map(_is_sign, "".join(words))) and len("".join(words)) >= _WORD:
                self._signs.add("".join(words))
            if needed := _needed(words):
                self._add(needed)
                named = [word for word in words if word not in _BEFORE_A_NAME]
                if len(named) > 1:
                    # as one word, where no space may stand
                    self._add(frozenset({"".join(named)}))
                    self._add(frozenset({"".join(reversed(named))}))

    def _add(self, words: frozenset[str]) -> None:
        # any of them will do to be looked at
        self._by_word.setdefault(max(words, key=len), []).append(words)

    def __bool__(self) -> bool:
        """Tell whether there is anything to look for."""
        return bool(self._by_word or self._signs)

    def stand_in(self, text: str, *, numbers: bool = True) -> bool:
        """Tell whether one of them stands in a text; without `numbers` only one that has a letter."""
        words = words_of(text)
        if not words:
            return False
        if self._signs and any(sign in "".join(words) for sign in self._signs):
            return True
        here = set(words)
        return any(
            needed <= here and (numbers or not all(map(str.isdigit, needed)))
            for word in here & self._by_word.keys()
            for needed in self._by_word[word]
        )


def stands_elsewhere(book: Package, wanted: Wanted) -> bool:
    """Tell whether a text stands anywhere in a workbook, or may stand where nobody can look."""
    return bool(wanted) and any(_stands_in(book, path, wanted) for path in sorted(book.paths))


def words_known(contract: Contract, config: Config) -> frozenset[str]:
    """Return what may stand in a personal column and names nobody: missions, words of lists, no value, headers."""
    said = {*contract.nulls, *(contract.none or ()), contract.owner, *config.missions}
    for mission in config.missions.values():
        said |= {mission.name, *mission.aliases}
    for name, table in contract.tables.items():
        said |= {name, *table.sheet}
        for key, column in table.columns.items():
            said |= {key, *column.spellings, *(column.one_of or ())}
    return frozenset(" ".join(words_of(one)) for one in said)


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, accents and what stands between them."""
    if text.isascii():
        return _ASCII_WORDS.findall(text.lower())
    text = unicodedata.normalize("NFKD", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Mn", "Cf"})
    return "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()


def _needed(words: list[str]) -> frozenset[str]:
    """Return the words that must all stand in a text so that it says the same; none where that may be by chance."""
    named = [word for word in words if word not in _BEFORE_A_NAME]
    if all(map(str.isdigit, named)):
        return frozenset(named) if len("".join(named)) >= _TELLING_DIGITS else frozenset()
    long = [word for word in named if len(word) >= _OF_A_NAME]
    chosen = long if len(long) > 1 else [word for word in named if len(word) >= _WORD]
    return frozenset(chosen) if len("".join(chosen)) >= _TELLING else frozenset()


def _is_sign(sign: str) -> bool:
    """Tell whether a letter is of a script that writes words without a space between them."""
    return (
        "\u0e00" <= sign <= "\u0eff"
        or "\u1000" <= sign <= "\u109f"
        or "\u1100" <= sign <= "\u11ff"
        or "\u3040" <= sign <= "\ud7ff"
    )


def _stands_in(book: Package, path: str, wanted: Wanted) -> bool:
    if wanted.stand_in(path, numbers=False):
        return True
    data = book.part(path)
    if path.lower().endswith(_XML):
        try:
            return any(wanted.stand_in(text, numbers=numbers) for text, numbers in _texts(data))
        except NotMarkable:
            # drawings of old are not always XML; as one text more is found in it than there is
            return wanted.stand_in(unescape(data.decode("utf-8", "replace")))
    if not path.lower().endswith(_LOOKED_AT_AS_BYTES) and _PRINTING not in path:
        return True
    return any(wanted.stand_in(data.decode(coding, "replace")) for coding in ("utf-8", "utf-16-le"))


def _texts(data: bytes) -> Iterator[tuple[str, bool]]:
    """Yield each text of a part, and whether a number in it is one that people wrote."""
    # each once, in their order
    found: dict[tuple[str, bool], None] = {}
    pieces: list[str] = []
    runs, by_number = 0, False
    reading = parser()

    def cut() -> None:
        if pieces:
            found[_as_seen("".join(pieces)), True] = None
            pieces.clear()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal runs, by_number
        local = name.rpartition(":")[2]
        if local == "c":
            # of the shared texts, which are a part of their own
            by_number = attributes.get("t") == "s"
        runs += local == _RUN
        # how a piece looks is said inside it
        if not runs and local not in _PIECES:
            cut()
        for key, value in attributes.items():
            if (local, key) == ("c", "r") and value.isupper() and value[-1].isdigit():
                continue
            if len(value) >= _TELLING or not value.isascii():
                found[unquote(_as_seen(value)), key.rpartition(":")[2] in _SAYING] = None

    def end(name: str) -> None:
        nonlocal runs
        local = name.rpartition(":")[2]
        if local == "v" and by_number and "".join(pieces).isdigit():
            pieces.clear()
        elif not runs and local not in _PIECES:
            cut()
        runs -= local == _RUN

    reading.StartElementHandler, reading.EndElementHandler = start, end
    reading.CharacterDataHandler = pieces.append
    reading.CommentHandler = lambda said: found.update({(said, True): None})
    reading.ProcessingInstructionHandler = lambda _, said: found.update({(said, True): None})
    try:
        reading.Parse(data, True)
    except (expat.ExpatError, NotXml):
        raise NotMarkable from None
    cut()
    yield from found


def _as_seen(text: str) -> str:
    """Return a text without the codes that it is written with, of letters and of headers."""
    if "_x" in text:
        text = _WRITTEN_OUT.sub(lambda code: chr(int(code[1], 16)), text)
    return f"{text} {_OF_HEADERS.sub(' ', text)}" if "&" in text else text
