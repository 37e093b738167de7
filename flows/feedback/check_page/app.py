"""The page's two addresses: the page itself, and the one to which it sends a file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePosixPath, PureWindowsPath
from threading import Lock, Thread
from typing import cast
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from config import Config, ConfigError, Language
from expectations.messages import form
from flows.core.strangers import HOSTS
from flows.feedback.check import NotRecognised
from flows.feedback.check_page.answer import Asked, answer
from flows.feedback.check_page.guard import Guard
from flows.feedback.check_page.page import page, policy

MOST_MEGABYTES = 25
_LONGEST_NAME = 120
_LOADING = Lock()


class _Refused(Exception):
    """A request that is not answered with a check: a status, and a sentence for the person who made it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def build_app(config: Config) -> Starlette:
    """Return the page as an application. It answers requests to this computer's own names only."""
    html = page(config, MOST_MEGABYTES)
    one_at_a_time = asyncio.Lock()

    async def front(request: Request) -> Response:
        return HTMLResponse(html)

    async def check(request: Request) -> Response:
        language = _language(request.query_params)
        try:
            data = await _body(request, language)
            asked = _asked(request, data, language, config)
            async with one_at_a_time:
                await run_in_threadpool(warm_up)
                return JSONResponse(await run_in_threadpool(answer, asked, config))
        except _Refused as refused:
            return JSONResponse({"error": refused.sentence}, refused.status)
        except NotRecognised:
            return JSONResponse({"error": form("page_unrecognised", language), "choose": True}, 422)
        except ConfigError as error:
            return JSONResponse({"error": str(error)}, 422)
        except Exception as error:
            # not its text: it may hold the value of a cell
            return JSONResponse({"error": form("page_went_wrong", language, kind=type(error).__name__)}, 500)

    @asynccontextmanager
    async def warmed_up(app: Starlette) -> AsyncIterator[None]:
        Thread(target=warm_up, daemon=True).start()
        yield

    return Starlette(
        routes=[Route("/", front), Route("/check", check, methods=["POST"])],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS)), Middleware(Guard, policy(html))],
        lifespan=warmed_up,
    )


def warm_up() -> None:
    """Load the libraries that a check needs, which takes seconds, before somebody waits for it.

    Where this is going on already it waits until it is done: two threads that load them at once get half of them.
    """
    with _LOADING:
        from expectations.seldom_used import load_great_expectations

        load_great_expectations()
        from expectations import findings  # noqa: F401
        from expectations.sources import register_all

        register_all()


async def _body(request: Request, language: Language) -> bytes:
    """Return the file; it is not read further than to the limit."""
    most = MOST_MEGABYTES * 1024 * 1024
    too_large = _Refused(413, form("page_too_large", language, megabytes=MOST_MEGABYTES))
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    # how far it unpacks, the check finds out as it does for every file
    return bytes(body)


def _asked(request: Request, data: bytes, language: Language, config: Config) -> Asked:
    name = _file_name(request.headers.get("x-file-name", ""))
    if not name:
        raise _Refused(400, form("page_no_name", language))
    query = request.query_params
    number = query.get("cycle") or ""
    if number and not re.fullmatch(r"[0-9]{1,4}", number):
        raise ConfigError(f"'{number[:20]}' is no number of a cycle.")
    return Asked(
        data=data,
        name=name,
        language=language,
        source=query.get("source") or None,
        mission=query.get("mission") or None,
        cycle=config.cycle(int(number)) if number else None,
    )


def _file_name(header: str) -> str:
    """Return the file's name without any folder, as a file of ours may be called."""
    name = PurePosixPath(PureWindowsPath(unquote(header)).name).name
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "_", name).strip(". ")
    return name[-_LONGEST_NAME:]


def _language(query: Mapping[str, str]) -> Language:
    said = query.get("language")
    return cast("Language", said) if said in ("en", "fr") else "en"
