"""Telling the sources: one message for each about its own files, by mail or another channel, or as a file.

from flows.feedback.alerts import prepare, send
outcome = send(cycle, places.private, config, datetime.now(UTC), os.environ)
"""

from flows.feedback.alerts.drafts import drop_drafts
from flows.feedback.alerts.sending import Message, Outcome, invite, prepare, send
from flows.intake.books.outbox import outbox

__all__ = [
    "Message",
    "Outcome",
    "channels",
    "drop_drafts",
    "invite",
    "letter",
    "outbox",
    "prepare",
    "readers",
    "send",
    "shown",
]
