"""Files are compared with those that came before them, and with those of other missions.

A file that replaces another, or that continues a cumulative one, holds the keys of that. A file of this cycle does not
hold the numbers of the last one, nor those of another mission. All of it is told from the text that reading left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from config import Contract, Cycle, Table
from config.parts import OfRows
from flows.core.records import Compared, Earlier, ReadSubmission, TableText, Told
from flows.intake.gate.claims import canonical_mission, claimed_cycle
from flows.intake.gate.gate import joined_texts
from flows.intake.gate.workspace import MOST_ROWS_HELD, InMemory
from flows.intake.read import submissions as reading
from flows.intake.read.submissions import Shapes
from flows.stores import Store
from transforms.compared import compared
from transforms.standardise import standardise

# fewer equal numbers, or equal rows, may be alike by chance
_FEWEST_ALIKE = 5
# one or two keys that are gone are a correction
_FEWEST_LOST = 3


@dataclass(frozen=True)
class _Content:
    """What a file holds of a table, in hashes: its rows by key and numbers, and its keys alone.

    `numbers` counts the numbers that are not zero, `unread` the rows whose key could not be read; `later` tells whether
    a row is dated on or after the first day of the cycle.
    """

    rows: pl.Series
    keys: pl.Series
    numbers: int
    unread: int
    later: bool


def compare(
    reads: Sequence[ReadSubmission],
    earlier: Sequence[Earlier],
    contract: Contract,
    otherwise: Mapping[int, Contract],
    cycle: Cycle,
    _of_facts: str,
    config: OfRows,
    private: Store,
    shapes: Mapping[int, Shapes],
) -> list[Compared]:
    """Compare a source's files of a cycle with earlier ones, and those of missions with each other.

    In: the files, and for each of them those that it is compared with; the source's contract, and those of earlier
    cycles that are otherwise; the facts by which rows are read, for which their hash stands in the key of the step; by
    what files are read in each cycle.
    Out: what is to be told of each file, where there is anything. Raises StoreError where the store fails.
    """
    contracts = {one.cycle: otherwise.get(one.cycle, contract) for one in earlier}
    own = [one for one in reads if one.texts]
    names = [name for name in contract.tables if name not in contract.covers]
    if not earlier:
        names = [name for name in names if _numbers(contract.tables[name])]
    now = _contents(own, contract, names, config, cycle, private)
    then = _contents_of_earlier(earlier, {**contracts, cycle.number: contract}, names, config, cycle, private, shapes)
    told = []
    for one, content in zip(own, now, strict=True):
        said: list[Told] = []
        whole = [content, *(now[number] for number, other in enumerate(own) if _is_one_with(one, other))]
        for other in earlier:
            if other.file == one.submission.file:
                before, content_before = other.cycle, then[other.cycle, other.submission.raw]
                of_last_cycle = before < cycle.number
                said += _lost(whole, content_before, contract, one, of_last_cycle)
                if of_last_cycle:
                    as_then = list(_as_last_cycle(content, content_before, contract, one, before))
                    said += as_then or _sent_again(one, other, content, contract)
        if contract.sent_by == "missions":
            said += _as_other_mission(one, content, own, now, contract, config, cycle)
        if said:
            told.append(Compared(one.submission.file, tuple(said)))
    return told


def _lost(
    own: Sequence[Mapping[str, _Content]],
    before: Mapping[str, _Content],
    contract: Contract,
    one: ReadSubmission,
    of_last_cycle: bool,
) -> Iterator[Told]:
    """Tell of tables that do not hold the keys of the file before; `own` is the file, or all its parts."""
    for name, old in before.items():
        table = contract.tables[name]
        parts = [content[name] for content in own if name in content]
        if not parts or (of_last_cycle and not table.cumulative):
            continue
        keys = pl.concat(part.keys for part in parts).unique()
        lost = old.keys.filter(~old.keys.is_in(keys.implode())).len()
        # where a key cannot be read, the rules on rows say so
        lost -= sum(part.unread for part in parts)
        if not table.cumulative:
            # what is named otherwise is not gone
            lost = min(lost, old.keys.len() - keys.len())
        if lost >= _FEWEST_LOST and 100 * lost > table.may_lose_pct * old.keys.len():
            trouble = "keys_lost" if table.cumulative else "rows_lost"
            yield Told(trouble, f"{lost} of {old.keys.len()} rows", name, _sheet(one, name, table))


def _as_last_cycle(
    own: Mapping[str, _Content], before: Mapping[str, _Content], contract: Contract, one: ReadSubmission, number: int
) -> Iterator[Told]:
    """Tell of tables that hold what they held in the last cycle."""
    # of a calendar year two cycles may tell the same
    counted = [
        name for name in own if not any(_is_year(contract.tables[name], key) for key in contract.tables[name].key)
    ]
    alike = _alike({name: own[name] for name in counted}, before)
    for name in own:
        table, content = contract.tables[name], own[name]
        if table.cumulative:
            enough = max(content.keys.len(), content.numbers) >= _FEWEST_ALIKE
            nothing_new = name in before and enough and _same(content, before[name])
            if nothing_new and not content.later:
                yield Told("nothing_new", f"cycle {number}", name, _sheet(one, name, table))
        elif name in alike:
            yield Told("as_last_cycle", f"cycle {number}", name, _sheet(one, name, table))


def _sent_again(
    one: ReadSubmission, earlier: Earlier, own: Mapping[str, _Content], contract: Contract
) -> Iterator[Told]:
    """Tell of a file that is the last cycle's, byte for byte, and has days, none of them of this cycle.

    A register without days may rightly be the same.
    """
    dated = [content for name, content in own.items() if contract.tables[name].dated_by and content.rows.len()]
    if one.submission.sha256 == earlier.submission.sha256 and dated and not any(content.later for content in dated):
        yield Told("as_last_cycle", f"cycle {earlier.cycle}")


def _as_other_mission(
    one: ReadSubmission,
    content: Mapping[str, _Content],
    every: Sequence[ReadSubmission],
    contents: Sequence[Mapping[str, _Content]],
    contract: Contract,
    config: OfRows,
    cycle: Cycle,
) -> Iterator[Told]:
    """Tell of tables that hold what another mission's file holds which came before this one."""
    told = set[str]()
    for other, others in zip(every, contents, strict=True):
        mission = other.submission.mission
        if mission in {None, one.submission.mission} or not _is_its_own(other, config, cycle):
            continue
        if (other.submission.received_at, other.submission.file) > (one.submission.received_at, one.submission.file):
            continue
        for name in _alike(content, others):
            if name not in told:
                told.add(name)
                yield Told("as_other_mission", str(mission), name, _sheet(one, name, contract.tables[name]))


def _is_one_with(one: ReadSubmission, other: ReadSubmission) -> bool:
    """Whether two files are different parts of the same one."""
    own, others = one.submission, other.submission
    of_slot = (own.source, own.mission) == (others.source, others.mission)
    return of_slot and None not in (own.part, others.part) and own.part != others.part


def _is_its_own(one: ReadSubmission, config: OfRows, cycle: Cycle) -> bool:
    """Whether a file is of the mission in whose folder it lies, and of this cycle, as far as it says."""
    mission, of = canonical_mission(one.found.claimed_mission, config.missions), claimed_cycle(one.found, config.cycles)
    return mission in {None, one.submission.mission} and (of is None or of.number == cycle.number)


def _alike(own: Mapping[str, _Content], other: Mapping[str, _Content]) -> list[str]:
    """Return the tables whose numbers are those of another file: five of them, in a table or in all that have any."""
    both = [name for name in own if name in other and (own[name].numbers or other[name].numbers)]
    alike = [name for name in both if _same(own[name], other[name])]
    whole = alike == both and sum(own[name].numbers for name in alike) >= _FEWEST_ALIKE
    return alike if whole else [name for name in alike if own[name].numbers >= _FEWEST_ALIKE]


def _same(one: _Content, other: _Content) -> bool:
    return one.rows.equals(other.rows)


def _is_year(table: Table, key: str) -> bool:
    return key in table.columns and table.columns[key].type == "count"


def _sheet(one: ReadSubmission, name: str, table: Table) -> str | None:
    return one.found.tables[name].sheet or table.sheet_name("en")


def _numbers(table: Table) -> list[str]:
    columns = table.columns_read.items()
    return [name for name, column in columns if column.type in ("count", "number") and name not in table.key]


def _contents_of_earlier(
    earlier: Sequence[Earlier],
    contracts: Mapping[int, Contract],
    names: Sequence[str],
    config: OfRows,
    cycle: Cycle,
    private: Store,
    shapes: Mapping[int, Shapes],
) -> dict[tuple[int, str], dict[str, _Content]]:
    """Return what each earlier file holds of the tables that still have the same key and the same numbers."""
    contents: dict[tuple[int, str], dict[str, _Content]] = {}
    for number in sorted({one.cycle for one in earlier}):
        contract, now = contracts[number], contracts[cycle.number].tables
        alike = [
            name
            for name in names
            if (old := contract.tables.get(name)) and (old.key, _numbers(old)) == (now[name].key, _numbers(now[name]))
        ]
        of = list(dict.fromkeys(one.submission for one in earlier if one.cycle == number))
        reads = [reading.read(one, shapes[number], private) for one in of]
        found = _contents(reads, contract, alike, config, cycle if number == cycle.number else None, private)
        contents |= {(number, one.raw): content for one, content in zip(of, found, strict=True)}
    return contents


def _contents(
    reads: Sequence[ReadSubmission],
    contract: Contract,
    names: Iterable[str],
    config: OfRows,
    cycle: Cycle | None,
    private: Store,
) -> list[dict[str, _Content]]:
    """Return what each file holds, by table; nothing of one that it lacks, or in which nothing is filled in."""
    contents: list[dict[str, _Content]] = [{} for _ in reads]
    for name in names:
        texts = [
            TableText(
                str(position),
                one.submission.sha256,
                one.submission.mission,
                one.submission.received_at.date(),
                one.texts[name],
                found.rows,
                habits=one.found.habits,
            )
            for position, one in enumerate(reads)
            if name in one.texts and not (found := one.found.tables[name]).missing and not found.blank
        ]
        if texts:
            rows = _rows(texts, contract.tables[name], contract, config, cycle, private)
            for text in texts:
                contents[int(text.file)][name] = _content(rows.filter(pl.col("_file") == text.file))
    return contents


def _rows(
    texts: Sequence[TableText], table: Table, contract: Contract, config: OfRows, cycle: Cycle | None, private: Store
) -> pl.DataFrame:
    """Return the rows of a table in several files: hashes of the key, and of key and numbers, and what else counts."""
    numbers, keys = _numbers(table), [name for name in table.key if name in table.columns_read]
    needed = dict.fromkeys([*keys, *numbers, *([table.dated_by] if table.dated_by else [])])
    columns = {name: table.columns[name].model_copy(update={"of": None}) for name in needed}
    slim = table.model_copy(update={"columns": columns, "refers_to": {}, "states": ()})
    text = joined_texts(texts, table, InMemory(private))
    # of few rows the streaming engine would spend twice as long
    streamed = sum(one.rows for one in texts) > MOST_ROWS_HELD
    typed = standardise(
        text.select({*needed, "mission", "_file", "_sheet", "_row", "_habits"}),
        slim,
        contract,
        config,
        {},
        streamed=streamed,
    )
    key = pl.concat_str([pl.lit(""), *(compared(pl.col(name).cast(pl.String)) for name in keys)], separator="\x1f")
    said = [pl.col(name).cast(pl.Float64).cast(pl.String).fill_null("") for name in numbers]
    day = pl.col(table.dated_by) if table.dated_by else pl.lit(None, pl.Date)
    # a row that is not of the cycle was refused, and never counted
    of_cycle = (
        day.is_between(cycle.start, cycle.end) if cycle and table.within_cycle and table.dated_by else pl.lit(True)
    )
    return typed.select(
        "_file",
        key=key.hash(),
        row=pl.concat_str([key.fill_null(""), *said], separator="\x1f").hash(),
        numbers=pl.sum_horizontal(pl.lit(0), *((pl.col(name) != 0).fill_null(False) for name in numbers)),
        later=(day >= cycle.start).fill_null(False) if cycle else pl.lit(False),
        unread=key.is_null(),
        of_cycle=of_cycle.fill_null(False),
    ).collect(engine="streaming" if streamed else "in-memory")


def _content(rows: pl.DataFrame) -> _Content:
    keys = rows.filter(~pl.col("unread") & pl.col("of_cycle"))["key"].unique()
    return _Content(
        rows["row"].sort(), keys, int(rows["numbers"].sum()), int(rows["unread"].sum()), bool(rows["later"].any())
    )
