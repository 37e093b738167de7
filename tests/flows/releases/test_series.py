"""A figure over the cycles: by what readers see of each, under one name, and the table of all of them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Config, ConfigError, load
from config.dated import Formerly
from flows.cli import release_texts
from flows.core.canonical import hash_of
from flows.core.records import Gathered, JudgedFiles, Origin
from flows.core.wording import in_blocks
from flows.refresh import clean, story
from flows.releases import all_cycles, series, shelf
from flows.releases.make import lineage
from flows.stores import Store, frames
from flows.stores.from_settings import Places
from tests.support.sharing import a4p, places_in
from transforms.figures import former_names
from transforms.series import ENTRY

CONFIG = load()


@pytest.fixture
def public(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "public"))


def release(
    public: Store, cycle: int, name: str, made_from: Mapping[str, Any] | None = None, **values: float | None
) -> None:
    """Publish a release that has but these figures, of ALL and UNMISS."""
    rows = [(cycle, figure, mission, value) for figure, value in values.items() for mission in ("ALL", "UNMISS")]
    table = pl.DataFrame(rows, schema=["cycle", "figure", "mission", "value"], orient="row").with_columns(
        pl.col("value").cast(pl.Float64),
        unit=pl.lit("people"),
        obs_status=pl.when(pl.col("value").is_null()).then(pl.lit("O")).otherwise(pl.lit("A")),
        as_of=pl.lit(date(2024, 4, 30)),
    )
    data = io.BytesIO()
    table.write_parquet(data)
    folder = f"releases/{CONFIG.cycle(cycle).folder}/{name}"
    public.write(f"{folder}/tables/figures.parquet", data.getvalue())
    resources = [{"path": "tables/figures.parquet", "hash": hash_of(data.getvalue())}]
    said = {"status": "final", "pipeline": {}, "lineage": made_from or {}}
    descriptor = {"resources": resources, "sources": [], "a4p": said}
    public.write(f"{folder}/datapackage.json", json.dumps(descriptor).encode())
    shelf.show_newest(public, CONFIG.cycle(cycle))


def values(public: Store, figure: str, config: Config = CONFIG) -> list[tuple[int, str, float | None]]:
    return series.of_figure(public, config, figure, "all").select("cycle", "release", "value").rows()


def test_of_each_cycle_that_which_readers_see(public: Store) -> None:
    release(public, 4, "r001", fatalities_total=1)
    release(public, 6, "r001", fatalities_total=None)
    release(public, 5, "r001", fatalities_total=2)
    release(public, 5, "r002", fatalities_total=3)
    assert values(public, "Fatalities-Total") == [(4, "r001", 1), (5, "r002", 3), (6, "r001", None)]
    shelf.mark_withdrawn(public, CONFIG.cycle(5), {"r002": {"on": "2024-06-01", "to": "r001", "why": "wrong"}})
    assert values(public, "fatalities_total") == [(4, "r001", 1), (5, "r001", 2), (6, "r001", None)]
    assert series.before(public, CONFIG.cycle(5), CONFIG)["cycle"].to_list() == [4, 4]


def test_a_yearly_figure_is_one_over_the_years(public: Store) -> None:
    release(public, 4, "r001", sea_allegations_2022=79)
    release(public, 5, "r001", sea_allegations_2023=98)
    for name in ("sea_allegations", "sea_allegations_2023", "sea_allegations_2022"):
        assert values(public, name) == [(4, "r001", 79), (5, "r001", 98)]


def test_a_figure_that_was_renamed_is_one_and_counts_once(public: Store) -> None:
    renamed = CONFIG.figures["fatalities_total"].model_copy(update={"formerly": Formerly(name="deaths", to_cycle=4)})
    config = replace(CONFIG, figures={**CONFIG.figures, "fatalities_total": renamed})
    release(public, 4, "r001", deaths=1)
    release(public, 5, "r001", deaths=2, fatalities_total=2)
    assert values(public, "fatalities_total", config) == [(4, "r001", 1), (5, "r001", 2)]
    assert values(public, "deaths", config) == values(public, "fatalities_total", config)


def test_what_is_not_there_is_told_with_what_is_near(public: Store) -> None:
    with pytest.raises(ConfigError, match=r"^No cycle has a release yet; make"):
        series.of_figure(public, CONFIG, "fatalities_total", "ALL")
    release(public, 5, "r001", fatalities_total=2)
    with pytest.raises(ConfigError, match=r"There is no figure 'fatalites_total'; did you mean fatalities_total\?"):
        series.of_figure(public, CONFIG, "fatalites_total", "ALL")
    with pytest.raises(ConfigError, match="is not known for UNIFIL; it is for ALL, UNMISS"):
        series.of_figure(public, CONFIG, "fatalities_total", "unfil")


def test_the_table_of_all_is_the_same_bytes_for_the_same_releases_and_is_held_against_its_hashes(public: Store) -> None:
    release(public, 4, "r001", fatalities_total=1)
    all_cycles.show(public, CONFIG)
    release(public, 5, "r001", fatalities_total=2)
    all_cycles.show(public, CONFIG)
    path = "current/all/tables/figure_series.parquet"
    first = public.read(path)
    table = pl.read_parquet(io.BytesIO(first))
    assert table.schema == ENTRY.schema
    assert table.equals(series.of_all(public, CONFIG))
    assert not table.select(ENTRY.key).is_duplicated().any()
    assert json.loads(public.read("current/all/releases.json"))["releases"] == {"cycle-04": "r001", "cycle-05": "r001"}
    assert list(all_cycles.problems(public)) == []
    public.write(path, b"x")
    assert list(all_cycles.problems(public)) == [f"{path} is not what was written; remove it, and run a4p refresh."]
    public.delete(path)
    assert list(all_cycles.problems(public)) == [f"{path} is missing; run a4p refresh to put it right."]
    all_cycles.show(public, CONFIG)
    assert public.read(path) == first


def test_it_follows_a_release_that_comes_while_it_is_written(public: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    release(public, 4, "r001", fatalities_total=1)
    write, came = Store.write, []

    def slow(store: Store, path: str, data: bytes) -> None:
        if path.startswith("current/all") and not came:
            came.append(path)
            release(store, 5, "r001", fatalities_total=2)
        write(store, path, data)

    monkeypatch.setattr(Store, "write", slow)
    all_cycles.show(public, CONFIG)
    assert came
    table = pl.read_parquet(io.BytesIO(public.read("current/all/tables/figure_series.parquet")))
    assert table["cycle"].unique().sort().to_list() == [4, 5]


def test_what_a_release_drew_its_lines_from_is_kept_and_goes_into_it_again(public: Store, tmp_path: Path) -> None:
    private = Store(str(tmp_path / "private"), private=True)
    release(public, 4, "r001", fatalities_total=1)
    places = Places(Store(str(tmp_path / "inbox")), private, public)
    path = story.earlier_cycles(CONFIG.cycle(5), places, CONFIG)
    assert path
    assert path == story.earlier_cycles(CONFIG.cycle(5), places, CONFIG)
    assert story.earlier_cycles(CONFIG.cycle(4), places, CONFIG) is None
    gathered = Gathered({}, [], JudgedFiles(frozenset(), frozenset(), ""), [], date(2024, 5, 1))
    said = lineage.of(gathered, Origin(None, None, path))
    assert lineage.origin(said) == Origin(None, None, path)
    release(public, 5, "r001", made_from=said, fatalities_total=2)
    other = frames.put(private, "previous", pl.DataFrame({"no": ["release names it"]}))
    later = datetime.now(UTC) + timedelta(days=10)
    assert [one.path for one in clean.disposable(public, private, CONFIG, 5, later)] == [other]


def test_people_see_a_line_and_what_changed(public: Store) -> None:
    release(public, 4, "r001", fatalities_total=1)
    release(public, 5, "r001", fatalities_total=3)
    release(public, 6, "r001", fatalities_total=2)
    shown = series.of_figure(public, CONFIG, "fatalities_total", "ALL")
    text = release_texts.of_series(shown, CONFIG, "table").splitlines()
    assert text[:2] == ["Deaths in peacekeeping operations", "fatalities_total, ALL  ▁█▅"]
    assert [line.split()[:1] for line in text[3:]] == [["4"], ["5"], ["6"]]
    assert " +2 " in text[4]
    assert " -1 " in text[5]
    assert json.loads(release_texts.of_series(shown, CONFIG, "json"))[1]["value"] == 3
    assert in_blocks([1, None, 2]) == "▁·█"
    assert in_blocks([5, 5]) == "▁▁"
    assert in_blocks([None, 2]) == ""


@pytest.mark.slow
def test_a_refresh_makes_the_table(released: Path) -> None:
    public = places_in(released).public
    table = pl.read_csv(io.BytesIO(public.read("current/all/tables/figure_series.csv")))
    figures = pl.read_csv(io.BytesIO(public.read("current/cycle-05/tables/figures.csv")), infer_schema_length=None)
    # a figure that is found under two names is there once
    twice = former_names(CONFIG.figures, CONFIG.cycle(5)).values()
    assert table.height == figures.filter(~pl.col("figure").is_in(list(twice))).height
    code, out, _ = a4p(released, "series", "fatalities_malicious", "--format", "csv")
    assert (code, out.splitlines()[1].split(",")[:5]) == (0, ["fatalities_malicious", "ALL", "5", "r001", "196.0"])
