"""The page of the invented release, as a test looks at it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import polars as pl

from config import load
from flows.documents.page import render
from tests.support.report_tables import MISSING, tables

CONFIG = load()
CYCLE = CONFIG.cycle(5)


class Page(HTMLParser):
    """A page as a test looks at it: its elements, ids, addresses and visible text."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not {"style", "desc", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]


def rendered(status: str = "provisional", missing: list[str] = MISSING, **changed: pl.DataFrame) -> str:
    return render(CONFIG, CYCLE, status, missing, {**tables(), **changed})


def row_of(html: str, heading: str) -> str:
    """Return the text of the table row whose heading begins with a text."""
    for found in re.findall(r"<tr\b.*?</tr>", html, flags=re.S):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()
        if text.startswith(heading):
            return text
    raise AssertionError(f"no row begins with {heading}")


def origin_of(html: str, figure: str) -> str:
    """Return what stands under 'Where each figure comes from' on a figure."""
    start = html.index(f'id="from-{figure}"')
    return html[start : html.index("</dl>", start)]
