"""Pull a data set from an HTTP API such as the UN Peace and Security Data Hub's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath

import httpx
from pydantic import TypeAdapter
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from config import Contract, Cycle
from flows.core import addresses
from flows.core.errors import NotThere, StoreError, Unanswered
from flows.core.records import Astray, Submission
from flows.core.within import TookTooLong, within
from flows.intake.read import limits
from flows.intake.receive.inbox import FETCHED, Erased, note_of, store_raw
from flows.stores import Store, checked
from flows.stores.checked import Damaged

TRIES = 4
# all tries together: of a server that sends a byte now and then no other limit is ever reached
HUB_S = 600.0
_NOTE = TypeAdapter(dict[str, str | None])
# of an answer that is packed small, one piece may unpack to all of it
_PIECE = 1 << 20
_LIMITS = httpx.Timeout(connect=5, read=60, write=10, pool=5)


class _Busy(Exception):
    """The server is not able to answer just now."""


def fetched(
    contract: Contract, cycle: Cycle, hub_url: str, private: Store, erased: Mapping[str, str]
) -> tuple[list[Submission], list[Astray]]:
    """Return a source's data set, and what was left out: it, where it was `erased` (days by SHA-256)."""
    assert contract.api
    try:
        return [pull(contract, cycle, hub_url, private, erased=erased)], []
    except Erased as error:
        file = f"{FETCHED}{_dataset(contract.api.path)}"
        return [], [Astray(file, "erased", contract.source, None, erased[str(error)])]


def pull(
    contract: Contract,
    cycle: Cycle,
    hub_url: str,
    private: Store,
    first_wait: float = 0.5,
    erased: Collection[str] = (),
) -> Submission:
    """Fetch a source's data set, if it changed since it was last fetched, and keep it as a raw file.

    Network failures and answers 429 and 5xx are tried again, with growing waits. An answer that is larger than a file
    may be is not read to its end, and returned with its problem. Raises StoreError where the server does not answer or
    answers otherwise, and Erased where the answer was erased.
    """
    assert contract.api
    # of a password nothing is kept or told
    server, login = addresses.parted(hub_url)
    url = server.rstrip("/") + contract.api.path
    note = f"raw/{contract.source}/fetched/{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
    last = _last(private, note)
    try:
        with within(HUB_S, url):
            response, content = _answered(url, login, last, first_wait)
    except TookTooLong as error:
        raise Unanswered(
            f"{url} did not give the data within {HUB_S / 60:g} minutes; run this again later, or put the file into "
            "the inbox."
        ) from error
    if response.status_code == httpx.codes.NOT_MODIFIED:
        raw = str(last["raw"])
        data = checked.read(private, raw, PurePosixPath(raw).parent.name, checked.RECEIVED_AGAIN)
        received = datetime.fromisoformat(str(last["received_at"]))
    else:
        data = content
        stamp = response.headers.get("last-modified")
        received = parsedate_to_datetime(stamp) if stamp else datetime.now(UTC)
    name = contract.api.path.rstrip("/").rpartition("/")[2]
    suffix = "json" if "json" in response.headers.get("content-type", name) or name == "json" else "csv"
    file = f"{FETCHED}{_dataset(contract.api.path)}.{suffix}"
    # the other pages are not fetched: what is kept is what was received, and not put together here
    barred = limits.barred(file, len(data)) or (limits.Unreadable("one_page") if "next" in response.links else None)
    size, data = len(data), note_of(file, len(data), received, barred) if barred else data
    submission = store_raw(
        private,
        data,
        contract.source,
        None,
        cycle,
        file,
        received,
        f"{_dataset(contract.api.path)}.{suffix}",
        barred,
        size,
        erased,
    )
    if barred:
        # fetched anew the next time
        return submission
    kept = {
        "url": url,
        "raw": submission.raw,
        "received_at": submission.received_at.isoformat(),
        "etag": response.headers.get("etag") or last.get("etag"),
        "last_modified": response.headers.get("last-modified") or last.get("last_modified"),
    }
    if kept != last:
        checked.write_json(private, note, kept)
    return submission


def _last(private: Store, note: str) -> dict[str, str | None]:
    """Return what was fetched last; nothing where that is lost or damaged, so that it is fetched anew."""
    with suppress(NotThere, Damaged, ValueError):
        last = checked.read_json(private, note, _NOTE)
        raw, _ = str(last.get("raw")), datetime.fromisoformat(str(last.get("received_at")))
        if checked.is_whole(private, raw, PurePosixPath(raw).parent.name):
            return last
    return {}


def _answered(
    url: str, login: tuple[str, str] | None, last: dict[str, str | None], first_wait: float
) -> tuple[httpx.Response, bytes]:
    headers = {"accept": "application/json, text/csv"}
    if etag := last.get("etag"):
        headers["if-none-match"] = etag
    if modified := last.get("last_modified"):
        headers["if-modified-since"] = modified
    tries = Retrying(
        retry=retry_if_exception_type((httpx.TransportError, _Busy)),
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=first_wait, max=20),
        reraise=True,
    )
    try:
        with httpx.Client(timeout=_LIMITS, follow_redirects=True, auth=login) as client:
            return tries(_once, client, url, headers)
    except (httpx.HTTPError, _Busy) as error:
        why = f"status {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else str(error)
        failure = StoreError if isinstance(error, httpx.HTTPStatusError) else Unanswered
        raise failure(
            f"{url} did not give the data ({why or type(error).__name__}); "
            "check A4P_HUB_URL and the network, or put the file into the inbox."
        ) from error


def _once(client: httpx.Client, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    content = bytearray()
    with client.stream("GET", url, headers=headers) as response:
        for piece in response.iter_bytes(_PIECE):
            content += piece
            if len(content) > limits.most_bytes():
                break
    if (
        response.status_code == httpx.codes.TOO_MANY_REQUESTS
        or response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    ):
        raise _Busy(f"status {response.status_code}")
    if response.status_code != httpx.codes.NOT_MODIFIED:
        response.raise_for_status()
    return response, bytes(content)


def _dataset(path: str) -> str:
    """Return the data set's name in the API's path: the part before the format."""
    parts = path.strip("/").split("/")
    return parts[-2] if parts[-1] in {"json", "csv"} and len(parts) > 1 else parts[-1].rpartition(".")[0] or parts[-1]
