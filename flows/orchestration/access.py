"""Whether a Prefect server lets this machine in: asked as Prefect's own programs ask, with all that they send.

That is PREFECT_API_AUTH_STRING (user:password), PREFECT_API_KEY, or PREFECT_CLIENT_CUSTOM_HEADERS for a proxy of one's
own. Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prefect.client.orchestration import get_client
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    get_current_settings,
    temporary_settings,
)

from flows.core import addresses
from flows.core.errors import StoreError
from flows.orchestration.server import ANSWER_LIMIT_S

_KEPT_OUT = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.PROXY_AUTHENTICATION_REQUIRED}


@contextmanager
def through(api: str, words: str | None = None) -> Iterator[None]:
    """Have Prefect go through the server at an API address, with its user and password where they are known.

    It may have been imported with others, by a notebook for one, and reads its environment only then.
    """
    with temporary_settings({PREFECT_API_URL: api, **({PREFECT_API_AUTH_STRING: words} if words else {})}):
        yield


def check(api: str, words: str | None = None) -> None:
    """Raise StoreError, in a sentence, where the server at an API address does not answer or does not let us in."""
    with through(api, words):
        shown = addresses.masked(api)
        try:
            with (
                temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
                get_client(httpx_settings={"timeout": ANSWER_LIMIT_S}, sync_client=True) as client,
            ):
                failure = client.api_healthcheck()
                if failure:
                    raise failure
            # a server with a login tells everybody that it is there
            with get_client(sync_client=True) as client:
                client.read_flows(limit=1)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _KEPT_OUT:
                raise StoreError(_not_let_in(shown)) from error
            raise StoreError(_silent(shown)) from error
        except httpx.HTTPError as error:
            raise StoreError(_silent(shown)) from error
        except ValueError as error:  # a page to sign in on, say
            raise StoreError(
                f"What answers at {shown} is not Prefect's API; correct PREFECT_API_URL, or set "
                "PREFECT_API_AUTH_STRING, PREFECT_API_KEY or PREFECT_CLIENT_CUSTOM_HEADERS if it asks for them."
            ) from error


def _silent(api: str) -> str:
    return f"The Prefect server at {api} does not answer; start it, or unset PREFECT_API_URL."


def _not_let_in(api: str) -> str:
    ours = get_current_settings()
    if ours.api.auth_string or ours.api.key or ours.client.custom_headers:
        return (
            f"The Prefect server at {api} refuses the user and password, or the key, that it is given; correct "
            "PREFECT_API_AUTH_STRING (user:password) or PREFECT_API_KEY."
        )
    return (
        f"The Prefect server at {api} asks for a user and password, or a key; set PREFECT_API_AUTH_STRING "
        "(user:password) or PREFECT_API_KEY."
    )
