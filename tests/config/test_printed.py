"""What printed texts say, and files of printed numbers with a mistake."""

from datetime import date
from pathlib import Path

import pytest

from config import ConfigError, read_published
from config.printed import printed_number, printed_period


@pytest.mark.parametrize(
    ("text", "value", "step", "bound"),
    [
        ("914", 914, 1, None),
        ("5,292", 5292, 1, None),
        ("5\u202f292", 5292, 1, None),
        ("60,000", 60_000, 1, None),
        ("36.8%", 36.8, 0.1, None),
        ("50.0 per cent", 50, 0.1, None),
        ("\u22123%", -3, 1, None),
        ("460k", 460_000, 1000, None),
        ("1.6 million", 1_600_000, 100_000, None),
        ("Eight", 8, 1, None),
        ("none", 0, 1, None),
        ("approximately 914", 914, 1, "about"),
        ("about 5,000", 5000, 100, "about"),
        ("some 60,000", 60_000, 1000, "about"),
        ("around 9", 9, 1, "about"),
        ("over 5000", 5000, 1000, "over"),
        ("more than 375,000", 375_000, 1000, "over"),
        ("over 68,924", 68_924, 1, "over"),
        ("nearly 5000", 5000, 1000, "under"),
    ],
)
def test_numbers(text: str, value: float, step: float, bound: str | None) -> None:
    number = printed_number(text)
    assert (number.value, number.step, number.bound) == (value, step, bound)


def test_a_percent_sign_is_kept() -> None:
    assert [printed_number(text).percent for text in ("36%", "36 percent", "36")] == [True, True, False]


@pytest.mark.parametrize(
    "text", ["", "many", "5,00", "1,2345", "914 sessions", "4 to 5", "over", "over over 5", "1.2.3"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number such as 914, 460k"):
        printed_number(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("between May and October 2023", date(2023, 5, 1), date(2023, 10, 31)),
        ("May to October 2023", date(2023, 5, 1), date(2023, 10, 31)),
        ("May-October 2023", date(2023, 5, 1), date(2023, 10, 31)),
        ("1 Nov 2023 – 30 April 2024", date(2023, 11, 1), date(2024, 4, 30)),
        ("November to April 2024", date(2023, 11, 1), date(2024, 4, 30)),
        ("1 Jan 2017 to 3 Sept 2024", date(2017, 1, 1), date(2024, 9, 3)),
        ("October 2023 – August 2024", date(2023, 10, 1), date(2024, 8, 31)),
        ("February 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2017-2024", date(2017, 1, 1), date(2024, 12, 31)),
    ],
)
def test_periods(text: str, start: date, end: date) -> None:
    period = printed_period(text)
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["", "now", "May to October", "31 June 2023", "Ma to June 2023", "2024 to 2023", "May to October 2023 to 2024"],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="is no period such as May to October 2023"):
        printed_period(text)


GOOD = b"figure,value,unit\nfpus,27,units\n"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "the file is empty"),
        (b"\n\n", 1, "the file is empty"),
        (b"figure,value,unit\n", 1, "there is no row below"),
        (b"figure;value;unit\nfpus;27;units\n", 1, "'figure;value;unit' is no column of it; they are figure, mission,"),
        (b"figure,value\nfpus,27\n", 1, "the column 'unit' is missing"),
        (b"figure,value,unit,value\nfpus,27,units,27\n", 1, "the column 'value' is named twice"),
        (b"figure,value,unit,as-of\nfpus,27,units,\n", 1, "'as-of' is no column of it"),
        (GOOD + b"fpus,27\n", 3, "2 cells, where the first line names 3 columns"),
        (GOOD + b"new_followers,60,000,people\n", 3, "4 cells, where the first line names 3 columns"),
        (GOOD + b"fpus,twenty,units\n", 3, "'value': Input should be a valid number"),
        (GOOD + b"fpus,nan,units\n", 3, "'value': Input should be a finite number"),
        (GOOD + b"fpus,,units\n", 3, "'value' is missing"),
        (GOOD + b'"fpus,27,units\n', 3, "this row is no CSV"),
        (GOOD + b'"fpus","2"7,units\n', 3, "this row is no CSV"),
        (GOOD + b"\nfpus,x,units\n", 4, "'value': Input should be a valid number"),
        (GOOD + b"fpus,27,unit\xe9s\n", 3, "this is no text in UTF-8"),
        (b'figure,value,unit,note\nfpus,27,units,"two\nlines"\nfpus,x,units,\n', 4, "'value': Input should be"),
        (b"figure,value,unit,printed\nfpus,5000,units,about\n", 2, "'printed': 'about' is no number such as"),
        (b"figure,value,unit,previous\nfpus,27,units,few\n", 2, "'previous': 'few' is no number such as"),
        (b"figure,value,unit,as_of\nfpus,27,units,2024-13-01\n", 2, "'as_of': Input should be a valid date"),
        (b"figure,value,unit,period\nfpus,27,units,soon\n", 2, "'period': 'soon' is no period such as"),
        (b"figure,value,unit,share_pct\nfpus,27,units,81.5\n", 2, "'the row': share_pct and share_of go together"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, content: bytes, line: int, said: str) -> None:
    file = tmp_path / "draft.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as mistake:
        read_published(file)
    text = str(mistake.value)
    assert text.startswith(f"{file}:{line}: {said}")
    assert "\n" not in text


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "draft.csv", tmp_path):
        with pytest.raises(ConfigError, match="give a CSV file that can be read"):
            read_published(path)


def test_a_file_may_have_a_mark_of_its_encoding_and_columns_for_people(tmp_path: Path) -> None:
    file = tmp_path / "draft.csv"
    file.write_bytes("\ufefffigure,priority,value,unit,consistent,note,source\nfpus,5,27,units,yes,é,OROLSI\n".encode())
    (row,) = read_published(file)
    assert (row.figure, row.value, row.printed, row.note) == ("fpus", 27, "27", "é")
