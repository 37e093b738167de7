"""What stands in a personal column stands nowhere in what goes out, wherever else in the file somebody wrote it."""

from __future__ import annotations

import io
import random
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import xlsxwriter

from flows.feedback.alerts.elsewhere import Wanted, words_known
from flows.stores import Store
from tests.flows.feedback.alerts.cycle import finding, findings
from tests.flows.feedback.alerts.test_attached import given
from tests.support.files import CONFIG, NOTICAS_HEADER, casualty
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

# names in a workbook, one of which stands elsewhere too
NAMES = 25
HEADER = [*NOTICAS_HEADER.split(","), "remarks", "Casualty Name", "Index number", "e-mail"]
REMARKS, NAME, INDEX = (HEADER.index(one) for one in ("remarks", "Casualty Name", "Index number"))
Book, Sheet = Any, Any
Put = Callable[[Book, Sheet, str, str], object]


def another_sheet(book: Book, name: str, text: str = "Sheet B") -> Sheet:
    sheet = book.add_worksheet(text)
    sheet.write(4, 2, name)
    return sheet


def in_a_chart(book: Book, sheet: Sheet, name: str, _: str) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"='{sheet.name}'!$A$2:$A$3"})
    chart.set_title({"name": name})
    sheet.insert_chart(0, 20, chart)


def in_pieces(book: Book, sheet: Sheet, name: str, _: str) -> None:
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(1, REMARKS, "see ", bold, name[:4], name[4:], bold, " there")


def as_a_table(book: Book, _: Sheet, name: str, index: str) -> None:
    book.add_worksheet("T").add_table(0, 0, 2, 1, {"columns": [{"header": name}, {"header": "n"}]})


PLACES: Mapping[str, Put] = {
    "a remark": lambda book, sheet, name, _: sheet.write(1, REMARKS, f"Body of {name} was repatriated"),
    "another row": lambda book, sheet, name, _: sheet.write(40, 1, name),
    "a hidden sheet": lambda book, sheet, name, _: another_sheet(book, name).hide(),
    "a very hidden sheet": lambda book, sheet, name, _: another_sheet(book, name).very_hidden(),
    "a comment": lambda book, sheet, name, _: sheet.write_comment(2, 1, f"{name} was here"),
    "a comment's author": lambda book, sheet, name, _: sheet.write_comment(2, 1, "x", {"author": name}),
    "a list to choose from": lambda book, sheet, name, _: sheet.data_validation(
        1, 3, 9, 3, {"validate": "list", "source": ["none", name, "others"]}
    ),
    "a hint": lambda book, sheet, name, _: sheet.data_validation(
        1, 3, 9, 3, {"validate": "any", "input_title": "Ask", "input_message": f"ask {name}"}
    ),
    "a defined name's value": lambda book, sheet, name, _: book.define_name("Who", f'="{name}"'),
    "a defined name": lambda book, sheet, name, _: book.define_name(re.sub(r"\W+", "_", name), "=1"),
    "a header": lambda book, sheet, name, _: sheet.set_header(f"&L{name}&RPage &P"),
    "a footer": lambda book, sheet, name, _: sheet.set_footer(f'&C&"Arial,Bold"&12{name}'),
    "a title": lambda book, sheet, name, _: book.set_properties({"title": f"Casualties, {name}"}),
    "keywords": lambda book, sheet, name, _: book.set_properties({"keywords": name}),
    "a manager": lambda book, sheet, name, _: book.set_properties({"manager": name}),
    "an author": lambda book, sheet, name, _: book.set_properties({"author": name}),
    "a property of one's own": lambda book, sheet, name, _: book.set_custom_property("Who", name),
    "a text box": lambda book, sheet, name, _: sheet.insert_textbox(5, 20, f"Ask {name}"),
    "a picture's words": lambda book, sheet, name, _: sheet.insert_textbox(5, 20, "x", {"description": name}),
    "a chart": in_a_chart,
    "a formula": lambda book, sheet, name, _: sheet.write_formula(1, REMARKS, f'=IF(A2="","{name}","")', None, ""),
    "a formula's result": lambda book, sheet, name, _: sheet.write_formula(1, REMARKS, "=L2", None, name),
    "a condition": lambda book, sheet, name, _: sheet.conditional_format(
        1, 3, 9, 3, {"type": "text", "criteria": "containing", "value": name, "format": book.add_format({"bold": True})}
    ),
    "a link": lambda book, sheet, name, _: sheet.write_url(1, REMARKS, "mailto:x@example.org", string="x", tip=name),
    "a link's words": lambda book, sheet, name, _: sheet.write_url(1, REMARKS, "https://example.org", string=name),
    "a sheet's name": lambda book, sheet, name, _: book.add_worksheet(name[:31]),
    "a table": as_a_table,
    "pieces": in_pieces,
    "capitals": lambda book, sheet, name, _: sheet.write(1, REMARKS, name.upper()),
    "another order": lambda book, sheet, name, _: sheet.write(1, REMARKS, ", ".join(reversed(name.split()))),
    "no accents": lambda book, sheet, name, _: sheet.write(
        1, REMARKS, unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ),
    "many spaces": lambda book, sheet, name, _: sheet.write(1, REMARKS, "\u00a0 ".join(name.split())),
    "a number elsewhere": lambda book, sheet, _, index: another_sheet(book, int(index)),  # type: ignore[arg-type]
    "a number in words": lambda book, sheet, _, index: sheet.write(1, REMARKS, f"UN number {index}, repatriated"),
}
NOWHERE: Put = lambda book, sheet, name, index: None  # noqa: E731


def a_name(chance: random.Random) -> str:
    """A name that no other text holds."""
    parts = [chance.choice("BDGKLMNPRSTZ") + "".join(chance.choice("aeéiouvxqwzkñ") for _ in range(7)) for _ in "ab"]
    return " ".join(parts)


def file_with(people: list[tuple[str, str]], put: Put, one: int) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Casualties")
        sheet.write_row(0, 0, HEADER)
        for row, (name, index) in enumerate(people, 1):
            sheet.write_row(row, 0, [*casualty(row, cause="Typo").split(","), "", name, index])
        put(book, sheet, *people[one])
    return buffer.getvalue()


def seen_in(data: bytes, people: list[tuple[str, str]]) -> list[str]:
    """Canaries that a workbook holds in any part, its tags taken away: looked for in another way than by the code."""
    held = ""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for entry in book.namelist():
            text = book.read(entry).decode("utf-8", "replace")
            attributes = " ".join(re.findall(r'="([^"]*)"', text))
            held += "|" + "|".join(_bare(one) for one in (entry, re.sub(r"<[^>]*>", "", text), attributes))
    forms = [
        (name, form) for name, index in people for form in (_bare(name), _bare("".join(reversed(name.split()))), index)
    ]
    return sorted({name for name, form in forms if form in held})


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unquote(unescape(text))).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


@pytest.mark.parametrize("where", PLACES)
def test_no_canary_leaves_with_a_marked_copy(where: str, tmp_path: Path, record_property: Any) -> None:
    books = -(-10_000 // (NAMES * len(PLACES))) if SWEEP else 1
    canaries, kept = 0, 0
    for number in range(books):
        chance = random.Random(f"{where} {number}")
        people = [(a_name(chance), str(chance.randrange(7_000_000, 8_000_000))) for _ in range(NAMES)]
        data = file_with(people, PLACES[where], chance.randrange(NAMES))
        assert len(seen_in(data, people)) == NAMES
        with_it = given(data, "n.xlsx", findings(finding("a", row=2)), Store(str(tmp_path / str(number))))
        assert with_it.says == ("attached_without_names" if with_it.files else "not_attached_names")
        assert [seen_in(copy, people) for _, copy in with_it.files] == [[]] * len(with_it.files)
        canaries, kept = canaries + NAMES, kept + (not with_it.files)
    record_property("canaries", canaries)
    # who wrote the file is taken out, as ever
    assert kept == (0 if where == "an author" else books)


def test_names_that_stand_in_their_columns_alone_are_taken_out_and_the_copy_goes(tmp_path: Path) -> None:
    chance = random.Random(5)
    people = [(a_name(chance), str(chance.randrange(7_000_000, 8_000_000))) for _ in range(NAMES)]
    with_it = given(file_with(people, NOWHERE, 0), "n.xlsx", findings(finding("a", row=2)), Store(str(tmp_path)))
    ((_, copy),) = with_it.files
    assert (with_it.says, seen_in(copy, people)) == ("attached_without_names", [])


def test_the_link_that_a_program_makes_of_an_address_goes_with_its_cell(tmp_path: Path) -> None:
    def put(book: Book, sheet: Sheet, name: str, _: str) -> None:
        sheet.write_url(1, NAME, "mailto:kofi.sarpong@example.org", string="kofi.sarpong@example.org")
        sheet.write_url(2, REMARKS, "https://example.org/rules")

    people = [("kofi.sarpong@example.org", "7654321"), ("Bavéxi Konüzeq", "7654322")]
    with_it = given(file_with(people, put, 0), "n.xlsx", findings(finding("a", row=2)), Store(str(tmp_path)))
    ((_, copy),) = with_it.files
    with zipfile.ZipFile(io.BytesIO(copy)) as book:
        links = [book.read(one).decode() for one in book.namelist() if "rels" in one]
    assert not any("sarpong" in one for one in links)
    assert any("https://example.org/rules" in one for one in links)
    assert seen_in(copy, people) == []


def test_what_cannot_be_looked_through_may_hold_anything(tmp_path: Path) -> None:
    people = [("Bavéxi Konüzeq", "7654322")]
    buffer = io.BytesIO(file_with(people, NOWHERE, 0))
    with zipfile.ZipFile(buffer, "a") as book:
        book.writestr("xl/embeddings/Microsoft_Word_Document.docx", b"PK")
    with_it = given(buffer.getvalue(), "n.xlsx", findings(finding("a", row=2)), Store(str(tmp_path)))
    assert with_it.says == "not_attached_names"


def test_words_of_lists_and_missions_in_a_column_of_names_name_nobody() -> None:
    known = words_known(CONFIG.contract("noticas"), CONFIG)
    assert not Wanted(["UNIFIL", "Malicious Act", "Unknown", "N/A", "Mr", "12"], known)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("HAMUTENYA, Ndeshimona", True),
        ("Ms Ndeshimona  Hamutenya's family", True),
        ("ndeshimona_hamutenya", True),
        ("NdeshimonaHamutenya", True),
        ("Hamutenya alone", False),
        ("the index 774512 of hers", True),
        ("1774512", False),
        ("赵王伟明", True),
        ("赵伟", False),
        ("김철수는", True),
    ],
)
def test_how_a_name_is_known_again(text: str, stands: bool) -> None:
    assert Wanted(["Mr. Ndeshimona Hamutenya", "774512", "王伟", "김철수"]).stand_in(text) is stands


def test_a_number_is_none_that_people_wrote_where_it_is_a_place() -> None:
    assert not Wanted(["774512"]).stand_in("774512", numbers=False)
