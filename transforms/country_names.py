"""Countries are spelt in many ways, and each is one: by its code, or by any of its names in English and French."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from config import Country, Table, normalised_header

# what a spreadsheet writes in place of a value has rules of its own
_NO_NAME = r"^(?:#|\(|(?i:err):)"


def named(name: str, table: Table, countries: Mapping[str, Country]) -> list[pl.Expr]:
    """Return a column's countries as the registry names them, and whether it knows them (`<column>__known`).

    In: a typed column, and the columns of codes that are of it. A name that is not known is what its code says; where
    that says nothing either, it stays as it was written, and is not known. A blank cell is neither.
    """
    by_code = {iso3: country.name for iso3, country in countries.items()}
    by_code |= {country.m49: country.name for country in countries.values()}
    by_name = _by_name(countries) | {code.lower(): country for code, country in by_code.items()}
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


def _by_name(countries: Mapping[str, Country]) -> dict[str, str]:
    """Return countries by all that they are called; what the configuration says counts before what registries say."""
    known: dict[str, str] = {}
    registered = _registered()
    for names in (
        {iso3: registered.get(iso3, ()) for iso3 in countries},
        {iso3: (country.name, *country.aliases) for iso3, country in countries.items()},
    ):
        for iso3, spellings in names.items():
            known |= {key: countries[iso3].name for said in spellings for key in (said.lower(), _compared(said))}
    return known


@cache
def _registered() -> Mapping[str, tuple[str, ...]]:
    """Return the names of countries by ISO 3166 alpha-3: those of ISO 3166, and those of CLDR in English and French."""
    import pycountry
    from babel import Locale

    territories = [Locale(language).territories for language in ("en", "fr")]
    names = {}
    for country in pycountry.countries:
        of_iso = (getattr(country, kind, None) for kind in ("name", "official_name", "common_name"))
        of_cldr = (by_code.get(country.alpha_2) for by_code in territories)
        names[country.alpha_3] = tuple(name for name in (*of_iso, *of_cldr) if name)
    return names


def _known(text: str, by_name: Mapping[str, str]) -> str | None:
    """Return the name of a country that a text spells, also where it was read in the wrong encoding once."""
    if text.isdigit():
        text = text.zfill(len("004"))
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
