"""Keys and countries are compared as people read them, and keys stay as they were written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from config import load
from tests.support.files import Rooms, workbook
from transforms.catalogue import table
from transforms.compared import as_compared, compared, spellings
from transforms.standardise import standardise

CONFIG = load()
READINESS = CONFIG.contract("training_readiness")
ALIKE = [
    ("UNIT-1", "unit-1"),
    ("UNIT-1", "UNIT\u20111"),
    ("UNIT-1", "UNIT\u20131"),
    ("UNIT-1", "Unit\u22121"),
    ("Côte d'Ivoire", "CÔTE D\u2019IVOIRE"),
    ("Côte d'Ivoire", "Côte d`Ivoire"),
    ("Unit 1", "unit\u00a01"),
    ("Unit 1", " Unit  1 "),
    ("Unit 1", "Unit\u202f1"),
    ("Straße", "STRASSE"),
    ("Caf\u00e9", "Cafe\u0301"),
]
UNLIKE = [("UNIT-1", "UNIT-2"), ("UNIT-1", "UNIT 1"), ("UNIT-1", "UNIT1"), ("Elu", "Élu"), ("A.1", "A-1")]
UNITS = ("unit_id", "mission", "contributing_country")
EVALUATIONS = ("unit_id", "mission", "evaluation_date", "rating", "improvement_plan")


def of_frame(*texts: str) -> list[str]:
    return pl.DataFrame({"it": texts}).select(compared(pl.col("it"))).to_series().to_list()


@pytest.mark.parametrize(("text", "other"), ALIKE)
def test_what_reads_alike_is_alike(text: str, other: str) -> None:
    assert as_compared(text) == as_compared(other)
    assert of_frame(text, other) == [as_compared(text), as_compared(other)]


@pytest.mark.parametrize(("text", "other"), UNLIKE)
def test_what_differs_stays_different(text: str, other: str) -> None:
    assert as_compared(text) != as_compared(other)
    assert len(set(of_frame(text, other))) == 2


@pytest.mark.parametrize("ending", ["", "\u00e9"])
@pytest.mark.parametrize("apart", [False, True])
def test_of_many_texts_each_is_compared_as_it_is_alone(ending: str, apart: bool) -> None:
    few = [*(text + ending for pair in ALIKE for text in pair), ""]
    # the same few again and again, or each of them once; of plain letters alone, or of others too
    texts = [f"{text}{number}" if apart else text for number, text in enumerate(few * 1_000)]
    texts = texts if ending else [text for text in texts if text.isascii()]
    assert of_frame(*texts) == list(map(as_compared, texts))
    with_a_blank = pl.DataFrame({"it": [*texts, None]}).select(compared(pl.col("it"))).to_series()
    assert (with_a_blank.null_count(), with_a_blank[-1]) == (1, None)


def test_a_value_is_known_by_its_french_names_with_accents_or_without() -> None:
    in_french = {"Death": ("Décès", "Mort"), "Injury": ("Blessé",), "Other": ("Death",), "Wound": ("Blesse",)}
    assert spellings(["Death", "Injury", "Other", "Wound"], in_french) == {
        "décès": "Death",
        "deces": "Death",
        "mort": "Death",
        "blessé": "Injury",
        # the first of two that may be meant
        "blesse": "Injury",
        # its own name goes before another's French one
        "death": "Death",
        "injury": "Injury",
        "other": "Other",
        "wound": "Wound",
    }
    assert spellings(["Death"], {}) == {"death": "Death"}


# Keys


@pytest.fixture
def rooms(tmp_path) -> Rooms:
    return Rooms(tmp_path)


def put(rooms: Rooms, units: list[tuple[object, ...]], evaluations: list[tuple[object, ...]]) -> None:
    book = workbook({"Units": [UNITS, *units], "Evaluations": [EVALUATIONS, *evaluations]})
    rooms.put("military_unit_evaluations/f.xlsx", book)


def evaluated(unit: str, day: int = 1) -> tuple[object, ...]:
    return (unit, "UNMISS", date(2024, 2, day), "Satisfactory", "N")


def test_a_key_in_other_letters_is_the_same_and_its_list_says_how_it_is_spelt(rooms: Rooms) -> None:
    put(
        rooms,
        [("Bat-1", "UNMISS", "Ghana")],
        [evaluated("BAT\u20111", 1), evaluated(" bat-1", 2), evaluated("Bat-2", 3)],
    )
    gathered = rooms.gather()
    staged = rooms.staged(gathered, "military_unit_evaluations")
    assert staged["unit_id"].to_list() == ["Bat-1", "Bat-1"]
    (refused,) = rooms.quarantine(gathered, "military_unit_evaluations").iter_rows(named=True)
    assert (refused["unit_id"], refused["reasons"]) == ("Bat-2", "unit_id_is_one_of_military_units")


def test_a_row_whose_key_is_only_written_otherwise_is_a_second_one(rooms: Rooms) -> None:
    put(
        rooms,
        [("Bat-1", "UNMISS", "Ghana"), ("BAT\u20131", "UNMISS", "Ghana"), ("Bat-3", "UNMISS", "Ghana")],
        [evaluated("Bat-1")],
    )
    gathered = rooms.gather()
    # the value stays as it was written
    assert rooms.staged(gathered, "military_units")["unit_id"].to_list() == ["Bat-1", "Bat-3"]
    (second,) = rooms.quarantine(gathered, "military_units").iter_rows(named=True)
    assert (second["unit_id"], second["_row"], second["reasons"]) == ("BAT\u20131", 3, "row_is_listed_once")


# Countries


def countries(*cells: str) -> pl.DataFrame:
    definition = READINESS.tables["recognised_police_courses"]
    texts = {name: [None] * len(cells) for name in definition.columns_read} | {"contributing_country": list(cells)}
    frame = pl.LazyFrame(
        {**texts, "_file": ["f"] * len(cells), "_sheet": [None] * len(cells), "_row": range(len(cells))},
        schema_overrides=dict.fromkeys((*texts, "_sheet"), pl.String),
    )
    return standardise(frame, definition, READINESS, CONFIG, {}).collect()


def spelt() -> Iterator[tuple[str, str]]:
    for name in ("CIV", "384", "Côte d'Ivoire", "COTE D\u2019IVOIRE"):
        yield name, "Côte d'Ivoire"
    for name in ("COD", "180", "Congo - Kinshasa", "Congo-Kinshasa", "Democratic Republic of the Congo", "DRC"):
        yield name, "Democratic Republic of the Congo"
    for name in ("AFG", "004", "4", "afg", "Islamic Republic of Afghanistan"):
        yield name, "Afghanistan"
    for name in ("Corée du Sud", "coree du sud", "South Korea", "KOR", "Republic of Korea"):
        yield name, "Republic of Korea"
    for name in ("Allemagne", "Federal Republic of Germany", "276"):
        yield name, "Germany"
    for name in ("Viet Nam", "Vietnam", "Viêt Nam"):
        yield name, "Vietnam"


@pytest.mark.parametrize(("cell", "country"), spelt())
def test_a_country_is_known_by_its_codes_and_names(cell: str, country: str) -> None:
    (row,) = countries(cell).iter_rows(named=True)
    assert (row["contributing_country"], row["contributing_country__known"]) == (country, True)


@pytest.mark.parametrize("cell", ["Atlantis", "ZZZ", "999", "Congo River", "Afrique"])
def test_what_is_no_country_is_told_and_stays_as_it_was_written(cell: str) -> None:
    (row,) = countries(cell).iter_rows(named=True)
    assert (row["contributing_country"], row["contributing_country__known"]) == (cell, False)


def test_no_name_is_of_two_countries() -> None:
    from transforms.country_names import _compared, _registered

    owners: dict[str, set[str]] = {}
    for iso3, country in CONFIG.countries.items():
        for name in (country.name, *country.aliases, *_registered().get(iso3, ())):
            owners.setdefault(_compared(name), set()).add(iso3)
    assert len(owners) > 2 * len(CONFIG.countries)
    assert [name for name, codes in owners.items() if len(codes) > 1] == []


def test_a_table_with_a_country_has_its_codes_beside_the_name() -> None:
    courses = pl.LazyFrame(
        {
            "contributing_country": ["Afghanistan", "Atlantis"],
            "course": ["A", "B"],
            "recognised_on": [date(2024, 1, 1), date(2024, 1, 2)],
        }
    )
    made = table("police_course_recognition", {"recognised_police_courses": courses}, CONFIG, CONFIG.cycle(5)).collect()
    assert made.select("contributing_country", "iso_alpha3", "m49_code", "courses").rows() == [
        ("Afghanistan", "AFG", "004", 1),
        ("Atlantis", None, None, 1),
    ]
