"""What a pull finds of a source: the files of the inbox, what the Hub has, and what stays of the last pull."""

from __future__ import annotations

from collections.abc import Mapping

from config import Config, Contract, Cycle
from flows.core.records import Astray, Submission
from flows.intake.receive import inbox as pulling
from flows.intake.receive import pulled
from flows.intake.receive.pulled import Left
from flows.stores.from_settings import Places


def of(
    left: Left, contract: Contract, config: Config, cycle: Cycle, places: Places, erased: Mapping[str, str]
) -> tuple[list[Submission], list[Astray]]:
    """Return a source's files in the order in which they count, and what was left out.

    In: how the last pull left the source; `erased` are the days on which files were erased, by their SHA-256.
    Raises StoreError where the inbox, the Hub or a store fails.
    """
    files, left_out = pulling.pull(contract, config, cycle, places.inbox, places.private, erased)
    # a file that cannot be read now stays as it was read before
    if kept := pulled.kept(left, left_out):
        files = sorted([*files, *kept], key=lambda one: (one.received_at, one.file), reverse=True)
    if places.hub_url and contract.api:
        # late: who has no Hub needs no client of it
        from flows.intake.receive import hub

        fetched, barred = hub.fetched(contract, cycle, places.hub_url, places.private, erased)
        files, left_out = [*fetched, *files], [*left_out, *barred]
        files.sort(key=lambda submission: submission.received_at, reverse=True)
    return pulled.in_order(left, files), left_out


def fetch_again(left: Left, places: Places) -> None:
    """Replace raw copies of the last pull that are damaged or lost, where the inbox still has their content."""
    pulling.fetch_again(left.submissions, places.inbox, places.private)
