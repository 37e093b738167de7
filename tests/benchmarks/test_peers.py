"""The programs that the pipeline is compared with give its results; how long they take is not tested."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import sample
from benchmarks.peers import compare, facts, inbox
from config import load
from flows.core import settings
from flows.refresh.story import refresh
from flows.stores.from_settings import places_of

CHECKOUT = Path(__file__).parent.parent.parent
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "A4P_ALL_TESTS" not in os.environ, reason="`make bench` compares them too; set A4P_ALL_TESTS=1 to run it here"
    ),
]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """An inbox of the compared sources, with faulty rows."""
    folder = tmp_path_factory.mktemp("peers")
    sample.write(folder / "sample")
    return inbox.write(folder / "sample", folder / "inbox")


@pytest.fixture(scope="module")
def store(raw, tmp_path_factory):
    """Where a refresh of it has put its release."""
    folder = tmp_path_factory.mktemp("store")
    own = settings.Settings(_env_file=None, public_uri=str(folder / "public"), private_uri=str(folder / "private"))
    config = load()
    refresh(config.cycle(5), places_of(own, str(raw)), config)
    return folder


def ran(program, raw, out, python=sys.executable):
    done = subprocess.run(
        [str(python), "-m", f"benchmarks.peers.{program}", str(raw), str(out)],
        cwd=out.parent,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert '"imports"' in done.stdout.splitlines()[-1]
    return out


def test_the_floor_gives_the_results_of_a_refresh(raw, store, tmp_path):
    out = ran("floor", raw, tmp_path / "out")
    assert compare.differences(out, store) == []
    assert_that_differences_show(out, store)


def assert_that_differences_show(out, store):
    """A comparison that finds nothing must be one that could: each kind of difference is found."""
    rows = pl.read_json(out / "rows.json")
    assert (rows["refused"] > 0).sum() >= 2 * len(facts.SOURCES)

    def changed(path, change):
        kept = path.with_suffix(".kept")
        shutil.copy(path, kept)
        change(pl.read_parquet(path)).write_parquet(path)
        found = compare.differences(out, store)
        kept.replace(path)
        return found

    cycle = out / "cycle-04"
    other = pl.lit("Illness").alias("cause")
    assert changed(cycle / "accepted" / "noticas.parquet", lambda rows: rows.with_columns(other))
    assert changed(cycle / "refused" / "noticas.parquet", lambda rows: rows.with_columns(reasons=pl.lit("none")))
    assert changed(out / "cycle-05" / "findings" / "noticas.parquet", lambda rows: rows.slice(1))
    assert changed(out / "tables" / "figures.parquet", lambda rows: rows.with_columns(pl.col("value") + 1))
    assert changed(out / "tables" / "uniformed_women.parquet", lambda rows: rows.slice(1))
    (out / "rows.json").write_text(rows.with_columns(pl.col("accepted") - 1).write_json())
    assert compare.differences(out, store)


def test_pandas_with_great_expectations_gives_the_results_of_a_refresh(raw, store, tmp_path):
    assert compare.differences(ran("pandas_gx", raw, tmp_path / "out"), store) == []


def test_dbt_gives_the_results_of_a_refresh(raw, store, tmp_path):
    python = CHECKOUT / ".venv-dbt" / "bin" / "python"
    if not python.exists():
        pytest.skip("dbt is not installed here; `make bench` installs it into .venv-dbt")
    assert compare.differences(ran("dbt_duckdb.run", raw, tmp_path / "out", python), store) == []


def test_dagster_with_dataframely_gives_the_results_of_a_refresh(raw, store, tmp_path):
    python = CHECKOUT / ".venv-dagster" / "bin" / "python"
    if not python.exists():
        pytest.skip("Dagster is not installed here; `make bench` installs it into .venv-dagster")
    assert compare.differences(ran("dagster_dataframely", raw, tmp_path / "out", python), store) == []
