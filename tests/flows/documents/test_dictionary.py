from pathlib import Path

from config import load
from flows.documents import dictionary

DOCUMENT = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_the_document_is_what_contracts_and_docstrings_say():
    assert DOCUMENT.read_text(encoding="utf-8") == dictionary.as_markdown(load()), "make it anew with: a4p dictionary"


def test_every_source_table_and_public_table_is_in_it():
    text = DOCUMENT.read_text(encoding="utf-8")
    for contract in load().contracts.values():
        assert f"### {contract.source}\n" in text
        assert all(f"**{table}**" in text for table in contract.tables)
    assert all(f"### {table}\n" in text for table in dictionary.entries())
    assert "### casualties\n" not in text
    assert "victim_name | text |  |  |  | personal: never read" in text
