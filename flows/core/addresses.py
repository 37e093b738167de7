"""Addresses as people see them: a user and password in one reach no terminal, log or message."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

# behind the scheme nothing repeats that could be tried in several ways
_LOGIN = re.compile(r"://[^\s/'\"]*@")


def masked(text: str) -> str:
    """Return a text in which no address holds a user or password."""
    return _LOGIN.sub("://", text) if "@" in text and "://" in text else text


def parted(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return an address without its user and password, and these."""
    parts = urlsplit(url)
    if parts.username is None and parts.password is None:
        return url, None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return bare, (unquote(parts.username or ""), unquote(parts.password or ""))
