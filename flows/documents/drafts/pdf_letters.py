"""The letters of a PDF and where on its pages they stand, put together to words."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.core.errors import NotReadable
from flows.documents.drafts.gathering import RAISED

if TYPE_CHECKING:
    import pypdfium2

# a report of a thousand pages has three million letters
MOST_PAGES = 2_000
MOST_LETTERS = 5_000_000
# of a letter's size: from where on a gap parts words, and letters are raised
_GAP = 0.3
RAISED_BY = 0.15
RAISED_SIZE = 0.85
_LONGEST_FONT = 256


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands on a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def with_(self, other: Box) -> Box:
        """Return the box around this one and another."""
        return Box(
            min(self.left, other.left), min(self.bottom, other.bottom),
            max(self.right, other.right), max(self.top, other.top),
        )  # fmt: skip


@dataclass(slots=True)
class Word:
    """Letters without a blank: each with its box; the size of the largest, its baseline, whether all are bold.

    `behind_blank`: the file itself has a blank before it, so that it goes on a line however far it is set apart.
    """

    text: str
    boxes: list[Box]
    size: float
    base: float
    bold: bool
    behind_blank: bool = False
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        """Put the boxes together."""
        box = self.boxes[0]
        for one in self.boxes[1:]:
            box = box.with_(one)
        self.box = box


@dataclass(frozen=True)
class Page:
    """A page: its number from 1, its width and height, its words in the order in which the file has them."""

    number: int
    width: float
    height: float
    words: list[Word]


@dataclass
class _Letter:
    sign: str
    box: Box
    size: float
    base: float
    bold: bool


@contextmanager
def opened(shown: str, content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; raises NotReadable where it is damaged, locked, or longer than any report."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        how = "it is locked with a password" if locked else "it is damaged, or no PDF"
        raise NotReadable(f"The draft {shown} cannot be read: {how}.") from None
    try:
        if not 0 < len(document) <= MOST_PAGES:
            raise NotReadable(f"The draft {shown} has {len(document):,} pages; the limit is {MOST_PAGES:,}.")
        yield document
    finally:
        document.close()


def pages(shown: str, content: bytes) -> list[Page]:
    """Return the pages of a PDF with their words; raises NotReadable as `opened` does."""
    import pypdfium2

    found, letters = list[Page](), 0
    with opened(shown, content) as document:
        for number in range(len(document)):
            try:
                page = document[number]
            except pypdfium2.PdfiumError:
                raise NotReadable(f"The draft {shown} cannot be read: its page {number + 1} is damaged.") from None
            text = page.get_textpage()
            letters += text.count_chars()
            if letters > MOST_LETTERS:
                raise NotReadable(f"The draft {shown} has more than {MOST_LETTERS:,} letters; no report has.")
            width, height = page.get_size()
            found.append(Page(number + 1, width, height, list(_words(text))))
            text.close()
            page.close()
    return found


def _words(text: Any) -> Iterator[Word]:
    gathered: list[_Letter] = []
    behind_blank = False
    for letter in _letters(text):
        if isinstance(letter, bool) or (gathered and _parts(gathered, letter)):
            if gathered:
                yield _word(gathered, behind_blank)
                behind_blank = False
            gathered = []
        if isinstance(letter, bool):
            behind_blank = behind_blank or letter
        else:
            gathered.append(letter)
    if gathered:
        yield _word(gathered, behind_blank)


def _letters(text: Any) -> Iterator[_Letter | bool]:
    """Yield the letters of a page; for a blank whether the file has it, rather than the place of what follows."""
    from pypdfium2 import raw

    box = [ctypes.c_double() for _ in range(4)]
    x, y = ctypes.c_double(), ctypes.c_double()
    matrix, flags = raw.FS_MATRIX(), ctypes.c_int()
    name = ctypes.create_string_buffer(_LONGEST_FONT)
    for at in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, at)
        sign = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        if sign.isspace() and sign not in "\u00a0\u202f":
            yield raw.FPDFText_IsGenerated(text, at) != 1 and sign == " "
            continue
        if code == 2 or raw.FPDFText_IsHyphen(text, at) == 1:
            sign = "\u00ad"
        elif not sign.isprintable() and sign not in "\u00a0\u202f":
            continue
        if raw.FPDFText_IsGenerated(text, at) == 1:
            continue
        raw.FPDFText_GetCharBox(text, at, box[0], box[1], box[2], box[3])
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        raw.FPDFText_GetMatrix(text, at, matrix)
        size = raw.FPDFText_GetFontSize(text, at) * (math.hypot(matrix.c, matrix.d) or 1.0)
        raw.FPDFText_GetFontInfo(text, at, name, _LONGEST_FONT, flags)
        bold = b"bold" in name.value.lower() or b"black" in name.value.lower()
        left, right, bottom, top = (one.value for one in box)
        # what has no ink, such as a blank that does not break, has no box
        if right <= left or top <= bottom:
            left, right = x.value, max(right, x.value + size / 4)
            bottom, top = y.value, y.value + size / 2
        yield _Letter(sign, Box(left, bottom, right, top), size, y.value, bold)


def _parts(gathered: list[_Letter], letter: _Letter) -> bool:
    """Whether a letter begins another word than the one before it."""
    last = gathered[-1]
    size = max(last.size, letter.size)
    apart = letter.box.left - last.box.right
    if apart > _GAP * size or apart < -size:
        return True
    return abs(letter.base - gathered[0].base) > size / 2


def _word(letters: list[_Letter], behind_blank: bool) -> Word:
    first = max(letters, key=lambda one: one.size)
    signs = []
    for one in letters:
        raised = one.size < RAISED_SIZE * first.size and one.base > first.base + RAISED_BY * first.size
        signs.append(one.sign.translate(RAISED) if raised else one.sign)
    # a letter that is written as two, such as ﬁ, has one box
    text = "".join(signs)
    boxes = [one.box for one, sign in zip(letters, signs, strict=True) for _ in sign]
    return Word(text, boxes, first.size, first.base, all(one.bold for one in letters), behind_blank)
