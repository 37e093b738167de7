"""The way of rows through the gate, as flows.intake.read.tables gives them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from config import load
from flows.core.records import FileRead, JudgedFiles, ReadSubmission, Submission, TableRead
from flows.intake.gate import gate
from flows.stores import Store, frames
from tests.expectations.rows import CLEAN
from tests.expectations.rows.cells import Cells
from tests.expectations.rows.mission_report import MISSION

CONFIG = load()
CYCLE = CONFIG.cycle(5)
RECEIVED = datetime(2024, 5, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """The rows of one file, from row 2 on; `shifted` are those whose cells do not fit the header."""

    rows: Sequence[Cells]
    mission: str = MISSION
    shifted: Sequence[int] = ()


@dataclass(frozen=True)
class Passed:
    """What came out of the gate."""

    findings: pl.DataFrame
    staged: pl.DataFrame
    quarantine: pl.DataFrame

    def of(self, file: str) -> Passed:
        """Return what came of one file."""
        return Passed(
            self.findings.filter(pl.col("file") == file),
            self.staged.filter(pl.col("_file") == file),
            self.quarantine.filter(pl.col("_file") == file),
        )


def through_the_gate(table: str, sent: dict[str, Sent]) -> Passed:
    """Hold the rows of files, by their names, against the rules of their table."""
    contract, definition = CONFIG.table_contract(table)
    by_missions = contract.sent_by == "missions"
    with tempfile.TemporaryDirectory() as folder:
        private = Store(folder)
        reads = [
            ReadSubmission(
                Submission(contract.source, one.mission if by_missions else None, file, file, 1, RECEIVED, "raw/x"),
                FileRead(tables={table: TableRead(rows=len(one.rows))}),
                {table: frames.put(private, "read", text_of(table, one))},
            )
            for file, one in sent.items()
        ]
        parents = {parent: frames.put(private, "parent", staged_of(parent)) for parent in definition.refers_to}
        texts = gate.table_texts(table, reads, JudgedFiles(frozenset(), frozenset(), ""))
        gated = gate.gate_table(contract, table, texts, parents, CONFIG, CYCLE, (), private)
        out = (gated.findings, gated.staged, gated.quarantine)
        return Passed(*(frames.scan(private, path).collect() for path in out))


def text_of(table: str, sent: Sent) -> pl.DataFrame:
    """Return a frame as flows.intake.read.tables gives it."""
    definition = CONFIG.table_contract(table)[1]
    kept = list(definition.columns_read)
    return pl.DataFrame(
        [[row.get(name) for name in kept] for row in sent.rows], schema=dict.fromkeys(kept, pl.String), orient="row"
    ).with_columns(
        _sheet=pl.lit(definition.sheet[0] if definition.sheet else None, pl.String),
        _row=pl.int_range(2, len(sent.rows) + 2, dtype=pl.UInt32),
        _shifted=pl.Series([number in sent.shifted for number in range(len(sent.rows))], dtype=pl.Boolean),
    )


def staged_of(table: str) -> pl.DataFrame:
    """Take the clean rows of a list of units as they are, staged."""
    return pl.DataFrame(
        list(CLEAN[table]), schema=dict.fromkeys(CONFIG.table_contract(table)[1].columns_read, pl.String)
    )
