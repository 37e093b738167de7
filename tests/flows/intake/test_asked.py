"""What is asked of numbers beside those of earlier cycles, at the gate: errors that people make, planted into a sample.

`make sweep` plants every error there can be, `make test` a hundred.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from config import load
from expectations.questions import is_question
from flows.core.steps import key
from flows.feedback import check
from flows.intake.books import earlier
from flows.intake.gate.in_order import Gating
from flows.refresh import declared
from flows.stores import Store, frames
from tests.support import plausible
from tests.support.plausible import KINDS, History
from tests.support.sweeping import SWEEP

pytestmark = pytest.mark.slow

CONFIG = load()
SOURCES = (
    "tpp_trainings",
    "pki_trainings",
    "strategic_communications",
    "crimes_against_peacekeepers",
    "explosive_ordnance",
    "senior_leadership",
    "hospitals",
    "mission_report",
)
MONTHLY = "uniformed_personnel"
CYCLES = (4, 5, 6, 7)
WRONG_IN_THE_REPORT = ("tpp_summary", "service_interruptions")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return plausible.history(tmp_path_factory.mktemp("history"), CONFIG, SOURCES, CYCLES, 0)


@pytest.mark.sweep
def test_of_a_hundred_errors_ninety_five_are_asked_about(history: History) -> None:
    wanted = 10_000 if SWEEP else 100
    drawn = list(plausible.errors(history, random.Random(18)))
    asked_of: dict[plausible.Planted, bool] = {}
    while drawn and len(asked_of) < wanted:
        some, drawn = drawn[: wanted - len(asked_of)], drawn[wanted - len(asked_of) :]
        outcome = plausible.asked(history, some)
        # what is not in form is refused, and nobody need ask
        asked_of |= {planted: was for planted, was in outcome.items() if was is not None}
    assert len(asked_of) >= 100
    assert {planted.kind for planted in asked_of} == set(KINDS)
    missed = [planted for planted, was in asked_of.items() if not was]
    assert len(missed) * 100 <= 5 * len(asked_of), missed


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [0, 1, 2] if SWEEP else [0])
def test_of_a_clean_cycle_at_most_three_numbers_are_asked_about(history: History, seed: int, tmp_path: Path) -> None:
    of = plausible.history(tmp_path, CONFIG, (*SOURCES, MONTHLY), CYCLES, seed) if SWEEP else history
    for cycle, questions in of.questions.items():
        # what the 5th report had wrong is rightly asked about
        clean = questions.filter(~pl.col("table").is_in(WRONG_IN_THE_REPORT)) if cycle == 5 else questions
        assert clean.height <= 3, clean.to_dicts()


def test_a_question_tells_both_numbers_and_where_they_stand(history: History) -> None:
    table, mission = "conduct_training", "UNMISS"
    (own,) = (text for text in history.texts(table) if text.mission == mission)
    frame = frames.scan(history.places.private, own.text).collect()
    row = frame.row(0, named=True)
    many = f"{int(row['sessions']) * 10}"
    changed = frame.with_columns(
        sessions=pl.when(pl.col("_row") == row["_row"]).then(pl.lit(many)).otherwise("sessions")
    )
    path = frames.put(history.places.private, "read", changed)
    gated = history.gated(table, [replace(own, text=path)])
    (finding,) = history.findings(gated).filter(is_question()).iter_rows(named=True)
    before = finding["earlier"]
    assert finding["value"] == float(many)
    assert finding["rule"] == "number_is_no_tenfold_of_earlier_ones"
    assert (finding["mission"], finding["row"], finding["column"]) == (mission, row["_row"], "sessions")
    assert finding["severity"] == "warning"
    assert finding["message"] == (
        f"“Sessions” (Induction) is {int(many):,}, and was {before:,.0f} in cycle 6: "
        "is there a zero too many, or one missing?"
    )
    assert "(Formation initiale)" in finding["message_fr"] or "(Induction)" not in finding["message_fr"]
    assert finding["message_fr"].endswith("en manque-t-il un\u202f?") or finding["message_fr"].endswith("?")
    # the row is not refused
    assert gated.rows[own.file][2] == 0


def test_without_earlier_cycles_nothing_is_asked_beside_them(history: History) -> None:
    bare = replace(history, numbers={})
    for table in ("conduct_training", "mission_posts"):
        gated = bare.gated(table, bare.texts(table))
        assert history.findings(gated).filter(is_question()).is_empty()
        assert gated.numbers


def test_the_key_of_a_table_notices_another_history(history: History) -> None:
    table, cycle = "conduct_training", CONFIG.cycle(7)
    config = history.config.of_cycle(7)
    contract, _ = history.contract(table)
    own = Gating(contract, table, history.texts(table), {})
    rules = declared.list_rules(config, cycle).run()[table]
    numbers = history.numbers[table]

    def key_with(some: tuple[tuple[int, str], ...]) -> str | None:
        return key(declared.check_table(own, rules, some, config, cycle, history.places))

    assert key_with(numbers) == key_with(tuple(numbers))
    changed = (*numbers[:-1], (6, numbers[0][1]))
    assert len({key_with(numbers), key_with(numbers[:-1]), key_with(changed), key_with(())}) == 4


def test_numbers_of_earlier_cycles_alone_count_and_those_that_are_there(history: History, tmp_path: Path) -> None:
    store, cycles = Store(str(tmp_path), private=True), [CONFIG.cycle(number) for number in (4, 5, 6)]
    frame = pl.DataFrame({"value": [1.0]})
    paths = {number: frames.put(store, earlier.FOLDER, frame.with_columns(of=number)) for number in (4, 5, 6)}
    for cycle in cycles:
        earlier.note({"table": paths[cycle.number]}, cycle, store)
    assert earlier.before(CONFIG.cycle(4), cycles, store) == {}
    assert earlier.before(CONFIG.cycle(6), cycles, store) == {"table": ((4, paths[4]), (5, paths[5]))}
    # those of the cycle before that were worked out anew go before what is noted
    anew = earlier.before(CONFIG.cycle(6), cycles, store, {"table": paths[6]})
    assert anew == {"table": ((4, paths[4]), (5, paths[6]))}
    store.delete(paths[4])
    assert earlier.before(CONFIG.cycle(6), cycles, store) == {"table": ((5, paths[5]),)}


def test_a_check_asks_by_the_history_of_a_store_and_writes_nothing_there(history: History, tmp_path: Path) -> None:
    import openpyxl

    private = history.places.private
    (folder,) = Path(history.places.inbox.uri).glob("cycle-07/mission_report/UNMISS")
    (file,) = folder.glob("*.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book["Conduct trainings"]
    header = next(number for number, row in enumerate(sheet.values, 1) if "Participants" in row)
    cell = sheet.cell(header + 1, 4)
    cell.value = cell.value * 10
    book.save(tmp_path / file.name)
    files = Counter(entry.path for entry in private.entries())
    known = check.check(tmp_path / file.name, CONFIG, known=private)
    (asked_of,) = known.findings.filter(is_question()).iter_rows(named=True)
    assert (asked_of["column"], asked_of["row"], asked_of["value"]) == ("participants", header + 1, cell.value)
    assert not known.refused
    assert Counter(entry.path for entry in private.entries()) == files
    assert check.check(tmp_path / file.name, CONFIG).findings.filter(is_question()).is_empty()
