"""Drafts of plain text and Markdown: paragraphs unwrapped, tables with bars as cells, no stars of bold letters."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from flows.documents.drafts.gathering import Gathered, is_caption, may_head, plain_level, tidy
from flows.documents.drafts.passages import Cell, Kind, Passage

_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_LINE = re.compile(r"^\s*([-*_=~])(?:\s*\1){2,}\s*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•‣▪–]\s+|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+(?=\D))")
_NOTE = re.compile(r"^[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]*(?=\D)|^\[\^\w{1,20}\]:")
_TAG = re.compile(r"</?(?:ul|ol|li|br|p|b|i|strong|em|span|div|sup|sub)\b[^<>]{0,200}>", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```|~~~)")
# a line so long is no line of a layout
_WIDEST = 130
_REPEATED = 3
_RUNNING = 40

_BARS = re.compile(r"(?<!\\)\|")
_BOLD = re.compile(r"\*\*|(?<!\w)__|__(?!\w)")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.*?-->"), ""),
    (re.compile(r"~~[^~]{1,500}~~"), ""),
    (re.compile(r"\[\^\w{1,20}\]"), ""),
    (re.compile(r"<sup>\s*(?:<a\b[^<>]*>)?\s*\[?\d{1,3}\]?\s*(?:</a>)?\s*</sup>", re.IGNORECASE), ""),
    (re.compile(r"!?\[([^\[\]]{0,1000})\]\([^()\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"<br\s*/?>", re.IGNORECASE), " "),
    (re.compile(r"</?[a-zA-Z][^<>]{0,200}>"), ""),
    (re.compile(r"`+"), ""),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]{1,500})(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_]{1,500})(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def passages(text: str, markdown: bool) -> list[Passage]:
    """Return the passages of a text, or of Markdown, in their order."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")
    if markdown:
        lines = _without_front(lines)
    blocks = list(_blocks(lines))
    # a file with long lines has a paragraph a line
    wrapped = markdown or max(map(len, lines), default=0) <= _WIDEST
    often = Counter(tidy(block[0]) for block in blocks if len(block) == 1)
    found = Gathered()
    for number, block in enumerate(blocks):
        before_table = number + 1 < len(blocks) and _is_table(blocks[number + 1])
        if _is_table(block):
            _add_table(found, block, markdown)
        elif (heading := _HEADING.match(block[0])) and len(block) == 1:
            found.head(_cleaned(heading[2], True), len(heading[1]))
        elif markdown and len(block) == 2 and re.fullmatch(r"\s*(=+|-+)\s*", block[1]):
            found.head(_cleaned(block[0], True), 1 if "=" in block[1] else 2)
        elif _is_running(block, blocks[number + 1 : number + 2], often):
            found.add(_cleaned(block[0], markdown), Kind.MARGIN)
        else:
            _add_paragraphs(found, block, wrapped, markdown, before_table)
    return found.passages


def _is_running(block: Sequence[str], following: Sequence[Sequence[str]], often: Counter[str]) -> bool:
    """Whether this is printed on each page: a long line that comes again and again, or one that stands above it."""

    def runs(one: Sequence[str]) -> bool:
        return len(one) == 1 and often[tidy(one[0])] >= _REPEATED and len(tidy(one[0])) >= _RUNNING

    above = len(block) == 1 and often[tidy(block[0])] >= _REPEATED and bool(following) and runs(following[0])
    return runs(block) or above


def _without_front(lines: Sequence[str]) -> list[str]:
    """Leave out what a Markdown file says of itself between two lines of dashes at its beginning."""
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 1):
            if line.strip() in ("---", "..."):
                return list(lines[number + 1 :])
            if line.strip() and ":" not in line and not line.startswith((" ", "-", "#")):
                break
    return list(lines)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield stretches of lines that belong together: up to an empty line, a table, a heading or a rule."""
    block: list[str] = []

    def is_bar(at: int) -> bool:
        line = lines[at].strip()
        if line.startswith("|") and line.count("|") > 1:
            return True
        if "|" not in line:
            return False
        if block and _is_table(block):
            return True
        below = lines[at + 1] if at + 1 < len(lines) else ""
        return "|" in below and _RULE.match(below) is not None

    for at, line in enumerate(lines):
        bar = is_bar(at)
        ends = not line.strip() or _FENCE.match(line)
        under_title = len(block) == 1 and re.fullmatch(r"\s*(=+|-+)\s*", line) and not _is_table(block)
        alone = _HEADING.match(line) or (_LINE.match(line) and not under_title)
        if block and (ends or alone or bar != _is_table(block)):
            yield block
            block = []
        if ends or (_LINE.match(line) and not under_title):
            continue
        block.append(line)
        if alone or under_title:
            yield block
            block = []
    if block:
        yield block


def _is_table(block: Sequence[str]) -> bool:
    first = block[0].strip()
    if first.startswith("|") and first.count("|") > 1:
        return True
    return "|" in first and len(block) > 1 and "|" in block[1] and _RULE.match(block[1]) is not None


def _add_table(found: Gathered, block: Sequence[str], markdown: bool) -> None:
    table, row = found.table(), 0
    for line in block:
        if _RULE.match(line) and "-" in line:
            continue
        inner = line.strip().removeprefix("|")
        inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
        for column, cell in enumerate(_BARS.split(inner)):
            # what no bar can hold, such as a list, is written as HTML in plain text, too
            if said := _cleaned(_TAG.sub(" ", cell.replace("\\|", "|")), markdown):
                found.add(said, Kind.CELL, Cell(table, row, column))
        row += 1


def _add_paragraphs(found: Gathered, block: Sequence[str], wrapped: bool, markdown: bool, before_table: bool) -> None:
    for said in _joined(block, wrapped):
        is_note = _NOTE.match(said) is not None
        shown = re.sub(r"^\[\^\w{1,20}\]:", "", said)
        text = _cleaned(_ITEM.sub("", shown, count=1) if _ITEM.match(shown) else shown, markdown)
        if not text:
            continue
        alone = len(block) == 1
        if is_note:
            found.add(text, Kind.NOTE)
        elif is_caption(text) or (before_table and alone and may_head(text) and not text.isupper()):
            found.add(text, Kind.CAPTION)
        elif not markdown and alone and not _ITEM.match(said) and plain_level(text):
            found.head(text, plain_level(text))
        else:
            found.add(text)


def _joined(block: Sequence[str], wrapped: bool) -> Iterator[str]:
    """Yield the paragraphs of some lines; a word that is divided at a line's end is put together."""
    so_far = ""
    for written in block:
        line = re.sub(r"^\s*(?:>\s*)+", "", written)
        begins = line.strip().lstrip("*_>")[:1]
        goes_on = wrapped or begins.islower() or begins == "("
        if so_far and (not goes_on or _ITEM.match(line) or _NOTE.match(line.strip())):
            yield so_far
            so_far = ""
        if re.search(r"[a-zà-ÿ]-$", so_far) and begins.islower():
            so_far = so_far[:-1] + line.strip()
        else:
            so_far = f"{so_far} {line.strip()}" if so_far else line.strip()
    if so_far:
        yield so_far


def _cleaned(text: str, markdown: bool) -> str:
    """Return a text without the signs that say how it is set; bold stars stand in plain text, too."""
    text = _BOLD.sub("", text) if markdown else text.replace("**", "")
    if markdown:
        for sign, instead in _INLINE:
            text = sign.sub(instead, text)
        text = html.unescape(text)
    return tidy(text)
