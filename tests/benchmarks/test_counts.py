"""What small jobs do stays within a quarter of what is kept: counted, for the time is the machine's."""

import json
from pathlib import Path

import pytest

from benchmarks import counts
from benchmarks.sections import small

KEPT = Path(__file__).parent.parent.parent / "benchmarks" / "results" / "counts.json"


@pytest.mark.slow
def test_small_jobs_do_not_more_than_before(sample_inbox, tmp_path, monkeypatch):
    for name in ("A4P_PUBLIC_URI", "A4P_PRIVATE_URI", "A4P_INBOX_URI", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    now = counts.of_commands(sample_inbox, tmp_path)
    assert all(of["Python calls"] > 0 and of["modules"] > 0 for of in now.values())
    assert now["refresh"]["fsyncs"] > 0 < now["refresh"]["collects"]
    assert (now["check"]["validations"] > 0, now["nothing changed"]["validations"]) == (True, 0)
    assert list(counts.more(now, json.loads(KEPT.read_text())["counts"])) == []


@pytest.mark.parametrize(("now", "said"), [(125, []), (126, ["check: 126 collects, 26 % above the 100 kept"])])
def test_a_quarter_more_is_told(now, said):
    assert list(counts.more({"check": {"collects": now}}, {"check": {"collects": 100}})) == said


@pytest.mark.parametrize(("now", "told"), [(5, False), (6, True)])
def test_a_few_more_of_a_few_are_not(now, told):
    found = list(counts.more({"status": {"fsyncs": now}}, {"status": {"fsyncs": 0}}))
    assert bool(found) is told


def test_what_is_not_kept_is_told():
    (said,) = counts.more({"status": {"fsyncs": 1}}, {})
    assert said.startswith("status: fsyncs is not kept")


def test_the_real_job_stands_beside_its_marks():
    """As multiples of the yardstick of the same run; the check page in seconds."""
    names = (small.YARDSTICK, *small.MARKS, small.HELP)
    taken = {name: [2.0, 2.0, 9.0] for name in names} | {small.PAGE: [0.4], small.HELP: [0.1]}
    page = small.page({"seconds": taken, "cpu": {name: of for name, of in taken.items() if name != small.PAGE}})
    assert {mark.what: (mark.measured, mark.reached) for mark in page.marks} == {
        "full refresh into a new store": ("1.00 Y", True),
        **{
            name: ("1.00 Y", False) for name in small.MARKS if name not in ("full refresh into a new store", small.PAGE)
        },
        small.PAGE: ("0.40 s", True),
        small.HELP: ("0.10 s", True),
    }
    assert [name for name, _ in page.groups[0]] == list(names)
