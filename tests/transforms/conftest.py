import polars as pl
import pytest

from tests.transforms.frames import CONFIG, CYCLE
from transforms import catalogue
from transforms.standardise import standardise


@pytest.fixture(scope="session")
def curated_from_nothing() -> dict[str, pl.LazyFrame]:
    """Every curated table, made from source tables without rows."""
    staged = {}
    for contract in CONFIG.contracts.values():
        for name, table in contract.tables.items():
            text = dict.fromkeys([*table.columns_read, "_file", "_sheet", "_sha256", "mission"], pl.String)
            empty = pl.LazyFrame(schema=text | {"_row": pl.UInt32})
            parents = {parent: staged[parent] for parent in table.refers_to}
            staged[name] = standardise(empty, table, contract, CONFIG, parents)
    return catalogue.curate(staged, CONFIG, CYCLE)
