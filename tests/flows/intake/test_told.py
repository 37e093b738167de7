"""What was told, as it is laid over the ledger that refreshes write."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta
from pathlib import Path

from flows.core.records import Published
from flows.intake.books import ledger, told
from flows.intake.books.told import About, Begun, Told
from flows.stores import Store
from tests.flows.intake.test_ledger import LATER, MONDAY, by_identity, file, finding, findings, sent, start
from tests.support.files import CONFIG, CYCLE

SENT = LATER + timedelta(hours=1)


def test_what_was_told_while_a_refresh_went_by_stays_told(tmp_path: Path) -> None:
    private = Store(str(tmp_path))
    before = start(finding("a"), finding("b"))
    ledger.save(private, CYCLE, before)
    # the message goes out after the refresh has read the ledger, and before it writes it
    read = ledger.load(private, CYCLE)
    told.write(private, CYCLE, {"noticas": Told(told_on=SENT, about=(About(SENT, ("a/0",)),))})
    ledger.save(private, CYCLE, ledger.update(read, findings(finding("a"), finding("b")), sent(file()), LATER))
    kept = by_identity(ledger.load(private, CYCLE))
    assert (kept["a"]["alerted_on"], kept["b"]["alerted_on"]) == (SENT, None)
    # the next refresh takes it over, and it need not be said beside the ledger any more
    ledger.save(private, CYCLE, ledger.load(private, CYCLE))
    left = told.without_known(told.read(private, CYCLE), ledger.written(private, CYCLE))
    assert left == {"noticas": Told(told_on=SENT)}


def test_told_twice_is_a_reminder_and_noted_twice_is_not() -> None:
    once = About(MONDAY, ("a/0",))
    twice = {"noticas": Told(about=(once, once))}
    assert by_identity(told.laid_over(start(finding("a")), twice))["a"]["reminded_on"] is None
    again = {"noticas": Told(about=(once, About(SENT, ("a/0",))))}
    entry = by_identity(told.laid_over(told.laid_over(start(finding("a")), again), again))["a"]
    assert (entry["alerted_on"], entry["reminded_on"]) == (MONDAY, SENT)


def test_what_came_back_was_not_told() -> None:
    kept = ledger.update(start(finding("a")), findings(), sent(file(sha256="good", day=2)), LATER)
    kept = ledger.update(kept, findings(finding("a")), sent(file(sha256="bad", day=3)), SENT)
    (entry,) = told.laid_over(kept, {"noticas": Told(about=(About(LATER, ("a/0",)),))}).to_dicts()
    assert (entry["reopened"], entry["alerted_on"]) == (1, None)


def test_of_what_was_given_without_an_answer_nobody_knows() -> None:
    begun = Begun("id", SENT, ("a/0",), unknown=("x@example.org",))
    kept = by_identity(told.laid_over(start(finding("a"), finding("b")), {"noticas": Told(begun=begun)}))
    assert (kept["a"]["unknown_on"], kept["a"]["alerted_on"], kept["b"]["unknown_on"]) == (SENT, None, None)


def test_the_books_are_read_as_one_refresh_left_them(tmp_path: Path) -> None:
    """Who sends beside a refresh sees neither its ledger with the files before, nor the other way round."""
    private, stop, seen = Store(str(tmp_path)), threading.Event(), set[tuple[int, int]]()

    def refreshes() -> None:
        for number in itertools.cycle(range(1, 4)):
            found = findings(*(finding(str(one)) for one in range(number)))
            files = sent(*(file(sha256=str(one), day=1 + one) for one in range(number)))
            published = Published(None, new=False, status="", missing=(), submissions=files, findings=found)
            ledger.tell(published, CONFIG, CYCLE, private, LATER)
            if stop.is_set():
                return

    writes = threading.Thread(target=refreshes)
    writes.start()
    while len(seen) < 3 and writes.is_alive():
        book, last = ledger.known(private, CYCLE)
        if last:
            seen.add((book.filter(ledger.OPEN).height, last.submissions.height))
    stop.set()
    writes.join()
    assert seen == {(1, 1), (2, 2), (3, 3)}


def test_a_damaged_note_leaves_the_ledger_as_it_was_written(tmp_path: Path) -> None:
    private = Store(str(tmp_path))
    ledger.save(private, CYCLE, start(finding("a")))
    private.write(f"alerts/{CYCLE.folder}/told.json", b"{")
    assert ledger.load(private, CYCLE).equals(ledger.written(private, CYCLE))
