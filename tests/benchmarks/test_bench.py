"""The benchmark runs and says what it should; how long things take is not tested."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent.parent


def test_the_table_has_its_lines_and_columns(tmp_path):
    """A user's settings that lead nowhere are there too: they must not matter."""
    results = CHECKOUT / "benchmarks" / "results.md"
    before = results.read_bytes() if results.exists() else None
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--scales", "1", "--runs", "1", "--no-prefect"],
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
    parts = ["start-up", "reading", "gate", "previous figures", "transform", "release", "rest"]
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
