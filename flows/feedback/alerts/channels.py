"""Every other way to tell: Teams, Slack, webhooks and what else Apprise knows."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from config import ConfigError
from config.alerts import Channel
from flows.core.errors import StoreError
from flows.feedback.alerts.letter import Letter
from flows.feedback.alerts.mail import Attachments

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def address(name: str, channel: Channel, environment: Mapping[str, str]) -> str:
    """Return a channel's address with its variables filled in; raises ConfigError where one is not set."""
    for variable in _VARIABLE.findall(channel.url):
        if not environment.get(variable):
            raise ConfigError(f"The variable {variable}, which the channel '{name}' needs, is not set.")
    return _VARIABLE.sub(lambda found: environment[found[1]], channel.url)


def send(name: str, channel: Channel, letter: Letter, attachments: Attachments, environment: Mapping[str, str]) -> None:
    """Send a message by a channel.

    Raises ConfigError where the address is none that Apprise knows, StoreError where the message is not taken.
    """
    import apprise

    # what it logs may hold parts of an address, and with it the key of a channel
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    asset = apprise.AppriseAsset(app_id="A4P+", app_desc="A4P+ data pipeline", secure_logging=True, async_mode=False)
    to = apprise.Apprise(asset=asset)
    if not to.add(address(name, channel, environment)):
        raise ConfigError(f"The channel '{name}' in config/alerts.yaml has no address that Apprise knows.")
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, (file, data) in enumerate(attachments if channel.attach else ()):
            path = Path(folder) / str(number) / Path(file).name
            path.parent.mkdir()
            path.write_bytes(data)
            files.append(str(path))
        taken = to.notify(body=letter.plain, title=letter.subject, body_format="text", attach=files or None)
    if not taken:
        raise StoreError(f"The channel '{name}' did not take a message; check its address in config/alerts.yaml.")
