"""No part of a workbook holds its reader: what took hours as a pattern takes a moment as one pass."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from flows.intake.read.elements import elements
from flows.intake.read.grids import grids
from flows.intake.read.limits import Unreadable
from tests.support.hostile import CLEAN_ROWS, SHEET, cells, part, workbook

MANY = 200_000


def test_elements_are_found_with_their_content() -> None:
    data = b"<sst><x:si a='1'><t>one</t></x:si><si/><sid>no</sid><si>two</si></sst>"
    assert [(one.prefix, one.attributes, one.content) for one in elements(data, b"si")] == [
        (b"x:", b" a='1'", b"<t>one</t>"),
        (b"", b"", None),
        (b"", b"", b"two"),
    ]
    assert [data[one.start : one.end] for one in elements(data, b"si")][1:] == [b"<si/>", b"<si>two</si>"]
    # what does not end is none, and those behind it are found nevertheless
    assert [one.content for one in elements(b"<a:si><si>two</si>", b"si")] == [b"two"]


@pytest.mark.parametrize(
    "data",
    [
        b"<si>" * MANY,
        b"<!--<si>-->" * MANY,
        b"".join(b"<p%d:si>" % number for number in range(MANY)),
        b"<si " * MANY,
        b"<" + b"a" * MANY,
        b"<si a='" + b" t='s'" * MANY + b">",
    ],
    ids=["open", "remarks", "prefixes", "tags", "word", "attributes"],
)
def test_no_part_takes_longer_than_its_size(data: bytes) -> None:
    began = time.process_time()
    assert list(elements(data, b"si")) == []
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "made",
    [
        workbook("", part("xl/sharedStrings.xml", "<sst>strike" + "<!--<si>-->" * MANY + "</sst>")),
        workbook(part(SHEET, cells(CLEAN_ROWS).replace("</sheetData>", "<!--<c >-->" * MANY + "strike</sheetData>"))),
        workbook(part(SHEET, cells(CLEAN_ROWS).replace("</sheetData>", "<!--<is>-->" * MANY + "strike</sheetData>"))),
    ],
    ids=["strings", "cells", "inline"],
)
def test_a_workbook_with_many_openings_is_read_or_refused_in_a_moment(made: bytes) -> None:
    began = time.process_time()
    with suppress(Unreadable):
        grids(made, "x.xlsx")
    assert time.process_time() - began < 20
