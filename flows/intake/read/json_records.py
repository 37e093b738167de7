"""From the text of a JSON file to a table of its records, where all of them are there and each name stands once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from flows.intake.read import limits
from flows.intake.read.limits import Unreadable

# under which names the records of an answer stand
_LISTS = ("data", "value", "results")
# how an answer says that there are other pages; names are compared by their letters alone, in lower case
_OTHER_PAGES = re.compile(
    "(odata)?(next|prev|previous)(page)?(link|url|href|token|cursor|offset)?|has(more|next|prev|previous)(page)?"
    "|more(results)?|istruncated|exceededtransferlimit"
)
_PAGES = re.compile("pages|(total|num|last)pages?|pages?(count|total)")
_PAGE = re.compile("(current)?page(no|number)?")
_TOTALS = re.compile(
    "count|total|(odata|record|records|total)(count|total)|total(records|results|items|elements|hits|rows|number|size)"
    "|numberofrecords|numfound|nhits"
)
_NOTHING = (None, "", False, "0", "false", "null")
# so many lists in each other are no records
_BEGINS_DEEP = re.compile(r"(?:\s*\[){500}")


class _NamedTwice(dict[str, Any]):
    """An object in which a name stands more than once."""


def table(text: str) -> pl.DataFrame:
    """Read a list of JSON objects, as the Hub serves it; numbers keep the text they have in the file.

    Returns a frame of text with a column a name, whose first row are the names. Raises Unreadable: it is cut off, holds
    no list of records, is one page of several, names a value twice, or holds half characters or too many cells.
    """
    records = _records(text)
    names = list(dict.fromkeys(name for record in records for name in record))
    # before there is a cell for each name in each record
    limits.hold_cells(len(records) + 1, len(names))
    try:
        columns = {
            str(number): [name, *(_as_text(record.get(name)) for record in records)]
            for number, name in enumerate(names)
        }
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    except UnicodeEncodeError:
        # JSON can spell half a character (\ud800), which is no text
        raise Unreadable("half_characters") from None
    except RecursionError:
        raise Unreadable("no_records") from None


def _records(text: str) -> Sequence[Mapping[str, Any]]:
    twice = False

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        values = dict(pairs)
        if len(values) == len(pairs):
            return values
        twice = True
        return _NamedTwice(values)

    if _BEGINS_DEEP.match(text):
        # how deep a parser goes differs from one Python to the next, and what it then says of the file too
        raise Unreadable("no_records")
    try:
        loaded = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        # one whole record after another is no list of them; anything else breaks off somewhere
        problem = "no_records" if error.msg == "Extra data" else "truncated"
        raise Unreadable(problem, f"line {error.lineno}") from None
    except RecursionError:
        raise Unreadable("no_records") from None
    around = loaded if isinstance(loaded, dict) else {}
    records = next((around[key] for key in _LISTS if key in around), None) if around else loaded
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise Unreadable("no_records")
    if twice:
        torn = next((number for number, record in enumerate(records, start=1) if _is_torn(record)), None)
        raise Unreadable("named_twice", f"record {torn}" if torn else "what stands around the records")
    _hold_all(around, records)
    return records


def _is_torn(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_torn, value))
    return isinstance(value, dict) and (isinstance(value, _NamedTwice) or any(map(_is_torn, value.values())))


def _hold_all(around: Mapping[str, Any], records: Sequence[object]) -> None:
    """Refuse an answer that says of itself that it is one page of several."""
    words = list(_around(around))

    def most(names: re.Pattern[str]) -> int:
        return max((_number(value) for name, value in words if names.fullmatch(name)), default=0)

    total, pages, page = most(_TOTALS), most(_PAGES), most(_PAGE)
    if total > len(records):
        raise Unreadable("one_page", f"{len(records)} of {total} records")
    if pages > 1:
        raise Unreadable("one_page", f"page {page or 1} of {pages}")
    if page > 1:
        raise Unreadable("one_page", f"page {page}")
    if any(_OTHER_PAGES.fullmatch(name) and value not in _NOTHING for name, value in words):
        raise Unreadable("one_page", "it says that others follow or go before")


def _around(values: Mapping[str, Any], deeper: int = 2) -> Iterator[tuple[str, Any]]:
    """Yield the names, by their letters, and values around the records, those in objects too (`meta`, `links`)."""
    for name, value in values.items():
        letters = _letters(name)
        match value:
            case {"href": link} if _OTHER_PAGES.fullmatch(letters):
                yield letters, link
            case dict() if _OTHER_PAGES.fullmatch(letters):
                yield letters, value or None
            case dict() if deeper:
                yield from _around(value, deeper - 1)
            case list() if letters.endswith("links"):
                for link in value:
                    match link:
                        case {"rel": str(rel), "href": address}:
                            yield _letters(rel), address
            case dict() | list():
                pass
            case _:
                yield letters, value


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name.lower()))


def _number(value: Any) -> int:
    # numbers are kept as the text of the file; no total has more digits
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else 0


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
