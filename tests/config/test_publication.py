"""publication.yaml: what it may say, that no licence is taken for granted, and that a mistake names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, load
from config.loader import read
from config.publication import read_publication

SHIPPED = load().publication
LICENCE = "licence: {name: CC-BY-4.0, title: Attribution, address: 'https://example.org/by', kind: Attribution}\n"


def mine(folder: Path, text: str) -> Path:
    (folder / "publication.yaml").write_text(text, encoding="utf-8")
    return folder


def test_there_is_no_licence_until_somebody_names_one() -> None:
    assert SHIPPED.licence is None
    assert SHIPPED.access != "public"


def test_it_is_known_where_each_mission_is_that_reports() -> None:
    config = load()
    assert set(config.hosts) >= set(config.reporting_missions)


def test_what_is_said_in_a_folder_of_ones_own_counts(tmp_path: Path) -> None:
    own = load(mine(tmp_path, f"{LICENCE}access: public\n")).publication
    assert own.licence
    assert (own.licence.name, own.access) == ("CC-BY-4.0", "public")
    assert own.publisher == SHIPPED.publisher


def test_whoever_takes_a_mission_away_need_not_take_its_place_away(tmp_path: Path) -> None:
    (tmp_path / "missions.yaml").write_text("UNIFIL: ~\n")
    assert "UNIFIL" not in load(tmp_path).missions


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("keywords: [peace]\naccess: public\n", 2, "nothing is published as open without a licence"),
        ("access: open\n", 1, "'access' is 'open'; allowed: 'public', 'restricted' or 'non-public'"),
        ("contact: {name: Somebody}\n", 1, "give 'email', 'page' or both"),
        ("citation: '{title} of {author}'\n", 1, "in braces may stand title, publisher, release, year"),
        ("citation: '{title'\n", 1, "in braces may stand title, publisher, release, year"),
        ("homepage: example.org\n", 1, "'homepage'"),
        ("licence: {name: CC BY, title: A, address: 'https://example.org'}\n", 1, "'licence.name'"),
        ("agency: UN DPO\n", 1, "'agency'"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(mine(tmp_path, text))
    assert str(error.value).startswith(f"{tmp_path}/publication.yaml:{line}: ")
    assert said in str(error.value)


def test_a_publisher_has_to_be_named(tmp_path: Path) -> None:
    folder = mine(tmp_path, "keywords: [peace]\nagency: X\ncontact: {name: A, page: 'https://example.org'}\n")
    with pytest.raises(ConfigError, match="'publisher' is missing"):
        read_publication(read(folder / "publication.yaml"))
