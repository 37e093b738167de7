"""Which cycle a scheduled refresh is for, what is told to Prefect, and one refresh of a cycle at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

import config as config_room
from config import ConfigError, load
from config.loader import read
from config.schedules import read_schedules
from flows.intake.receive import news
from flows.orchestration import artifacts, deployments
from flows.stores import Store, turns

pytestmark = pytest.mark.slow

CONFIG = load()
CYCLE = CONFIG.cycle(5)  # ended on 30 April 2024


def test_prefect_yaml_is_what_serve_registers() -> None:
    written = Path(__file__).parents[3].joinpath("prefect.yaml").read_text(encoding="utf-8")
    assert written == deployments.as_yaml(CONFIG), "make it anew with: a4p serve --write prefect.yaml"


@pytest.mark.parametrize(
    ("day", "running", "collecting", "ended"),
    [
        (date(2024, 4, 30), 5, None, 4),
        (date(2024, 5, 1), 6, 5, 5),
        (date(2024, 6, 30), 6, 5, 5),
        (date(2024, 7, 1), 6, None, 5),
        (date(2024, 12, 31), 7, 6, 6),
        (date(2025, 1, 1), 7, None, 6),
    ],
)
def test_the_cycle_goes_by_the_day(day: date, running: int, collecting: int | None, ended: int) -> None:
    found = [CONFIG.schedules.cycle(which, day, CONFIG.cycles) for which in ("running", "collecting", "ended")]
    assert [cycle and cycle.number for cycle in found] == [running, collecting, ended]


def test_a_day_that_no_cycle_has_is_said() -> None:
    with pytest.raises(ConfigError, match=r"No cycle in config/cycles.yaml has the day 2031-01-01; add"):
        CONFIG.schedules.cycle("running", date(2031, 1, 1), CONFIG.cycles)
    with pytest.raises(ConfigError, match=r"had ended by 2020-01-01"):
        CONFIG.schedules.cycle("ended", date(2020, 1, 1), CONFIG.cycles)


@pytest.mark.parametrize(
    ("was", "written", "said"),
    [
        ("America/New_York", "America/NewYork", r"'America/NewYork' is no time zone"),
        ("[noticas]", "[notices]", r":\d+: 'notices' is no source; allowed: conduct_allegations, "),
        ('"0 4 * * *"', '"4 o\'clock"', r":\d+: 'refreshes.nightly.cron'"),
        ("cycle: collecting", "cycle: last", r"allowed: 'running' or 'collecting'"),
    ],
)
def test_a_mistake_is_named(was: str, written: str, said: str, tmp_path: Path) -> None:
    text = (config_room.HERE / "schedules.yaml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "schedules.yaml").write_text(text.replace(was, written), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_schedules(read(tmp_path / "schedules.yaml"), CONFIG.contracts)


def test_one_turn_after_the_other(tmp_path: Path) -> None:
    public, at_work, most = Store(str(tmp_path)), [0], [0]
    waits: list[str] = []

    def work(name: str) -> None:
        with turns.turn(public, CYCLE, name, waits.append):
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
            time.sleep(0.05)
            at_work[0] -= 1

    threads = [threading.Thread(target=work, args=(f"number {number}",)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [1]
    assert waits, "somebody waited"
    assert all(one.startswith("Another refresh of cycle 5 is at work (number ") for one in waits)
    assert [entry.path for entry in public.entries()] == ["releases/cycle-05/refreshing/000004.json"]
    with turns.turn(public, CONFIG.cycle(4), "another cycle", waits.append):
        work("not in its way")


def test_who_was_killed_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = (
        "import sys, time; from config import load; from flows.stores import Store, turns\n"
        "turns.CONFIRMED_EVERY_S = 0.2\n"
        "with turns.turn(Store(sys.argv[1]), load().cycle(5), 'the killed one', print):\n"
        "    print('at work', flush=True); time.sleep(600)"
    )
    monkeypatch.setattr(turns, "DEAD_AFTER_S", 8.0)
    waits: list[str] = []
    with subprocess.Popen([sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "at work\n"
        kills = threading.Timer(10, os.kill, (killed.pid, signal.SIGKILL))
        begun = time.monotonic()
        kills.start()
        with turns.turn(Store(str(tmp_path)), CYCLE, "the next", waits.append):
            took = time.monotonic() - begun
    assert took > 10 + 6, "as long as it confirmed its turn it had it"
    assert waits == ["Another refresh of cycle 5 is at work (the killed one); waiting for it."]


def test_what_is_new_in_the_inbox(tmp_path: Path) -> None:
    folder = tmp_path / "inbox/cycle-05/noticas"
    folder.mkdir(parents=True)
    place, private = Store(str(tmp_path / "inbox")), Store(str(tmp_path / "private"))
    assert news.noted(private, CYCLE) is None
    (folder / "a.csv").write_text("a")
    first = news.look(place, CONFIG, CYCLE)
    news.note(private, CYCLE, first)
    found = news.noted(private, CYCLE)
    assert found
    assert found[0] == first == news.look(place, CONFIG, CYCLE)
    (folder / "~$a.csv").write_text("what an office program leaves")
    assert news.look(place, CONFIG, CYCLE) == first
    (folder / "a.csv").write_text("another")
    assert news.look(place, CONFIG, CYCLE) not in {first}
    seen = news.look(place, CONFIG, CYCLE)
    assert news.quiet(place, CONFIG, CYCLE, seen, 0)
    assert not news.quiet(place, CONFIG, CYCLE, seen, 0, lambda _: (folder / "b.csv").write_text("b") and None)


@pytest.mark.parametrize(
    ("store", "public_url", "address"),
    [
        (Store("/data/public"), None, "file:///data/public/releases/r001/report.html"),
        (Store("file:///data/public"), None, "file:///data/public/releases/r001/report.html"),
        (Store("/data/public"), "https://a4p.example.org/", "https://a4p.example.org/releases/r001/report.html"),
        (Store("s3://a4p/public", "http://s3.local:9000"), None, "http://s3.local:9000/a4p/public/releases/r001/report.html"),
        (Store("s3://a4p/public"), None, "https://a4p.s3.amazonaws.com/public/releases/r001/report.html"),
        (Store("s3://a4p/public"), "https://a4p.example.org", "https://a4p.example.org/releases/r001/report.html"),
    ],
)  # fmt: skip
def test_the_report_has_an_address_for_a_browser(store: Store, public_url: str | None, address: str) -> None:
    assert artifacts.web_address(store.at("releases/r001/report.html"), public_url, store) == address
