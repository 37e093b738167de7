"""From every figure of a whole release down to the rows of the raw files."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from config import ConfigError, load
from flows.cli import release_texts
from flows.core.records import Release
from flows.releases import shelf as release
from flows.releases.explain import Explained, explain
from flows.stores.from_settings import Places
from tests.support.sharing import places_in

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)
NAMES = list(CONFIG.figures)


class Made(NamedTuple):
    places: Places
    release: Release
    figures: pl.DataFrame

    def explain(self, figure: str, mission: str = "ALL") -> Explained:
        return explain(figure, self.release, CYCLE, CONFIG, self.places.public, self.places.private, mission)


@pytest.fixture(scope="module")
def made(released: Path) -> Made:
    places = places_in(released)
    found = release.get(places.public, CYCLE, "r001")
    return Made(places, found, release.read_table(places.public, found, "figures"))


@pytest.mark.parametrize("figure", NAMES)
def test_every_figure_is_made_again_from_the_rows_that_are_shown(made: Made, figure: str) -> None:
    found = made.explain(figure)
    assert found.proven, (found.value, found.again)
    assert found.sifted
    assert found.same_pipeline
    assert found.history["value"].to_list() == [found.value]
    # the one figure that no source sends is the number of missions
    assert found.rows.is_empty() == (figure == "missions_total")
    assert found.rows["sha256"].null_count() == 0
    assert set(found.raw) == set(found.rows["sha256"])


def test_a_count_of_people_has_as_many_rows_and_all_of_what_it_asks_for(made: Made) -> None:
    found = made.explain("fatalities_malicious")
    assert found.rows.height == found.value == 196
    assert found.rows["cells"].str.contains("cause=Malicious Act").all()
    by_mission = found.rows.group_by("mission").len().rows()
    of_figures = made.figures.filter(pl.col("figure") == "fatalities_malicious", pl.col("mission") != "ALL")
    assert sorted(by_mission) == sorted(of_figures.filter(pl.col("value") > 0).select("mission", "value").rows())


def test_a_mission_has_its_own_rows(made: Made) -> None:
    found = made.explain("new_sofa_incidents_reported", "UNIFIL")
    assert (found.value, found.again) == (43, 43)
    assert found.rows.select("mission", "source", "table", "cells").rows() == [
        ("UNIFIL", "mission_report", "sofa_soma", "new_incidents=43")
    ]


def test_a_row_leads_to_its_cell_in_the_raw_file(made: Made) -> None:
    """The place that is shown is opened in the file that the private store keeps under the hash."""
    found = made.explain("new_sofa_incidents_reported", "UNIFIL")
    (row,) = found.rows.iter_rows(named=True)
    data = made.places.private.read(found.raw[row["sha256"]])
    assert hashlib.sha256(data).hexdigest() == row["sha256"]
    sheet = pl.read_excel(
        Path(made.places.private.at(found.raw[row["sha256"]])).read_bytes(),
        sheet_name=row["sheet"],
        has_header=False,
        drop_empty_rows=False,
    )
    assert 43 in [int(cell) for cell in sheet.row(row["row"] - 1) if str(cell).isdigit()]


def test_what_a_figure_leaves_out_is_not_shown(made: Made) -> None:
    """Allegations of the year and kind, and no others, though the table is by year and knows no single one."""
    found = made.explain("sea_allegations")
    assert found.rows.height == found.value == 98
    assert found.rows["cells"].str.contains("category=SEA").all()
    # under the name that it had
    assert made.explain("sea_allegations_2023").rows.equals(found.rows)


def test_findings_on_the_rows_are_named(made: Made) -> None:
    """The printed 247 days without ultrasound are more than the cycle has, and ten times what cycle 4 had."""
    (said,) = made.explain("ultrasound_down_days").rows["findings"]
    assert said.split(", ") == [
        "days_fit_into_the_cycle (warning)",
        "number_is_no_tenfold_of_earlier_ones (warning)",
        "share_of_cycle_pct_is_that_share (warning)",
    ]


def test_what_cannot_be_explained_says_why(made: Made) -> None:
    with pytest.raises(ConfigError, match="There is no figure 'deaths'; see them with: a4p figures --cycle 5"):
        made.explain("deaths")
    with pytest.raises(ConfigError, match="is not known for UNMISS; it is for ALL"):
        made.explain("missions_total", "UNMISS")


def test_people_and_machines_read_the_same(made: Made) -> None:
    found = made.explain("fatalities_malicious")
    text = release_texts.of_explanation(found, CONFIG, rows=2)
    assert "Peacekeepers killed by malicious acts: 196 people" in text
    assert "Made again from these rows alone, it is the same." in text
    assert "… and 194 more" in text
    document = json.loads(release_texts.of_explanation_json(found))
    assert len(document["rows"]) == 196
    assert document["value"] == document["made_again"] == 196


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_that_are_shown_are_those_whose_columns_the_figure_names(made: Made, name: str) -> None:
    figure = CONFIG.figures[name]
    # `women` is no part of `women_pct`
    words = set(re.findall(r"\w+", " ".join(filter(None, (figure.where, figure.value, figure.dated_by)))))
    shown = {part.partition("=")[0] for cells in made.explain(name).rows["cells"] for part in cells.split("; ")}
    # where the table is made of columns with other names, all of them are shown
    assert shown <= words or not shown & words
