"""The outbox: where messages lie that no mail server or channel takes, in the private store."""

from __future__ import annotations

from config import Cycle

OUTBOX = "outbox"


def outbox(cycle: Cycle) -> str:
    """Return the folder of the private store into which messages are written that no channel takes."""
    return f"alerts/{cycle.folder}/{OUTBOX}"
