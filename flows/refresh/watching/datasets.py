"""What OpenLineage is told of data: where it lies, in which version, its columns, how many rows, which rules failed.

What lies in the private store is known by keyed hashes: a raw file by its source, its mission and that of its content,
never by its own name. Needs the extra `openlineage`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import polars as pl
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    documentation_dataset,
    output_statistics_output_dataset,
    schema_dataset,
    symlinks_dataset,
)

from config import Config, Cycle
from flows.core.records import Release, Submission
from flows.stores import Store
from flows.stores.keyed import Keyed
from transforms.dictionary import TableEntry

_SEVERITIES = {"critical": "error", "warning": "warn", "info": "info"}


def place(store: Store, path: str) -> tuple[str, str]:
    """Return namespace and name of a place in a store: s3://bucket and key, or file and path."""
    uri = store.at(path)
    if "://" not in uri:
        return "file", uri
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return "file", parts.path
    return f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/")


def raw(
    submission: Submission, private: Store, keyed: Keyed, rows: int | None, findings: pl.DataFrame | None = None
) -> InputDataset:
    """Return a submission as what a table is read from; `findings` are those on its rows of that table."""
    slot = "/".join(part for part in ("raw", submission.source, submission.mission) if part)
    facets = _facets(version=keyed(submission.sha256))
    quality: dict[str, InputDatasetFacet] = {
        "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
            {}, rowCount=rows, bytes=submission.size
        )
    }
    if findings is not None and not findings.is_empty():
        quality["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            list(_failed(findings))
        )
    return InputDataset(*place(private, slot), inputFacets=quality, facets=facets)


def staged(table: str, path: str, config: Config, private: Store, keyed: Keyed) -> InputDataset:
    """Return the accepted rows of a source table as what others are made from."""
    return InputDataset(*place(private, f"staged/{table}"), facets=_of_staged(table, path, config, keyed))


def gated(table: str, folder: str, path: str, rows: int, config: Config, private: Store, keyed: Keyed) -> OutputDataset:
    """Return the accepted rows of a source table, or those in quarantine, as what its check gives."""
    return OutputDataset(
        *place(private, f"{folder}/{table}"),
        outputFacets={"outputStatistics": _count(rows)},
        facets=_of_staged(table, path, config, keyed),
    )


def released(
    table: str, release: Release, entry: TableEntry, public: Store, cycle: Cycle, rows: int | None
) -> OutputDataset:
    """Return a table of a release."""
    path = f"tables/{table}.parquet"
    described = next(one for one in release.descriptor["resources"] if one["path"] == path)
    facets = _facets(version=f"{release.name} {described['hash']}", text=entry.description)
    facets["schema"] = schema_dataset.SchemaDatasetFacet(
        [
            schema_dataset.SchemaDatasetFacetFields(field["name"], field["type"], field["description"])
            for field in described["schema"]["fields"]
        ]
    )
    facets["symlinks"] = symlinks_dataset.SymlinksDatasetFacet(
        [symlinks_dataset.Identifier(*place(public, f"{release.path}/{path}"), "FILE")]
    )
    return OutputDataset(
        *place(public, f"current/{cycle.folder}/{path}"),
        outputFacets={"outputStatistics": _count(rows, described["bytes"])},
        facets=facets,
    )


def whole_release(release: Release, public: Store, cycle: Cycle) -> OutputDataset:
    """Return a release as a whole."""
    files = release.descriptor["resources"]
    statistics = _count(None, sum(one["bytes"] for one in files), len(files))
    return OutputDataset(
        *place(public, f"releases/{cycle.folder}"),
        outputFacets={"outputStatistics": statistics},
        facets=_facets(version=release.name, text=str(release.descriptor["title"])),
    )


def _of_staged(table: str, path: str, config: Config, keyed: Keyed) -> dict[str, DatasetFacet]:
    contract = config.table_contract(table)[1]
    facets = _facets(version=keyed(PurePosixPath(path).stem), text=f"One row is {contract.one_row_is.en}.")
    facets["schema"] = schema_dataset.SchemaDatasetFacet(
        [schema_dataset.SchemaDatasetFacetFields(name, column.type) for name, column in contract.columns_read.items()]
    )
    return facets


def _facets(*, version: str, text: str | None = None) -> dict[str, DatasetFacet]:
    facets: dict[str, DatasetFacet] = {"version": dataset_version_dataset.DatasetVersionDatasetFacet(version)}
    if text:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(text)
    return facets


def _count(
    rows: int | None, size: int | None = None, files: int | None = None
) -> output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet:
    return output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rows, size, files)


def _failed(findings: pl.DataFrame) -> Iterable[data_quality_assertions_dataset.Assertion]:
    """Yield the rules that failed, with how often; no finding's message, which belongs to its source."""
    counted = findings.group_by("rule", "column", "severity").len().sort("rule", "column", "severity", nulls_last=True)
    for rule, column, severity, count in counted.iter_rows():
        yield data_quality_assertions_dataset.Assertion(
            assertion=rule, success=False, column=column, severity=_SEVERITIES[severity], actual=str(count)
        )
