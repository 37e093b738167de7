"""Corrections and waivers in a refresh: what they change, what stays to be seen, when they are no longer needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config import Config, Correction, Waiver
from flows.core.records import Gathered, Published
from flows.feedback import check
from flows.intake.books.ledger import load
from flows.intake.gate import decisions
from flows.refresh.story import gather, refresh
from flows.releases.shelf import read_table
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, mission_book, noticas

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_documents")]

WHY = {"reason": "Confirmed by telephone.", "owner": "Coordinator"}
SAID = "Coordinator: Confirmed by telephone."
TYPO = casualty(2, mission="UNFILLL")
KEY = {"casualty_id": "UNFILLL-2024-01-0002"}


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def correction(**said: Any) -> Correction:
    usual = {
        "source": "noticas",
        "table": "noticas",
        "key": KEY,
        "column": "mission",
        "from": "UNFILLL",
        "to": "UNIFIL",
    }
    return placed(Correction.model_validate({**usual, **WHY, **said}), "config/corrections.yaml:3")


def waiver(**said: Any) -> Waiver:
    usual = {"source": "noticas", "rule": "mission_is_a_mission"}
    return placed(Waiver.model_validate({**usual, **WHY, **said}), "config/waivers.yaml:7")


def placed(one: Any, place: str) -> Any:
    one._place = place
    return one


def heeding(*those: Correction | Waiver) -> Config:
    return replace(
        CONFIG,
        corrections=tuple(one for one in those if isinstance(one, Correction)),
        waivers=tuple(one for one in those if isinstance(one, Waiver)),
    )


def gathered(rooms: Rooms, config: Config, as_of: date | None = None) -> Gathered:
    return gather(CYCLE, rooms.places, config, as_of=as_of)


def said_of(rooms: Rooms, found: Gathered, config: Config) -> list[tuple[str, str, str]]:
    """What is said of corrections and waivers that are not needed: rule, severity, message."""
    used = [found.judged.used, *(table.used for table in found.tables)]
    guards = decisions.guards(found, used, config, CYCLE)
    return guards.select("rule", "severity", "message").rows()


def findings(rooms: Rooms, found: Gathered, *columns: str, rule: str) -> list[tuple[Any, ...]]:
    return rooms.findings(found).filter(pl.col("rule") == rule).select(columns).rows()


# Corrections


def test_a_correction_is_made_before_the_cell_is_typed_and_recorded(rooms: Rooms) -> None:
    file = rooms.put("noticas/n.csv", noticas(casualty(1), TYPO, casualty(3)))
    config = heeding(correction())
    found = gathered(rooms, config)
    assert rooms.staged(found, "noticas")["mission"].to_list() == ["UNIFIL"] * 3
    assert rooms.quarantine(found, "noticas").is_empty()
    assert findings(rooms, found, "file", "row", "column", "severity", "message", rule="corrected_by_config") == [
        (file, 3, "mission", "info", f"“Mission” was corrected here before it was read ({SAID}).")
    ]
    assert said_of(rooms, found, config) == []
    # the raw file is as it was sent
    assert b"UNFILLL" in rooms.private.read(found.reads[0].submission.raw)


def test_the_record_of_a_correction_never_says_what_the_cell_held(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(TYPO))
    found = rooms.findings(gathered(rooms, heeding(correction())))
    (row,) = found.filter(pl.col("rule") == "corrected_by_config").rows()
    assert not [cell for cell in row if isinstance(cell, str) and ("UNFILLL" in cell or "UNIFIL" in cell)]


def test_a_cell_that_stays_wrong_is_still_refused(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), TYPO))
    found = gathered(rooms, heeding(correction(to="ATLANTIS")))
    assert rooms.quarantine(found, "noticas")["mission"].to_list() == ["ATLANTIS"]
    assert len(findings(rooms, found, "row", rule="mission_is_a_mission")) == 1


def test_a_correction_that_the_source_has_made_is_reported(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1)))
    config = heeding(correction())
    assert said_of(rooms, gathered(rooms, config), config) == [
        (
            "correction_is_still_needed",
            "warning",
            "The correction of mission in noticas of noticas (config/corrections.yaml:3) is no longer needed: no row "
            "has the text that it corrects.",
        )
    ]


@pytest.mark.parametrize("cycle", [4, 5])
def test_a_correction_of_one_cycle_is_made_in_no_other(rooms: Rooms, cycle: int) -> None:
    rooms.put("noticas/n.csv", noticas(TYPO))
    config = heeding(correction(cycle=cycle))
    found = gathered(rooms, config)
    assert rooms.staged(found, "noticas").height == (cycle == CYCLE.number)
    assert said_of(rooms, found, config) == []


def test_where_nothing_came_nothing_is_said(rooms: Rooms) -> None:
    rooms.put("mission_report/UNMISS/b.xlsx", mission_book("UNMISS"))
    config = heeding(correction(), waiver(), waiver(source="mission_report", mission="UNIFIL", rule="r"))
    assert said_of(rooms, gathered(rooms, config), config) == []


def test_a_refused_file_does_not_say_that_a_correction_is_not_needed(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", b"<!DOCTYPE html><html></html>")
    config = heeding(correction(), waiver())
    assert said_of(rooms, gathered(rooms, config), config) == []


def test_a_missions_correction_is_of_its_own_workbook(rooms: Rooms) -> None:
    for mission in ("UNMISS", "UNIFIL"):
        rooms.put(f"mission_report/{mission}/b.xlsx", mission_book(mission))
    of_sofa = {"source": "mission_report", "table": "sofa_soma", "column": "new_incidents", "from": "3", "to": "4"}
    config = heeding(
        correction(**of_sofa, key={"mission": "UNMISS"}), placed(correction(**of_sofa, key={"mission": "UNMIK"}), "x:1")
    )
    found = gathered(rooms, config)
    assert dict(rooms.staged(found, "sofa_soma").select("mission", "new_incidents").rows()) == {
        "UNMISS": 4,
        "UNIFIL": 3,
    }
    # UNMIK has sent nothing yet
    assert said_of(rooms, found, config) == []


# Waivers


def waived(rooms: Rooms, found: Gathered) -> dict[str, str | None]:
    frame = rooms.findings(found).filter(pl.col("severity") == "critical")
    return dict(frame.select("rule", "waived").rows())


def test_a_waived_finding_stays_and_says_why_and_refuses_nothing(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), TYPO))
    config = heeding(waiver(key=KEY, table="noticas"))
    found = gathered(rooms, config)
    assert waived(rooms, found) == {"mission_is_a_mission": SAID}
    assert rooms.staged(found, "noticas").height == 2
    assert rooms.quarantine(found, "noticas").is_empty()
    assert said_of(rooms, found, config) == []


@pytest.mark.parametrize(
    "of_another",
    [
        {"table": "noticas", "key": {"casualty_id": "UNIFIL-2024-01-0001"}},
        {"column": "cause"},
        {"rule": "cause_is_one_of_the_list"},
        {"source": "hospitals"},
        {"cycle": 4},
        {"until": "2024-05-19"},
    ],
)
def test_a_waiver_lets_nothing_else_stand(rooms: Rooms, of_another: dict[str, Any]) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), TYPO), datetime(2024, 5, 20, tzinfo=UTC))
    found = gathered(rooms, heeding(waiver(**of_another)))
    assert waived(rooms, found) == {"mission_is_a_mission": None}
    assert rooms.quarantine(found, "noticas").height == 1


def test_a_waived_row_that_breaks_another_rule_is_refused(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), casualty(2, mission="UNFILLL", cause="Typo")))
    found = gathered(rooms, heeding(waiver()))
    assert waived(rooms, found) == {"mission_is_a_mission": SAID, "cause_is_one_of_the_list": None}
    (row,) = rooms.quarantine(found, "noticas").iter_rows(named=True)
    assert row["reasons"] == "cause_is_one_of_the_list"


def test_a_waived_file_is_used_but_one_that_cannot_be_read_is_not(rooms: Rooms) -> None:
    rooms.put("mission_report/UNMISS/b.xlsx", mission_book("UNMISS", cycle=4))
    rooms.put("noticas/n.csv", b"<!DOCTYPE html><html></html>")
    config = heeding(
        waiver(source="mission_report", rule="cycle_is_the_folders", mission="UNMISS"),
        waiver(rule="file_is_no_web_page"),
    )
    found = gathered(rooms, config)
    assert waived(rooms, found) == {"cycle_is_the_folders": SAID, "file_is_no_web_page": SAID}
    assert rooms.staged(found, "sofa_soma")["mission"].to_list() == ["UNMISS"]
    assert found.judged.refused == {"cycle-05/noticas/n.csv"}


def test_a_waiver_ends_after_its_last_day_and_is_then_reported(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), TYPO), datetime(2024, 5, 20, tzinfo=UTC))
    config = heeding(waiver(until="2024-05-31"))
    assert rooms.quarantine(gathered(rooms, config, date(2024, 5, 31)), "noticas").is_empty()
    over = gathered(rooms, config, date(2024, 6, 1))
    assert rooms.quarantine(over, "noticas").height == 1
    assert said_of(rooms, over, config) == [
        (
            "waiver_is_still_needed",
            "warning",
            "The waiver of the rule mission_is_a_mission for noticas (config/waivers.yaml:7) is over: it was agreed "
            "until 2024-05-31.",
        )
    ]


def test_a_waiver_that_nothing_needs_is_reported(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1)))
    config = heeding(waiver())
    assert said_of(rooms, gathered(rooms, config), config) == [
        (
            "waiver_is_still_needed",
            "warning",
            "The waiver of the rule mission_is_a_mission for noticas (config/waivers.yaml:7) is no longer needed: no "
            "finding matches it.",
        )
    ]


# In a release


def released(rooms: Rooms, *those: Correction | Waiver, now: datetime = datetime(2024, 5, 21, tzinfo=UTC)) -> Published:
    return refresh(CYCLE, rooms.places, heeding(*those), now=now)


def in_release(published: Published, rooms: Rooms, rules: Sequence[str]) -> list[tuple[str, str, str | None]]:
    assert published.release is not None
    path = f"{published.release.path}/quality/findings.parquet"
    frame = pl.read_parquet(rooms.places.internal.read(path))
    return frame.filter(pl.col("rule").is_in(rules)).select("rule", "severity", "waived").rows()


def test_a_release_shows_what_was_corrected_and_waived_until_the_source_has_mended_it(rooms: Rooms) -> None:
    rooms.put("noticas/n.csv", noticas(casualty(1), TYPO, casualty(3, cause="Typo")))
    those = (correction(), waiver(rule="cause_is_one_of_the_list"))
    rules = ["corrected_by_config", "cause_is_one_of_the_list", "correction_is_still_needed", "waiver_is_still_needed"]
    published = released(rooms, *those)
    assert in_release(published, rooms, rules) == [
        ("cause_is_one_of_the_list", "critical", SAID),
        ("corrected_by_config", "info", None),
    ]
    assert published.release is not None
    assert read_table(rooms.places.public, published.release, "figures").height > 0
    kept = load(rooms.private, CYCLE)
    assert kept.filter(pl.col("waived_by") == "Coordinator")["waived_reason"].to_list() == ["Confirmed by telephone."]

    rooms.put("noticas/n.csv", noticas(casualty(1), casualty(2), casualty(3)), datetime(2024, 5, 22, tzinfo=UTC))
    assert in_release(released(rooms, *those), rooms, rules) == [
        ("correction_is_still_needed", "warning", None),
        ("waiver_is_still_needed", "warning", None),
    ]
    kept = load(rooms.private, CYCLE)
    assert kept.filter(pl.col("rule") == "cause_is_one_of_the_list")["resolved_on"].is_not_null().all()

    # once they are taken out, what was said of them is settled
    released(rooms)
    kept = load(rooms.private, CYCLE)
    assert kept.filter(pl.col("source") == "pipeline", pl.col("rule").is_in(rules))["resolved_on"].is_not_null().all()


# In a check


@pytest.mark.parametrize(("cycle", "refused"), [(CYCLE, False), (CONFIG.cycle(4), True), (None, True)])
def test_a_check_heeds_what_is_in_force(tmp_path: Path, cycle: Any, refused: bool) -> None:
    file = tmp_path / "n.csv"
    file.write_bytes(noticas(casualty(1), TYPO))
    for one in (correction(cycle=5), waiver(cycle=5)):
        checked = check.check(file, heeding(one), source="noticas", cycle=cycle)
        assert (checked.refused, checked.rows_accepted) == (refused, 1 if refused else 2)
