"""From text as it stands in the cells to typed columns.

A source table comes in as text, one column a contract column, with where each row stood (`_file`, `_sheet`, `_row`).
It goes out with the same rows in the same order and, for each column `c`:

- `c`: the value in its type, null where there is none or where the text does not say one;
- `c__text`: the text of the cell, untouched, null where the cell holds one of the contract's null tokens;
- `c_obs_status`: for columns whose contract gives meanings to words, the SDMX observation status.

What a rule needs to know beside the row stands in further columns with two underscores (`mission__start`), which
the gate drops again.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Column, Contract, Cycle, Table
from config.parts import OfRows

PLACE = ("_file", "_sheet", "_row")
# twelve digits: no count of people or events has more, and the sums of larger ones would lose their last digits
MOST_COUNTED = 10**12 - 1
_SPACE = r"[\s\u{a0}\u{2007}\u{202f}\u{feff}]"
_OTHER_SPACE = r"[\s\u{a0}\u{2007}\u{202f}\u{feff}&&[^ ]]"
_YES = ("y", "yes", "oui", "o", "x", "true", "1", "✓")
_NO = ("n", "no", "non", "false", "0", "none")


def standardise(
    text: pl.LazyFrame,
    table: Table,
    contract: Contract,
    config: OfRows,
    parents: Mapping[str, pl.LazyFrame],
    cycle: Cycle | None = None,
) -> pl.LazyFrame:
    """Type a source table.

    In: `text` with the columns of `Table.columns_read` (all String), `_file`, `_sheet`, `_row` and, where missions
    send, `mission` (the canonical acronym); `parents`, the staged tables that `refers_to` names.
    Out: the columns described above, plus `<parent>__found` for each reference and `<column>__borne_out` for each
    column that states something of the others, null where nothing is stated. Same rows, same order.
    """
    columns = table.columns_read
    missions = _mission_codes(config)
    texts = [
        pl.when(pl.col(name).str.strip_chars(" \t\r\n\u00a0").is_in(list(contract.nulls)).not_())
        .then(pl.col(name))
        .alias(f"{name}__text")
        for name in columns
    ]
    stripped = text.with_columns(texts).with_columns(_stripped(f"{name}__text").alias(name) for name in columns)
    statuses = [
        _obs_status(name, column).alias(f"{name}_obs_status") for name, column in columns.items() if column.words
    ]
    typed = stripped.with_columns(
        *(_typed(name, column, missions).alias(name) for name, column in columns.items()), *statuses
    )
    typed = typed.with_columns(_beside(table, contract, config)).with_columns(_borne_out(table, cycle))
    for parent, keys in table.refers_to.items():
        known = parents[parent].select(keys).unique().with_columns(pl.lit(True).alias(f"{parent}__found"))
        typed = typed.join(known, on=list(keys), how="left", maintain_order="left").with_columns(
            pl.col(f"{parent}__found").fill_null(False)
        )
    return typed


def mapped(text: pl.Expr, values: Mapping[str, object], dtype: type[pl.DataType]) -> pl.Expr:
    """Return the value that stands for a text, null where none does.

    Polars' own `replace_strict` of an expression holds the whole column, so that a frame larger than memory could not
    be streamed; of a series it does the same to as much of it as is at hand.
    """
    known, meant = pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=dtype)

    def of(some: pl.Series) -> pl.Series:
        return some.replace_strict(known, meant, default=None, return_dtype=dtype)

    return text.map_batches(of, return_dtype=dtype, is_elementwise=True)


def _stripped(name: str) -> pl.Expr:
    # inner runs of white space are one space, so that a line break inside a cell does not make another word; single
    # spaces, which most are, are not touched
    return pl.col(name).str.replace_all(f"{_SPACE}{{2,}}|{_OTHER_SPACE}", " ").str.strip_chars()


def _typed(name: str, column: Column, missions: dict[str, str]) -> pl.Expr:
    cell = pl.col(name)
    match column.type:
        case "text":
            if column.one_of is None:
                return cell
            spellings = {value.lower(): value for value in column.one_of}
            spelt = mapped(cell.str.to_lowercase(), spellings, pl.String)
            return pl.coalesce(spelt, cell)
        case "count":
            number = _number(cell)
            count = pl.coalesce(
                cell.cast(pl.Int64, strict=False),
                pl.when(number == number.round()).then(number.cast(pl.Int64, strict=False)),
            )
            return _worded(cell, pl.when(count.is_between(-MOST_COUNTED, MOST_COUNTED)).then(count), column)
        case "number":
            return _worded(cell, _number(cell), column)
        case "date":
            day = pl.coalesce(_date(cell, form) for form in column.formats)
            # what no calendar has, a spreadsheet cannot show and Python cannot hold
            return pl.when(day.dt.year().is_between(1, 9999)).then(day)
        case "yes_no":
            spellings_of = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
            return mapped(cell.str.to_lowercase(), spellings_of, pl.Boolean)
        case "mission":
            return mapped(cell.str.to_uppercase(), missions, pl.String)
        case "m49":
            return cell.str.extract(r"^(\d{1,3})(?:\.0+)?$").str.zfill(3)
        case "iso3":
            return cell.str.to_uppercase()
        case "cycle":
            return cell.str.extract(r"(\d+)").cast(pl.Int64, strict=False)


def _worded(cell: pl.Expr, number: pl.Expr, column: Column) -> pl.Expr:
    said = {word.lower(): int(means) for word, means in (column.words or {}).items() if not means.isalpha()}
    if not said:
        return number
    return pl.coalesce(number, mapped(cell.str.to_lowercase(), said, pl.Int64))


def _obs_status(name: str, column: Column) -> pl.Expr:
    statuses = {word.lower(): means if means.isalpha() else "A" for word, means in (column.words or {}).items()}
    cell = pl.col(name)
    return (
        pl.when(cell.is_null())
        .then(pl.lit("O"))
        .otherwise(mapped(cell.str.to_lowercase(), statuses, pl.String).fill_null("A"))
    )


def _number(cell: pl.Expr) -> pl.Expr:
    # 1,234 and 1 234 are written for thousands; a comma before other than three digits is not guessed at
    bare = pl.when(cell.str.contains(r"^-?\d{1,3}([, ']\d{3})+(\.\d+)?$")).then(cell.str.replace_all(r"[, ']", ""))
    number = pl.coalesce(bare, cell).cast(pl.Float64, strict=False)
    # INF and NaN are words, and no numbers that anything could be counted from
    return pl.when(number.is_finite()).then(number)


def _date(cell: pl.Expr, form: str) -> pl.Expr:
    if form == "iso":
        written = cell.str.contains(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$")
        return pl.when(written).then(cell.str.head(len("2024-04-30"))).str.to_date("%Y-%m-%d", strict=False)
    if form == "epoch_ms":
        # nine digits or more, so that a bare year or 20240430 is never taken for a day of 1970
        return pl.from_epoch(cell.str.extract(r"^(-?\d{9,15}|0)(?:\.0)?$").cast(pl.Int64, strict=False), "ms").dt.date()
    day = cell.str.extract(r"^(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})$").str.replace_all(r"[.-]", "/")
    return day.str.to_date("%d/%m/%Y" if form == "dmy" else "%m/%d/%Y", strict=False)


def _mission_codes(config: OfRows) -> dict[str, str]:
    return {
        spelling.upper(): code for code, mission in config.missions.items() for spelling in (code, *mission.aliases)
    }


def _beside(table: Table, contract: Contract, config: OfRows) -> list[pl.Expr]:
    """Return what rules compare a row with: its mission's kind and dates, the codes of the country it names."""
    found: list[pl.Expr] = []
    if "mission" in table.columns_read or contract.sent_by == "missions":
        missions = config.missions
        mission = pl.col("mission")
        found += [
            mapped(mission, {c: m.kind for c, m in missions.items()}, pl.String).alias("mission__kind"),
            mapped(mission, {c: m.start for c, m in missions.items()}, pl.Date).alias("mission__start"),
            mapped(mission, {c: m.end for c, m in missions.items()}, pl.Date).alias("mission__end"),
        ]
    for name, column in table.columns_read.items():
        if column.of:
            codes = {
                spelling.lower(): (country.m49 if column.type == "m49" else iso3)
                for iso3, country in config.countries.items()
                for spelling in (country.name, *country.aliases)
            }
            country = pl.col(column.of).str.to_lowercase()
            found.append(mapped(country, codes, pl.String).alias(f"{name}__expected"))
    return found


def _borne_out(table: Table, cycle: Cycle | None) -> list[pl.Expr]:
    """Tell for each column that states a total or a share whether the data bear it out."""
    found: list[pl.Expr] = []
    for statement in table.states:
        if statement.total_row:
            stated = pl.col(statement.total_row.column) == statement.total_row.says
            for column in statement.total_row.of:
                others = pl.when(~stated).then(column).sum().over("_file")
                found.append(pl.when(stated).then(pl.col(column) == others).alias(f"{column}__borne_out"))
        if statement.total:
            parts = pl.sum_horizontal(*statement.total.parts, ignore_nulls=False)
            found.append((pl.col(statement.total.column) == parts).alias(f"{statement.total.column}__borne_out"))
        if statement.share and (cycle or statement.share.base != "days_of_cycle"):
            base = (
                pl.lit(cycle.days)
                if cycle and statement.share.base == "days_of_cycle"
                else pl.col(statement.share.base)
            )
            said = pl.col(statement.share.column)
            # a whole number was rounded to one, and 81.5 to a tenth
            rounding = pl.when(said == said.round(0)).then(0.5).otherwise(0.05)
            off = (said - 100 * pl.col(statement.share.part) / base).abs()
            # of nothing there is no share that could be another one
            borne_out = pl.when(base != 0).then(off <= rounding + 1e-9)
            found.append(borne_out.alias(f"{statement.share.column}__borne_out"))
    return found
