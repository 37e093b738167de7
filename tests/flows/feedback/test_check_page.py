"""The check page's server: on this computer alone, for its own page alone, and what it answers to odd requests."""

from __future__ import annotations

import http.client
import io
import json
import socket
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn

from config import ConfigError, load
from flows.feedback.check_page import build_app
from flows.feedback.check_page.app import MOST_MEGABYTES
from flows.feedback.check_page.serving import listen
from tests.support.files import casualty, mission_book, noticas
from tests.support.waiting import HANGS_S

MOST = MOST_MEGABYTES * 1024 * 1024
GOOD = noticas(casualty(1))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def port(scratch: Path) -> Iterator[int]:
    before, tempfile.tempdir = tempfile.tempdir, str(scratch)
    listening = listen(0)
    server = uvicorn.Server(uvicorn.Config(build_app(load()), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(HANGS_S)
    listening.close()
    tempfile.tempdir = before


def asked(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask the server; `_` in the headers' names stands for a hyphen."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_S)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    chunked = body is not None and not isinstance(body, bytes)
    connection.request(method, path, body, sent, encode_chunked=chunked)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, answer.headers, said


def sent(port: int, name: str, data: Any, query: str = "", **headers: str) -> tuple[int, dict[str, Any]]:
    status, _, said = asked(port, "POST", f"/check?{query}", data, X_File_Name=quote(name), **headers)
    return status, json.loads(said)


def test_a_file_is_checked_and_nothing_of_it_stays(port: int, scratch: Path) -> None:
    used = scratch.stat().st_mtime_ns
    status, said = sent(port, "casualties.csv", GOOD, "language=fr")
    assert (status, said["verdict"], said["sentence"]) == (200, "accepted", "Ce fichier serait accepté")
    assert scratch.stat().st_mtime_ns > used
    assert list(scratch.iterdir()) == []


def test_the_page_comes_whole_and_may_load_nothing(port: int) -> None:
    status, headers, said = asked(port, "GET", "/")
    assert status == 200
    assert b"Check a file before you send it" in said
    assert not [mark for mark in (b"http://", b"https://", b"src=", b"@import") if mark in said]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_another_page_cannot_use_it(port: int, headers: dict[str, str]) -> None:
    status, _, _ = asked(port, "POST", "/check", GOOD, X_File_Name="c.csv", **headers)
    assert status == 403


def test_its_own_page_can(port: int) -> None:
    origin = f"http://127.0.0.1:{port}"
    status, _ = sent(port, "c.csv", GOOD, Origin=origin, Sec_Fetch_Site="same-origin")
    assert status == 200


def test_another_name_that_leads_here_is_refused(port: int) -> None:
    """So a page elsewhere whose name is made to resolve to this computer reads nothing."""
    status, _, said = asked(port, "GET", "/", Host=f"evil.example:{port}")
    assert status == 400
    assert b"Check a file" not in said


def test_it_listens_on_this_computer_alone(port: int) -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    with pytest.raises(ConfigError, match="choose another one with --port"):
        listen(taken.getsockname()[1])
    taken.close()
    listening = listen(0)
    assert listening.getsockname()[0] == "127.0.0.1"
    listening.close()


def test_a_file_that_is_too_large_is_not_read_to_its_end(port: int) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MOST_MEGABYTES + 1):
            yield bytes(1024 * 1024)

    try:
        status, said = sent(port, "c.csv", endless(), Transfer_Encoding="chunked")
        assert (status, "larger than 25 MB" in said["error"]) == (413, True)
    except (ConnectionError, http.client.HTTPException):
        # the server hung up while more was sent
        pass
    # what is said of the size is believed before anything is read
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_S)
    connection.putrequest("POST", "/check")
    connection.putheader("Content-Length", str(MOST + 1))
    connection.putheader("X-File-Name", "c.csv")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.slow
def test_a_workbook_that_unpacks_to_very_much_is_refused(port: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/workbook.xml", "w") as part:
        for _ in range(420):
            part.write(bytes(1024 * 1024))
    assert len(buffer.getvalue()) < MOST
    status, said = sent(port, "c.xlsx", buffer.getvalue())
    # like every other file that is refused: with a finding that says what to do
    assert (status, said["verdict"]) == (200, "refused")


@pytest.mark.parametrize(
    ("name", "query", "status", "says"),
    [
        ("", "", 400, "names no file"),
        ("..", "", 400, "names no file"),
        ("c.csv", "cycle=five", 422, "no number of a cycle"),
        ("c.csv", "cycle=99", 422, "99"),
        ("c.csv", "mission=UNMIS", 422, "no reporting mission"),
        ("c.csv", "source=nothing", 422, "nothing"),
    ],
)
def test_an_odd_request_is_answered_in_a_sentence(port: int, name: str, query: str, status: int, says: str) -> None:
    answered, said = sent(port, name, GOOD, query)
    assert (answered, set(said)) == (status, {"error"})
    assert says in said["error"]


@pytest.mark.parametrize("name", ["../../etc/c.csv", "C:\\Users\\me\\c.csv", "/c.csv", "a\n/c.csv"])
def test_no_folder_of_a_name_counts(port: int, name: str) -> None:
    status, said = sent(port, name, GOOD)
    assert (status, said["file"]) == (200, "c.csv")


def test_a_file_of_no_source_asks_for_it(port: int) -> None:
    status, said = sent(port, "shopping.csv", b"apples,pears\n1,2\n", "language=fr")
    assert (status, said["choose"]) == (422, True)
    assert said["error"].startswith("Le fichier n'a les colonnes d'aucune source connue.")


@pytest.mark.slow
def test_files_sent_at_once_are_all_answered(port: int) -> None:
    """One after another; each by what it holds."""
    files = [("c.csv", GOOD), ("m.xlsx", mission_book("UNMISS")), ("w.csv", noticas(casualty(1, cause="Ilness")))]
    verdicts: dict[str, str] = {}

    def check(name: str, data: bytes) -> None:
        verdicts[name] = sent(port, name, data)[1]["verdict"]

    threads = [threading.Thread(target=check, args=file) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGS_S)
    assert verdicts == {"c.csv": "accepted", "m.xlsx": "accepted", "w.csv": "refused"}
