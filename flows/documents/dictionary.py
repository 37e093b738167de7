"""The data dictionary: what each source delivers and what each curated table holds, from contracts and docstrings."""

from __future__ import annotations

from collections.abc import Iterable

from config import NONE, Config, Contract
from flows.core.quality_tables import ENTRIES
from transforms import catalogue, figures, series, star
from transforms.dictionary import TableEntry, with_cycle


def entries() -> dict[str, TableEntry]:
    """Return the entry of every table that a release may hold."""
    public = {name: entry for name, entry in catalogue.entries().items() if not catalogue.is_private(name)}
    quality = {name: with_cycle(entry) for name, entry in ENTRIES.items()}
    return {**public, "figures": figures.ENTRY, **star.ENTRIES, **quality}


def as_markdown(config: Config) -> str:
    """Return the whole dictionary: the tables of a release, then the sources by their contracts."""
    lines = [
        "# Data dictionary",
        "",
        "Made from the contracts in `config/sources` and the docstrings of the table functions; "
        "`a4p dictionary` writes it anew.",
        "",
        "## Tables of a release",
        "",
        "In the CSV files, a text that begins with `=`, `+`, `-`, `@`, a tab or a line break has an apostrophe before "
        "it, so that no spreadsheet runs it as a formula; the Parquet files hold it as it is. Numbers have none.",
        "",
        "Percentages and percentage points are not rounded, but for `value` and `previous` of `figures`, which are as "
        "the report prints them, and for what a source states itself.",
        "",
    ]
    for name, entry in entries().items():
        lines += _curated(name, entry)
    lines += [
        "## Table over all releases",
        "",
        "It lies in `current/all/tables/`, and in no release: each release that readers are led to changes it.",
        "",
        *_curated(series.NAME, series.ENTRY),
        "## Sources",
        "",
        "A table in which nothing is filled in is refused: a blank is not taken for none or zero. Where the contract "
        f"says that none is an answer (`none_is_an_answer`), the word {NONE.en} or {NONE.fr} in the table's first "
        "column, with nothing else filled in, is accepted and gives no rows. It is an answer and no row: rows read, "
        "staged and quarantined do not count it.",
        "",
        "A word that may stand in the place of a number has in brackets what it is read as: a number, or the SDMX "
        "observation status of a value that is absent.",
        "",
    ]
    for contract in config.contracts.values():
        lines += _source(contract)
    return "\n".join(lines).rstrip() + "\n"


def _curated(name: str, entry: TableEntry) -> Iterable[str]:
    yield from (f"### {name}", "", entry.description, "")
    yield from (f"Source: {entry.source}. Key: {', '.join(entry.key)}.", "")
    if entry.rule:
        yield from (f"Rule: {entry.rule}", "")
    if together := _over_cycles(entry):
        yield from (f"Over cycles: {together}", "")
    if entry.imputed:
        yield from (f"Imputed: {entry.imputed}", "")
    yield from ("| field | holds | unit |", "|---|---|---|")
    for field, said in entry.fields.items():
        yield f"| {field} | {_cell(said.description)} | {said.unit or ''} |"
    yield ""


def _over_cycles(entry: TableEntry) -> str:
    """Say how the tables of several cycles go together, where they are not added one below the other."""
    if entry.dimension:
        return "one row a key, as the newest cycle has it."
    if entry.cumulative:
        return "the newest cycle's rows hold those of the cycles before; do not add them up."
    if entry.period:
        return f"of each {' and '.join(entry.period)}, the rows of the newest cycle that tells of it."
    return ""


def _source(contract: Contract) -> Iterable[str]:
    yield from (f"### {contract.source}", "", f"{contract.title.en} · *{contract.title.fr or contract.title.en}*", "")
    yield f"Owner: {contract.owner}. Classification: {contract.classification}. Brought up to date {contract.cadence},"
    yield from (f"sent by {contract.sent_by}, due {contract.due_days} days after the cycle ends.", "")
    for name, table in contract.tables.items():
        sheet = f", sheet '{table.sheet[0]}'" if table.sheet else ""
        what = f"**{name}**{sheet}: one row is {table.one_row_is}. Key: {', '.join(table.key) or 'none'}."
        if table.none_is_an_answer:
            what += f" Where there is nothing to list: the word {NONE.en} ({NONE.fr}) in its first column."
        yield from (what, "")
        yield from ("| column | type | required | allowed | unit | holds |", "|---|---|---|---|---|---|")
        for column, said in table.columns.items():
            words = (f"{word} ({meaning})" for word, meaning in (said.words or {}).items())
            numbers = ", ".join(filter(None, (_bounds(said.at_least, said.at_most), *words)))
            allowed = ", ".join(said.one_of or ()) or numbers
            note = "personal: never read" if said.personal else said.note.en if said.note else ""
            required = "yes" if said.required else ""
            yield f"| {column} | {said.type} | {required} | {_cell(allowed)} | {said.unit or ''} | {_cell(note)} |"
        yield ""


def _bounds(low: float | None, high: float | None) -> str:
    parts = [f"from {low:g}" if low is not None else "", f"to {high:g}" if high is not None else ""]
    return " ".join(part for part in parts if part)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
