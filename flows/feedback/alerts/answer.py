"""What became of one try to give a message to whom it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """To whom a message was given (addresses, or the name of a channel), and to whom not.

    `took` is told; `later` asked to come again; `refused` will never take it; of `unknown` nobody knows, since the
    message was given and no answer came. `says` are sentences for people, `not_now` those that hold only where no
    further try succeeds. `again`: another try may help at once. `faulty`: the fault is the server's and not the
    message's; `stops`: no message can be given to it. `too_large`: without what is attached it may be taken.
    """

    took: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    not_now: tuple[str, ...] = ()
    again: bool = False
    faulty: bool = False
    stops: bool = False
    too_large: bool = False
