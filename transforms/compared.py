"""Words as they are compared: as people read them, and not as keyboards write them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import polars as pl

from config.labels import ALIKE, as_compared

_SPACES = r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
# of so many texts those that come again are looked for first
_MANY = 10_000


def compared(text: pl.Expr) -> pl.Expr:
    """Return a text as it is compared: in small letters, with one kind of dash, of apostrophe and of space."""
    return text.map_batches(_all_compared, return_dtype=pl.String, is_elementwise=True)


def _all_compared(texts: pl.Series) -> pl.Series:
    """Return texts as they are compared; where the same few come again and again, each of them is made once."""
    if len(texts) < _MANY or texts.head(_MANY).n_unique() > _MANY // 10:
        return _each_compared(texts)
    distinct = texts.unique()
    if len(distinct) > len(texts) // 2:
        return _each_compared(texts)
    return texts.replace_strict(distinct, _each_compared(distinct), default=None, return_dtype=pl.String)


def _each_compared(texts: pl.Series) -> pl.Series:
    # a letter of one byte can be put together in no other way, which takes longest to find out
    plain = (texts.str.len_bytes() == texts.str.len_chars()).all()
    text = pl.col("text")
    alike = (text if plain else text.str.normalize("NFC")).str.replace_many(list(ALIKE), list(ALIKE.values()))
    small = alike.str.replace_all(_SPACES, " ").str.strip_chars(" ").str.to_lowercase()
    return texts.to_frame("text").select(small if plain else small.str.replace_all("ß", "ss")).to_series()


def spellings(values: Iterable[str], in_french: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return values by each of their spellings, as these are compared: in English and French, with accents or without.

    Where two values have a spelling in common, it is of the one that is written so.
    """
    known: dict[str, str] = {}
    for value in values:
        for spelling in in_french.get(value, ()):
            known.setdefault(as_compared(spelling), value)
            known.setdefault(_bare(as_compared(spelling)), value)
    return known | {as_compared(value): value for value in values}


def _bare(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
