"""The rules on curated tables: what trips each, and that nothing goes out then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from expectations import curated as rules_of_tables
from expectations.curated import (
    figure_rules,
    input_rules,
    key_rules,
    keys,
    number_rules,
    scope_rules,
    statement_rules,
)
from flows.core.errors import NotPublishable
from flows.core.records import Curated, GatedTable
from flows.releases.make import curate as curating
from flows.releases.make.curate import curate
from flows.stores import Store, frames
from tests.expectations.clean import CONFIG, CYCLE, Sent, through_the_gate
from tests.expectations.rows import CLEAN
from tests.transforms.frames import figure_rows
from transforms import catalogue, figures

Change = Callable[[pl.DataFrame], pl.DataFrame]
NEWEST = {"noticas": date(2024, 5, 1), "uniformed_personnel": date(2024, 4, 30), "fpu_evaluations": date(2023, 12, 1)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(str(tmp_path_factory.mktemp("private")))


@pytest.fixture(scope="module")
def gated(store: Store) -> list[GatedTable]:
    """Every source table, staged from its clean rows."""
    made = []
    for source, contract in CONFIG.contracts.items():
        for table in contract.tables:
            staged = frames.put(store, "staged", through_the_gate(table, {"f": Sent(CLEAN[table])}).staged)
            made.append(GatedTable(source, table, staged, "", "", NEWEST.get(table)))
    return made


def curated(gated: list[GatedTable], store: Store) -> Curated:
    return curate(gated, {}, None, CONFIG, CYCLE, None, store)


def found(curated: Curated, store: Store) -> pl.DataFrame:
    """What somebody has to look at."""
    return all_found(curated, store).filter(pl.col("severity") != "info")


def all_found(curated: Curated, store: Store) -> pl.DataFrame:
    return frames.scan(store, curated.findings).collect()


def change_table(name: str, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    make = catalogue.curate

    def changed(*args: object) -> dict[str, pl.LazyFrame]:
        made = make(*args)  # type: ignore[arg-type]
        return made | {name: change(made[name].collect()).lazy()}

    monkeypatch.setattr(curating.catalogue, "curate", changed)


def change_figures(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    make = figures.figures
    monkeypatch.setattr(curating.figures, "figures", lambda *args, **more: change(make(*args, **more)))


def first_row(column: str, value: pl.Expr) -> Change:
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(value).otherwise(pl.col(column)).alias(column)
    )


def of_figure(mission: str, status: str, value: pl.Expr) -> Change:
    """Change the value of the first figure with this mission and status."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        wanted = (pl.col("mission") == mission) & (pl.col("obs_status") == status) & pl.col("value").is_not_null()
        by_mission = pl.col("figure").is_in(frame.filter(pl.col("mission") != "ALL")["figure"].unique().to_list())
        first = (wanted & by_mission).cum_sum().eq(1) & wanted & by_mission
        return frame.with_columns(value=pl.when(first).then(value).otherwise("value"))

    return change


TABLES = [
    ("key_is_unique", "fatalities_by_cause", lambda frame: pl.concat([frame, frame.head(1)])),
    ("key_is_unique", "sources", lambda frame: pl.concat([frame, frame.head(1)])),
    ("number_is_not_negative", "fatalities_by_cause", first_row("deaths", -pl.col("deaths"))),
    ("share_is_at_most_the_whole", "fatalities_malicious_share", first_row("malicious_pct", pl.lit(100.5))),
]
FIGURES = [
    ("figure_has_a_value_or_a_reason", of_figure("ALL", "A", pl.lit(None, pl.Float64))),
    ("missions_add_up_to_the_whole", of_figure("ALL", "A", pl.col("value") + 1)),
    ("missions_add_up_to_the_whole", of_figure("UNIFIL", "A", pl.col("value") + 1)),
]
WARNINGS = {"data_reach_the_end_of_the_cycle", "stated_figure_is_that_of_the_rows"}
NOTES = {"rows_are_of_missions_that_count"}
SENTENCE = {
    rule.name: rule.message
    for rule in [*key_rules(CONFIG.messages), *number_rules(CONFIG.messages), *figure_rules(CONFIG.messages)]
}


def test_clean_tables_can_be_published(gated: list[GatedTable], store: Store) -> None:
    assert found(curated(gated, store), store).is_empty()


def test_rows_of_missions_that_no_figure_counts_are_noted(gated: list[GatedTable], store: Store) -> None:
    (finding,) = all_found(curated(gated, store), store).iter_rows(named=True)
    assert (finding["rule"], finding["severity"]) == ("rows_are_of_missions_that_count", "info")
    assert (finding["source"], finding["table"]) == ("noticas", "noticas")
    assert finding["message"].endswith("which are in no figure: UNAMA (1).")


@pytest.mark.parametrize(("rule", "table", "change"), TABLES)
def test_a_table_that_contradicts_itself_is_not_published(
    rule: str, table: str, change: Change, gated: list[GatedTable], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_table(table, change, monkeypatch)
    with pytest.raises(NotPublishable) as refused:
        curated(gated, store)
    assert f"in table {table}, row " in str(refused.value)
    assert SENTENCE[rule] in str(refused.value)


@pytest.mark.parametrize(("rule", "change"), FIGURES)
def test_a_figure_that_contradicts_itself_is_not_published(
    rule: str, change: Change, gated: list[GatedTable], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_figures(change, monkeypatch)
    with pytest.raises(NotPublishable, match="in table figures, row ") as refused:
        curated(gated, store)
    assert str(refused.value).startswith("1 check(s)")
    assert SENTENCE[rule] in str(refused.value)


def test_gaps_in_percentage_points_may_be_negative(
    gated: list[GatedTable], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_table("uniformed_women", first_row("gap_points", pl.lit(-20.0)), monkeypatch)
    assert found(curated(gated, store), store).is_empty()


def test_old_data_are_told_and_published(gated: list[GatedTable], store: Store) -> None:
    old = [
        GatedTable(
            one.source, one.table, one.staged, "", "", date(2024, 4, 29) if one.table == "noticas" else one.newest
        )
        for one in gated
    ]
    (finding,) = found(curated(old, store), store).iter_rows(named=True)
    assert finding["rule"] == "data_reach_the_end_of_the_cycle"
    assert (finding["severity"], finding["source"], finding["table"]) == ("warning", "noticas", "noticas")
    assert finding["message"].endswith(": 2024-04-29.")


# What the clean rows of the programme state: 195 trainees, and 38 in the cycle before


def stating(gated: list[GatedTable], store: Store, **cells: str) -> list[GatedTable]:
    """The same, where the summary of the programme states otherwise and came in one file."""
    rows = [{**CLEAN["tpp_summary"][0], **cells}]
    staged = frames.put(store, "staged", through_the_gate("tpp_summary", {"f": Sent(rows)}).staged)
    return [
        replace(one, staged=staged, rows={"tpp.xlsx": (1, 1, 0)}) if one.table == "tpp_summary" else one
        for one in gated
    ]


def before(store: Store, trainees: float) -> str:
    """The figures of the cycle before, one of them."""
    row = (4, "tpp_trainees", "ALL", trainees, "people", None, None, date(2023, 10, 31), "A", "TPP - DOS")
    return frames.put(store, "figures", figure_rows([row]))


def told(gated: list[GatedTable], previous: str | None, store: Store) -> list[dict[str, object]]:
    return found(curate(gated, {}, previous, CONFIG, CYCLE, None, store), store).to_dicts()


def test_a_stated_total_that_is_of_the_cycle_before_is_told_so(gated: list[GatedTable], store: Store) -> None:
    (finding,) = told(stating(gated, store, trainees="38"), before(store, 38), store)
    assert finding["rule"] == "stated_figure_is_that_of_the_rows"
    assert (finding["severity"], finding["source"], finding["table"], finding["file"]) == (
        "warning",
        "tpp_trainings",
        "tpp_summary",
        "tpp.xlsx",
    )
    assert str(finding["message"]).endswith(
        "the source states 38, its rows give 195; 38 is the previous cycle's value."
    )


def test_a_stated_total_that_is_neither_cycles(gated: list[GatedTable], store: Store) -> None:
    (finding,) = told(stating(gated, store, trainees="196"), before(store, 38), store)
    assert str(finding["message"]).endswith("the source states 196, its rows give 195.")
    # without a cycle before, nothing can be said of it
    (finding,) = told(stating(gated, store, trainees="38"), None, store)
    assert str(finding["message"]).endswith("the source states 38, its rows give 195.")


def test_a_stated_total_that_is_right_or_left_out_is_not_told(gated: list[GatedTable], store: Store) -> None:
    assert told(stating(gated, store, trainees="195"), before(store, 38), store) == []
    assert told(stating(gated, store, trainees=""), before(store, 38), store) == []


def test_a_stated_share_may_be_rounded_as_in_print(gated: list[GatedTable], store: Store) -> None:
    # the streams give 19.17
    for said in ("19", "19.2"):
        assert told(stating(gated, store, female_pct=said), None, store) == []
    (finding,) = told(stating(gated, store, female_pct="20"), None, store)
    assert str(finding["message"]).endswith("the source states 20, its rows give 19.")


def test_what_is_stated_of_the_cycle_before_is_held_against_its_release(gated: list[GatedTable], store: Store) -> None:
    (finding,) = told(gated, before(store, 40), store)
    assert (finding["rule"], finding["table"]) == ("stated_figure_is_that_of_the_rows", "tpp_streams")
    assert str(finding["message"]).endswith("the source states 38 of the previous cycle, whose release gives 40.")


def test_a_key_is_told_from_others_also_where_a_part_of_it_is_blank() -> None:
    frame = pl.LazyFrame({"mission": ["UNMISS", "UNMISS", None, None], "level": [None, "1", "1", None]})
    made = keys({"t": frame}, {"t": ["mission", "level"]}).collect()
    assert made["key"].to_list() == ["UNMISS·∅", "UNMISS·1", "∅·1", "∅·∅"]
    assert made.select("table", "mission", "_row").rows() == [
        ("t", mission, row) for row, mission in enumerate(frame.collect()["mission"], start=1)
    ]


def test_of_a_table_with_very_many_rows_the_keys_that_stand_twice_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_of_tables, "_MANY_ROWS", 3)
    tables = {"many": pl.LazyFrame({"k": ["a", "b", "a", "c"]}), "few": pl.LazyFrame({"k": ["a", "b", "a"]})}
    made = keys(tables, {"many": ["k"], "few": ["k"]}).collect()
    assert made.select("table", "_row").rows() == [("many", 1), ("many", 3), ("few", 1), ("few", 2), ("few", 3)]


def test_every_rule_on_curated_tables_has_a_case() -> None:
    rules = [
        *key_rules(CONFIG.messages),
        *number_rules(CONFIG.messages),
        *figure_rules(CONFIG.messages),
        *input_rules(CONFIG.messages),
        *statement_rules(CONFIG.messages),
        *scope_rules(CONFIG.messages),
    ]
    assert {rule.name for rule in rules} == {case[0] for case in [*TABLES, *FIGURES]} | WARNINGS | NOTES
    assert {rule.name for rule in rules if rule.severity == "warning"} == WARNINGS
