"""Countries and areas: those of ISO 3166, as pycountry has them, and what countries.yaml says otherwise of some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import RootModel

from config import checks
from config.loader import Document, parse
from config.places import Country


class _Countries(RootModel[dict[str, Country]]):
    """Countries and areas by ISO 3166 alpha-3."""


def read_countries(document: Document) -> dict[str, Country]:
    """Return the countries by ISO 3166 alpha-3, in the order of their codes.

    In: what is said of some, field by field; one with nothing behind it (`XYZ: ~`) is taken away. Raises ConfigError
    with file and line.
    """
    said: Any = document.data or {}
    if not isinstance(said, dict) or not all(isinstance(entry, dict | None) for entry in said.values()):
        parse(document, _Countries)
    listed = _of_iso_3166()
    known = {code: entry for code, entry in listed.items() if code not in said}
    own = {code: {**listed.get(code, {}), **entry} for code, entry in said.items() if entry is not None}
    # what is said here comes last, so that a mistake is told of it
    whole = replace(document, data={**known, **own})
    countries = parse(whole, _Countries).root
    checks.codes_are_unique(countries, whole)
    return {code: countries[code] for code in sorted(countries)}


def _of_iso_3166() -> dict[str, dict[str, str]]:
    import pycountry

    return {one.alpha_3: {"m49": one.numeric, "name": one.name} for one in pycountry.countries}
