"""Adding a source of three columns, as the README describes: one contract, one function, one figure entry."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import config as config_room
from config import Config, load
from flows.refresh.story import refresh
from flows.releases.shelf import read_table
from flows.stores import Store
from flows.stores.from_settings import Places
from transforms import catalogue

pytestmark = pytest.mark.slow

CONTRACT = """\
source: patrol_bases
title: {en: Patrol bases, fr: Bases de patrouille}
owner: OMA
contact: [oma@example.org]
classification: unclassified
sent_by: headquarters
due_days: 30
tables:
  bases:
    one_row_is: a patrol base
    key: [base]
    columns:
      base: {type: text, required: true}
      mission: {type: mission, required: true}
      soldiers: {type: count, required: true, at_least: 0, unit: people}
"""
FUNCTION = '''
import polars as pl


def patrol_bases(bases: pl.LazyFrame) -> pl.LazyFrame:
    """Patrol bases and the soldiers in them; one row a mission.

    Source: OMA
    Rule: Every base counts.

    Fields:
        mission: Acronym.
        bases (bases): Patrol bases.
        soldiers (people): Soldiers in them.

    Key: mission
    """
    return bases.group_by("mission").agg(bases=pl.len().cast(pl.Int64), soldiers=pl.sum("soldiers")).sort("mission")
'''
FIGURE = """
soldiers_in_patrol_bases:
  priority: 4
  title: {en: Soldiers in patrol bases}
  unit: people
  source: OMA
  table: patrol_bases
  value: sum(soldiers)
  by: mission
"""


@pytest.fixture
def extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """The configuration with the new source's contract and figure, and the catalogue with its table function."""
    folder = tmp_path / "config"
    shutil.copytree(config_room.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "sources" / "patrol_bases.yaml").write_text(CONTRACT)
    with (folder / "figures.yaml").open("a") as figures:
        figures.write(FIGURE)
    module = ModuleType("transforms.p4_patrol_bases")
    exec(compile(FUNCTION, "p4_patrol_bases.py", "exec"), module.__dict__)
    monkeypatch.setattr(catalogue, "MODULES", (*catalogue.MODULES, module))
    yield load(folder)
    monkeypatch.undo()


def test_a_new_source_goes_from_raw_file_to_figure(extended, tmp_path):
    inbox = tmp_path / "inbox" / "cycle-05" / "patrol_bases"
    inbox.mkdir(parents=True)
    (inbox / "bases.csv").write_text("Base;Mission;Soldiers\nA;UNMISS;120\nB;UNMISS;80\nC;UNIFIL;1 050\nD;ATLANTIS;9\n")
    places = Places(*(Store(str(tmp_path / name)) for name in ("inbox", "private", "public")))
    published = refresh(extended.cycle(5), places, extended)
    assert published.release is not None
    assert read_table(places.public, published.release, "patrol_bases").rows() == [
        (5, "UNIFIL", 1, 1050),
        (5, "UNMISS", 2, 200),
    ]
    figures = read_table(places.public, published.release, "figures")
    mine = figures.filter(figures["figure"] == "soldiers_in_patrol_bases")
    assert mine.select("mission", "value", "unit").rows() == [
        ("ALL", 1250.0, "people"),
        ("UNIFIL", 1050.0, "people"),
        ("UNMISS", 200.0, "people"),
    ]
    (finding,) = published.findings.filter(published.findings["source"] == "patrol_bases").iter_rows(named=True)
    assert (finding["rule"], finding["row"], finding["column"]) == ("mission_is_a_mission", 5, "mission")
    # the dictionary, the page and the descriptor know it without being told
    fields = {resource["name"]: resource for resource in published.release.descriptor["resources"]}
    assert fields["patrol_bases"]["schema"]["fields"][3]["unit"] == "people"
    page = places.public.read(f"{published.release.path}/report.html").decode()
    assert "Soldiers in patrol bases" in page
    assert "Patrol bases" in page
