"""The rules on curated tables: what trips each, and that nothing goes out then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from expectations.curated import figure_rules, input_rules, key_rules, number_rules
from flows import curate as curating
from flows import frames
from flows.curate import Curated, NotPublishable, curate
from flows.records import GatedTable
from flows.store import Store
from tests.expectations.clean import CLEAN, CONFIG, CYCLE, Sent, through_the_gate
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


def found(made: Curated, store: Store) -> pl.DataFrame:
    return frames.scan(store, made.findings).collect()


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
WARNINGS = {"data_reach_the_end_of_the_cycle"}
SENTENCE = {rule.name: rule.message for rule in [*key_rules(), *number_rules(), *figure_rules()]}


def test_clean_tables_can_be_published(gated: list[GatedTable], store: Store) -> None:
    assert found(curated(gated, store), store).is_empty()


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


def test_every_rule_on_curated_tables_has_a_case() -> None:
    rules = [*key_rules(), *number_rules(), *figure_rules(), *input_rules()]
    assert {rule.name for rule in rules} == {case[0] for case in [*TABLES, *FIGURES]} | WARNINGS
    assert {rule.name for rule in rules if rule.severity == "warning"} == WARNINGS
