"""Countries are spelt in many ways, and each is one: the one that config/countries.yaml has, by name or by code."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config import Country, Table, normalised_header

# what a spreadsheet writes in place of a value has rules of its own
_NO_NAME = r"^(?:#|\(|(?i:err):)"


def named(name: str, table: Table, countries: Mapping[str, Country]) -> list[pl.Expr]:
    """Return a column's countries as the registry names them, and whether it knows them (`<column>__known`).

    In: a typed column, and the columns of codes that are of it. A name that is not known is what its code says; where
    that says nothing either, it stays as it was written, and is not known. A blank cell is neither.
    """
    by_name = {
        key: country.name
        for country in countries.values()
        for spelling in (country.name, *country.aliases)
        for key in (spelling.lower(), _compared(spelling))
    }
    by_code = {iso3: country.name for iso3, country in countries.items()}
    by_code |= {country.m49: country.name for country in countries.values()}
    codes = [pl.col(code) for code, column in table.columns_read.items() if column.of == name]

    def of_name(some: pl.Series) -> pl.Series:
        spelt = some.drop_nulls().unique()
        known = {text: found for text in spelt if (found := _known(text, by_name))}
        return some.replace_strict(known, default=None, return_dtype=pl.String)

    def of_code(some: pl.Series) -> pl.Series:
        return some.replace_strict(by_code, default=None, return_dtype=pl.String)

    said = pl.col(name)
    country = pl.coalesce(
        said.map_batches(of_name, return_dtype=pl.String, is_elementwise=True),
        *(code.map_batches(of_code, return_dtype=pl.String, is_elementwise=True) for code in codes),
    )
    return [
        pl.when(said.is_not_null()).then(pl.coalesce(country, said)).alias(name),
        pl.when(said.str.contains(_NO_NAME).not_()).then(country.is_not_null()).alias(f"{name}__known"),
    ]


def _known(text: str, by_name: Mapping[str, str]) -> str | None:
    """Return the name of a country that a text spells, also where it was read in the wrong encoding once."""
    for spelling in (text.lower(), _compared(text), *map(_compared, _mended(text))):
        if spelling in by_name:
            return by_name[spelling]
    return None


def _compared(text: str) -> str:
    return normalised_header(text).replace("_", "").removeprefix("the")


def _mended(text: str) -> list[str]:
    """Return what was written, where UTF-8 was read as the encoding of Windows or of the web's first years."""
    found = []
    for encoding in ("cp1252", "latin-1"):
        try:
            found.append(text.encode(encoding).decode())
        except UnicodeError:
            continue
    return found
