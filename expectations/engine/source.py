"""The Great Expectations context that validations run in: one a process, in memory, made when first needed."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import great_expectations as gx
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.datasource.fluent.batch_request import BatchRequest
from great_expectations.datasource.fluent.interfaces import Batch, DataAsset, Datasource

from expectations.engine.execution import PolarsExecutionEngine
from expectations.engine.gx import DataFrameAsset
from expectations.engine.table import Table

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import PartitionerProtocol


class TableAsset(DataFrameAsset):
    """Great Expectations' asset of a frame in memory, given a table in place of a pandas frame."""

    type: Literal["table_in_memory"] = "table_in_memory"  # type: ignore[assignment]

    def build_batch_request(
        self,
        options: dict[str, Any] | None = None,
        batch_slice: None = None,
        partitioner: PartitionerProtocol | None = None,
    ) -> BatchRequest:
        """A request for the table in the options."""
        return BatchRequest(datasource_name=self.datasource.name, data_asset_name=self.name, options=options)

    def _validate_batch_request(self, batch_request: BatchRequest) -> None:
        """Accept a table, where the asset this one extends accepts a pandas frame only."""
        if not isinstance(batch_request.options.get("dataframe"), Table):
            raise TypeError("The batch request carries no table.")


# In the class below, `type` is the name of a field.
EngineType: TypeAlias = type[PolarsExecutionEngine]


class TableSource(Datasource):  # type: ignore[misc]
    """A data source of tables in memory, evaluated by Polars."""

    asset_types: ClassVar[Sequence[type[DataAsset]]] = [TableAsset]

    type: Literal["tables_in_memory"] = "tables_in_memory"
    assets: MutableSequence[TableAsset] = []  # noqa: RUF012

    @property
    def execution_engine_type(self) -> EngineType:
        """The engine of this package."""
        return PolarsExecutionEngine

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing can be unreachable in memory."""


@cache
def _asset() -> TableAsset:
    # An ephemeral context's own defaults make a directory for documents that nobody reads.
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    config = DataContextConfig(
        store_backend_defaults=stores, progress_bars={"globally": False}, analytics_enabled=False
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    asset: TableAsset = context.data_sources.add_tables_in_memory("polars").add_table_in_memory_asset("frame")
    return asset


def batch_of(table: Table) -> Batch:
    """A table as a batch that Great Expectations can validate."""
    asset = _asset()
    return asset.get_batch(asset.build_batch_request({"dataframe": table}))
