"""Step five: what was curated and what was found become a release."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any

import polars as pl

from config import Config, Cycle
from flows import (
    changes,
    checked,
    confidentiality,
    dictionary,
    fingerprint,
    frames,
    ledger,
    lineage,
    linked_data,
    overrides,
    quality,
    since,
)
from flows.counted_up_to import before_the_end, cut_short
from flows.curate import Curated
from flows.descriptor import Status, completed, descriptor, hash_of, table_files
from flows.records import Gathered, Origin, Slot
from flows.release import Release, alike, latest
from flows.release import publish as commit
from flows.store import Store


@dataclass(frozen=True)
class Published:
    """What came of a refresh: the release (None where nothing could be published), if it is new, what was found.

    `newly_refused` and `newly_late` are sources, and missions, that were not so at the last refresh. `like` names the
    withdrawn release that was made once more, and is not published again.
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
    like: str | None = None


@dataclass(frozen=True)
class Checks:
    """What a release says of its own data, as paths in the private store: a frame each."""

    findings: str
    submissions: str
    mended: str = ""
    restatements: str = ""


@dataclass(frozen=True)
class Built:
    """A release's files before they are published: paths in the private store by their paths in the release.

    `document` is the descriptor but for the release's name; there are neither where nothing of any source could be
    used.
    """

    status: Status
    missing: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    document: dict[str, Any] | None = None


def found(gathered: Gathered, curated: Curated, config: Config, cycle: Cycle, private: Store) -> Checks:
    """Bring together what was found: one frame of all findings, one of all submissions."""
    findings = _findings(gathered, curated, config, cycle, private)
    return Checks(
        frames.put(private, "findings/release", findings),
        frames.put(private, "findings/submissions", quality.submissions(gathered)),
    )


def with_history(
    checks: Checks, curated: Curated, config: Config, cycle: Cycle, private: Store, public: Store
) -> Checks:
    """Add what the ledger and the release before tell: what was mended since, and which figures are restated."""
    findings, submissions = (frames.scan(private, path).collect() for path in (checks.findings, checks.submissions))
    now = frames.scan(private, curated.tables["figures"]).collect()
    mended = ledger.mended(ledger.load(private, cycle), findings, submissions, ledger.mission_sources(config))
    restated = changes.restatements(since.history_of(public, latest(public, cycle)), now)
    return replace(
        checks,
        mended=frames.put(private, "findings/mended", mended),
        restatements=frames.put(private, "findings/restatements", restated),
    )


def build(
    gathered: Gathered,
    curated: Curated,
    checks: Checks,
    origin: Origin,
    config: Config,
    cycle: Cycle,
    private: Store,
) -> Built:
    """Build every file of a release but those that say what changed. Raises StoreError where the store fails."""
    from flows import report, workbook

    said = {name: frames.scan(private, path).collect() for name, path in asdict(checks).items()}
    up_to = before_the_end(cycle, origin.as_of)
    missing = (*cut_short(cycle, up_to), *quality.missing(gathered, said["submissions"], config, cycle))
    missing += confidentiality.told(curated.left_out, config)
    critical = not said["findings"].filter(pl.col("severity") == "critical", pl.col("waived").is_null()).is_empty()
    status: Status = "provisional" if missing or critical else "final"
    if not (said["submissions"]["status"] == "accepted").any():
        return Built(status, missing)
    tables = {name: frames.scan(private, path).collect() for name, path in curated.tables.items()}
    left_out = list(curated.left_out)
    files = {
        **table_files(tables),
        **{f"quality/{name}.parquet": frames.parquet(frame) for name, frame in said.items()},
        "data-dictionary.md": dictionary.as_markdown(config).encode(),
        "report.html": report.render(config, cycle, status, missing, {**tables, **said}, up_to, left_out).encode(),
        f"a4p-{cycle.folder}.xlsx": workbook.render(config, cycle, status, missing, {**tables, **said}, up_to),
    }
    files[linked_data.NAME] = linked_data.of_release(cycle, status, files, tables, dictionary.entries(), up_to)
    document = descriptor(
        "r000",
        cycle,
        files,
        {**tables, **said},
        dictionary.entries(),
        status=status,
        missing=missing,
        left_out=left_out,
        as_of=max(curated.newest.values(), default=cycle.end),
        counted_up_to=up_to,
        submissions=[one.submission for one in gathered.reads],
        pipeline={
            "version": version("a4p-pipeline"),
            "fingerprint": fingerprint.of_pipeline(),
            "parts": fingerprint.of_parts(config),
        },
        quality=quality.summary(said["submissions"], said["findings"]),
        lineage=lineage.of(gathered, origin),
    )
    return Built(status, missing, {path: _keep(private, data) for path, data in files.items()}, document)


def publish(
    built: Built,
    curated: Curated,
    checks: Checks,
    config: Config,
    cycle: Cycle,
    private: Store,
    public: Store,
    lifted: Collection[str] = (),
) -> Published:
    """Commit what was built; unchanged content makes no new release, and neither does what is withdrawn.

    `lifted` names the withdrawn releases whose like may be published.

    Nothing is published where nothing of any source could be used. Raises StoreError where a store fails.
    """
    submissions, findings = (frames.scan(private, path).collect() for path in (checks.submissions, checks.findings))
    if built.document is None:
        return Published(None, False, built.status, built.missing, submissions, findings)
    document = built.document
    known = alike(public, cycle, document, lifted)
    if known:
        release, new = known.shown, False
    else:

        def describe(name: str, every: Mapping[str, bytes]) -> dict[str, Any]:
            return completed(document, name, {path: every[path] for path in every if path not in built.files})

        def changed(before: Release | None) -> Mapping[str, bytes]:
            tables = {name: frames.scan(private, path).collect() for name, path in curated.tables.items()}
            said = document["a4p"]
            made_by, left_out = said["pipeline"]["parts"], list(curated.left_out)
            now = changes.Side(None, tables, document["sources"], made_by, said["as_of"], left_out)
            return since.files(public, before, now, config, cycle)

        files = {path: checked.read(private, where) for path, where in built.files.items()}
        release, new = commit(public, cycle, files, describe, changed, lifted)
    report = public.at(f"{release.path}/report.html")
    like = known.like if known and known.like != release.name else None
    return Published(release, new, built.status, built.missing, submissions, findings, report, like=like)


def _keep(private: Store, data: bytes) -> str:
    path = f"built/{hash_of(data).removeprefix('sha256:')}"
    checked.put(private, path, data)
    return path


def _findings(gathered: Gathered, curated: Curated, config: Config, cycle: Cycle, private: Store) -> pl.DataFrame:
    from expectations.findings import ORDER

    paths = [gathered.judged.findings, *(gated.findings for gated in gathered.tables), curated.findings]
    used = [gathered.judged.used, *(gated.used for gated in gathered.tables), curated.used]
    found = [frames.scan(private, path).collect() for path in paths]
    found.append(overrides.guards(gathered, used, config, cycle))
    return pl.concat(found).sort(*ORDER, "identity", nulls_last=True)
