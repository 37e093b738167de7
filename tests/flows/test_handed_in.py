"""What is done goes by the configuration that is handed in, and never by the default behind its back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from config import Config, by_its_config, load
from flows.feedback.check_page.page import page
from flows.feedback.template import template

MESSAGES = (
    "forms:\n  instructions: {en: Read me first, fr: À lire}\n"
    "  page_title: {en: A page of our own, fr: Une page à nous}\n"
)


@pytest.fixture
def handed_in(tmp_path: Path) -> Config:
    (tmp_path / "messages.yaml").write_text(MESSAGES)
    return load(tmp_path)


def first_sheet(config: Config) -> str:
    book = template(config.contract("hospitals"), config, config.cycle(5))
    return str(openpyxl.load_workbook(BytesIO(book), read_only=True).sheetnames[0])


def test_a_template_has_the_texts_of_the_configuration_that_is_handed_in(handed_in: Config) -> None:
    assert first_sheet(handed_in) == "Read me first"
    assert first_sheet(load()) == "Instructions"


def test_so_has_the_page_on_which_files_are_checked(handed_in: Config) -> None:
    assert "A page of our own" in page(handed_in, 25)
    assert "A page of our own" not in page(load(), 25)


def test_it_is_in_force_until_it_is_done(handed_in: Config) -> None:
    @by_its_config
    def in_force(number: int, config: Config) -> tuple[int, Config]:
        return number, load()

    assert in_force(1, handed_in) == (1, handed_in)
    assert in_force(2, config=handed_in) == (2, handed_in)
    assert load() != handed_in

    @by_its_config
    def fails(config: Config) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails(handed_in)
    assert load() != handed_in
