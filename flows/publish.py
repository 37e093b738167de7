"""Step five: what was curated and what was found become a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import polars as pl

from config import Config, Cycle
from flows import changes, dictionary, fingerprint, frames, ledger, lineage, linked_data, overrides, quality, since
from flows.curate import Curated
from flows.descriptor import Status, descriptor, source, table_files
from flows.records import Gathered, Origin, Slot
from flows.release import Release, latest
from flows.release import publish as commit
from flows.store import Store


@dataclass(frozen=True)
class Published:
    """What came of a refresh: the release (None where nothing could be published), if it is new, what was found.

    `newly_refused` and `newly_late` are sources, and missions, that were not so at the last refresh.
    """

    release: Release | None
    new: bool
    status: str
    missing: tuple[str, ...]
    submissions: pl.DataFrame
    findings: pl.DataFrame
    report_uri: str | None = None
    newly_refused: tuple[Slot, ...] = ()
    newly_late: tuple[Slot, ...] = ()


def publish(
    gathered: Gathered, curated: Curated, origin: Origin, config: Config, cycle: Cycle, private: Store, public: Store
) -> Published:
    """Build every file of a release and commit it; unchanged content makes no new release.

    Nothing is published where nothing of any source could be used. Raises StoreError where the store fails.
    """
    from flows import report, workbook

    findings = _findings(gathered, curated, config, cycle, private)
    submissions = quality.submissions(gathered)
    missing = quality.missing(gathered, submissions, config, cycle)
    critical = not findings.filter(pl.col("severity") == "critical", pl.col("waived").is_null()).is_empty()
    status: Status = "provisional" if missing or critical else "final"
    if not (submissions["status"] == "accepted").any():
        return Published(None, False, status, missing, submissions, findings)
    tables = {name: frames.scan(private, path).collect() for name, path in curated.tables.items()}
    mended = ledger.mended(ledger.load(private, cycle), findings, submissions, ledger.mission_sources(config))
    shown = latest(public, cycle)
    restated = changes.restatements(since.history_of(public, shown), tables["figures"])
    checks = {"findings": findings, "submissions": submissions, "mended": mended, "restatements": restated}
    files = {
        **table_files(tables),
        **{f"quality/{name}.parquet": frames.parquet(frame) for name, frame in checks.items()},
        "data-dictionary.md": dictionary.as_markdown(config).encode(),
        "report.html": report.render(config, cycle, status, missing, {**tables, **checks}).encode(),
        f"a4p-{cycle.folder}.xlsx": workbook.render(config, cycle, status, missing, {**tables, **checks}),
    }
    files[linked_data.NAME] = linked_data.of_release(cycle, status, files, tables, dictionary.entries())

    pipeline: dict[str, Any] = {
        "version": version("a4p-pipeline"),
        "fingerprint": fingerprint.of_pipeline(),
        "parts": fingerprint.of_parts(config),
    }
    as_of = max(curated.newest.values(), default=cycle.end)
    used = [one.submission for one in gathered.reads]

    def describe(name: str, every: Mapping[str, bytes]) -> dict[str, Any]:
        return descriptor(
            name,
            cycle,
            every,
            {**tables, **checks},
            dictionary.entries(),
            status=status,
            missing=missing,
            as_of=as_of,
            submissions=used,
            pipeline=pipeline,
            quality=quality.summary(submissions, findings),
            lineage=lineage.of(gathered, origin),
        )

    def changed(before: Release | None) -> Mapping[str, bytes]:
        now = changes.Side(None, tables, [source(one) for one in used], pipeline["parts"], as_of.isoformat())
        return since.files(public, before, now, config, cycle)

    release, new = commit(public, cycle, files, describe, changed)
    return Published(release, new, status, missing, submissions, findings, public.at(f"{release.path}/report.html"))


def _findings(gathered: Gathered, curated: Curated, config: Config, cycle: Cycle, private: Store) -> pl.DataFrame:
    from expectations.findings import ORDER

    paths = [gathered.judged.findings, *(gated.findings for gated in gathered.tables), curated.findings]
    used = [gathered.judged.used, *(gated.used for gated in gathered.tables), curated.used]
    found = [frames.scan(private, path).collect() for path in paths]
    found.append(overrides.guards(gathered, used, config, cycle))
    return pl.concat(found).sort(*ORDER, "identity", nulls_last=True)
