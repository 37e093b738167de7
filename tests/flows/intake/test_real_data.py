"""The public NOTICAS data of the UN Peace and Security Data Hub against figures that were worked out by other means."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.core.records import Curated, Gathered
from flows.intake.books.completeness import gaps, submissions
from flows.releases.make.curate import curate
from tests.support.files import CONFIG, CYCLE, Rooms

HERE = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("A4P_REAL_DATA", HERE.parent / "shared" / "real"))
FILES = {"csv": "noticas_2023-11-28.csv", "json": "noticas_2023-11-28.json", "2021": "noticas_2021-06.csv"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.real,
    pytest.mark.skipif(
        not all((FOLDER / name).is_file() for name in FILES.values()),
        reason=f"the public NOTICAS files are not in {FOLDER}; name their folder in A4P_REAL_DATA",
    ),
]


class Real:
    """One of the files, gathered and curated as the only one of its cycle."""

    def __init__(self, folder: Path, name: str) -> None:
        self.rooms = Rooms(folder)
        self.rooms.put(f"noticas/{name}", (FOLDER / name).read_bytes())
        self.gathered: Gathered = self.rooms.gather()
        missing = gaps(self.gathered, CONFIG)
        self.curated: Curated = curate(self.gathered.tables, missing, None, CONFIG, CYCLE, None, self.rooms.private)

    @property
    def staged(self) -> pl.DataFrame:
        return self.rooms.staged(self.gathered, "noticas")

    def table(self, name: str) -> pl.DataFrame:
        return self.rooms.frame(self.curated.tables[name])

    def figure(self, name: str) -> dict[str, float]:
        of_figure = self.table("figures").filter(pl.col("figure") == name)
        return dict(of_figure.select("mission", "value").iter_rows())

    def malicious_by_year(self) -> list[int]:
        malicious = self.table("fatalities_by_cause").filter(pl.col("cause") == "Malicious Act")
        return malicious.sort("year")["deaths"].to_list()


@pytest.fixture(scope="module", params=["csv", "json"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Real:
    """The data of 28 November 2023, as a download and as the API serves them."""
    return Real(tmp_path_factory.mktemp(request.param), FILES[request.param])


def test_every_row_is_read_and_casualties_listed_twice_are_refused(real: Real) -> None:
    (said,) = submissions(real.gathered).filter(pl.col("source") == "noticas").iter_rows(named=True)
    assert (said["rows_read"], said["rows_staged"], said["rows_quarantined"]) == (4350, 4344, 6)
    findings = real.rooms.findings(real.gathered)
    assert findings.filter(pl.col("severity") == "critical")["rule"].to_list() == ["row_is_listed_once"] * 6


def test_figures_are_those_worked_out_by_other_means(real: Real) -> None:
    assert real.figure("fatalities_total")["ALL"] == 715
    assert real.figure("fatalities_illness")["ALL"] == 357
    assert real.figure("fatalities_accident")["ALL"] == 100
    by_mission = real.figure("fatalities_malicious")
    assert {mission: deaths for mission, deaths in by_mission.items() if deaths} == {
        "ALL": 188,
        "MINUSMA": 103,
        "MONUSCO": 43,
        "MINUSCA": 38,
        "UNAMID": 1,
        "UNMISS": 1,
        "UNISFA": 1,
        "UNIFIL": 1,
    }
    assert real.malicious_by_year() == [59, 27, 25, 13, 25, 32, 7]


def test_all_causes(real: Real) -> None:
    causes = real.table("fatalities_by_cause").group_by("cause").agg(pl.col("deaths").sum())
    assert dict(causes.iter_rows()) == {
        "Malicious Act": 188,
        "Illness": 357,
        "Accident": 100,
        "To Be Determined": 45,
        "Unknown": 20,
        "Self-Inflicted": 5,
    }


def test_quirks_that_are_known_are_told_once(real: Real) -> None:
    told = real.rooms.findings(real.gathered).filter(pl.col("severity") == "info")
    assert told.height == told["rule"].n_unique()
    assert {"personnel_type_has_no_spaces_around_it", "m49_code_is_there", "iso_alpha3_is_there"} <= set(told["rule"])


def test_csv_and_json_hold_the_same(tmp_path: Path) -> None:
    as_csv, as_json = (Real(tmp_path / kind, FILES[kind]).staged for kind in ("csv", "json"))
    values = [name for name in as_csv.columns if not name.startswith("_")]
    assert_frame_equal(as_csv.select(values).sort(values), as_json.select(values).sort(values))


def test_the_edition_of_2021_with_its_own_headers(tmp_path: Path) -> None:
    real = Real(tmp_path, FILES["2021"])
    assert real.figure("fatalities_total")["ALL"] == 505
    assert real.figure("fatalities_malicious")["ALL"] == 139
    assert real.malicious_by_year() == [59, 27, 25, 13, 15]
    (said,) = submissions(real.gathered).filter(pl.col("source") == "noticas").iter_rows(named=True)
    assert said["rows_read"] == 4117
