"""What the coordinator is shown: the messages that are due, what went out, and what is still to be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from config import Cycle
from expectations.severity import SEVERITIES
from flows.core import visible
from flows.feedback.alerts.readers import ToReader
from flows.feedback.alerts.sending import Message, Outcome
from flows.intake.books.outbox import OUTBOX

_MEANT = {"critical": "must be mended", "warning": "to look at", "info": "for information"}


def of_due(
    messages: Sequence[Message],
    cycle: Cycle,
    outbox: str,
    *,
    in_full: bool = False,
    readers: Sequence[ToReader] = (),
) -> str:
    """Show the messages that are due: to whom, by what, what about, with what; `in_full` with all their words."""
    if not messages and not readers:
        return f"Cycle {cycle.number}: no source has to be told anything."
    lines = [f"Cycle {cycle.number}: {_messages(len(messages) + len(readers))} due; nothing has been sent.", ""]
    for one in readers:
        lines += ["readers of releases", f"  to        {one.to}", f"  subject   {one.letter.subject}", ""]
    for message in messages:
        lines += [*_message(message, outbox), *(_quoted(message) if in_full else ()), ""]
    return _shown([*lines, f"Send with: a4p alerts --cycle {cycle.number} --send"])


def of_outcome(outcome: Outcome, cycle: Cycle, outbox: str) -> str:
    """Tell what went out by which ways, and what did not."""
    if not outcome.sent and not outcome.unsent and not outcome.unknown and not outcome.to_readers:
        return f"Cycle {cycle.number}: no source has to be told anything."
    ways = Counter(_by(way) for message in outcome.sent for way in message.ways if way != OUTBOX)
    written = sum(OUTBOX in message.ways for message in outcome.sent)
    lines = [f"Cycle {cycle.number}: {_messages(len(outcome.sent))} out."] if outcome.sent else []
    if outcome.to_readers:
        lines.append(f"Cycle {cycle.number}: {_messages(len(outcome.to_readers))} out to readers.")
    lines += [f"  {count} sent {by}" for by, count in sorted(ways.items())]
    if written:
        lines.append(f"  {written} written into {outbox}; send them from there, nobody else does.")
    lines += [f"Still to be sent: {message.notice.slot}" for message in outcome.unsent]
    lines += [f"Nobody knows whether it arrived: {message.notice.slot}" for message in outcome.unknown]
    if outcome.unsent or outcome.unknown:
        lines.append(f"Try these again with: a4p alerts --cycle {cycle.number} --send")
    return _shown(lines)


def _shown(lines: Iterable[str]) -> str:
    return "\n".join(map(visible.in_line, lines))


def _message(message: Message, outbox: str) -> Iterator[str]:
    notice = message.notice
    yield notice.slot
    yield f"  to        {', '.join(message.to) or 'nobody: its contract names no contact'}"
    yield f"  by        {', '.join(f'a file in {outbox}' if way == OUTBOX else _by(way) for way in message.ways)}"
    yield f"  subject   {message.letter.subject}"
    yield f"  findings  {_counts(notice.open)}"
    told = [f"{n} {what}" for n, what in ((notice.mended, "mended so far"), (notice.waived, "waived")) if n]
    if told:
        yield f"            {', '.join(told)}"
    size = [f"{name} ({max(round(len(data) / 1000), 1)} kB)" for name, data in message.attachments]
    yield f"  attached  {', '.join(size) or 'nothing'}"
    if message.unknown_since:
        since = f"{message.unknown_since:%Y-%m-%d %H:%M} UTC"
        yield f"  sent on   {since}; nobody knows whether it arrived, so it is sent once more"


def _counts(found: pl.DataFrame) -> str:
    new = found.filter(pl.col("alerted_on").is_null()).height
    by_severity = dict(found.group_by("severity").len().iter_rows())
    said = [f"{by_severity[one]} {_MEANT[one]}" for one in SEVERITIES if one in by_severity]
    return f"{', '.join(said)} ({new} not told before)" if said else "none"


def _quoted(message: Message) -> Iterator[str]:
    yield ""
    for line in message.letter.plain.splitlines():
        yield f"  | {line}".rstrip()


def _by(way: str) -> str:
    return "by mail" if way == "contacts" else f"by the channel {way}"


def _messages(n: int) -> str:
    return "1 message is" if n == 1 else f"{n} messages are"
