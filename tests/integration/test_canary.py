"""A name that nobody may see, planted wherever a source could write one, and looked for in everything that is kept.

Two names: one in places that are never read (personal columns, columns that no contract names, headers, sheet names,
properties of files), one in cells that fail a rule. The raw file holds both, and so does the marked workbook that goes
back to the source that wrote them; quarantine and the text read from a file hold the second.
"""

import logging
import os
import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from config import Config, load
from expectations.engine import validation
from flows.core.settings import Settings
from flows.core.steps import direct
from flows.feedback import alerts
from flows.refresh.story import refresh
from flows.refresh.watching import Run, watched
from flows.stores.from_settings import places_of
from sample.faults.delivery import Delivery, deliveries
from sample.workbook import stamp
from tests.integration.prefect_api import with_database
from tests.support import quick
from tests.support.sharing import sources
from tests.support.unpacked import held, leaks
from tests.support.waiting import HANGS_S

CYCLE = 5
NEVER_READ = "Quenbyferrari"
REFUSED = "Ossolinskivale"
# in front of a row's failing cells, so that a finding is made of each kind of cell
FAILING_TYPES = {"count", "number", "date", "yes_no", "mission", "m49", "cycle"}


@pytest.fixture(scope="module")
def inbox(sample_inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sources(sample_inbox, tmp_path_factory.mktemp("canary") / "inbox")
    config, chance = load(), random.Random(0)
    planted = [plant(delivery, config, chance) for delivery in deliveries(folder, config.cycle(CYCLE), config)]
    assert sum(planted) > 60
    return folder


def plant(delivery: Delivery, config: Config, chance: random.Random) -> int:
    """Write the names into a file; returns into how many cells that a rule refuses."""
    cells = 0
    for page in delivery.pages.values():
        columns = page.definition.columns
        present = [name for name in columns if _has(page, name)]
        for index, row in enumerate(page.rows):
            for name in present:
                if columns[name].personal:
                    row[page.place(name)] = f"{NEVER_READ} {index}"
            row += [f"{NEVER_READ} wrote this"]
        page.header.append(f"Remarks of {NEVER_READ}")
        fit = [
            name
            for name in present
            if not columns[name].personal and (columns[name].type in FAILING_TYPES or columns[name].one_of)
        ]
        # the first rows stay good, so that something of each table is staged
        rows = page.rows[2:] if len(page.rows) > 2 + len(fit) else page.rows[1:]
        for name, row in zip(fit, chance.sample(rows, min(len(rows), len(fit))), strict=False):
            row[page.place(name)] = f"{REFUSED} {cells}"
            cells += 1
    delivery.save()
    if delivery.path.suffix == ".xlsx":
        book = openpyxl.load_workbook(delivery.path)
        book.properties.creator = book.properties.lastModifiedBy = book.properties.title = NEVER_READ
        book.create_sheet(f"Notes of {NEVER_READ}")["A1"] = f"{NEVER_READ} was here"
        book.save(delivery.path)
        stamp(delivery.path, delivery.received)
    return cells


def _has(page: object, name: str) -> bool:
    try:
        page.place(name)  # type: ignore[attr-defined]
    except StopIteration:
        return False
    return True


def test_a_name_is_nowhere(
    inbox: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    validated = validation.results_of

    def overheard(*arguments, **named):
        results = validated(*arguments, **named)
        said.extend(f"{result} {result.to_json_dict()}" for result in results.values())
        return results

    monkeypatch.setattr(validation, "results_of", overheard)
    config = load()
    cycle = config.cycle(CYCLE)
    told = tmp_path / "told"
    told.mkdir()
    settings = Settings(
        public_uri=str(tmp_path / "public"),
        private_uri=str(tmp_path / "private"),
        inbox_uri=str(inbox),
        log_format="json",
        log_file=str(told / "log.jsonl"),
        metrics_file=str(told / "a4p.prom"),
        openlineage_url=str(told / "lineage.jsonl"),
    )
    places = places_of(settings)
    with caplog.at_level(logging.DEBUG):
        run = Run(cycle, config, settings, places)
        published = watched(run, lambda watch: refresh(cycle, places, config, watch.steps(direct)))
        outcome = alerts.send(cycle, places.private, config, datetime.now(UTC), {})
    assert published.new
    assert published.findings.filter(pl.col("severity") == "critical").height > 30
    assert len(outcome.sent) > 10

    printed = capfd.readouterr()
    heard = [("logs", caplog.text), ("output", printed.out + printed.err), *(("GX result", one) for one in said)]
    assert len(said) > 300
    assert leaks(((name, text.encode()) for name, text in heard), NEVER_READ, REFUSED) == []
    assert leaks(held(tmp_path / "public"), NEVER_READ, REFUSED) == []
    assert {file.name for file in told.iterdir() if file.stat().st_size > 10_000} == {
        "log.jsonl",
        "a4p.prom",
        "lineage.jsonl",
    }
    assert b"alert.sent" in (told / "log.jsonl").read_bytes()
    assert leaks(held(told), NEVER_READ, REFUSED) == []
    private = tmp_path / "private"
    kept = {folder.name for folder in private.iterdir()}
    assert {"raw", "staged", "quarantine", "ledger", "alerts", "runs"} <= kept
    for folder in sorted(kept - {"raw", "quarantine", "read"}):
        assert leaks(held(private / folder), NEVER_READ, REFUSED) == [], folder
    for folder in sorted(kept - {"raw"}):
        assert leaks(held(private / folder), NEVER_READ) == [], folder
    # and the search finds what is there
    assert leaks(held(private / "raw"), NEVER_READ)
    assert leaks(held(private / "quarantine"), REFUSED)


@pytest.mark.prefect
def test_prefect_keeps_no_name(inbox: Path, empty_database: Path, tmp_path: Path) -> None:
    with_database(tmp_path / "prefect", empty_database)
    # each kind of file, and of step
    few = sources(inbox, tmp_path / "inbox", "noticas", "conduct_allegations", "hospitals", "mission_report/UNMISS")
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_"))}
    ran = subprocess.run(
        [quick.a4p(), "refresh", "--cycle", str(CYCLE), "--with-server"],
        env={
            **own,
            "A4P_INBOX_URI": str(few),
            "A4P_PUBLIC_URI": str(tmp_path / "public"),
            "A4P_PRIVATE_URI": str(tmp_path / "private"),
            "A4P_PREFECT_HOME": str(tmp_path / "prefect"),
            "HOME": str(tmp_path / "home"),
        },
        cwd=tmp_path,
        capture_output=True,
        timeout=HANGS_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert leaks(iter([("output", ran.stdout), ("errors", ran.stderr)]), NEVER_READ, REFUSED) == []
    database = tmp_path / "prefect/prefect.db"
    assert b"check sofa_soma" in database.read_bytes()
    assert leaks(held(tmp_path / "prefect"), NEVER_READ, REFUSED) == []
