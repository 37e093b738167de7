"""Every other way to tell: Teams, Slack, webhooks and what else Apprise knows."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config import ConfigError
from config.alerts import Channel
from flows.core import temporary
from flows.core.errors import StoreError
from flows.feedback.alerts.letter import Letter
from flows.feedback.alerts.mail import Attachments

# for a message as a whole
LIMIT_S = 120.0
_CALL = Path(__file__).with_name("channel_call.py")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class NobodyKnows(StoreError):
    """A channel was given a message and did not answer."""


def address(name: str, channel: Channel, environment: Mapping[str, str]) -> str:
    """Return a channel's address with its variables filled in; raises ConfigError where one is not set."""
    for variable in _VARIABLE.findall(channel.url):
        if not environment.get(variable):
            raise ConfigError(f"The variable {variable}, which the channel '{name}' needs, is not set.")
    return _VARIABLE.sub(lambda found: environment[found[1]], channel.url)


def check(name: str, channel: Channel, environment: Mapping[str, str]) -> str:
    """Return a channel's address; raises ConfigError where a variable is not set, or Apprise does not know it."""
    import apprise

    # what it logs may hold parts of an address, and with it the key of a channel
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    whole = address(name, channel, environment)
    if not apprise.Apprise().add(whole):
        raise ConfigError(f"The channel '{name}' in config/alerts.yaml has no address that Apprise knows.")
    return whole


def send(name: str, channel: Channel, letter: Letter, attachments: Attachments, environment: Mapping[str, str]) -> None:
    """Send a message by a channel, within LIMIT_S.

    Raises ConfigError where the address is none that Apprise knows, StoreError where the message is not taken, and
    NobodyKnows where it was sent and no answer came.
    """
    said = {"url": check(name, channel, environment), "title": letter.subject, "body": letter.plain}
    with temporary.folder() as folder:
        files = []
        for number, (file, data) in enumerate(attachments if channel.attach else ()):
            path = folder / str(number) / Path(file).name
            path.parent.mkdir()
            path.write_bytes(data)
            files.append(str(path))
        answer = _called(json.dumps({**said, "files": files}))
    if answer == "unknown":
        raise NobodyKnows(f"The channel '{name}' gave no answer to a message: nobody knows whether it arrived.")
    if answer != "taken":
        raise StoreError(f"The channel '{name}' did not take a message; check its address in config/alerts.yaml.")


def _called(said: str) -> str:
    """Return what became of a message, which is given by a process of its own."""
    # without the folder of that program, whose modules have names of Python's own
    command = [sys.executable, "-P", str(_CALL)]
    try:
        ended = subprocess.run(  # noqa: S603 (this interpreter and a program of our own)
            command, input=said, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "unknown"
    return ended.stdout.strip()[-10:].rpartition("\n")[2] if ended.returncode == 0 else "refused"
