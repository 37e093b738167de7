"""What goes wrong for a reason that people can do something about: one sentence each, and an exit code."""

from __future__ import annotations

from typing import ClassVar


class ForPeople(Exception):
    """An error whose text is for people: what is wrong, and what to do. `exit_code` is that of the command."""

    exit_code: ClassVar[int] = 70


class ConfigError(ForPeople):
    """Wrong use or configuration; of a configuration file the text says which line, and what is allowed."""

    exit_code = 2
