"""What docs/architecture.md says of adding something: in a copy of the project, with its own tests and its lint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.patrol_bases import CONTRACT
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[1]
PAGE = (HERE / "docs/architecture.md").read_text(encoding="utf-8")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "store", "inbox", "__pycache__", ".pytest_cache")
# what only tests look at: a clean row, and what trips each rule that follows from the contract
CLEAN = """from tests.expectations.rows.cells import Cells

CLEAN: dict[str, tuple[Cells, ...]] = {"bases": ({"base": "A", "soldiers": "120"}, {"base": "B", "soldiers": "80"})}
"""
CASES = """from tests.expectations.cases.case import blank, negative, no, repeated, spaced

CASES = [
    *blank("bases", "base", "soldiers"),
    *spaced("bases", "base"),
    *no("count", "bases", "soldiers"),
    *negative("bases", "soldiers"),
    repeated("bases", "base"),
]
"""
TABLE = '''"""Priority 4: hospitals by their level."""

from __future__ import annotations

import polars as pl


def hospitals_by_level(hospitals: pl.LazyFrame) -> pl.LazyFrame:
    """Hospitals by level; one row a level.

    Source: DHMOSH
    Rule: Every hospital counts.

    Fields:
        level: Level of the hospital.
        hospitals (hospitals): Hospitals of this level.

    Key: level
    """
    return hospitals.group_by("level").agg(hospitals=pl.len().cast(pl.Int64)).sort("level")
'''
TABLE_TEST = """from tests.transforms.frames import assert_rows, typed
from transforms.p4_hospitals_by_level import hospitals_by_level


def test_hospitals_are_counted_by_their_level():
    listed = typed("hospital_id level", ("A", "2"), ("B", "1+"), ("C", "2"))
    assert_rows(hospitals_by_level(listed), "level hospitals", ("1+", 1), ("2", 2))
"""
FIGURE = """
hospitals_of_level_2:
  priority: 4
  title: {en: Hospitals of level 2}
  unit: hospitals
  source: DHMOSH
  table: hospitals
  where: level = '2'
  value: count(*)
  by: mission
"""
CHECK = '''"""Business rules of the identifiers of hospitals."""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.rule import Rule, Setting, on


@on("hospitals")
def hospital_has_a_short_identifier(setting: Setting) -> Rule:
    """An identifier stands in the margin of the authors' workbook."""
    demand = gxe.ExpectColumnValueLengthsToBeBetween(column="hospital_id", max_value=60, severity="warning")
    return Rule("", demand, "hospital_id")
'''
TEXTS = """\
  hospital_has_a_short_identifier:
    message:
      en: "{column} is longer than sixty signs."
      fr: La valeur de la colonne « {column} » compte plus de soixante caractères.
    remedy:
      en: Shorten {column}.
      fr: Raccourcissez la valeur de la colonne « {column} ».
"""
CHECK_CASES = """from tests.expectations.cases.case import one

CASES = [
    one("hospitals", "hospital_has_a_short_identifier", "warning", "hospital_id", hospital_id="HOSPITAL-4711" * 5),
]
"""


SECTION = '''"""Priority 4: patrol bases, with a chart."""

from __future__ import annotations

from flows.documents.charts import Alone, Bars, Chart, Columns, Series
from flows.documents.page.model import Notes, Release
from flows.documents.page.topics import Block, Topic


def _hospitals(release: Release, notes: Notes) -> Chart | None:
    bars = Bars(["A", "B"], {"n": Series("Hospitals", "#0b4f7d")}, {("A", "n"): 3, ("B", "n"): 4})
    alone = Alone("Hospitals by letter, alone", "hospitals", "Invented.")
    return Chart("p4-letters", "Hospitals", "By letter", Columns(bars), "DHMOSH", "Letter", plain=True, alone=alone)


TOPICS = (Topic("letters", "Hospitals by letter", (), (Block("letters", "hospitals", _hospitals, _hospitals),)),)
'''
SECTION_TEST = """

def test_the_new_section_is_the_last_of_its_priority() -> None:
    from flows.documents.page.priorities import TOPICS

    assert TOPICS[4][-1].title == "Hospitals by letter"
"""


@dataclass(frozen=True)
class Addition:
    """Something to add: by file, the text that is written or, where the file is there, put at its end.

    `tests` are files that only tests look at; `about` chooses, of the tests named, those that look at what was added
    and those that look at everything.
    """

    kind: str
    files: Mapping[str, str]
    about: str
    tests: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.kind


ADDITIONS = [
    Addition(
        "a source",
        {"config/sources/patrol_bases.yaml": CONTRACT},
        "bases or every",
        {"tests/expectations/rows/patrol_bases.py": CLEAN, "tests/expectations/cases/patrol_bases.py": CASES},
    ),
    Addition(
        "a table",
        {"transforms/p4_hospitals_by_level.py": TABLE},
        "hospitals_by_level or every or document",
        {"tests/transforms/test_values_of_hospitals_by_level.py": TABLE_TEST},
    ),
    Addition("a figure", {"config/figures.yaml": FIGURE}, "every or config or windows"),
    Addition(
        "a section of the report",
        {"flows/documents/page/priorities/p4_letters.py": SECTION},
        "chart or new_section",
        {"tests/flows/documents/test_charts.py": SECTION_TEST},
    ),
    Addition(
        "a check on rows",
        {"expectations/sources/hospital_identifiers.py": CHECK, "config/messages.yaml": TEXTS},
        "hospital or every or sentences",
        {"tests/expectations/cases/short_identifiers.py": CHECK_CASES},
    ),
]


def named_tests(kind: str) -> list[str]:
    """The tests that the architecture page names for a kind of addition."""
    (row,) = re.findall(rf"^\| {re.escape(kind)} \|.*\| *([^|]+?) *\|$", PAGE, re.MULTILINE)
    return re.findall(r"`(tests/[\w./]+)`", row)


def add(addition: Addition, folder: Path) -> None:
    """Add something to a copy of the project."""
    for name, text in {**addition.files, **addition.tests}.items():
        path = folder / name
        if name == "config/messages.yaml":
            # all rules stand together
            before = path.read_text(encoding="utf-8")
            path.write_text(before.replace("rules:\n", f"rules:\n{text}", 1), encoding="utf-8")
        else:
            with path.open("a", encoding="utf-8") as file:
                file.write(text if path.stat().st_size else text.lstrip("\n"))


def run(folder: Path, *command: str | Path) -> None:
    ran = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-4000:]}\n{ran.stderr[-2000:]}"


@pytest.mark.sweep
@pytest.mark.parametrize(
    "additions",
    [[each] for each in ADDITIONS] if SWEEP else [ADDITIONS],
    ids=lambda additions: " and ".join(map(str, additions)),
)
def test_something_is_added_where_the_page_says(additions: list[Addition], tmp_path: Path) -> None:
    """All together, which costs one lint and one run of tests; each alone in the sweep."""
    folder = tmp_path / "copy"
    shutil.copytree(HERE, folder, ignore=LEFT_OUT)
    for addition in additions:
        assert len(addition.files) <= 2
        add(addition, folder)
    programs = Path(sys.executable).parent
    # never installed anew from here: the environment is the one that the tests run in
    run(folder, "make", "-o", f"{programs.parent}/.installed", "lint", f"VENV={programs.parent}")
    # the dictionary is written anew, as its test says
    run(folder, programs / "a4p", "dictionary", "--out", "docs/data-dictionary.md")
    # what else they hold is held in the project itself
    some = [] if SWEEP else ["-k", " or ".join(addition.about for addition in additions)]
    named = dict.fromkeys(test for addition in additions for test in named_tests(addition.kind))
    run(folder, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", *some, *named)
