"""A refresh, told once: pull, gate, curate, publish, tell.

The way to run a step is handed in, so that the same story runs directly, as Prefect tasks, or elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import PurePosixPath

from config import Config, ConfigError, Contract, Cycle
from flows import confidentiality, frames, gate, hub, ledger, overrides, publish, quality, restore
from flows import curate as curating
from flows import pull as pulling
from flows.curate import Curated
from flows.publish import Published
from flows.records import GatedTable, Gathered, JudgedFiles, Origin, ReadSubmission, Slot, Submission
from flows.release import latest, read_table
from flows.steps import Call, Step, direct
from flows.store import Store


@dataclass(frozen=True)
class Places:
    """Where raw files come from and where things are kept; `hub_url` is the base address of the Hub's HTTP API."""

    inbox: Store
    private: Store
    public: Store
    hub_url: str | None = None


def refresh(
    cycle: Cycle,
    places: Places,
    config: Config,
    step: Step = direct,
    as_of: date | None = None,
    only: Sequence[str] = (),
    now: datetime | None = None,
) -> Published:
    """Refresh a cycle: raw files in, checked, curated, released; the ledger then knows what was found.

    `now` is the time that the ledger notes; no release depends on it.
    `only` names the sources to pull anew, all where it is empty; the others are used as they were last pulled.
    Raises ConfigError where there is no file at all, or a confidential source would be shown too finely; StoreError
    where a store, server or network fails; NotPublishable where the curated tables contradict themselves, or would give
    away what is suppressed. Refused files and rows stop nothing.
    """
    confidentiality.check(config)
    restore.check(config.cycles.values(), places.public, places.private)
    gathered = gather(cycle, places, config, step, only, as_of)
    if not gathered.pulled:
        raise ConfigError(
            f"There is no file for cycle {cycle.number} in {places.inbox.uri}; files belong into "
            f"{cycle.folder}/<source>/ there. To try things on, write some with: a4p sample {places.inbox.uri}"
        )
    previous = step(f"find the figures of cycle {cycle.number - 1}", previous_figures, cycle, places, config, as_of)
    published = make(gathered, previous, cycle, places, config, step, as_of)
    step("keep a copy of the release", restore.keep, cycle, places.public, places.private)
    news = step("tell", ledger.tell, published, config, cycle, places.private, now or datetime.now(UTC))
    return replace(published, newly_refused=news.refused, newly_late=news.late)


def make(
    gathered: Gathered,
    previous: str | None,
    cycle: Cycle,
    places: Places,
    config: Config,
    step: Step = direct,
    as_of: date | None = None,
) -> Published:
    """Make a release of what was gathered and of the previous cycle's figures, which lie at `previous`."""
    heeded = overrides.in_force(config, cycle, gathered.on)
    curated = step("curate the tables", curate, gathered, previous, heeded, cycle, as_of, places.private, places.public)
    origin = Origin(previous, as_of)
    return step(
        "publish the release", publish.publish, gathered, curated, origin, config, cycle, places.private, places.public
    )


def gather(
    cycle: Cycle,
    places: Places,
    config: Config,
    step: Step = direct,
    only: Sequence[str] = (),
    as_of: date | None = None,
) -> Gathered:
    """Pull, read and check every source of a cycle, with the corrections and waivers that are in force."""
    pulled: dict[Slot, list[Submission]] = {}
    pulls = [
        Call(f"pull {source}", pull, (contract, config, cycle, places, not only or source in only))
        for source, contract in config.contracts.items()
    ]
    for submission in chain.from_iterable(step.all(pulls)):
        pulled.setdefault((submission.source, submission.mission), []).append(submission)
    return judge(pulled, cycle, places, config, step, as_of)


def judge(
    pulled: Mapping[Slot, Sequence[Submission]],
    cycle: Cycle,
    places: Places,
    config: Config,
    step: Step = direct,
    as_of: date | None = None,
) -> Gathered:
    """Read and check what was pulled, the newest of each slot first."""
    newest = [submissions[0] for submissions in pulled.values()]
    on = as_of or max((one.received_at.date() for one in newest), default=cycle.end)
    config = overrides.in_force(config, cycle, on)
    reads = _read(step, newest, config, places)
    judged = step("check the files", gate.judge_files, reads, config, cycle, places.private)
    while fallbacks := _fallbacks(pulled, reads, judged, cycle, places.private):
        reads += _read(step, fallbacks, config, places)
        judged = step("check the files", gate.judge_files, reads, config, cycle, places.private)

    tables = gated_tables(step, list(config.contracts.values()), reads, judged, config, cycle, places.private)
    return Gathered(pulled, reads, judged, tables, on)


def pull(contract: Contract, config: Config, cycle: Cycle, places: Places, anew: bool = True) -> list[Submission]:
    """Return a source's files of a cycle, newest first: from the inbox and the Hub, or as they were last pulled."""
    if not anew:
        slots = config.reporting_missions if contract.sent_by == "missions" else (None,)
        return [
            submission
            for mission in slots
            for submission in pulling.earlier(places.private, contract.source, mission, cycle, ())
        ]
    files = pulling.pull(contract, config, cycle, places.inbox, places.private)
    if places.hub_url and contract.api:
        files = [hub.pull(contract, cycle, places.hub_url, places.private), *files]
        files.sort(key=lambda submission: submission.received_at, reverse=True)
    return files


def previous_figures(cycle: Cycle, places: Places, config: Config, as_of: date | None) -> str | None:
    """Find the previous cycle's figures: in its release where there is one, else from its raw files.

    Returns their path in the private store, None where there are neither.
    """
    before = config.cycles.get(cycle.number - 1)
    if before is None:
        return None
    released = latest(places.public, before)
    if released:
        return frames.put(places.private, "previous", read_table(places.public, released, "figures"))
    if not places.inbox.entries(before.folder):
        return None
    gathered = gather(before, places, config, as_of=as_of)
    heeded = overrides.in_force(config, before, gathered.on)
    curated = curate(gathered, None, heeded, before, as_of, places.private)
    return curated.tables["figures"]


def curate(
    gathered: Gathered,
    previous: str | None,
    config: Config,
    cycle: Cycle,
    as_of: date | None,
    private: Store,
    public: Store | None = None,
) -> Curated:
    """Make the curated tables of what was gathered.

    Their small cells are suppressed so that the releases in `public` do not give them away; without it nothing is out.
    """
    gaps = quality.gaps(gathered, config)
    earlier = confidentiality.earlier_releases(public, config) if public else []
    return curating.curate(gathered.tables, gaps, previous, config, cycle, as_of, private, earlier)


def _read(step: Step, submissions: Sequence[Submission], config: Config, places: Places) -> list[ReadSubmission]:
    """Read files, a step a source."""
    own = {
        source: [submission for submission in submissions if submission.source == source] for source in config.contracts
    }
    return list(
        chain.from_iterable(
            step.all(
                [
                    Call(f"read {source}", read_source, (own[source], contract, config, places.private))
                    for source, contract in config.contracts.items()
                    if own[source]
                ]
            )
        )
    )


def read_source(
    submissions: Sequence[Submission], contract: Contract, config: Config, private: Store
) -> list[ReadSubmission]:
    """Read a source's files."""
    return [gate.read(submission, contract, config, private) for submission in submissions]


def _fallbacks(
    pulled: Mapping[Slot, Sequence[Submission]],
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    cycle: Cycle,
    private: Store,
) -> list[Submission]:
    """Return, for each slot whose files read so far were all refused, the next older one that was sent."""
    found = []
    for (source, mission), submissions in pulled.items():
        tried = [
            one.submission for one in reads if (one.submission.source, one.submission.mission) == (source, mission)
        ]
        if any(submission.file not in judged.refused for submission in tried):
            continue
        seen = {_read_as(submission) for submission in tried}
        in_inbox = [submission for submission in submissions if _read_as(submission) not in seen]
        received = [] if in_inbox else pulling.earlier(private, source, mission, cycle, ())
        older = in_inbox or [submission for submission in received if _read_as(submission) not in seen]
        found += [_named_apart(one, {submission.file for submission in tried}) for one in older[:1]]
    return found


def _read_as(submission: Submission) -> tuple[str, str]:
    """What the reading depends on: the content, and the ending of the name."""
    return submission.sha256, PurePosixPath(submission.file).suffix.lower()


def _named_apart(earlier: Submission, taken: set[str]) -> Submission:
    """Name a copy from before the inbox file was overwritten otherwise than what stands there now."""
    if earlier.file not in taken:
        return earlier
    path = PurePosixPath(earlier.file)
    return replace(earlier, file=str(path.with_stem(f"{path.stem} (earlier copy {earlier.sha256[:8]})")))


def gated_tables(
    step: Step,
    contracts: Sequence[Contract],
    reads: Sequence[ReadSubmission],
    judged: JudgedFiles,
    config: Config,
    cycle: Cycle | None,
    private: Store,
) -> list[GatedTable]:
    """Gate the tables of sources, those that others refer to first; in the order of the contracts."""
    done: dict[str, GatedTable] = {}
    waiting = {name: contract for contract in contracts for name in contract.tables}
    order = list(waiting)
    while waiting:
        ready = [name for name, contract in waiting.items() if set(contract.tables[name].refers_to) <= set(done)]
        if not ready:
            raise ValueError(f"These tables refer to each other in a circle: {', '.join(waiting)}.")
        calls = []
        for name in ready:
            contract = waiting.pop(name)
            own = [one for one in reads if one.submission.source == contract.source]
            parents = {parent: done[parent].staged for parent in contract.tables[name].refers_to}
            calls.append(
                Call(
                    f"check {name}",
                    gate.gate_table,
                    (contract, name, own, judged, parents, config, cycle, private),
                )
            )
        done.update(zip(ready, step.all(calls), strict=True))
    return [done[name] for name in order]
