"""The templates of a cycle, opened, filled in with one error, corrected, and saved by LibreOffice each time."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Config, Contract, Cycle, Language
from flows.feedback import opening
from flows.feedback.alerts import attached
from flows.stores import Store
from tests.flows.feedback.test_template import CLEAN, CONFIG, CYCLE, FILLED, LANGUAGES, Rows, checked, filled_in, typed
from tests.support.sweeping import some
from tests.support.waiting import HANGS_S

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.sweep,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here"),
]
SLOTS = [
    (source, mission)
    for source, contract in CONFIG.contracts.items()
    for mission in (CONFIG.of_cycle(5).reporting_missions if contract.sent_by == "missions" else (None,))
]
SOME = some([(source, mission, language) for source, mission in SLOTS for language in LANGUAGES], 8)
# what is written into the first row of a table that has such a column
PLANTED = "to be seen"


def rows(source: str, mission: str | None = None) -> Rows:
    if source == "mission_report":
        if mission and CONFIG.missions[mission].agreement == "none":
            # there are no incidents of an agreement that there is not
            return {**FILLED, "sofa_soma": [{"new_incidents": "No SOFA/SOMA", "total_incidents": "No SOFA/SOMA"}]}
        return FILLED
    return {name: [typed(table, row) for row in CLEAN[name]] for name, table in CONFIG.contract(source).tables.items()}


def place(source: str) -> tuple[str, str]:
    """Return the table and column into which the error is put: a number, day or answer that is filled in."""
    tables = CONFIG.contract(source).tables
    return next(
        (table, column)
        for table, records in rows(source).items()
        if table != "cover"
        for column in records[0]
        if tables[table].columns[column].type in ("count", "number", "date", "yes_no", "mission")
    )


def of_the_last_cycle(contract: Contract, *_: object) -> Mapping[str, pl.DataFrame]:
    """The same things were reported in the cycle before."""
    return {
        name: pl.DataFrame([{column: str(value) for column, value in record.items()} for record in records])
        for name, records in rows(contract.source).items()
        if name != "cover" and records
    }


def written(folder: Path, language: Language) -> dict[tuple[str, str | None], Path]:
    """Open the cycle in a language; returns the template of each source, and mission."""
    alerts = CONFIG.alerts.model_copy(update={"language": language, "languages": {}})
    config: Config = replace(CONFIG.of_cycle(CYCLE.number), alerts=alerts)
    cycle: Cycle = CYCLE
    made = opening.write(folder, cycle, Store(str(folder / "private")), config, datetime(2024, 5, 1, tzinfo=UTC))
    of = {path.parent.relative_to(folder).parts: path for path in made.templates}
    return {(parts[0], parts[1] if len(parts) > 1 else None): path for parts, path in of.items()}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each template filled in with an error and corrected, as LibreOffice, which is started once, saves it."""
    folder = tmp_path_factory.mktemp("opened")
    names: list[Path] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attached, "last_rows", of_the_last_cycle)
        templates = {language: written(folder / language, language) for language in LANGUAGES}
    assert {len(made) for made in templates.values()} == {len(SLOTS)}
    for source, mission, language in SOME:
        given = templates[language][source, mission].read_bytes()
        right = rows(source, mission)
        table, column = place(source)
        first: dict[str, Any] = {**right[table][0], column: PLANTED}
        wrong = {**right, table: [first, *right[table][1:]]}
        for state, values in (("right", right), ("wrong", wrong)):
            names.append(folder / f"{source}-{mission}-{language}-{state}.xlsx")
            words = {"Y": "O"} if language == "fr" else None
            names[-1].write_bytes(filled_in(source, values, language, words, given))
    own = f"-env:UserInstallation=file://{folder}/profile"
    told = [str(OFFICE), own, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "saved"), *map(str, names)]
    subprocess.run(told, check=True, capture_output=True, timeout=HANGS_S)
    return folder / "saved"


@pytest.mark.parametrize(("source", "mission", "language"), SOME)
def test_the_error_is_told_with_its_cell_and_the_corrected_file_has_no_warning(
    source: str, mission: str | None, language: Language, saved: Path
) -> None:
    def findings(state: str) -> list[tuple[Any, ...]]:
        result = checked((saved / f"{source}-{mission}-{language}-{state}.xlsx").read_bytes(), mission=mission)
        assert (result.source, result.mission) == (source, mission)
        told = result.findings.filter(pl.col("severity") != "info")
        return list(told.select("table", "row", "column").unique().rows())

    table, column = place(source)
    assert (table, 2, column) in findings("wrong")
    assert findings("right") == []
