"""A program of its own that gives one message to a channel by Apprise, so that it can be ended when its time is over.

In: a JSON object on the standard input, with `url`, `title`, `body` and `files`, so that no key stands in a list of
processes. Out: one word, `taken`, `refused`, or `unknown` where the message was sent and no answer came. A server that
leads elsewhere has not taken it: nobody knows what lies there, and many a program asks there without the message.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import apprise
import requests
from requests.exceptions import ConnectTimeout

# what a connection that could not be made is called
_NEVER_SENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "SSLError", "ProxyError")


def main() -> None:
    """Give the message that the standard input holds, and print what became of it."""
    said = json.load(sys.stdin)
    # what they log may hold parts of an address, and with it the key of a channel
    logging.disable(logging.CRITICAL)
    unanswered = _watched()
    asset = apprise.AppriseAsset(app_id="A4P+", app_desc="A4P+ data pipeline", secure_logging=True, async_mode=False)
    to = apprise.Apprise(asset=asset)
    to.add(said["url"])
    taken = to.notify(body=said["body"], title=said["title"], body_format="text", attach=said["files"] or None)
    sys.stdout.write("taken" if taken else "unknown" if unanswered else "refused")


def _watched() -> list[str]:
    """Have no request led elsewhere; returns what is filled with the errors of those that went out unanswered."""
    unanswered: list[str] = []
    send = requests.Session.send

    def watched(session: requests.Session, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        try:
            return send(session, request, **given)
        except requests.RequestException as error:
            if not isinstance(error, ConnectTimeout) and not any(name in repr(error) for name in _NEVER_SENT):
                unanswered.append(type(error).__name__)
            raise

    requests.Session.send = watched  # type: ignore[method-assign, assignment]
    requests.Session.get_redirect_target = lambda self, resp: None  # type: ignore[method-assign]
    return unanswered


if __name__ == "__main__":
    main()
