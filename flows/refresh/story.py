"""A refresh, told once: pull, gate, curate, publish, tell.

The way to run steps is handed in, so that the same story runs directly, as Prefect tasks, or elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain

from pydantic import TypeAdapter

from config import Config, ConfigError, Contract, Cycle, by_its_config, own_code
from flows.core.counted_up_to import check_day
from flows.core.records import (
    Astray,
    Compared,
    Curated,
    Earlier,
    GatedTable,
    Gathered,
    Numbers,
    Origin,
    Published,
    ReadSubmission,
    Slot,
    Submission,
    TableRules,
)
from flows.core.steps import Kind, OfEarlier, Runner, Step, direct, key
from flows.intake.books import completeness, earlier, erasures, ledger, record
from flows.intake.books.record import Head
from flows.intake.gate import decisions
from flows.intake.gate.feeding import Definitions, Feeding, columns_of_figures
from flows.intake.gate.in_order import Gating, in_order
from flows.intake.gate.rules import rules_of_others
from flows.intake.read.submissions import known_by
from flows.intake.receive import arrivals, astray, fallbacks, parts, pulled
from flows.intake.receive.history import History
from flows.intake.receive.parts import together
from flows.intake.receive.pulled import Left
from flows.refresh import declared, erasing, reuse
from flows.refresh.reuse import Results
from flows.releases import compare, copies, copies_apart, editions, series, shown, withdrawals
from flows.releases.make import build as publish
from flows.releases.make import tables as making
from flows.releases.shelf import latest
from flows.stores import Store, frames
from flows.stores.from_settings import Places


class NothingSent(ConfigError):
    """There is no file of a cycle at all; the text says where files belong."""


@by_its_config
def refresh(
    cycle: Cycle,
    places: Places,
    config: Config,
    runner: Runner = direct,
    as_of: date | None = None,
    only: Sequence[str] = (),
    now: datetime | None = None,
) -> Published:
    """Refresh a cycle: raw files in, checked, curated, released; the ledger then knows what was found.

    It goes by the facts of the cycle, and by those of the one before for that one's figures; what the record of
    decisions holds joins the configuration.
    `now` is the time that the ledger notes; no release depends on it.
    `only` names the sources to pull anew, all where it is empty; the others are used as they were last pulled.
    Raises ConfigError where the configuration defines what cannot be worked out, there is no file at all, `as_of` is
    before the cycle, or a confidential source would be shown too finely; StoreError where a store, server or network
    fails; NotPublishable where the curated tables contradict themselves, or have a column that their source does not
    allow. Refused files and rows stop nothing, nor does a table that is left out.
    """
    check_day(cycle, as_of)
    config = config.of_cycle(cycle.number)
    reuse.one(direct, _results(places), declared.check_disclosure(config))
    reuse.one(runner, _results(places), declared.check_definitions(config))
    editions.places(config, places)
    copies.check(config.cycles.values(), places.public, places.private)
    if withdrawals.unsettled(cycle, places.public, places.private):
        withdrawals.settle(cycle, places.public, places.private)
        shown.show(places.public, config)
    decided = record.entries(places.private)
    record.copy(places.private)
    erasing.finish(decided, places, config)
    config = record.laid_over(config, decided)
    if own_code.names("rules", config.folder):
        # a mistake in one of them is told before anything is pulled
        rules(config, cycle, places)
    came = receive(cycle, places, config, runner, only)
    if not came.slots and not came.withdrawn:
        there = f" These do not count there: {', '.join(one.file for one in came.astray)}." if came.astray else ""
        raise NothingSent(
            f"There is no file for cycle {cycle.number} in {places.inbox.uri}; files belong into "
            f"{cycle.folder}/<source>/ there.{there} To try things on, write some with: a4p sample {places.inbox.uri}"
        )
    # before files are judged: they are compared with what the previous cycle has in use
    previous = previous_cycle(cycle, places, config, as_of, runner)
    gathered = check(came, cycle, places, config, runner, as_of, previous.numbers)
    origin = Origin(previous.figures, as_of, earlier_cycles(cycle, places, config))
    published = make(gathered, origin, cycle, places, config, runner, reached=record.head(decided))
    copied = (cycle, places.public, places.private, copies_apart.places_apart(places))
    if copies.lacking(*copied):
        runner(Step(kind=Kind.KEEP_COPY, function=copies.make, arguments=copied))
    counted = completeness.counted(gathered)
    accepted = earlier.of_tables(gathered)
    told = (published, config, cycle, places.private, now or datetime.now(UTC), counted, accepted)
    news = runner(Step(kind=Kind.TELL, function=ledger.tell, arguments=told))
    return replace(published, newly_refused=news.refused, newly_late=news.late)


def make(
    gathered: Gathered,
    origin: Origin,
    cycle: Cycle,
    places: Places,
    config: Config,
    runner: Runner = direct,
    lifted: Collection[str] | None = None,
    reached: Head | None = None,
) -> Published:
    """Make a release of what was gathered, and of what else it depends on.

    `lifted` names the withdrawn releases whose like may be published, those that were reinstated where it is None.
    `reached` is how far the record of decisions reached that `config` has.
    """
    private, public, results = places.private, places.public, _results(places)
    heeded = decisions.in_force(config, cycle, gathered.on)
    curated = curate(gathered, origin.previous, heeded, cycle, places, runner, origin.as_of, public)
    checks = reuse.one(runner, results, declared.bring_together(gathered, curated, config, cycle, places))
    checks = publish.with_history(checks, curated, config, cycle, private, public)
    built = reuse.one(runner, results, declared.build_release(gathered, curated, checks, origin, config, cycle, places))
    lifted = withdrawals.lifted(cycle, public, private) if lifted is None else lifted
    out = (built, curated, checks, config, cycle, private, public, lifted, reached, editions.places(config, places))
    return runner(Step(kind=Kind.PUBLISH, function=publish.publish, arguments=out))


def _results(places: Places) -> Results:
    """What was worked out before."""
    return Results(places.private, places.anew)


@dataclass(frozen=True)
class Received:
    """What every source sent, by slot; what stays out since it was withdrawn; what was accepted before.

    `left` is how each source's pull left it, `astray` what lies in the inbox and does not count.
    """

    slots: Mapping[Slot, Sequence[Submission]]
    withdrawn: Sequence[Submission]
    accepted: Sequence[Submission]
    left: Sequence[Left]
    astray: Sequence[Astray]


def gather(
    cycle: Cycle,
    places: Places,
    config: Config,
    runner: Runner = direct,
    only: Sequence[str] = (),
    as_of: date | None = None,
) -> Gathered:
    """Pull, read and check every source of a cycle, with the corrections and waivers that are in force.

    What was withdrawn stays out, also where it still stands in the inbox.
    """
    return check(receive(cycle, places, config, runner, only), cycle, places, config, runner, as_of)


def receive(
    cycle: Cycle, places: Places, config: Config, runner: Runner = direct, only: Sequence[str] = ()
) -> Received:
    """Pull every source of a cycle."""
    erased = erasures.days(record.entries(places.private))
    pulls = [
        Step(
            kind=Kind.PULL,
            source=source,
            function=pull,
            arguments=(contract, config, cycle, places, not only or source in only, erased),
        )
        for source, contract in config.contracts.items()
    ]
    left = runner.all(pulls)
    out = withdrawals.out(cycle, places.public, places.private)
    lying = astray.lying(places.inbox, config, cycle)
    return Received(*pulled.without(out, left), left, [*lying, *chain.from_iterable(one.left_out for one in left)])


def check(
    came: Received,
    cycle: Cycle,
    places: Places,
    config: Config,
    runner: Runner = direct,
    as_of: date | None = None,
    of_last: Mapping[str, str] | None = None,
) -> Gathered:
    """Read and check what came, beside what came before it, and note what is in use now.

    `of_last` is where the numbers of the cycle before lie, where they were worked out anew.
    """
    before = config.cycles.get(cycle.number - 1)
    history = History(
        cycle.number,
        came.accepted,
        pulled.accepted_in(before, withdrawals.out(before, places.public, places.private), places.private)
        if before
        else (),
        came.slots,
        {name for name, of in config.contracts.items() if any(table.cumulative for table in of.tables.values())},
    )
    numbers = earlier.before(cycle, config.cycles.values(), places.private, of_last)
    gathered = judge(came.slots, cycle, places, config, runner, as_of, came.accepted, came.withdrawn, history, numbers)
    gathered = replace(gathered, astray=came.astray)
    pulled.note_in_use(came.left, gathered, cycle, places.private)
    return gathered


def judge(
    slots: Mapping[Slot, Sequence[Submission]],
    cycle: Cycle,
    places: Places,
    config: Config,
    runner: Runner = direct,
    as_of: date | None = None,
    accepted: Sequence[Submission] = (),
    withdrawn: Sequence[Submission] = (),
    history: History | None = None,
    earlier: Mapping[str, Numbers] | None = None,
) -> Gathered:
    """Read and check what was pulled, of each slot the newest file, or the newest parts of one.

    Where all files of a slot are refused, what was `accepted` of it before stays in use. `history` says with what files
    are compared, `earlier` what the numbers of each table are held against.
    """
    newest = [one for submissions in slots.values() for one in together(submissions)]
    on = as_of or max((one.received_at.date() for one in newest), default=cycle.end)
    config = decisions.in_force(config, cycle, on)
    results = _results(places)

    def listed(of: Definitions, on: Cycle) -> Feeding:
        return reuse.one(direct, results, declared.list_columns(of, on))

    reads: list[ReadSubmission] = []
    waiting = newest
    while True:
        reads += _read(runner, waiting, config, places)
        others = [other for one in reads for other in (history.of(one.submission) if history else ())]
        told = _compared(runner, reads, others, config, cycle, places)
        passed = parts.passed_over(slots, [one.submission for one in reads])
        columns = columns_of_figures(reads, config, cycle, listed)
        judged = reuse.one(runner, results, declared.check_files(reads, told, passed, columns, config, cycle, places))
        waiting = fallbacks.of(slots, reads, judged, accepted)
        if not waiting:
            break
    of_tables, held_against = rules(config, cycle, places), earlier or {}

    def gated(waiting: Sequence[Gating]) -> list[GatedTable]:
        steps = [
            declared.check_table(of, of_tables[of.table], held_against.get(of.table, ()), config, cycle, places)
            for of in waiting
        ]
        return reuse.every(runner, results, steps)

    tables = in_order(list(config.contracts.values()), reads, judged, gated)
    return Gathered(slots, reads, judged, tables, on, withdrawn, others, history=held_against)


def rules(config: Config, cycle: Cycle, places: Places) -> dict[str, TableRules]:
    """Return what the rules of each source table come from and tell.

    Asked here, whatever runs the steps: the keys of the next ones depend on it.
    """
    step = declared.list_rules(config, cycle)
    # of rules that somebody registered by hand in this process the code of the project says nothing
    return step.run() if rules_of_others() else reuse.one(direct, _results(places), step)


def pull(
    contract: Contract,
    config: Config,
    cycle: Cycle,
    places: Places,
    anew: bool = True,
    erased: Mapping[str, str] | None = None,
) -> Left:
    """Return a source's files of a cycle but those `erased`, newest first; not `anew`, as the last pull left them."""
    left = pulled.last(contract, config, cycle, places.private)
    if not anew:
        arrivals.fetch_again(left, places)
        return pulled.note(left, left.submissions, cycle, places.private, left.left_out)
    files, left_out = arrivals.of(left, contract, config, cycle, places, erased or {})
    return pulled.note(left, files, cycle, places.private, left_out)


@dataclass(frozen=True)
class Previous:
    """The previous cycle's figures, a path in the private store, and where its numbers lie, where it was worked out."""

    figures: str | None = None
    numbers: Mapping[str, str] | None = None


def previous_cycle(
    cycle: Cycle, places: Places, config: Config, as_of: date | None, runner: Runner = direct
) -> Previous:
    """Find the previous cycle's figures: in its release where there is one, else from its raw files.

    Without figures where there are neither.
    """
    before = config.cycles.get(cycle.number - 1)
    if before is None:
        return Previous()
    config = config.of_cycle(before.number)
    released = latest(places.public, before)
    if released:
        return Previous(frames.put(places.private, "previous", compare.as_previous(places.public, released)))
    if not places.inbox.entries(before.folder, others=True):
        return Previous()
    its = OfEarlier(runner, before.number)
    gathered = gather(before, places, config, its, as_of=as_of)
    heeded = decisions.in_force(config, before, gathered.on)
    curated = curate(gathered, None, heeded, before, places, its, as_of)
    return Previous(curated.tables["figures"], earlier.of_tables(gathered))


def earlier_cycles(cycle: Cycle, places: Places, config: Config) -> str | None:
    """Put the figures of all cycles before, by the releases that readers see, into the private store.

    Returns their path, None where there is no release of any.
    """
    found = series.before(places.public, cycle, config)
    return None if found.is_empty() else frames.put(places.private, "previous", found)


def curate(
    gathered: Gathered,
    previous: str | None,
    config: Config,
    cycle: Cycle,
    places: Places,
    runner: Runner = direct,
    as_of: date | None = None,
    public: Store | None = None,
) -> Curated:
    """Make the curated tables and figures of what was gathered.

    Their small cells are suppressed so that the releases in `public` do not give them away; without it nothing is out.
    """
    results, path = _results(places), TypeAdapter(str)
    of = making.accepted(gathered.tables, config, as_of)
    keys = {name: key(step) for name, step in declared.make_each(of, config, cycle).items()}
    there = reuse.found(results, [(one, path) for one in keys.values()])
    known = {name: there[number] for number, name in enumerate(keys) if number in there}
    tables = known
    if len(known) < len(keys):
        tables = runner(declared.make_tables(of, known, config, cycle, places))
        for name in keys.keys() - known.keys():
            reuse.put(results, keys[name], path, tables[name])
    gaps = completeness.gaps(gathered, config)
    sure = completeness.known(gathered, config)
    step = declared.make_figures(tables, of, gaps, sure, previous, config, cycle, as_of, places)
    figured = reuse.one(runner, results, step)
    return reuse.one(runner, results, declared.suppress(figured, config, cycle, places, public))


def _read(runner: Runner, submissions: Sequence[Submission], config: Config, places: Places) -> list[ReadSubmission]:
    """Read files, a step a source."""
    steps, known = [], known_by(config)
    for source in config.contracts:
        own = [submission for submission in submissions if submission.source == source]
        if own:
            steps.append(declared.read(source, own, config, known, places))
    read = reuse.every(runner, _results(places), steps)
    return list(chain.from_iterable(read))


def _compared(
    runner: Runner,
    reads: Sequence[ReadSubmission],
    earlier: Sequence[Earlier],
    config: Config,
    cycle: Cycle,
    places: Places,
) -> list[Compared]:
    """Compare files with earlier ones, and those of missions with each other: a step a source."""
    numbers = {cycle.number, *(one.cycle for one in earlier)}
    configs = {number: config if number == cycle.number else config.of_cycle(number) for number in numbers}
    steps = declared.compare_each(reads, earlier, configs, cycle, places)
    told = reuse.every(runner, _results(places), steps)
    return list(chain.from_iterable(told))
