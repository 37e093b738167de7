"""The outbox: drafts of messages that no mail server or channel takes, each with its checksum, in the private store.

They lie there until somebody sends them, so rot in one has to be noticed before that.
"""

from __future__ import annotations

from collections.abc import Iterator

from config import Cycle
from flows.core.errors import NotThere
from flows.stores import Store, checked

OUTBOX = "outbox"


def outbox(cycle: Cycle) -> str:
    """Return the folder of the private store into which messages are written that no channel takes."""
    return f"alerts/{cycle.folder}/{OUTBOX}"


def put(name: str, mail: bytes, cycle: Cycle, private: Store) -> None:
    """Write an e-mail as a draft, with its checksum as a header. Raises StoreError."""
    private.write(f"{outbox(cycle)}/{name}", checked.with_header(mail))


def damaged(cycle: Cycle, private: Store) -> Iterator[str]:
    """Say of each draft that is not what was written what to do. One of version 0.5.0 has no checksum."""
    for entry in private.entries(outbox(cycle)):
        try:
            whole = checked.holds(private.read(entry.path))
        except NotThere:
            continue  # somebody has sent it meanwhile
        if not whole:
            yield (
                f"The draft {private.at(entry.path)} is damaged, so do not send it; {checked.FROM_A_BACKUP}, or remove "
                "it where it was sent before."
            )
