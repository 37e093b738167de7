"""Countries are those of ISO 3166, but for what countries.yaml says of some, field by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, load
from config.countries import read_countries
from config.loader import read


def test_they_are_those_of_m49() -> None:
    countries = load().countries
    assert len(countries) == 250
    assert list(countries) == sorted(countries)
    assert (countries["AFG"].m49, countries["AFG"].name) == ("004", "Afghanistan")
    assert countries["USA"].name == "United States of America"
    assert countries["RUS"].aliases == ("Russia",)
    assert countries["YUG"].m49 == "890"


def test_what_is_said_of_one_is_laid_over_it(tmp_path: Path) -> None:
    file = tmp_path / "countries.yaml"
    file.write_text("FRA: {aliases: [République française]}\nDEU: {name: Allemagne}\nATA: ~\n")
    countries = read_countries(read(file))
    assert (countries["FRA"].name, countries["FRA"].aliases) == ("France", ("République française",))
    assert (countries["DEU"].m49, countries["DEU"].name) == ("276", "Allemagne")
    assert "ATA" not in countries


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("XYZ: {name: New}\n", "countries.yaml:1: 'XYZ.m49' is missing"),
        ("FRA: {m49: 276}\n", "countries.yaml:1: FRA has the M49 code 276 of DEU"),
        ("FRA: {names: France}\n", "countries.yaml:1: 'FRA.names' is not known here; allowed: m49, name, aliases"),
        ("FRA: France\n", "countries.yaml:1: "),
        ("- FRA\n", "countries.yaml:1: "),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "countries.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_countries(read(file))
    assert said in str(error.value)
