"""From text as it stands in the cells to typed columns.

A source table comes in as text, one column a contract column, with where each row stood (`_file`, `_sheet`, `_row`).
It goes out with the same rows in the same order and, for each column `c`:

- `c`: the value in its type, null where there is none or where the text does not say one;
- `c__text`: the text of the cell, untouched, null where the cell holds one of the contract's null tokens;
- `c__unclear`: for numbers and some dates, whether the text says more than one value (transforms.notation);
- `c_obs_status`: for columns whose contract gives meanings to words, the SDMX observation status.

What a rule needs to know beside the row stands in further columns with two underscores (`mission__start`), which
the gate drops again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from config import Column, Contract, Cycle, Table
from config.parts import OfRows
from config.stated import Share
from config.unclear import compared_key, is_percent, may_be_unclear, names_country
from transforms import notation
from transforms.compared import compared, spellings
from transforms.country_names import named
from transforms.notation import Habits

PLACE = ("_file", "_sheet", "_row")
# twelve digits: no count of people or events has more, and the sums of larger ones would lose their last digits
MOST_COUNTED = 10**12 - 1
_BLANK = " \t\r\n\u00a0" + notation.INVISIBLE
_OTHER_SPACE = r"\s{2,}|[\s&&[^ ]]"
# numbers keep what may part two of them
_SPACE_OF_A_NUMBER = r"[\p{Zs}&&[^ ]]"
French = Mapping[str, tuple[str, ...]]
_YES = ("y", "yes", "oui", "o", "x", "true", "1", "✓")
_NO = ("n", "no", "non", "false", "0", "none", "néant", "neant")


def standardise(
    text: pl.LazyFrame,
    table: Table,
    contract: Contract,
    config: OfRows,
    parents: Mapping[str, pl.LazyFrame],
    cycle: Cycle | None = None,
    *,
    streamed: bool = False,
) -> pl.LazyFrame:
    """Type a source table.

    In: `text` with the columns of `Table.columns_read` (all String), `_file`, `_sheet`, `_row` and, where missions
    send, `mission` (the canonical acronym); `parents`, the staged tables that `refers_to` names.
    Out: the columns described above, plus `<parent>__found` for each reference, `<column>__borne_out` for each
    column that states something of the others, null where nothing is stated, `<column>__of_one` for each column in
    percent that may hold shares of one, `<column>__known` for each that names countries: whether it names one, and
    `<column>__key` for each text of a key: as it is compared. What refers to a row is spelt as that row has it.
    Same rows, same order. How each file writes its numbers is looked up at once; `streamed` says that the text is too
    large to be held for that.
    """
    columns = table.columns_read
    in_french = config.messages.values
    missions = _mission_codes(config)
    texts = [
        pl.when(pl.col(name).str.strip_chars(_BLANK).is_in(list(contract.nulls)).not_())
        .then(pl.col(name))
        .alias(f"{name}__text")
        for name in columns
    ]
    stripped = text.with_columns(texts).with_columns(
        _stripped(f"{name}__text", column).alias(name) for name, column in columns.items()
    )
    habits = notation.habits(stripped, table, streamed=streamed)
    unclear = [
        notation.unclear(name, column, habits).alias(f"{name}__unclear")
        for name, column in columns.items()
        if may_be_unclear(column)
    ]
    statuses = [
        _obs_status(name, column, in_french).alias(f"{name}_obs_status")
        for name, column in columns.items()
        if column.words
    ]
    typed = stripped.with_columns(unclear).with_columns(
        *(_typed(name, column, missions, habits, in_french).alias(name) for name, column in columns.items()), *statuses
    )
    typed = typed.with_columns(
        country for name in columns if names_country(name, table) for country in named(name, table, config.countries)
    )
    typed = typed.with_columns(_beside(table, contract, config))
    typed = typed.with_columns(*_borne_out(table, cycle), *_shares_of_one(table, cycle, habits))
    keys = dict.fromkeys((*table.key, *(key for of in table.refers_to.values() for key in of)))
    freely = [name for name in keys if compared_key(name, table) != name]
    typed = typed.with_columns(compared(pl.col(name)).alias(compared_key(name, table)) for name in freely)
    for parent, names in table.refers_to.items():
        typed = _referred(typed, parents[parent], parent, names, table)
    return typed


def _referred(typed: pl.LazyFrame, parent: pl.LazyFrame, name: str, keys: Sequence[str], table: Table) -> pl.LazyFrame:
    """Say which rows name a row of another table, and spell its key as that table does."""
    by = [compared_key(key, table) for key in keys]
    freely = [key for key, same in zip(keys, by, strict=True) if key != same]
    spelt = {key: f"{key}__of_{name}" for key in freely}
    known = parent.select(
        *(
            compared(pl.col(key)).alias(same) if key in spelt else pl.col(key)
            for key, same in zip(keys, by, strict=True)
        ),
        *(pl.col(key).alias(other) for key, other in spelt.items()),
        pl.lit(True).alias(f"{name}__found"),
    ).unique(by, keep="first", maintain_order=True)
    return (
        typed.join(known, on=by, how="left", maintain_order="left")
        .with_columns(
            pl.col(f"{name}__found").fill_null(False),
            *(pl.coalesce(other, key).alias(key) for key, other in spelt.items()),
        )
        .drop(spelt.values())
    )


def mapped(text: pl.Expr, values: Mapping[str, object], dtype: type[pl.DataType]) -> pl.Expr:
    """Return the value that stands for a text, null where none does.

    Polars' own `replace_strict` of an expression holds the whole column, so that a frame larger than memory could not
    be streamed; of a series it does the same to as much of it as is at hand.
    """
    known, meant = pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=dtype)

    def of(some: pl.Series) -> pl.Series:
        return some.replace_strict(known, meant, default=None, return_dtype=dtype)

    return text.map_batches(of, return_dtype=dtype, is_elementwise=True)


def _stripped(name: str, column: Column) -> pl.Expr:
    # inner runs of white space are one space, so that a line break inside a cell does not make another word; single
    # spaces, which most are, are not touched
    spaces = _SPACE_OF_A_NUMBER if column.type in ("count", "number") else _OTHER_SPACE
    unusual = rf"{spaces}|^\s|\s$|[{notation.INVISIBLE}]"

    def of(some: pl.Series) -> pl.Series:
        # in most columns no cell needs it, which is seen in half the time
        if not some.str.contains(unusual).any():
            return some
        text = notation.without_invisible(pl.col("text")).str.replace_all(spaces, " ").str.strip_chars()
        return some.to_frame("text").select(text).to_series()

    return pl.col(name).map_batches(of, return_dtype=pl.String, is_elementwise=True)


def _typed(name: str, column: Column, missions: dict[str, str], known: Habits, in_french: French) -> pl.Expr:
    cell = pl.col(name)
    match column.type:
        case "text":
            if column.one_of is None:
                return cell
            spelt = mapped(compared(cell), spellings(column.one_of, in_french), pl.String)
            return pl.coalesce(spelt, cell)
        case "count":
            count = cell.map_batches(_whole, return_dtype=pl.Int64, is_elementwise=True)
            within = count.is_between(-MOST_COUNTED, MOST_COUNTED) & ~pl.col(f"{name}__unclear")
            return _worded(cell, pl.when(within).then(count), column, in_french)
        case "number":
            said = cell.str.replace(r"^([-+]?[0-9., ']+?) ?%$", "$1") if is_percent(column) else cell
            number = _number(said)
            # of more than fifteen digits a spreadsheet shows no more, and the last ones are noise
            shown = pl.when(said.str.len_bytes() > len("0.") + 15).then(number.round_sig_figs(15)).otherwise(number)
            return _worded(cell, pl.when(~pl.col(f"{name}__unclear")).then(shown), column, in_french)
        case "date":
            day = pl.coalesce(_date(name, form, known) for form in column.formats)
            # what no calendar has, a spreadsheet cannot show and Python cannot hold
            within = day.dt.year().is_between(1, 9999)
            clear = ~pl.col(f"{name}__unclear") if may_be_unclear(column) else pl.lit(True)
            return pl.when(within & clear).then(day)
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


def _worded(cell: pl.Expr, number: pl.Expr, column: Column, in_french: French) -> pl.Expr:
    said = {word: int(means) for word, means in _meanings(column, in_french).items() if not means.isalpha()}
    if not said:
        return number
    return pl.coalesce(number, mapped(compared(cell), said, pl.Int64))


def _meanings(column: Column, in_french: French) -> dict[str, str]:
    """Return what the words of a column mean, by each of their spellings."""
    words = column.words or {}
    return {spelling: words[word] for spelling, word in spellings(words, in_french).items()}


def _obs_status(name: str, column: Column, in_french: French) -> pl.Expr:
    meanings = _meanings(column, in_french).items()
    statuses = {word: means if means.isalpha() else "A" for word, means in meanings}
    cell = pl.col(name)
    said = mapped(compared(cell), statuses, pl.String).fill_null("A")
    return pl.when(cell.is_null()).then(pl.lit("O")).otherwise(said)


def _whole(cells: pl.Series) -> pl.Series:
    """Return the whole numbers that cells say, null where a cell says none."""
    plain = cells.cast(pl.Int64, strict=False)
    if plain.null_count() == cells.null_count():
        return plain
    number = _number(pl.col("cell"))
    # what a spreadsheet computes may be off in the fifteenth digit
    whole = (number - number.round()).abs() <= pl.min_horizontal(1e-12 * number.abs() + 1e-12, 1e-6)
    rounded = pl.when(whole).then(number.round().cast(pl.Int64, strict=False))
    return cells.to_frame("cell").select(pl.coalesce(plain, rounded)).to_series()


def _number(cell: pl.Expr) -> pl.Expr:
    # 1,234 and 1 234 are written for thousands; a comma before other than three digits is not guessed at
    bare = pl.when(cell.str.contains(notation.GROUPED)).then(cell.str.replace_all(r"[, ']", ""))
    number = pl.coalesce(bare, cell).cast(pl.Float64, strict=False)
    # INF and NaN are words, and no numbers that anything could be counted from
    return pl.when(number.is_finite()).then(number)


def _date(name: str, form: str, known: Habits) -> pl.Expr:
    cell = pl.col(name)
    if form == "iso":
        written = cell.str.contains(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$")
        return pl.when(written).then(cell.str.head(len("2024-04-30"))).str.to_date("%Y-%m-%d", strict=False)
    if form == "epoch_ms":
        return notation.of_epoch(name, known)
    return notation.day_month(name, "%d/%m/%Y" if form == "dmy" else "%m/%d/%Y")


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
        if statement.share and (expected := _percentage(statement.share, cycle)) is not None:
            said = pl.col(statement.share.column)
            # a whole number was rounded to one, and 81.5 to a tenth
            rounding = pl.when(said == said.round(0)).then(0.5).otherwise(0.05)
            borne_out = (said - expected).abs() <= rounding + 1e-9
            found.append(borne_out.alias(f"{statement.share.column}__borne_out"))
    return found


def _percentage(share: Share, cycle: Cycle | None) -> pl.Expr | None:
    """Return what percentage part and base give, null where the base is zero; None where the cycle is not known."""
    if share.base == "days_of_cycle":
        return 100 * pl.col(share.part) / cycle.days if cycle else None
    # of nothing there is no share that could be another one
    return pl.when(pl.col(share.base) != 0).then(100 * pl.col(share.part) / pl.col(share.base))


def _shares_of_one(table: Table, cycle: Cycle | None, known: Habits) -> list[pl.Expr]:
    expected = {
        statement.share.column: _percentage(statement.share, cycle) for statement in table.states if statement.share
    }
    return [
        notation.share_of_one(name, known, expected.get(name)).alias(f"{name}__of_one")
        for name, column in table.columns_read.items()
        if is_percent(column)
    ]
