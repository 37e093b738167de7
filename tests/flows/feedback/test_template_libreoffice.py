"""A template that is filled in and saved by LibreOffice is read without a finding, in both languages."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from config import Language
from tests.expectations.rows.mission_report import MISSION
from tests.flows.feedback.test_template import (
    CLEAN,
    CONFIG,
    EVERY,
    FILLED,
    checked,
    filled_in,
    sent_by_missions,
    typed,
)
from tests.support.sweeping import some
from tests.support.waiting import HANGS_S

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.sweep,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed here"),
]
SOME = some(EVERY, 10)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every template filled in, and saved anew by LibreOffice, which is started once."""
    folder = tmp_path_factory.mktemp("office")
    names = []
    for source, language in SOME:
        tables = CONFIG.contract(source).tables
        rows = {name: [typed(table, row) for row in CLEAN[name]] for name, table in tables.items()}
        given = FILLED if source == "mission_report" else rows
        names.append(folder / f"{source}-{language}.xlsx")
        names[-1].write_bytes(filled_in(source, given, language, {"Y": "O"} if language == "fr" else None))
    own = f"-env:UserInstallation=file://{folder}/profile"
    told = [str(OFFICE), own, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "saved"), *map(str, names)]
    subprocess.run(told, check=True, capture_output=True, timeout=HANGS_S)
    return folder / "saved"


@pytest.mark.parametrize(("source", "language"), SOME)
def test_what_libreoffice_saved_is_read_without_a_finding(saved: Path, source: str, language: Language) -> None:
    data = (saved / f"{source}-{language}.xlsx").read_bytes()
    result = checked(data, mission=MISSION if sent_by_missions(source) else None)
    assert result.findings.select("table", "row", "column", "message").rows() == []
    assert (result.source, result.refused) == (source, False)
    assert result.rows_read == result.rows_accepted > 0
