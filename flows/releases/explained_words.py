"""What missions answered in words where a figure has no number of theirs: `No SOFA/SOMA`, `Under Validation`."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Config, Figure
from config.overrides import WHOLE
from transforms.made_of import columns_counted

# a row a cell; what else stands in the row is no part of it
SCHEMA: dict[str, pl.DataType] = {
    "mission": pl.String(),
    "source": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "answer": pl.String(),
    "obs_status": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
}


def answers(definition: Figure, staged: Mapping[str, pl.DataFrame], mission: str, config: Config) -> pl.DataFrame:
    """Return the cells that a figure would count and that hold a word for why there is no number, as SCHEMA says.

    In: the accepted rows of the tables that the figure is made from; ALL, or the mission whose cells are wanted.
    """
    counted = columns_counted(definition.value)
    found = [pl.DataFrame(schema=SCHEMA)]
    for table, rows in staged.items():
        contract, defined = config.table_contract(table)
        own = rows if mission == WHOLE or "mission" not in rows.columns else rows.filter(pl.col("mission") == mission)
        for name in sorted(counted & defined.columns.keys()):
            status, words = f"{name}_obs_status", _by_status(defined.columns[name].words or {})
            if not words or status not in own.columns or own.is_empty():
                continue
            answered = own.filter(pl.col(name).is_null(), pl.col(status).is_in(list(words)))
            found.append(
                answered.select(
                    mission=pl.col("mission") if "mission" in own.columns else pl.lit(None, pl.String),
                    source=pl.lit(contract.source),
                    table=pl.lit(table),
                    column=pl.lit(name),
                    answer=pl.col(status).replace_strict(words, return_dtype=pl.String),
                    obs_status=status,
                    file="_file",
                    sheet="_sheet",
                    row=pl.col("_row").cast(pl.Int64),
                )
            )
    return pl.concat(found).sort("mission", "table", "column", "file", "row", nulls_last=True)


def _by_status(words: Mapping[str, str]) -> dict[str, str]:
    """Return the words for each status; a blank cell is O as well, so that no word tells of that."""
    statuses = sorted({meaning for meaning in words.values() if meaning.isalpha() and meaning != "O"})
    return {status: " or ".join(word for word, meaning in words.items() if meaning == status) for status in statuses}
