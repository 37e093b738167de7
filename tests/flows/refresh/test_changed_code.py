"""Changes of code and of files that people edit: what is kept is used again, and the result is that of `--full`.

Each refresh runs in a process of its own, in a copy of the project whose files are changed in between.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest

from flows.core import code_version
from tests.support.sharing import sources
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow
ROOMS = ("config", "expectations", "flows", "transforms")
# a refresh that uses what is kept, and one that works everything out, of the same
CHILD = """
import hashlib, json, sys
from dataclasses import replace
from pathlib import Path

from config import load
from flows.core.steps import InTurn
from flows.refresh import reuse
from flows.refresh.story import refresh
from flows.stores import Store
from flows.stores.from_settings import Places

config, ran = load(), []
places = Places(*(Store(str(Path(sys.argv[1]) / name)) for name in ("inbox", "private", "public")))


def run(step):
    ran.append(step.name)
    return step.run()


def kept():
    paths = [one.path for one in places.private.entries("kept")]
    return {path: hashlib.sha256(places.private.read(path)).hexdigest() for path in paths}


published = refresh(config.cycle(5), places, config, InTurn(run))
worked, loaded, before = list(ran), "great_expectations" in sys.modules, kept()
full = published
if sys.argv[2] == "held":
    full = refresh(config.cycle(5), replace(places, anew=True), config, InTurn(run))
after = kept()
rules = published.findings["rule"].to_list()
print(json.dumps({
    "files": published.release.hashes,
    "rules": {rule: rules.count(rule) for rule in rules},
    "ran": worked,
    "loaded": loaded,
    "full is another": full.release.hashes != published.release.hashes,
    "differ": [path for path in before if before[path] != after[path]],
}))
"""
TABLE = '''

def hospital_levels(hospitals: pl.LazyFrame, {asks}) -> pl.LazyFrame:
    """Levels that a hospital may have, and the hospitals of each; one row a level.

    Source: DHMOSH
    Rule: Every hospital counts.

    Fields:
        level: Level.
        hospitals (hospitals): Hospitals of the level.

    Key: level
    """
    allowed = {contracts}["hospitals"].tables["hospitals"].columns["level"].one_of
    counted = hospitals.group_by("level").agg(hospitals=pl.len().cast(pl.Int64) * {factor})
    return pl.LazyFrame({{"level": list(allowed)}}).join(counted, on="level", how="left").sort("level")
'''
# the function of a rule that refuses, or doubts, one row of each file
RULE = """

def row_is_not_that_one(setting: Setting) -> Rule:
    expectation = gxe.ExpectColumnValuesToNotBeInSet(column="_row", value_set=[{row}], severity="{severity}")
    return Rule("", expectation, None)
"""
IMPORTS = """import great_expectations.expectations as gxe

from expectations.rule import BUSINESS_RULES, Rule, Setting, on
"""
TEXT = """
  row_is_not_that_one:
    message: {{en: It is that row. {told}, fr: C'est cette ligne.}}
    remedy: {{en: Take it out., fr: Retirez-la.}}

phrases:
"""
POLARS = "import polars as pl\n"
SUM = "  value: sum(hospitals)\n"
WAYS = ("not at all", "decorated", "in a loop", "from elsewhere", "by a function elsewhere", "made by a factory")
OF_TABLES = (("hospitals",), ("paet_visits",), ("hospitals", "paet_visits"), ("crimes", "hospitals"))


@dataclass(frozen=True)
class Written:
    """What is written in the files of the project."""

    way: str = "not at all"
    tables: tuple[str, ...] = ("hospitals",)
    row: str = "2"
    severity: str = "warning"
    told: str = "So it is."
    levels: str = '"1+", "2", "3"'
    asks: str = "config_contracts: Any"
    factor: int = 1
    decimals: int = 0
    alias: str = "UNMIS South"

    def modules(self) -> dict[str, str]:
        """The modules with the rule, by their paths."""
        rule, number = RULE.format(row=self.row, severity=self.severity), RULE.format(row="ROW", severity=self.severity)
        decorators = "".join(f'\n@on("{table}")' for table in self.tables)
        loop = f"\n\nfor table in {self.tables}:\n    on(table)(row_is_not_that_one)\n"
        here, there = {
            "not at all": ("", ""),
            "decorated": (IMPORTS + rule.replace("\n\ndef ", f"\n{decorators}\ndef "), ""),
            "in a loop": (f"{IMPORTS}from expectations.elsewhere import ROW\n{number}{loop}", f"ROW = {self.row}\n"),
            "from elsewhere": (
                f"{IMPORTS}from expectations.elsewhere import row_is_not_that_one\n{loop}",
                IMPORTS + rule,
            ),
            "by a function elsewhere": (
                f"from expectations.elsewhere import register\n\nregister({self.tables})\n",
                f"{IMPORTS}{rule}\n\ndef register(tables):\n    for table in tables:\n"
                "        BUSINESS_RULES.setdefault(table, []).append(row_is_not_that_one)\n",
            ),
            "made by a factory": (
                f"from expectations.elsewhere import register\n\nregister({self.tables}, {self.row})\n",
                f"{IMPORTS}\n\ndef register(tables, ROW):" + f"{number}{loop}".replace("\n", "\n    "),
            ),
        }[self.way]
        return {"expectations/sources/extra.py": here, "expectations/elsewhere.py": there}

    def write(self, project: Path) -> None:
        """Write it into a copy of the project."""
        for path, code in self.modules().items():
            (project / path).write_text(f"from __future__ import annotations\n\n{code}")
        contracts = "config.contracts" if self.asks.startswith("config:") else "config_contracts"
        table = TABLE.format(asks=self.asks, contracts=contracts, factor=self.factor)
        for path, old, new in (
            (
                "transforms/p4_health.py",
                "import polars as pl\n",
                f"import polars as pl\nfrom typing import Any\n{table}",
            ),
            ("config/messages.yaml", "\nphrases:\n", TEXT.format(told=self.told)),
            ("config/sources/hospitals.yaml", '"1+", "2", "3"', self.levels),
            ("config/missions.yaml", "aliases: [", f"aliases: [{self.alias}, "),
            ("config/figures.yaml", SUM, f"{SUM}  decimals: {self.decimals}\n"),
        ):
            text = (code_version.HERE / path).read_text()
            assert old in text, path
            (project / path).write_text(text.replace(old, new, 1))


@dataclass(frozen=True)
class Copy:
    """A copy of the project, with a folder of stores that a few sources send to."""

    project: Path
    stores: Path

    def refresh(self, written: Written, *, held: bool = True) -> dict[str, Any]:
        """Refresh once what is written; the result is `held` against that of working everything out."""
        written.write(self.project)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(self.stores), "held" if held else "alone"],
            cwd=self.project,
            env={**os.environ, "PYTHONPATH": str(self.project), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (written, done.stderr)
        told: dict[str, Any] = json.loads(done.stdout)
        assert not told["full is another"], written
        assert told["differ"] == [], written
        return told


@pytest.fixture
def copy(sample_inbox: Path, tmp_path: Path) -> Copy:
    for room in ROOMS:
        shutil.copytree(code_version.HERE / room, tmp_path / "project" / room)
    sources(sample_inbox, tmp_path / "stores" / "inbox", "hospitals", "paet_visits", "crimes_against_peacekeepers")
    return Copy(tmp_path / "project", tmp_path / "stores")


def checked(told: dict[str, Any]) -> set[str]:
    return {name.removeprefix("check ") for name in told["ran"] if name.startswith("check ")} - {
        "the files",
        "the definitions",
    }


def test_what_is_written_otherwise_is_worked_out_anew_and_nothing_else(copy: Copy) -> None:
    """A rule registered in a loop, its limit in another module, a list of a contract that a table reads."""
    first = Written()
    copy.refresh(first, held=False)
    looped = replace(first, way="in a loop", tables=("hospitals", "paet_visits"), factor=2)
    told = copy.refresh(looped)
    # what refers to a table depends on its rows, which are all the same
    assert checked(told) == {"hospitals", "paet_visits"}
    assert told["rules"]["row_is_not_that_one"] == 2
    limited = replace(looped, row="3", severity="critical", decimals=1)
    again = copy.refresh(limited, held=SWEEP)
    assert checked(again) == {"hospitals", "paet_visits", "service_interruptions"}
    assert again["files"] != told["files"]
    moved = replace(limited, way="made by a factory", tables=("paet_visits",), levels='"1+", "2", "3", "4"')
    last = copy.refresh(moved)
    assert last["rules"]["row_is_not_that_one"] == 1
    assert last["files"]["tables/hospital_levels.csv"] != again["files"]["tables/hospital_levels.csv"]
    same = copy.refresh(moved, held=False)
    always = ("pull ", "publish ", "tell", "suppress ")
    assert [name for name in same["ran"] if not name.startswith(always)] == []
    # it takes seconds to load
    assert not same["loaded"]


CHANGES: dict[str, Callable[[random.Random], Any]] = {
    "way": lambda chance: chance.choice(WAYS),
    "tables": lambda chance: chance.choice(OF_TABLES),
    "row": lambda chance: chance.choice("234"),
    "severity": lambda chance: chance.choice(("critical", "warning", "info")),
    "told": lambda chance: f"So it is {chance.randrange(9)}.",
    "levels": lambda chance: chance.choice(('"1+", "2", "3"', '"1+", "2"', '"1+", "2", "3", "4"')),
    "asks": lambda chance: chance.choice(("config_contracts: Any", "config: Any")),
    "factor": lambda chance: chance.randrange(1, 4),
    "decimals": lambda chance: chance.randrange(3),
    "alias": lambda chance: f"UNMIS {chance.choice('SNEW')}",
}


@pytest.mark.sweep
@pytest.mark.skipif(not SWEEP, reason="minutes: make sweep runs it")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_changed_the_result_is_that_of_working_everything_out(copy: Copy, seed: int) -> None:
    chance, written, ways = random.Random(seed), Written(), set()
    assert set(CHANGES) == {field.name for field in fields(Written)}
    for _ in range(12):
        for name in {chance.choice(("way", "tables", "row")), *chance.sample(sorted(CHANGES), chance.randint(0, 2))}:
            written = replace(written, **{name: CHANGES[name](chance)})
        told = copy.refresh(written)
        if "row_is_not_that_one" in told["rules"]:
            assert written.way != "not at all", written
            ways.add(written.way)
    # where that row is there
    assert ways
