"""Step five: what was curated and what was found become a release."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from typing import Any

import polars as pl

from config import Config, ConfigError, Cycle, in_force
from config.audiences import Audience
from config.parts import OfFound
from expectations.questions import without_numbers
from expectations.severity import critical_and_open
from flows.core import code_version
from flows.core.canonical import hash_of
from flows.core.counted_up_to import before_the_end, cut_short
from flows.core.errors import StoreError
from flows.core.records import Built, Checks, Curated, Gathered, Origin, Published, Release, Status
from flows.documents import dictionary
from flows.documents.words import NUMBER
from flows.intake.books import completeness, ledger
from flows.intake.books.record import Head
from flows.intake.gate import decisions
from flows.intake.receive import astray
from flows.releases import changes, compare, editions, shown
from flows.releases.make import certain, croissant, lineage, linked_data, sdmx, withhold
from flows.releases.make.about import in_files, of_release, package
from flows.releases.make.descriptor import completed, descriptor
from flows.releases.make.numbered import numbered, with_number
from flows.releases.make.table_files import parquet, table_files
from flows.releases.shelf import alike, latest, read_file
from flows.releases.shelf import publish as commit
from flows.stores import Store, checked, frames
from transforms.dictionary import of_cycle
from transforms.figures import former_names


def found(gathered: Gathered, curated: Curated, config: OfFound, cycle: Cycle, private: Store) -> Checks:
    """Bring together what was found: one frame of all findings, one of all submissions."""
    findings = _findings(gathered, curated, config, cycle, private)
    return Checks(
        frames.put(private, "findings/release", findings),
        frames.put(private, "findings/submissions", completeness.submissions(gathered)),
    )


def with_history(
    checks: Checks, curated: Curated, config: Config, cycle: Cycle, private: Store, public: Store
) -> Checks:
    """Add what the ledger and the release before tell: what was mended since, and which figures are restated."""
    findings, submissions = (frames.scan(private, path).collect() for path in (checks.findings, checks.submissions))
    now = frames.scan(private, curated.tables["figures"]).collect()
    mended = ledger.mended(ledger.load(private, cycle), findings, submissions, ledger.mission_sources(config))
    former = former_names(config.figures, cycle, ever=True)
    restated = changes.restatements(compare.history_of(public, latest(public, cycle), former), now)
    return replace(
        checks,
        mended=frames.put(private, "findings/mended", mended),
        restatements=frames.put(private, "findings/restatements", restated),
    )


def made_by(config: Config) -> dict[str, Any]:
    """Return what a release says of the pipeline that makes it: version, hashes of code and configuration."""
    return {
        "version": version("a4p-pipeline"),
        "fingerprint": code_version.of_pipeline(),
        "parts": code_version.of_parts(config),
    }


def build(
    gathered: Gathered,
    curated: Curated,
    checks: Checks,
    origin: Origin,
    pipeline: Mapping[str, Any],
    config: Config,
    cycle: Cycle,
    private: Store,
) -> Built:
    """Build every file of a release but those that say what changed; `pipeline` is what it says of who made it.

    Raises StoreError where the store fails.
    """
    # also days are written as the configuration says that is handed in
    with in_force(config):
        return _built(gathered, curated, checks, origin, pipeline, config, cycle, private)


def _built(
    gathered: Gathered,
    curated: Curated,
    checks: Checks,
    origin: Origin,
    pipeline: Mapping[str, Any],
    config: Config,
    cycle: Cycle,
    private: Store,
) -> Built:
    from flows.documents import page as report
    from flows.documents import workbook

    said = {name: frames.scan(private, path).collect() for name, path in asdict(checks).items()}
    for name in ("findings", "mended"):
        said[name] = without_numbers(said[name], config.contracts, config.messages)
    said["received"] = completeness.by_source(said["submissions"], said["findings"], config)
    up_to = before_the_end(cycle, origin.as_of)
    missing = (*cut_short(cycle, up_to), *completeness.missing(gathered, said["submissions"], config, cycle))
    missing += withhold.told(curated, config)
    tables = {name: frames.scan(private, path).collect() for name, path in curated.tables.items()}
    critical = not said["findings"].filter(critical_and_open()).is_empty()
    unsure = not certain.undecided(tables["figures"], config, cycle).is_empty()
    status: Status = "provisional" if missing or critical or unsure else "final"
    missing_inside = missing
    if status == "provisional":
        missing += completeness.still_open(gathered, config, cycle)
        # who cannot do anything about it is not told what to do
        missing_inside = missing + certain.told(tables["figures"], config, cycle, inside=True)
        missing += certain.told(tables["figures"], config, cycle, inside=False)
    if not (said["submissions"]["status"] == "accepted").any():
        return Built(status, missing_inside)
    left_out = list(curated.left_out)
    quality = {name: of_cycle(frame, cycle.number) for name, frame in said.items()}
    earlier = frames.scan(private, origin.series).collect() if origin.series else None
    entries, submissions = dictionary.entries(), [one.submission for one in gathered.reads]
    about = of_release(cycle, status, tables, submissions, config.publication, config.hosts, config.countries, up_to)
    for_all = config.audiences.may_read("public")

    def told(audience: Audience) -> dict[str, bytes]:
        """Return what of the release's own data an audience is told."""
        may_read = config.audiences.may_read(audience)
        lacks = missing_inside if audience == "internal" else missing
        readable = {**tables, **{name: said[name] for name in may_read}}
        page = report.render(config, cycle, status, lacks, readable, up_to, left_out, earlier=earlier)
        return {
            **{f"quality/{name}.parquet": parquet(quality[name], entries[name], in_files(about)) for name in may_read},
            "report.html": page.encode(),
            f"a4p-{cycle.folder}.xlsx": workbook.render(config, cycle, status, lacks, readable, up_to),
        }

    files = {
        **table_files(tables, entries, in_files(about)),
        "data-dictionary.md": dictionary.as_markdown(config).encode(),
        **told("public"),
    }
    apart = {audience: told(audience) for audience in config.audiences.apart()}
    files |= sdmx.of_release(tables["figures"], entries["figures"], config, cycle)
    files[linked_data.NAME] = linked_data.of_release(about, files, tables, entries)
    files[croissant.NAME] = croissant.of_release(about, files, tables, entries)
    document = descriptor(
        NUMBER,
        cycle,
        files,
        {**tables, **{name: quality[name] for name in for_all}},
        entries,
        status=status,
        missing=missing,
        left_out=left_out,
        as_of=max(curated.newest.values(), default=cycle.end),
        counted_up_to=up_to,
        submissions=submissions,
        told=package(about),
        pipeline=pipeline,
        quality=completeness.summary(said["submissions"], said["findings"]),
        lineage=lineage.of(gathered, origin),
    )
    if apart:
        # what is only for some makes a release of its own, too; closed before anybody reads it
        document["a4p"]["apart"] = {audience: editions.content(of) for audience, of in apart.items()}
    kept: dict[str, dict[str, str]] = {
        audience: {path: _put(private, data) for path, data in of.items()} for audience, of in apart.items()
    }
    return Built(status, missing_inside, {path: _put(private, data) for path, data in files.items()}, document, kept)


def publish(
    built: Built,
    curated: Curated,
    checks: Checks,
    config: Config,
    cycle: Cycle,
    private: Store,
    public: Store,
    lifted: Collection[str] = (),
    reached: Head | None = None,
    apart: Mapping[Audience, Store] | None = None,
) -> Published:
    """Commit what was built; unchanged content makes no new release, and neither does what is withdrawn.

    `apart` says where the editions go for those who may read more. `lifted` names the withdrawn releases whose like may
    be published. `reached` is how far the record of decisions reached; the release names it beside what else it was
    made from.

    Nothing is published where nothing of any source could be used. Raises StoreError where a store fails.
    """
    submissions, findings = (frames.scan(private, path).collect() for path in (checks.submissions, checks.findings))
    if built.document is None:
        return Published(None, False, built.status, built.missing, submissions, findings)
    whole = lineage.with_record(built.document, reached)
    document = lineage.closed(whole, private)
    # what a release was made from is in place before the release is
    private.finish()
    used = partial(lineage.in_use, private=private)
    known = alike(public, cycle, document, lifted, used)

    def put_apart(path: str) -> None:
        for audience, place in (apart or {}).items():
            every = built.apart.get(audience, {})
            editions.put(path, audience, {name: checked.read(private, one) for name, one in every.items()}, place)

    if known:
        release, new = known.shown, False
        if release.name == known.like and release.descriptor["a4p"].get("apart") == document["a4p"].get("apart"):
            # should it have been lost there
            put_apart(release.path)
    else:

        def describe(name: str, every: Mapping[str, bytes]) -> dict[str, Any]:
            more = {path: every[path] for path in every if path not in built.files}
            return with_number(completed(document, name, more), every)

        def changed(before: Release | None) -> Mapping[str, bytes]:
            tables = {name: frames.scan(private, path).collect() for name, path in curated.tables.items()}
            said = whole["a4p"]
            made_by, left_out = said["pipeline"]["parts"], list(curated.left_out)
            earlier = said["lineage"].get("series")
            now = changes.Side(None, tables, whole["sources"], made_by, said["as_of"], left_out, earlier)
            return compare.files(public, before, now, config, cycle, private)

        def number(every: Mapping[str, bytes], name: str, before: Release | None) -> Mapping[str, bytes]:
            # in place before readers see the release
            put_apart(f"releases/{cycle.folder}/{name}")
            return numbered(every, name, _issued(public, before) if before else None)

        files = {path: checked.read(private, where) for path, where in built.files.items()}
        release, new = commit(public, cycle, files, describe, changed, lifted, number, used)
        # noted at once, so that the next refresh reads no release for it
        withhold.out(public, private, config)
    shown.show(public, config)
    report = public.at(f"{release.path}/report.html")
    like = known.like if known and known.like != release.name else None
    own = apart.get("internal") if apart else None
    inside = own.at(f"{release.path}/report.html") if own and editions.has_edition(release) else None
    return Published(release, new, built.status, built.missing, submissions, findings, report, inside, like=like)


def _issued(public: Store, before: Release) -> str:
    """Return the day from which there are releases of a cycle, as the one before says it, else that of this one."""
    try:
        return linked_data.issued_in(read_file(public, before, linked_data.NAME))
    except (StoreError, ConfigError, ValueError):
        # it is damaged, or an earlier version made it
        return max(str(one["received_at"]) for one in before.descriptor["sources"])[:10]


def _put(private: Store, data: bytes) -> str:
    path = f"built/{hash_of(data).removeprefix('sha256:')}"
    checked.put(private, path, data)
    return path


def _findings(gathered: Gathered, curated: Curated, config: OfFound, cycle: Cycle, private: Store) -> pl.DataFrame:
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.findings import ORDER

    paths = [gathered.judged.findings, *(gated.findings for gated in gathered.tables), curated.findings]
    used = [gathered.judged.used, *(gated.used for gated in gathered.tables), curated.used]
    found = [frames.scan(private, path).collect() for path in paths]
    found.append(decisions.guards(gathered, used, config, cycle))
    figures = frames.scan(private, curated.tables["figures"]).collect()
    found.append(decisions.acceptances(figures, config, cycle))
    found.append(astray.findings(gathered.astray, config.messages, cycle))
    return pl.concat(found).sort(*ORDER, "identity", nulls_last=True)
