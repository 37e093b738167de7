"""The figures in SDMX, read back by pysdmx and held against SDMX's own schemas."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pysdmx.io import get_datasets, read_sdmx

from config import Cycle, Label, load
from flows.releases.make import sdmx
from transforms import figures
from transforms.dictionary import FieldEntry, TableEntry

CONFIG = load()
CYCLE = CONFIG.cycle(5)
FIGURES = pl.DataFrame(
    [
        {"cycle": 5, "figure": "fatalities_malicious", "mission": "ALL", "value": 12.0, "unit": "people"},
        {"cycle": 5, "figure": "fatalities_malicious", "mission": "UNEF II", "value": None, "unit": "people"},
    ],
    schema_overrides={"value": pl.Float64},
).with_columns(obs_status=pl.Series(["A", "M"]), answers=pl.Series(['seen, "checked"', "=1+1"]))
ENTRY = TableEntry(
    "figures", "Figures.", {name: FieldEntry(f"The {name}.") for name in FIGURES.columns}, figures.ENTRY.key, "", ""
)


def made(table: pl.DataFrame = FIGURES, config: Any = CONFIG, cycle: Cycle = CYCLE) -> dict[str, bytes]:
    return sdmx.of_release(table, ENTRY, config, cycle)


def structure_of(files: dict[str, bytes]) -> Any:
    return read_sdmx(io.BytesIO(files[sdmx.STRUCTURE]), validate=True)


def versions(files: dict[str, bytes]) -> dict[str, str]:
    return {one.id: str(one.version) for one in structure_of(files).structures}


def read_back(folder: Path, like: pl.DataFrame) -> pl.DataFrame:
    """The figures as a statistician gets them: the data by their structure, the columns by their names here."""
    (dataset,) = get_datasets(folder / sdmx.DATA, folder / sdmx.STRUCTURE)
    names = {"value": "OBS_VALUE", "unit": "UNIT_MEASURE"}
    table = pl.from_pandas(dataset.data)
    assert set(table.columns) == {"TIME_PERIOD", *(names.get(name, name.upper()) for name in like.columns)}
    given = table.select(pl.col(names.get(name, name.upper())).alias(name) for name in like.columns)
    return given.with_columns(pl.col(pl.String).replace("", None)).cast(dict(like.schema))  # type: ignore[arg-type]


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.mark.slow
def test_the_figures_of_a_release_are_read_back_equal(released: Path) -> None:
    release = released / "store/public/releases/cycle-05/r001"
    table = pl.read_parquet(release / "tables/figures.parquet")
    assert table.height > 250
    assert read_back(release, table).equals(table)
    read_sdmx(release / sdmx.STRUCTURE, validate=True)


@pytest.mark.slow
def test_every_code_of_a_release_is_in_its_list(released: Path) -> None:
    release = released / "store/public/releases/cycle-05/r001"
    (dataset,) = get_datasets(release / sdmx.DATA, release / sdmx.STRUCTURE)
    coded = [one for one in dataset.structure.components if one.enumeration]
    assert len(coded) >= 5
    for component in coded:
        codes = {code.id for code in component.enumeration.items}
        assert {value for value in dataset.data[component.id].dropna() if value} <= codes, component.id


def test_what_a_spreadsheet_would_run_has_an_apostrophe_and_a_space_is_no_code(tmp_path: Path) -> None:
    table = read_back(written(tmp_path, made()), FIGURES)
    assert table["answers"].to_list() == ['seen, "checked"', "'=1+1"]
    assert table["mission"].to_list() == ["ALL", "UNEF_II"]
    same = FIGURES.columns[3:6]
    assert table.select(same).equals(FIGURES.select(same))


def test_the_time_is_the_cycle() -> None:
    text = made()[sdmx.DATA].decode()
    assert text.startswith("STRUCTURE,STRUCTURE_ID,ACTION,TIME_PERIOD,CYCLE,FIGURE,MISSION,OBS_VALUE,UNIT_MEASURE,")
    assert text.count(",2023-11-01/P6M,") == 2
    part = CYCLE.model_copy(update={"end": CYCLE.end.replace(day=2)})
    assert ",2023-11-01/P154D," in made(cycle=part)[sdmx.DATA].decode()


def test_other_numbers_have_the_same_structure_in_every_cycle() -> None:
    other = FIGURES.with_columns(value=pl.lit(3.5), mission=pl.lit("UNIFIL"), answers=pl.lit(None, pl.String))
    assert made(other)[sdmx.STRUCTURE] == made()[sdmx.STRUCTURE] == made()[sdmx.STRUCTURE]
    assert made(other)[sdmx.DATA] != made()[sdmx.DATA]
    yearless = replace(CONFIG, figures={name: one for name, one in CONFIG.figures.items() if "{year}" not in name})
    assert made(config=yearless)[sdmx.STRUCTURE] == made(config=yearless, cycle=CONFIG.cycle(6))[sdmx.STRUCTURE]


def test_a_code_more_changes_its_list_and_what_refers_to_it_alone() -> None:
    changed = CONFIG.missions["UNIFIL"].model_copy(update={"name": "Another name"})
    before, after = (
        versions(made()),
        versions(made(config=replace(CONFIG, missions={**CONFIG.missions, "UNIFIL": changed}))),
    )
    assert {name for name in before if before[name] != after[name]} == {"CL_MISSION", "DSD_FIGURES", "FIGURES"}
    more = versions(made(config=replace(CONFIG, missions={**CONFIG.missions, "ATLANTIS": changed})))
    numbers = [[int(part) for part in of["CL_MISSION"].split(".")] for of in (before, more)]
    assert numbers[0] < numbers[1], "a later version is a higher one where codes are added"
    assert all(re.fullmatch(r"1\.\d+\.\d+", version) for version in before.values())


def test_lists_have_names_in_both_languages() -> None:
    (listed,) = [one for one in structure_of(made()).structures if one.id == "CL_FIGURE"]
    assert listed.agency == CONFIG.publication.agency
    title = CONFIG.figures["fatalities_malicious"].title
    text = made()[sdmx.STRUCTURE].decode()
    assert isinstance(title, Label)
    assert f'xml:lang="fr">{title.fr}<' in text
    assert next(code.name for code in listed.items if code.id == "fatalities_malicious") == title.en


def test_a_code_is_one_that_sdmx_allows_and_its_name_has_no_year(tmp_path: Path) -> None:
    figure = CONFIG.figures["fatalities_malicious"]
    title = Label(en="Deaths, {year}", fr="Décès en {year}")
    own = figure.model_copy(update={"unit": "m³ a day", "title": title})
    config = replace(CONFIG, figures={**CONFIG.figures, "fatalities_malicious": own})
    table = FIGURES.with_columns(unit=pl.lit("m³ a day"))
    files = made(table, config)
    assert read_back(written(tmp_path, files), table)["unit"].to_list() == ["m__a_day"] * 2
    lists = {one.id: {code.id: code.name for code in one.items} for one in structure_of(files).structures[:5]}
    assert lists["CL_UNIT"]["m__a_day"] == "m³ a day"
    assert lists["CL_FIGURE"]["fatalities_malicious"] == "Deaths"
    assert 'xml:lang="fr">Décès</' in files[sdmx.STRUCTURE].decode()
