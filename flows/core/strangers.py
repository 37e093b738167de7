"""How a server on this computer knows that a request is not its own page's: for the check page and Prefect's."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

# a page of another name that resolves to this computer is refused by its Host header
HOSTS = ("127.0.0.1", "localhost")


def from_elsewhere(headers: Headers) -> bool:
    """Tell whether a browser sends a request for a page of another address than the one it asks, or for a file."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return True
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
