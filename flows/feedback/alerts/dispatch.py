"""Giving messages to whom they are for, so that each is told once and nobody is forgotten.

Each try is noted before and after (flows.intake.books.told). Who is killed between the two has left a message of which
nobody knows whether it arrived; it is given once more the next time, under the same name, by which mail programs know
it again. The same holds where an answer did not come. After two of those it waits until somebody asks for it by name.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from config import Config, Cycle
from flows.core.errors import StoreError
from flows.feedback.alerts.answer import Answer
from flows.intake.books import told as books
from flows.intake.books.told import About, Begun, Told
from flows.stores import Store

TRIES, FIRST_WAIT_S = 3, 1.0
# messages one after the other at which a server fails, before the others are left for the next time
MOST_FAILED = 2
# answers that did not come, after which a message is not given again of itself
MOST_UNKNOWN = 2
_ROOM = 400


@dataclass(frozen=True, repr=False)
class Sending:
    """What messages go out with: their cycle, the store that notes it, when, and with which keys and passwords."""

    cycle: Cycle
    private: Store
    config: Config
    now: datetime
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """A way to tell: its name, to whom it leads, and what gives the message to these, named since when it is sent."""

    name: str
    to: tuple[str, ...]
    give: Callable[[tuple[str, ...], datetime], Answer]


@dataclass(frozen=True)
class Parcel:
    """A message, its ways, the findings that it tells (as `told.marks` names them), and what is told once it is out."""

    slot: str
    id: str
    findings: tuple[str, ...]
    ways: tuple[Way, ...]
    told: Callable[[Told], Told]


@dataclass(frozen=True)
class Given:
    """What became of a parcel, and a sentence for each thing that did not work."""

    state: Literal["out", "later", "unknown"]
    says: tuple[str, ...] = ()


def dispatch(
    parcels: Sequence[Parcel],
    of: Sending,
    held: Callable[[], bool],
    *,
    asked_for: bool = False,
) -> Iterator[Given]:
    """Give parcels away one after the other; yields what became of each.

    The caller has the turn; `held` tells whether it still does. `asked_for` gives also what waits since no answer came.
    Where what is done cannot be noted, nothing more is given.
    """
    failed: Counter[str] = Counter()
    stopped = False
    for parcel in parcels:
        one = _Giving(parcel, of, failed, asked_for=asked_for)
        if stopped:
            yield Given("later")
            continue
        try:
            if not held():
                raise StoreError(
                    f"Another process has taken over the sending of cycle {of.cycle.number}, since this one slept; see "
                    f"what is left with: a4p alerts --cycle {of.cycle.number}"
                )
            yield one.run()
        except StoreError as error:
            stopped = True
            yield Given("unknown" if one.given else "later", (*one.says, str(error)))


class _Giving:
    """One parcel on its way, and what is noted of it."""

    def __init__(
        self,
        parcel: Parcel,
        of: Sending,
        failed: Counter[str],
        *,
        asked_for: bool,
    ) -> None:
        self.parcel, self.of, self.failed, self.asked_for = parcel, of, failed, asked_for
        self.says: list[str] = []
        # given, and the answer not noted yet
        self.given = False

    def run(self) -> Given:
        self.all = books.read(self.of.private, self.of.cycle)
        self.before = self.all.get(self.parcel.slot, Told())
        self.taken = list(self.before.taken.get(self.parcel.id, ()))
        known = self.before.begun
        same = known is not None and known.id == self.parcel.id
        self.begun = known if known and same else Begun(self.parcel.id, self.of.now, self.parcel.findings)
        # who was killed left these; they are given again
        self.unknown = set(self.begun.unknown)
        done = [self._by(way) for way in self.parcel.ways]
        if all(done):
            about = (About(self.of.now, self.parcel.findings),) if self.parcel.findings else ()
            self._note(replace(self.parcel.told(self.before), about=(*self.before.about, *about)))
            return Given("out", tuple(self.says))
        return Given("unknown" if self.unknown else "later", tuple(self.says))

    def _by(self, way: Way) -> bool:
        """Give the message by one way to those who have not got it; tells whether nobody of it is left."""
        if way.name in self.taken:
            return True
        waits = () if self.asked_for or self.begun.times < MOST_UNKNOWN else self.begun.unknown
        left = tuple(one for one in way.to if one not in self.taken and one not in waits)
        self.says += [_waits(self.parcel.slot, self.of.cycle, self.begun)] if set(waits) & set(way.to) else []
        tries = 1 if self.failed[way.name] else TRIES
        answer, refused = Answer(), False
        for number in range(tries):
            if not left or self.failed[way.name] >= MOST_FAILED:
                break
            if number:
                time.sleep(FIRST_WAIT_S * 2 ** (number - 1))
            answer = self._try(way, left)
            self.says += answer.says
            left, refused = answer.later, refused or bool(answer.refused)
            if not answer.again:
                break
        self.says += answer.not_now
        if answer != Answer():
            self.failed[way.name] = MOST_FAILED if answer.stops else self.failed[way.name] + 1 if answer.faulty else 0
        # who is refused while others are told is told by them, or by who corrects the contract's contact
        if left or self.unknown & set(way.to) or (refused and not set(way.to) & set(self.taken)):
            return False
        self.taken.append(way.name)
        return True

    def _try(self, way: Way, left: tuple[str, ...]) -> Answer:
        self.begun = replace(self.begun, to=left)
        self._note(self._state(), room=True)
        self.given = True
        answer = way.give(left, self.begun.since)
        self.taken += answer.took
        self.unknown = (self.unknown - set(left)) | set(answer.unknown)
        times = self.begun.times + bool(answer.unknown)
        self.begun = replace(self.begun, to=(), unknown=tuple(sorted(self.unknown)), times=times)
        self._note(self._state())
        self.given = False
        return answer

    def _state(self) -> Told:
        taken = {self.parcel.id: tuple(self.taken)} if self.taken else {}
        return replace(self.before, taken=taken, begun=self.begun)

    def _note(self, slot: Told, *, room: bool = False) -> None:
        """Write how it stands; with room for the note that follows, where there was none for it nothing is sent."""
        if room and slot.begun:
            about = (*self.before.about, About(self.of.now, slot.begun.findings))
            after = replace(self.parcel.told(self.before), about=about)
            more = len(books.as_json({"": after})) - len(books.as_json({"": slot}))
            slot = replace(slot, begun=replace(slot.begun, room=" " * (max(more, 0) + _ROOM)))
        books.write(self.of.private, self.of.cycle, {**self.all, self.parcel.slot: slot})


def _waits(slot: str, cycle: Cycle, begun: Begun) -> str:
    source = slot.partition("/")[0]
    again = f"a4p alerts --cycle {cycle.number} --send"
    return (
        f"Nobody knows whether the message to {slot} of {begun.since:%Y-%m-%d %H:%M} UTC arrived, which was sent twice "
        f"without an answer; ask it, or send the message again with: {again} --source {source}"
    )
