"""Small-cell suppression, and the audit that no suppressed cell can be computed from what is published.

Primary: a count from 1 to below its table's threshold. A zero points at nobody and is shown, unless a small cell has no
other partner. Secondary: for each small cell that some reader could narrow down, the cheapest further cells that keep
its range open, by an integer programme (the heuristic of Kelly, Golden and Assad, Networks 22, 1992: one cell after
another, what is suppressed already costs nothing; then those are shown again that turn out not to be needed).

The readers that the audit stands for are those of `knowledge`: anybody, each mission, each office. Each knows every sum
of every release (see known_sums), the cells that he sent himself, that counts are whole numbers, and that a suppressed
one is not zero - but for where a zero had to be suppressed, or nothing else was left to take. What is guarded are the
small cells of this release and of all that are out; of this one, anybody shall compute no other suppressed cell either.
What other releases had given away to one who sent some of it cannot be taken back, and is not looked at; nor is what
figures give away that stay since their owners agreed.
docs/disclosure.md says what this promises and what it does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from config import Cycle
from config.parts import OfSmallCells
from transforms import known_sums
from transforms.emptied import without
from transforms.figures import SCHEMA
from transforms.intervals import about, groups, partners, too_narrow
from transforms.knowledge import ANYBODY, Known, knowledge, least_of, shown_in
from transforms.known_sums import Cells, Earlier
from transforms.sums import Sum

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Recovered:
    """Suppressed cells of one count that a reader can narrow down too far.

    `by` names the other release without which it could not be done; None where this release itself is enough.
    `whatever`: that of one it could be done whatever this release suppressed.
    """

    table: str
    count: str
    cells: int
    by: str | None
    whatever: bool = False


@dataclass
class _Group:
    """Cells that sums connect, of this and of other releases, and what readers know of them.

    `told` are those of the sums that this release tells, `stays` what it tells whatever is suppressed, `silent` the
    cells of tables that it leaves out. `found` are
    values that each reader must take for possible (see too_narrow); `widths` how wide the range of a cell can stay for
    a reader, where it was asked whether that is less than declared; `before` is the group as it was without this
    release.
    """

    known: Known
    cells: Sequence[int]
    sums: Sequence[Sum]
    told: Sequence[Sum]
    stays: Sequence[Sum]
    silent: set[int]
    found: dict[str, list[Mapping[int, int]]] = field(default_factory=dict)
    widths: dict[tuple[str, int], int] = field(default_factory=dict)
    before: _Group | None = None

    @cached_property
    def shown(self) -> set[int]:
        """The cells that another release shows."""
        return shown_in(self.sums)

    @property
    def of_this(self) -> list[int]:
        """The cells of this release."""
        return [cell for cell in self.cells if cell < self.known.now]

    @property
    def of_others(self) -> set[int]:
        """The cells that this release does not have."""
        return {cell for cell in self.cells if cell >= self.known.now}


def suppress(
    tables: Tables,
    config: OfSmallCells,
    cycle: Cycle,
    earlier: Sequence[Earlier] = (),
    whole: Collection[tuple[str, str]] = (),
    left_out: Collection[str] = (),
) -> dict[str, pl.DataFrame]:
    """Suppress the small cells of the tables that ask for it, others with them, and the figures that count them.

    In: the curated tables of a release with `figures`; the releases that are out already; the counts (table and
    column) that are suppressed as a `whole`, but for zeros; the tables that will be `left_out`, so that their cells are
    all unknown. Out: the same tables, row by row; a suppressed cell is empty and has the status Q. Where nothing keeps
    a cell safe it is left to the audit.
    """
    known = knowledge(tables, config, cycle, earlier)
    staying = _figures(tables).filter(pl.col("mission") == "ALL")
    told = [*_told(known.cells, tables, staying, config, cycle, left_out), *_same(known, left_out)]
    stays = _staying(known.cells, tables, staying, config, cycle)
    suppressed = {cell for cell in known.small if cell < known.now} | {
        cell
        for cell, (table, count, _) in enumerate(known.cells.places)
        if table in left_out or (known.cells.values[cell] and (table, count) in whole)
    }
    given_away = False
    for group in _groups(known, told, known.told_before, stays, left_out):
        more, lost = _safe(suppressed.intersection(group.cells), group)
        suppressed |= more
        given_away |= lost
    if given_away and earlier:
        # a cell that another release gives away still gets partners in this one, so that the audit names that release
        for group in _groups(known, told, (), stays, left_out):
            suppressed |= _safe(suppressed.intersection(group.cells), group)[0]
    return without(suppressed, known.cells, tables, config, cycle)


def audit(
    truth: Tables, published: Tables, config: OfSmallCells, cycle: Cycle, earlier: Sequence[Earlier] = ()
) -> list[Recovered]:
    """Find suppressed cells that a reader can compute from the published tables, and from other releases.

    In: the tables before suppression and as they are to be published; one without its rows is left out. Out: nothing
    where no reader can; a cell that should be suppressed and is not counts as one that can.
    """
    known = knowledge(truth, config, cycle, earlier)
    left_out = {name for name, frame in truth.items() if not frame.is_empty() and _is_left_out(name, published)}
    told = [*_told(known.cells, truth, _figures(published), config, cycle, left_out), *_same(known, left_out)]
    stays = _staying(known.cells, truth, _figures(published), config, cycle)
    suppressed = {
        number
        for number, (table, count, row) in enumerate(known.cells.places)
        if table in left_out or published[table][count][row] is None
    }

    whatever: set[int] = set()

    def given_away(before: Sequence[Sum], among: Collection[int] | None = None) -> set[int]:
        found: set[int] = set()
        for group in _groups(known, told, before, stays, left_out):
            for reader, cell in _narrow(suppressed.intersection(group.cells), group, among):
                if not group.widths.get((reader, cell), 1):
                    whatever.add(cell)
                # of a table that is left out nobody is told that its numbers are still those of another release
                excused = reader != ANYBODY or cell >= known.now or cell in group.silent
                if cell not in found and not (excused and _was_given_away(reader, cell, group)):
                    found.add(cell)
        return found

    shown = {cell for cell in known.small if cell < known.now} - suppressed
    narrow = shown | given_away(known.told_before)
    if not narrow:
        return []
    plain = shown | given_away((), narrow)
    by_release = {name: given_away(said, narrow - plain) for name, said in known.before.items()}
    found: dict[tuple[str, str, str | None], set[int]] = {}
    for number in sorted(narrow):
        # where only several together give it away, all of them are named
        culprits = (name for name, given in by_release.items() if number in given)
        by = None if number in plain else next(culprits, ", ".join(by_release))
        found.setdefault((*known.counts[number], by), set()).add(number)
    return [
        Recovered(table, count, len(numbers), by, not whatever.isdisjoint(numbers))
        for (table, count, by), numbers in found.items()
    ]


def _is_left_out(table: str, published: Tables) -> bool:
    return table not in published or published[table].is_empty()


def _figures(tables: Tables) -> pl.DataFrame:
    return tables.get("figures", pl.DataFrame(schema=SCHEMA))


def _told(
    cells: Cells, truth: Tables, figures: pl.DataFrame, config: OfSmallCells, cycle: Cycle, left_out: Collection[str]
) -> list[Sum]:
    """Return what this release tells of its cells."""
    return [
        *known_sums.within_tables(cells, truth, config, left_out),
        *known_sums.of_figures(figures, cells, truth, config, cycle),
    ]


def _same(known: Known, left_out: Collection[str]) -> list[Sum]:
    """Return which sums are still those of another release; of a table that is left out nobody is told."""
    return [one for one in known.same if known.counts[next(iter(one.of))][0] not in left_out]


def _staying(cells: Cells, truth: Tables, figures: pl.DataFrame, config: OfSmallCells, cycle: Cycle) -> list[Sum]:
    """Return what is told whatever is suppressed: other tables, and figures that their owners let be disregarded."""
    named = [one.figure for entry in config.disclosure.values() for one in entry.disregard if one.figure]
    agreed = figures.filter(pl.col("figure").is_in(named), pl.col("mission") == "ALL")
    return _told(cells, truth, agreed, config, cycle, known_sums.protected(config))


def _groups(
    known: Known, told: Sequence[Sum], before: Sequence[Sum], stays: Sequence[Sum], left_out: Collection[str]
) -> Iterator[_Group]:
    """Return the cells in groups that no sum connects; those without a small cell are none."""
    own = set(map(id, told))
    for cells, sums in groups(range(len(known.cells.values)), [*told, *before]):
        if not known.small.keys().isdisjoint(cells):
            silent = {cell for cell in cells if cell < known.now and known.counts[cell][0] in left_out}
            of_this = [one for one in sums if id(one) in own]
            always = [one for one in stays if not one.of.keys().isdisjoint(cells)]
            yield _Group(known, cells, sums, of_this, always, silent)


def _narrow(suppressed: set[int], group: _Group, among: Collection[int] | None = None) -> Iterator[tuple[str, int]]:
    """Return readers of a group with the cells, hidden by this release or another, that each can narrow down too far.

    Only cells `among` some are looked at, where these are given; one for which nothing would help is returned once.
    """
    known = group.known
    hidden = suppressed | group.of_others
    least = _least(suppressed, group)
    for reader, sent in known.sent.items():
        if reader != ANYBODY and sent.isdisjoint(hidden):
            continue
        unknown = hidden - sent
        asked = {cell: known.small[cell] for cell in unknown if cell in known.small}
        if reader == ANYBODY:
            asked = {**dict.fromkeys(suppressed - group.silent, 1), **asked}
        asked = {
            cell: group.widths.get((reader, cell), width)
            for cell, width in asked.items()
            if among is None or cell in among
        }
        for cell in _too_narrow(unknown, asked, least, reader, group):
            if (reader, cell) not in group.widths:
                group.widths[reader, cell] = width = _widest(reader, cell, asked[cell], group)
                if 0 < width < asked[cell] and not _too_narrow(unknown, {cell: width}, least, reader, group):
                    continue
            yield reader, cell


def _too_narrow(
    unknown: set[int], asked: Mapping[int, int], least: Mapping[int, int], reader: str, group: _Group
) -> list[int]:
    values = group.known.cells.values
    before = group.found.setdefault(reader, [])
    others = [
        one
        for one in before
        if all(cell in unknown and values[cell] + more >= least[cell] for cell, more in one.items())
    ]
    there = len(others)
    # of a number that another release shows nobody is in doubt
    found = [cell for cell in asked if asked[cell] and cell in group.shown]
    for own, said in groups(sorted(unknown), about(unknown, group.sums, values)):
        wanted = {cell: asked[cell] for cell in own if asked.get(cell) and cell not in group.shown}
        if wanted and said:
            found += too_narrow(own, said, values, least, wanted, others)
    before += others[there:]
    return found


def _widest(reader: str, cell: int, width: int, group: _Group) -> int:
    """Return how wide a cell's range can be for a reader if everything is suppressed: as declared, 1, or not at all."""
    unknown = {*group.of_this, *group.of_others} - group.known.sent[reader]
    least = {each: group.known.least.get(each, 0) for each in unknown}
    return next(
        (
            one
            for one in sorted({width, 1}, reverse=True)
            if not _too_narrow(unknown, {cell: one}, least, reader, group)
        ),
        0,
    )


def _was_given_away(reader: str, cell: int, group: _Group) -> bool:
    """Tell whether a reader could narrow a cell down too far with what stays alone, and the releases before."""
    if group.before is None:
        told = set(map(id, group.told))
        sums = [*group.stays, *(one for one in group.sums if id(one) not in told)]
        group.before = replace(group, sums=sums, found={}, widths={})
    return _widest(reader, cell, group.widths.get((reader, cell)) or 1, group.before) == 0


def _least(suppressed: set[int], group: _Group) -> dict[int, int]:
    """Return what readers take each hidden cell to be at least, from what this release and others show."""
    before = group.known.least
    told = [one for one in group.told if max(one.of) < group.known.now]
    now = least_of(suppressed, group.known.cells.values, told, group.shown)
    return {cell: max(now.get(cell, 0), before.get(cell, 0)) for cell in {*now, *group.of_others}}


def _safe(first: set[int], group: _Group) -> tuple[set[int], bool]:
    """Take partners for the cells of one group until no reader can narrow one down, or no partner is left.

    Returns the cells to suppress, and whether this release gives one away whatever is suppressed.
    """
    suppressed, steps, lost = set(first), 0, False
    while found := next(_narrow(suppressed, group), None):
        more = _more(*found, suppressed, group) if group.widths.get(found, 1) else set()
        if more:
            suppressed |= more
            steps += 1
        else:
            group.widths[found] = 0
            excused = found[0] != ANYBODY or found[1] >= group.known.now
            lost = lost or not (excused and _was_given_away(*found, group))
    if steps > 1:
        # with the last ones, some of the first may not be needed any more
        for cell in sorted(suppressed - first, key=lambda cell: (-_cost(cell, group), cell)):
            if next(_narrow(suppressed - {cell}, group), None) is None:
                suppressed.remove(cell)
    return suppressed, lost


def _more(reader: str, cell: int, suppressed: set[int], group: _Group) -> set[int]:
    """Return further cells to suppress for one that a reader can narrow down; none where that is no help.

    Zeros are shown as long as anything else will do.
    """
    known, values, sent = group.known, group.known.cells.values, group.known.sent[reader]
    own = [each for each in (*group.of_this, *sorted(group.of_others)) if each not in sent]
    hidden = suppressed | group.of_others
    # what is dearer than all others together is taken where nothing else will do
    costs = {each: 0.0 if each in hidden else _cost(each, group) or 2.0 * len(own) for each in own}
    least = {each: known.least.get(each, 0) for each in own}
    zeros = [each for each in own if values[each] == 0 and each not in group.of_others]
    others = [each for each in own if values[each]]
    width, found = group.widths.get((reader, cell)) or known.small.get(cell, 1), None
    if values[cell]:
        said = about(others, group.sums, values)
        found = partners(cell, others, said, values, costs, {each: least[each] or 1 for each in others}, width)
    if found is None or found <= hidden:
        said = about(own, group.sums, values)
        found = partners(cell, own, said, values, costs, least, width, zeros)
    of_this = set(group.of_this) - sent
    for beside in ([cell], sorted(suppressed)):
        if found is None or found <= hidden:
            # all that stands in a sum with it: the last resort
            found = _beside(beside, group.sums) & of_this
    return (found or set()) - hidden


def _cost(cell: int, group: _Group) -> float:
    """Return what it costs to suppress a cell: few cells, and small ones; nothing is said of a zero."""
    values = group.known.cells.values
    return 1 + values[cell] / (1 + max(values[each] for each in group.of_this)) if values[cell] else 0.0


def _beside(cells: Sequence[int], sums: Sequence[Sum]) -> set[int]:
    """Return the cells that stand with these in a sum of several that is known exactly."""
    own = set(cells)
    return set().union(*(one.of for one in sums if len(one.of) > 1 and one.low == one.high and own & set(one.of)))
