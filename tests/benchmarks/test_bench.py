"""The benchmark runs and says what it should; how long things take is not tested."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.__main__ import _beside
from benchmarks.page import markdown
from benchmarks.sections import SECTIONS
from tests.support.sharing import sources
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parent.parent.parent


def test_the_parts_of_a_refresh_are_timed(sample_inbox, tmp_path):
    """Of one source's files; the sweep has the whole."""
    measured = measure.timed(sources(sample_inbox, tmp_path / "inbox", "hospitals"), tmp_path)
    assert set(measured["seconds"]) == {"start-up", "reading", "gate", "transform", "release", "rest"}
    assert all(seconds > 0 for seconds in measured["seconds"].values())
    assert measured["gx"].keys() == {"queries", "without queries"}
    assert (measured["rows"] > 0, measured["bytes"] > 0) == (True, True)


@pytest.mark.skipif(not SWEEP, reason="takes a minute; make sweep runs it")
@pytest.mark.sweep
def test_the_table_has_its_lines_and_columns(tmp_path):
    """A user's settings that lead nowhere are there too: they must not matter."""
    results = CHECKOUT / "benchmarks" / "results.md"
    before = results.read_bytes() if results.exists() else None
    sections = ["--only", "refresh", "--only", "check"]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", *sections, "--scales", "1", "--runs", "1", "--no-prefect"],
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PREFECT_API_URL": "http://127.0.0.1:1", "A4P_HUB_URL": "nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "\x1b" not in ran.stdout
    lines = [line.strip() for line in ran.stdout.splitlines()]
    assert "scale 1" in lines
    cells = dict(line.rsplit(maxsplit=1) for line in lines if len(line.split()) > 1)
    parts = ["start-up", "reading", "gate", "transform", "release", "rest"]
    assert [name for name in cells if name.endswith("% of the time")] == [f"{part}, % of the time" for part in parts]
    assert 97 <= sum(int(cells[f"{part}, % of the time"]) for part in parts) <= 103

    timed = ["refresh, median s", "refresh, fastest s", "refresh, slowest s", "again, nothing changed, median s"]
    for name in (*timed, "rows a second", "peak memory, MB", "raw files read, MB", "a4p --help, median s"):
        assert float(cells[name].replace(",", "")) > 0, name
    assert cells["runs"] == "1"
    assert int(cells["rows read"].replace(",", "")) > 20_000
    assert cells["through a Prefect server, median s"] == "–"
    checks = [line.split()[-2:] for line in lines if line.startswith(("casualties.csv, ", "mission workbook.xlsx, "))]
    assert len(checks) == 4
    assert all(float(seconds) > 0 for both in checks for seconds in both)
    assert "cores" in ran.stdout
    assert "polars" in ran.stdout

    # nothing is written that was not asked for, and nothing is left behind
    assert (results.read_bytes() if results.exists() else None) == before
    assert not list(tmp_path.iterdir())


def test_a_page_is_made_of_sections_that_were_measured_one_after_the_other():
    """Marks come first; a line that misses its mark says so, and where the time goes."""
    sections = {
        "ten-million": {
            "runs": [
                {"total_seconds": 30.0, "rows": 10_000_000, "peak_bytes": 3.5e9, "seconds": {"read": 9.0, "gate": 20.0}}
            ]
        },
        "incremental": {
            "scale": 100,
            "seconds": {"full": [20.0, 22.0], "nothing changed": [1.0, 1.2], "one workbook changed": [9.0, 9.2]},
            "parts": {"nothing changed": {"start-up": 1.0}, "one workbook changed": {"start-up": 3.0, "release": 6.0}},
        },
        "peers": {"scales": {"100": beside_others()}, "left out": "dbt, which is not there."},
    }
    pages = [(SECTIONS[name].page(data), f"how {name} was measured") for name, data in sections.items()]
    text = markdown(pages)
    marks = {
        line.split(" | ")[0].strip("| "): line for line in text.split("##")[0].splitlines() if line.startswith("|")
    }
    assert "reached" in marks["10,000,000 rows, peak memory"]
    assert "5 % of a full refresh" in marks["nothing changed, scale 100"]
    assert "MISSED" in marks["one workbook changed, scale 100"]
    # 20 s, 3 of them imports, against 6 s, 1 of them imports
    assert "3.40 ×" in marks["the refresh against floor: bare Polars, scale 100, imports apart"]
    assert "MISSED" in marks["the refresh against floor: bare Polars, scale 100, imports apart"]
    assert "6.00 × faster | at least 5 × faster | reached" in marks["the refresh against pandas with GX, scale 100"]
    assert "Missed: the refresh against floor: bare Polars, scale 100, imports apart: the time goes into gate" in text
    assert "one workbook changed, scale 100: the time goes into release 6.0 s, start-up 3.0 s." in text
    assert "dbt, which is not there." in text
    assert all(f"how {name} was measured" in text for name in sections)


def beside_others():
    def program(seconds, imports):
        return {"seconds": [seconds], "cpu": [seconds], "peak": 1e9, "imports": imports, "parts": {"read": seconds}}

    return {
        "rows": 1_000,
        "bytes": 1_000,
        "programs": {
            "a4p refresh": {"seconds": [20.0], "cpu": [20.0], "peak": 1e9},
            "floor: bare Polars": program(6.0, 1.0),
            "pandas with GX": program(120.0, 4.0),
        },
        "parts": {"start-up": 3.0, "gate": 12.0, "release": 5.0},
        "gx": {"queries": 5.0, "without queries": 2.0},
    }


def test_scales_that_were_measured_before_are_kept():
    before = {"how": "then", "scales": {"1": "old", "100": "old"}, "prefect": [16.0], "runs": 5}
    now = {"how": "now", "scales": {"1000": "new", "1": "new"}, "prefect": [], "runs": 1}
    both = _beside(before, now)
    assert both == {
        "how": "now",
        "scales": {"1": "new", "100": "old", "1000": "new"},
        "prefect": [16.0],
        "runs": 1,
    }
    assert list(both["scales"]) == ["1", "100", "1000"]
    assert _beside({"scale": 10, "seconds": 1}, {"scale": 100, "seconds": 2}) == {"scale": 100, "seconds": 2}
