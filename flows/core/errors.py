"""What stops a command, beside a wrong configuration: each error is one sentence for people, with its exit code."""

from __future__ import annotations

from config.errors import ForPeople


class StoreError(ForPeople):
    """A store, server or network failed; the text is one sentence that says what to do."""

    exit_code = 3


class Unanswered(StoreError):
    """A server does not answer, or is overloaded: the same call may go through later."""


class NotThere(StoreError):
    """The file that was asked for is not in the store."""


class NotReadable(StoreError):
    """The file or folder is there and cannot be read, while the rest of the store may well be."""


class NothingRead(ForPeople):
    """In a draft nothing could be read, so that nothing of it is proved."""

    exit_code = 1


class NotPublishable(ForPeople):
    """The curated tables may not go out; the text says what and where, and nothing is published."""

    exit_code = 1


class NotWhole(StoreError):
    """What is there, or what comes of it, is not the file that was written."""
