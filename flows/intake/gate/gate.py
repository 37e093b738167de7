"""Step three: hold files and rows against the rules.

Each function takes and gives paths in the private store, never frames, so that a step can run anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date

import polars as pl

from config import Contract, Cycle, Table
from config.earlier import compared_numbers
from config.parts import OfFiles, OfRows
from expectations.columns import SCHEMA
from expectations.questions import is_question
from flows.core.records import (
    Compared,
    GatedTable,
    JudgedFiles,
    Numbers,
    PassedOver,
    ReadSubmission,
    TableText,
)
from flows.intake.gate import decisions
from flows.intake.gate.of_files import FILE_ROW, NEWEST_TEMPLATE, TABLE_ROW, file_row, reporting, table_rows
from flows.intake.gate.of_parts import Parts, across_parts, counted_by_file, newest_parts
from flows.intake.gate.regions import in_doubt, regions_of
from flows.intake.gate.workspace import Desk, desk_for
from flows.stores import Store, frames
from transforms.corrections import correct
from transforms.earlier import beside, numbers
from transforms.standardise import standardise


def judge_files(
    reads: Sequence[ReadSubmission],
    told: tuple[Sequence[Compared], Sequence[PassedOver]],
    feeding: Mapping[str, frozenset[str]],
    config: OfFiles,
    cycle: Cycle | None,
    private: Store,
    *,
    placed: bool = True,
) -> JudgedFiles:
    """Hold all files of a cycle against the rules on files, in one frame of files and one of their tables.

    `told` is what is told of them beside others (flows.intake.gate.compared), and the files that were not looked at
    since these took their place; `feeding` has for each table the columns that figures are made from. `placed` is false
    for a file that does not stand in an inbox, so that its folder says nothing.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.files import file_rules, region_rules, table_rules
    from expectations.findings import judge

    whole, texts, waivers = Parts(reads), config.messages, config.waivers
    files = pl.DataFrame(
        [file_row(one, config, placed, whole) for one in reads], schema=FILE_ROW, infer_schema_length=None
    )
    rules = file_rules(cycle.number if cycle else None, texts)
    of_files = judge(decisions.by_content(files, reads), rules, texts, waivers=waivers)
    # what cannot be read cannot be used, waived or not
    unreadable = files.filter(pl.col("problem").is_not_null())["_file"]
    refused = frozenset([*files["_file"][of_files.refused], *unreadable])
    usable = [one for one in reads if one.submission.file not in refused]
    tables = pl.DataFrame(
        [row for one in usable for row in table_rows(one, config.contract(one.submission.source), whole)],
        schema=TABLE_ROW,
    )
    of_tables = judge(decisions.by_content(tables, reads), table_rules(texts), texts, waivers=waivers)
    regions = regions_of(usable, *told, config, feeding)
    of_regions = judge(decisions.by_content(regions, reads), region_rules(texts), texts, waivers=waivers)
    refused_tables = frozenset(
        pl.concat(
            [tables[of_tables.refused].select("_file", "table"), regions[of_regions.refused].select("_file", "table")]
        ).iter_rows()
    )
    # a file none of whose tables can be used is refused as a whole, so that an earlier one takes its place
    refused |= {
        one.submission.file
        for one in reads
        if one.texts
        and {(one.submission.file, table) for table in reporting(one.found, config.contract(one.submission.source))}
        <= refused_tables
    }
    findings = pl.concat([of_files.findings, of_tables.findings, of_regions.findings])
    used = Counter(of_files.used) + Counter(of_tables.used) + Counter(of_regions.used)
    doubtful = in_doubt(of_regions.findings, refused_tables)
    return JudgedFiles(refused, refused_tables, frames.put(private, "findings/files", findings), used, doubtful)


def gate_table(
    contract: Contract,
    table_name: str,
    texts: Sequence[TableText],
    parents: Mapping[str, str],
    config: OfRows,
    cycle: Cycle | None,
    earlier: Numbers,
    private: Store,
) -> GatedTable:
    """Hold the rows of one source table against its contract and business rules.

    In: the text of the table in each file of its source, also where that is refused, the staged paths of the tables
    that this one refers to, and the numbers of earlier cycles that it is held against.
    Every row read is staged or in quarantine; AssertionError where one is lost, which is a mistake of the pipeline.
    """
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.findings import NO_REASONS, judge
    from expectations.plausible import questions_of_history
    from expectations.rows import row_rules
    from expectations.rule import Setting

    table = contract.tables[table_name]
    accepted, refused = ([one for one in texts if one.refused == out] for out in (False, True))
    corrected_here = [one for one in config.corrections if (one.source, one.table) == (contract.source, table_name)]
    setting = Setting(config, contract, cycle)
    rules = row_rules(table_name, setting)
    with ExitStack() as stack:
        desk = desk_for(sum(one.rows for one in texts), private, stack)
        # a register of so many rows holds no numbers that come again
        held_against = earlier if compared_numbers(table) and not desk.streamed else ()
        rules = across_parts([*rules, *(questions_of_history(table, setting) if held_against else ())], accepted)
        text = correct(joined_texts(accepted, table, desk), corrected_here)
        found_in = {name: desk.scan(path) for name, path in parents.items()}
        typed = standardise(text, table, contract, config, found_in, cycle, streamed=desk.streamed)
        typed = typed.with_columns(_known_by=_known_by(table))
        if held_against:
            typed = beside(typed, {number: desk.scan(path).collect() for number, path in earlier}, table)
        typed = desk.held(typed)
        typed, repeated = newest_parts(typed, accepted, table_name, contract, desk)
        findings, reasons, used = pl.DataFrame(schema=SCHEMA), NO_REASONS, Counter[str]()
        impossible: Mapping[str, tuple[str, ...]] = {}
        if accepted:
            verdict = judge(
                typed,
                rules,
                config.messages,
                source=contract.source,
                table=table_name,
                key=table.key,
                waivers=config.waivers,
                answered_in=table.answered_in,
                streamed=desk.streamed,
            )
            corrected, times = decisions.applied(text, corrected_here, contract, config.messages)
            findings, reasons = pl.concat([verdict.findings, corrected]), verdict.reasons
            used, impossible = Counter(verdict.used) + Counter(times), verdict.impossible
        told = typed.with_row_index("position").join(reasons.lazy(), on="position", how="left", maintain_order="left")
        refused_files = joined_texts(refused, table, desk).rename(
            {name: f"{name}__text" for name in table.columns_read}
        )
        by_file = refused_files.with_columns(reasons=pl.lit("the file was refused"))
        staged_path, staged = desk.put(
            f"staged/{table_name}", told.filter(pl.col("reasons").is_null()).select(_staged_columns(table, contract))
        )
        held = [told.filter(pl.col("reasons").is_not_null()), by_file, *repeated]
        quarantine_path, quarantined = desk.put(
            f"quarantine/{table_name}", pl.concat(frame.select(_quarantine_columns(table)) for frame in held)
        )
        return GatedTable(
            source=contract.source,
            table=table_name,
            staged=staged_path,
            quarantine=quarantine_path,
            findings=frames.put(private, f"findings/{table_name}", findings),
            newest=_newest(staged, table),
            rows=_conserved(texts, table_name, staged, quarantined),
            sums=_sums(staged, table),
            used=used,
            impossible=impossible,
            questions=_asked(findings),
            answers=_answered(findings),
            # later cycles are held against them, and do not gate this one again
            numbers=None if desk.streamed else frames.put(private, "numbers", numbers(staged, table), lasting=True),
            repeated={file: many for frame in repeated for file, many in counted_by_file(frame).items()},
        )


def _asked(findings: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count for each column, by mission or ALL, the numbers of which the source is asked whether they are right."""
    counts: dict[str, dict[str, int]] = {}
    asked = findings.filter(is_question(), pl.col("waived").is_null()).group_by("column", _whose()).len()
    for column, mission, number in asked.sort(pl.all()).iter_rows():
        counts.setdefault(column, {})[mission] = number
    return counts


def _answered(findings: pl.DataFrame) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return for each column, by mission or ALL, what explains its unusual numbers."""
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    answered = findings.filter(is_question(), pl.col("waived").is_not_null())
    said = pl.col("waived").str.splitn(": ", 2).struct.field("field_1").unique().sort()
    by_mission = answered.group_by("column", _whose()).agg(said).sort("column", "mission")
    for column, mission, answers in by_mission.iter_rows():
        texts.setdefault(column, {})[mission] = tuple(answers)
    return texts


def _whose() -> pl.Expr:
    return pl.col("mission").fill_null("ALL")


def _conserved(
    texts: Sequence[TableText], table: str, staged: pl.LazyFrame, quarantined: pl.LazyFrame
) -> dict[str, tuple[int, int, int]]:
    kept, held = counted_by_file(staged), counted_by_file(quarantined)
    rows = {}
    for one in texts:
        file = one.file
        rows[file] = (one.rows, kept.get(file, 0), held.get(file, 0))
        assert rows[file][0] == rows[file][1] + rows[file][2], (
            f"{table} of {file}: {rows[file][0]} rows read, {rows[file][1]} staged and {rows[file][2]} quarantined"
        )
    return rows


def _sums(staged: pl.LazyFrame, table: Table) -> dict[str, dict[str, int]]:
    """Return for each file of which rows are staged the sums of its main numbers."""
    if not table.main_numbers:
        return {}
    # where every cell is blank there is no sum, and none of zero
    summed = (pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in table.main_numbers)
    sums = staged.group_by("_file").agg(summed).sort("_file").collect()
    return {
        row["_file"]: {name: row[name] for name in table.main_numbers if row[name] is not None}
        for row in sums.iter_rows(named=True)
    }


def table_texts(table: str, reads: Sequence[ReadSubmission], judged: JudgedFiles) -> list[TableText]:
    """Return the text of a table in each file of its source that has it, in the order of their names."""
    newest_first = [
        one.submission for one in reads if one.submission.part and one.submission.file not in judged.refused
    ]
    turns = {one.file: number for number, one in enumerate(newest_first)} if len(newest_first) > 1 else {}
    return [
        TableText(
            file := one.submission.file,
            one.submission.sha256,
            one.submission.mission,
            one.submission.received_at.date(),
            one.texts[table],
            one.found.tables[table].rows,
            file in judged.refused or (file, table) in judged.refused_tables,
            one.found.habits,
            one.found.template,
            turns.get(file),
        )
        for one in sorted(reads, key=lambda one: one.submission.file)
        if table in one.texts
    ]


def joined_texts(texts: Sequence[TableText], table: Table, desk: Desk) -> pl.LazyFrame:
    """Return the text of a table from all its files, each row with its file, hash, mission and day of receipt."""
    parts = []
    for one in texts:
        beside: dict[str, str | None] = {
            "_file": one.file,
            "_sha256": one.sha256,
            "_habits": " ".join(one.habits),
        }
        if "mission" not in table.columns_read:
            beside["mission"] = one.mission
        parts.append(
            desk.scan(one.text).with_columns(
                *(pl.lit(value, pl.String).alias(name) for name, value in beside.items()),
                pl.lit(one.received_on, pl.Date).alias("_received_on"),
                pl.lit(one.template or NEWEST_TEMPLATE, pl.Int32).alias("_template"),
            )
        )
    if parts:
        return pl.concat(parts)
    text = dict.fromkeys([*table.columns_read, "_sheet", "_file", "_sha256", "_habits", "mission"])
    schema = (
        dict.fromkeys(text, pl.String)
        | {"_row": pl.UInt32, "_shifted": pl.Boolean, "_received_on": pl.Date}
        | {"_template": pl.Int32}
    )
    return pl.LazyFrame(schema=schema)


def _known_by(table: Table) -> pl.Expr:
    """Return the day by which the row was known: the source's own update stamp, else the day of receipt."""
    stamps = [name for name in table.as_of if name != table.dated_by]
    return pl.coalesce(*(pl.col(name) for name in stamps), pl.col("_received_on"))


def _staged_columns(table: Table, contract: Contract) -> list[str]:
    mission = ["mission"] if contract.sent_by == "missions" else []
    statuses = [f"{name}_obs_status" for name, column in table.columns_read.items() if column.words]
    return list(dict.fromkeys([*mission, *table.columns_read, *statuses, "_file", "_sha256", "_sheet", "_row"]))


def _quarantine_columns(table: Table) -> list[pl.Expr]:
    texts = [pl.col(f"{name}__text").alias(name) for name in table.columns_read]
    return [pl.col("_file"), pl.col("_sha256"), pl.col("_sheet"), pl.col("_row"), *texts, pl.col("reasons")]


def _newest(staged: pl.LazyFrame, table: Table) -> date | None:
    for name in table.as_of:
        newest = staged.select(pl.col(name).max()).collect().item()
        if isinstance(newest, date):
            return newest
    return None
