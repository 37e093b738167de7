import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config import load
from flows.core.errors import StoreError, Unanswered
from flows.core.records import Astray
from flows.intake.read import limits
from flows.intake.receive import hub
from flows.refresh.story import gather
from flows.stores import Store
from flows.stores.from_settings import Places
from tests.support.waiting import HANGS_S

CONFIG = load()
NOTICAS = CONFIG.contracts["noticas"]
CYCLE = CONFIG.cycle(5)
RECORDS = [
    {
        "id": 1,
        "incident_date": 1701129600000,
        "casualty_id": "UNMISS-2023-11-00001",
        "mission_acronym": "UNMISS",
        "type_of_casualty": "Fatality",
        "gender": "M",
        "casualty_nationality": "Ghana",
        "casualty_personnel_type": "Local ",
        "type_of_incident": "Illness",
        "m49_code": 288.0,
        "isocode3": "GHA",
        "last_update": 1714521600000,
    }
]


@dataclass
class Hub:
    """A small HTTP API, as the Hub's: what it was asked, and what it answers next before it answers well."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    body: bytes = json.dumps(RECORDS).encode()
    etag: str = '"v1"'
    encoding: str | None = None
    link: str | None = None


@pytest.fixture
def served() -> Iterator[Hub]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append({"path": self.path, **{key.lower(): value for key, value in self.headers.items()}})
            if state.failures:
                self.send_response(state.failures.pop(0))
                self.send_header("content-length", "0")
                self.end_headers()
            elif self.headers.get("if-none-match") == state.etag:
                self.send_response(304)
                self.end_headers()
            else:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(state.body)))
                self.send_header("etag", state.etag)
                if state.encoding:
                    self.send_header("content-encoding", state.encoding)
                if state.link:
                    self.send_header("link", state.link)
                self.send_header("last-modified", "Wed, 01 May 2024 06:00:00 GMT")
                self.end_headers()
                self.wfile.write(state.body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    server.shutdown()
    server.server_close()


def test_a_data_set_is_fetched_once_and_then_only_if_it_changed(served, tmp_path):
    private = Store(str(tmp_path))
    first = hub.pull(NOTICAS, CYCLE, served.url, private)
    again = hub.pull(NOTICAS, CYCLE, served.url, private)
    assert again == first
    assert private.read(first.raw) == served.body
    assert first.received_at.isoformat() == "2024-05-01T06:00:00+00:00"
    assert [asked.get("if-none-match") for asked in served.asked] == [None, '"v1"']
    assert served.asked[0]["path"] == "/public/data/DPPADPOSS-FATALITIES/json"

    served.etag, served.body = '"v2"', json.dumps([*RECORDS, RECORDS[0] | {"casualty_id": "B"}]).encode()
    assert hub.pull(NOTICAS, CYCLE, served.url, private).sha256 != first.sha256


def test_what_was_erased_is_not_kept_again(served, tmp_path):
    private = Store(str(tmp_path))
    sha256 = hashlib.sha256(served.body).hexdigest()
    left_out = [Astray("hub/DPPADPOSS-FATALITIES", "erased", "noticas", None, "2024-06-03")]
    assert hub.fetched(NOTICAS, CYCLE, served.url, private, {sha256: "2024-06-03"}) == ([], left_out)
    assert private.entries() == []
    (kept,), none = hub.fetched(NOTICAS, CYCLE, served.url, private, {})
    assert (kept.sha256, none) == (sha256, [])


@pytest.mark.parametrize("which", ["raw/noticas/fetched/", "raw/noticas/{}/DPPADPOSS-FATALITIES.json"])
def test_what_is_damaged_is_fetched_anew(served, tmp_path, which):
    private = Store(str(tmp_path))
    first = hub.pull(NOTICAS, CYCLE, served.url, private)
    (path,) = (one.path for one in private.entries() if one.path.startswith(which.format(first.sha256)))
    whole = private.read(path)
    private.write(path, whole[:20] + bytes([whole[20] ^ 1]) + whole[21:])
    assert hub.pull(NOTICAS, CYCLE, served.url, private) == first
    assert [asked.get("if-none-match") for asked in served.asked] == [None, None]
    assert private.read(path) == whole


def test_a_busy_server_is_asked_again(served, tmp_path):
    served.failures = [503, 429, 500]
    assert hub.pull(NOTICAS, CYCLE, served.url, Store(str(tmp_path)), first_wait=0.01).size == len(served.body)
    assert len(served.asked) == 4


@pytest.mark.parametrize("failures", [[503] * 9, [404]])
def test_a_server_that_does_not_give_the_data_is_named(served, tmp_path, failures):
    served.failures = list(failures)
    with pytest.raises(StoreError, match=r"did not give the data .* check A4P_HUB_URL"):
        hub.pull(NOTICAS, CYCLE, served.url, Store(str(tmp_path)), first_wait=0.01)
    # an answer that will not get better is not asked for again
    assert len(served.asked) == min(len(failures), hub.TRIES)


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(served, tmp_path, encoding):
    private, good = Store(str(tmp_path)), served.body
    first = hub.pull(NOTICAS, CYCLE, served.url, private)
    large = b" " * (limits.MOST_FILE_MB + 30) * limits.MB
    served.etag, served.encoding = '"v2"', encoding
    served.body = gzip.compress(large) if encoding else large
    refused = hub.pull(NOTICAS, CYCLE, served.url, private)
    assert refused.problem == "too_large"
    assert refused.size < len(large)
    assert len(private.read(refused.raw)) < 1_000
    # it is asked for again the next time, and what came before is still there
    served.etag, served.encoding, served.body = '"v3"', None, good
    assert hub.pull(NOTICAS, CYCLE, served.url, private).sha256 == first.sha256


def test_a_page_of_several_is_refused_and_asked_for_again(served, tmp_path):
    private = Store(str(tmp_path))
    served.link = '<https://example.org/next>; rel="next"'
    assert hub.pull(NOTICAS, CYCLE, served.url, private).problem == "one_page"
    served.link = '<https://example.org/first>; rel="first"'
    assert hub.pull(NOTICAS, CYCLE, served.url, private).problem is None
    assert [asked.get("if-none-match") for asked in served.asked] == [None, None]


def test_a_refresh_takes_the_hubs_data(served, tmp_path):
    places = Places(
        Store(str(tmp_path / "inbox")), Store(str(tmp_path / "private")), Store(str(tmp_path / "public")), served.url
    )
    config = type(CONFIG)(**{**vars(CONFIG), "contracts": {"noticas": NOTICAS}})
    gathered = gather(CYCLE, places, config)
    assert [one.submission.file for one in gathered.reads] == ["hub/DPPADPOSS-FATALITIES.json"]
    assert gathered.tables[0].rows == {"hub/DPPADPOSS-FATALITIES.json": (1, 1, 0)}
    assert not Path(tmp_path / "inbox").exists()


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(tmp_path, monkeypatch):
    """Its head comes at once, and then a byte of the answer every tenth of a second, for ever."""
    monkeypatch.setattr(hub, "HUB_S", 1.0)
    ended = threading.Event()

    class Dripping(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "100000")
            self.end_headers()
            with suppress(OSError):
                while not ended.wait(0.1):
                    self.wfile.write(b"[")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    raised = []

    def pull() -> None:
        with pytest.raises(Unanswered, match="did not give the data within"):
            hub.pull(NOTICAS, CYCLE, address, Store(str(tmp_path)))
        raised.append(True)

    try:
        pull()
        # on a worker the step is in another thread than the main one
        other = threading.Thread(target=pull)
        other.start()
        other.join(HANGS_S)
        assert raised == [True, True]
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
