"""What was told to whom, as it is kept: alerts/cycle-05/told.json in the private store; and the outbox beside it."""

from __future__ import annotations

from collections.abc import Mapping

from config import Cycle
from flows.core.errors import NotThere
from flows.feedback.alerts.notice import TOLD, Told
from flows.stores import Store, checked

OUTBOX = "outbox"
_REMEDY = (
    "bring it back from a backup of the private store, or remove it: sources are then told once more that their files "
    "came"
)


def read(private: Store, cycle: Cycle) -> dict[str, Told]:
    """Return what was told, by whom it was told to; nothing where nobody was told anything yet. Raises Damaged."""
    try:
        return checked.read_json(private, _path(cycle), TOLD, _REMEDY)
    except NotThere:
        return {}


def write(private: Store, cycle: Cycle, told: Mapping[str, Told]) -> None:
    """Keep what was told."""
    checked.write_json(private, _path(cycle), TOLD.dump_json(dict(sorted(told.items())), indent=2))


def outbox(cycle: Cycle) -> str:
    """Return the folder of the private store into which messages are written that no channel takes."""
    return f"alerts/{cycle.folder}/{OUTBOX}"


def _path(cycle: Cycle) -> str:
    return f"alerts/{cycle.folder}/told.json"
