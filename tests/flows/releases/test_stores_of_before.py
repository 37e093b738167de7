"""Stores that earlier versions made: they stay readable, verifiable, comparable and restorable.

Each archive in tests/stores_of_before has an inbox and the stores in which its version made two releases of cycle 5:
of the hospitals and explosive ordnance of the sample, the second without the last hospital.
"""

from __future__ import annotations

import shutil
import tarfile
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

from tests.support.sharing import a4p

pytestmark = pytest.mark.slow
ARCHIVES = sorted((Path(__file__).parents[2] / "stores_of_before").glob("*.tar.xz"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def said(folder: Path, *command: str) -> str:
    code, out, err = a4p(folder, *command)
    assert code == 0, err
    return out


def test_there_is_one() -> None:
    assert [path.name for path in ARCHIVES] == ["0.5.0.tar.xz"]


def test_it_is_read_verified_explained_and_compared(before: Path) -> None:
    assert [line.split()[1] for line in said(before, "releases").splitlines()[1:]] == ["r001", "r002"]
    for name in ("r001", "r002"):
        assert f"{name} is whole" in said(before, "verify", "--cycle", "5", "--release", name)
    assert "5,hospitals_level_1_plus,ALL,18" in said(before, "figures", "--cycle", "5", "--format", "csv")
    history = said(before, "history", "hospitals_level_1_plus", "--cycle", "5", "--format", "csv").splitlines()
    assert [line.split(",")[4] for line in history[1:]] == ["19.0", "18.0"], history
    assert "corrected submission" in said(before, "diff", "r001", "r002", "--cycle", "5")
    explained = said(before, "explain", "hospitals_level_1_plus", "--cycle", "5", "--release", "r001")
    assert explained.count("hospital_id=") == 19
    assert "Made again from these rows alone, it is the same." in explained
    assert "2 accepted" in said(before, "status", "--cycle", "5")


def test_what_is_lost_comes_back(before: Path) -> None:
    shutil.rmtree(before / "store/public/releases/cycle-05/r002")
    assert "r001, r002 are whole" in said(before, "restore", "--cycle", "5")
    assert "r002 is whole" in said(before, "verify", "--cycle", "5")


COUNTED_OTHERWISE = (
    "women_in_dpo_led_mission_posts",
    "missions_with_coordination_mechanism",
    "tpp_caption_period",
)


def test_a_refresh_goes_on_with_it(before: Path) -> None:
    figures = said(before, "figures", "--cycle", "5", "--format", "csv")
    code, _, err = a4p(before, "refresh", "--cycle", "5")
    assert code == 0, err
    assert "Version 0.5.0 made r002, and this is" in err
    assert "Version 0.5.0" not in a4p(before, "refresh", "--cycle", "5")[2]
    # the numbers are as they were; how sure they are is said more carefully, and columns have come since
    now = pl.read_csv(StringIO(said(before, "figures", "--cycle", "5", "--format", "csv")), infer_schema=False)
    then = pl.read_csv(StringIO(figures), infer_schema=False)
    # but for those that count something else since data model 1.0
    then = then.filter(~pl.col("figure").is_in(COUNTED_OTHERWISE))
    assert then.height > 60
    now = now.join(then, on=["figure", "mission"], how="semi", maintain_order="left")
    # and a source is named by its key, no more by its office
    claims = ("obs_status", "change", "source")
    assert now.select(then.columns).drop(claims).equals(then.drop(claims))
    claimed = {*zip(then["obs_status"], now["obs_status"], strict=True)}
    assert {(before, after) for before, after in claimed if before != after} <= {("A", "P"), ("A", "L"), ("A", "V")}
    assert "missions_in" in set(now.columns) - set(then.columns)
    assert "r003 is whole" in said(before, "verify", "--cycle", "5")
    # what has changed since is told
    assert "changed rule or calculation" in said(before, "diff", "r002", "r003", "--cycle", "5")
    said(before, "rollback", "--cycle", "5", "--to", "r001", "--why", "tried")
    assert "5,hospitals_level_1_plus,ALL,19" in said(before, "figures", "--cycle", "5", "--format", "csv")
