"""Who may use the Prefect server of `a4p serve`: a real server, asked by programs and by a real browser."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets
from websockets.typing import Origin, Subprotocol

from flows.orchestration import server as prefect_server
from tests.integration.prefect_api import asked, call, with_database
from tests.integration.test_prefect import A4P, environment
from tests.support import quick
from tests.support.sharing import CLOSED, modes, sources
from tests.support.sweeping import SWEEP
from tests.support.waiting import HANGS_S, until

pytestmark = pytest.mark.prefect
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
with_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed here")
KEY = "a-key-of-the-proxy"
# Prefect says nothing but that it is there
OPEN = {("get", "/health"), ("get", "/ready")}
# how a run of Prefect ends
ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
WEBSOCKETS = (
    "/events/in",
    "/events/out",
    "/logs/out",
    "/task_runs/subscriptions/scheduled",
    "/work_pools/any/workers/connect",
)


@dataclass(frozen=True)
class Served:
    """What `a4p serve` runs: its folder, port, and process."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.page}/api"

    @property
    def login(self) -> str:
        """User and password, from the file that it names."""
        (file,) = re.findall(
            r"It asks for the user and password in (.+?)\. Start", (self.folder / "serve.txt").read_text()
        )
        return Path(file).read_text().strip()

    @property
    def basic(self) -> str:
        return f"Basic {base64.b64encode(self.login.encode()).decode()}"


def of_its_own(folder: Path, **more: str) -> dict[str, str]:
    """The tests' environment without a user and password, with what is given."""
    own = environment(folder)
    del own["PREFECT_API_AUTH_STRING"]
    return {**own, **more}


def a4p(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [quick.a4p(), *arguments],
        env=of_its_own(folder, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )


def serve(folder: Path, port: int, program: str = A4P, **more: str) -> Served:
    """Start `a4p serve`, and wait until it is ready."""
    said = folder / "serve.txt"
    with said.open("w") as output:
        process = subprocess.Popen(
            [program, "serve", "--port", str(port)],
            env=of_its_own(folder, **more),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0,
        )
    until(lambda: "Ctrl-C stops" in said.read_text() or process.poll() is not None, said.read_text)
    assert process.poll() is None, said.read_text()
    return Served(folder, port, process)


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return prefect_server._free_port()


@pytest.fixture(scope="module")
def served(empty_database: Path, metrics_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with_database(folder / "prefect", empty_database)
    running = serve(folder, prefect_server._free_port(), A4P_METRICS_PORT=str(metrics_port))
    try:
        yield running
    finally:
        # the last test kills it
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGINT)
            running.process.wait(HANGS_S)
    assert "Traceback" not in (running.folder / "serve.txt").read_text()


def test_every_route_asks_who_it_is(served: Served) -> None:
    paths = call("GET", f"{served.api}/openapi.json", login=served.login)["paths"]
    routes = [(method, path) for path, methods in paths.items() for method in methods]
    assert len(routes) > 150
    wrong = httpx.BasicAuth("a4p", "not-the-password")
    with httpx.Client(base_url=served.api, timeout=HANGS_S) as client:
        for auth in (None, wrong):
            answers = {one: client.request(one[0], re.sub(r"\{.*?\}", "x", one[1]), auth=auth) for one in routes}
            open_to_all = {one: answer.text for one, answer in answers.items() if answer.status_code != 401}
            assert set(open_to_all) == OPEN
            assert set(open_to_all.values()) == {"true", '{"message":"OK"}'}
        for path in ("/docs", "/openapi.json", "/static/prefect-logo-mark-gradient.png", "/no/such/path"):
            assert client.get(path).status_code == 401
    deployments = asked(served.api, "deployments", login=served.login)
    assert len(deployments) == 10
    assert "on-demand" in {deployment["name"] for deployment in deployments}


def test_it_answers_under_its_own_name_only(served: Served) -> None:
    """A stranger's name can be made to lead to this computer: his page would then be of the server's own address."""
    known = {"Authorization": served.basic}
    for path in ("/", "/ui-settings", "/api/health", "/api/admin/version"):
        for host in (
            "stranger.example",
            f"stranger.example:{served.port}",
            f"127.0.0.1.stranger.example:{served.port}",
        ):
            assert httpx.get(f"{served.page}{path}", headers={**known, "Host": host}).status_code == 400
        for host in (f"localhost:{served.port}", f"127.0.0.1:{served.port}"):
            assert httpx.get(f"{served.page}{path}", headers={**known, "Host": host}, follow_redirects=True).is_success


async def heard(url: str, first: dict[str, Any] | None, origin: str | None, host: str | None = None) -> Any:
    """Connect to a websocket; return the status of a refusal, the code of a closed connection, or the first answer."""
    spoken = [Subprotocol("prefect")] if first else None
    headers = {"Host": host} if host else None
    given = None if origin is None else Origin(origin)
    try:
        async with websockets.connect(url, subprotocols=spoken, origin=given, additional_headers=headers) as socket:
            await socket.send(json.dumps(first or {}))
            return json.loads(await asyncio.wait_for(socket.recv(), HANGS_S))
    except websockets.InvalidStatus as refused:
        return refused.response.status_code
    except websockets.ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize("path", WEBSOCKETS)
def test_every_websocket_asks_who_it_is(served: Served, path: str) -> None:
    url = f"{served.api.replace('http', 'ws')}{path}"
    login = {"type": "auth", "token": served.login}

    def asks(first: dict[str, Any] | None, origin: str | None = None) -> Any:
        return asyncio.run(heard(url, first, origin))

    assert asks(None) == 401
    assert asks({"type": "auth", "token": None}) == 1008
    assert asks({"type": "auth", "token": "a4p:not-the-password"}) == 1008
    assert asks({"type": "subscribe"}) == 1008
    for origin in ("null", "http://stranger.example", f"http://127.0.0.1:{served.port + 1}"):
        assert asks(login, origin) == 403, "whoever knows the password"
    assert asks(login) == asks(login, served.page) == {"type": "auth_success"}


def test_websockets_are_all_known(served: Served) -> None:
    from prefect.server.api.server import API_ROUTERS
    from starlette.routing import WebSocketRoute

    found = {route.path for router in API_ROUTERS for route in router.routes if isinstance(route, WebSocketRoute)}
    assert {re.sub(r"\{.*?\}", "any", path) for path in found} == set(WEBSOCKETS)


# What a page tries, with and without the password: to read, to change, and to listen. It comes back as one list.
ATTEMPTS = """
const [api, basic, token, deployment, done] = arguments;
const json = {'Content-Type': 'application/json'}, plain = {'Content-Type': 'text/plain'};
const known = {...json, Authorization: basic};
const made = name => JSON.stringify({name, value: 'x'});
const tries = {
  'read': () => fetch(api + '/deployments/filter', {method: 'POST', headers: json, body: '{}'}),
  'read as text': () => fetch(api + '/deployments/filter', {method: 'POST', headers: plain, body: '{}'}),
  'get': () => fetch(api + '/admin/version'),
  'health': () => fetch(api + '/health'),
  'change': () => fetch(api + '/deployments/' + deployment, {method: 'PATCH', headers: json, body: '{"paused": true}'}),
  'make': () => fetch(api + '/variables/', {method: 'POST', headers: json, body: made('one')}),
  'make as text': () => fetch(api + '/variables/', {method: 'POST', headers: plain, body: made('two')}),
  'make unseen': () => fetch(api + '/variables/', {method: 'POST', mode: 'no-cors', body: made('three')}),
  'with cookies': () => fetch(api + '/variables/', {method: 'POST', credentials: 'include', body: made('four')}),
  'get, known': () => fetch(api + '/admin/version', {headers: known}),
  'read, known': () => fetch(api + '/deployments/filter', {method: 'POST', headers: known, body: '{}'}),
  'make, known': () => fetch(api + '/variables/', {method: 'POST', headers: known, body: made('five')}),
};
const said = {};
const socket = (path, name) => new Promise(resolve => {
  const opened = new WebSocket(api.replace('http', 'ws') + path, 'prefect');
  opened.onopen = () => opened.send(JSON.stringify({type: 'auth', token}));
  opened.onmessage = message => { said[name] = JSON.parse(message.data).type; resolve(); opened.close(); };
  opened.onclose = () => { said[name] = said[name] || 'closed'; resolve(); };
});
(async () => {
  for (const [name, attempt] of Object.entries(tries)) {
    try {
      const answer = await attempt();
      said[name] = answer.type === 'opaque' ? 'unseen' : answer.status;
    } catch (error) { said[name] = 'failed'; }
  }
  for (const path of ['/events/in', '/events/out', '/logs/out']) await socket(path, path);
  done(said);
})();
"""


@contextmanager
def web(answers: Callable[[Any], None]) -> Iterator[int]:
    """Run a small HTTP server on loopback; give its port."""

    methods = ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")
    does = {**dict.fromkeys((f"do_{method}" for method in methods), answers), "log_message": lambda *_: None}
    handler = type("Handler", (BaseHTTPRequestHandler,), does)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()


def said(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(DRIVER)) as driver:
        driver.set_script_timeout(HANGS_S)
        yield driver


def shown(browser: Any) -> str:
    return str(browser.execute_script("return document.body.innerText"))


def input_of(browser: Any) -> Any:
    return until(lambda: browser.find_elements("css selector", "input[type=password]"), lambda: shown(browser))[0]


def one_more_look(browser: Any, page: str, text: str) -> bool:
    """Open a page, and tell whether a text comes to stand on it within some seconds."""
    browser.get(page)
    end = time.monotonic() + 10
    while text not in shown(browser) and time.monotonic() < end:
        time.sleep(0.2)
    return text in shown(browser)


@pytest.mark.browser
@with_chromium
def test_no_page_from_elsewhere_gets_anything(served: Served, browser: Any, tmp_path: Path) -> None:
    deployments = asked(served.api, "deployments", login=served.login)
    given = served.api, served.basic, served.login, deployments[0]["id"]
    (tmp_path / "page.html").write_text("<title>a stranger's</title>")
    with (
        web(lambda handler: said(handler, 200, b"<title>a stranger's</title>", Content_Type="text/html")) as other,
        # lets every page do everything, as Prefect does: what the browser itself forbids would prove nothing
        web(
            lambda handler: said(
                handler,
                200,
                b"{}",
                Access_Control_Allow_Origin="*",
                Access_Control_Allow_Headers="content-type, authorization",
                Access_Control_Allow_Methods="*",
            )
        ) as lax,
    ):
        for page in (
            (tmp_path / "page.html").as_uri(),
            f"http://127.0.0.1:{other}/",
            f"http://localhost:{other}/",
        ):
            browser.get(page)
            without_cookies = {"with cookies": "failed"}
            tried = browser.execute_async_script(ATTEMPTS, f"http://127.0.0.1:{lax}", *given[1:])
            fetched = {name: answer for name, answer in tried.items() if not name.startswith("/")}
            assert fetched == {**dict.fromkeys(fetched, 200), "make unseen": "unseen", **without_cookies}, page

            tried = browser.execute_async_script(ATTEMPTS, *given)
            expected = {name: "closed" if name.startswith("/") else "failed" for name in tried}
            assert tried == {**expected, "make unseen": "unseen"}, page
    assert asked(served.api, "variables", login=served.login) == []
    assert {one["id"]: one["paused"] for one in asked(served.api, "deployments", login=served.login)} == {
        one["id"]: False for one in deployments
    }


@pytest.mark.browser
@with_chromium
def test_a_page_from_elsewhere_cannot_show_the_own_one_inside_itself(
    served: Served, browser: Any, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(f'<iframe src="{served.page}/v2/"></iframe>')
    browser.get_log("performance")
    browser.get((tmp_path / "page.html").as_uri())
    answers = [
        one["params"]["response"]
        for one in (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
        if one["method"] == "Network.responseReceived" and served.page in one["params"]["response"]["url"]
    ]
    assert [answer["status"] for answer in answers] == [403]


@pytest.mark.browser
@with_chromium
@pytest.mark.sweep
@pytest.mark.parametrize("name", ["localhost", *(["127.0.0.1"] if SWEEP else [])])
def test_its_own_page_asks_and_then_shows_everything(served: Served, browser: Any, name: str) -> None:
    page = f"http://{name}:{served.port}"
    browser.get_log("performance")
    browser.get(f"{page}/")
    input_of(browser).send_keys("a4p:not-the-password\n")
    until(lambda: "Invalid" in shown(browser) or "failed" in shown(browser), lambda: shown(browser))
    browser.get(f"{page}/")
    input_of(browser).send_keys(f"{served.login}\n")
    until(lambda: "/dashboard" in browser.current_url, lambda: shown(browser))
    browser.get(f"{page}/v2/deployments")
    until(lambda: "noticas-daily" in shown(browser), lambda: shown(browser))
    event = f"told.to.{name.replace('.', '-')}"
    emitted = {"id": str(uuid4()), "occurred": datetime.now(UTC).isoformat(), "event": event}
    emitted |= {"resource": {"prefect.resource.id": "a4p.test"}, "payload": {}, "related": []}
    call("POST", f"{served.api}/events", login=served.login, json=[emitted])
    until(lambda: one_more_look(browser, f"{page}/v2/events", event), lambda: shown(browser))

    # the same attempts as a stranger's, from the page itself: with the password they succeed, and only then
    id_of_none = "00000000-0000-0000-0000-000000000000"
    tried = browser.execute_async_script(ATTEMPTS, f"{page}/api", served.basic, served.login, id_of_none)
    made = tried.pop("make, known")
    assert made in (200, 201)
    assert {name for name, answer in tried.items() if answer in (200, "auth_success")} == {
        "health",
        "get, known",
        "read, known",
        "/events/in",
        "/events/out",
        "/logs/out",
    }
    assert {answer for answer in tried.values() if answer not in (200, "auth_success")} == {401}
    call("DELETE", f"{served.api}/variables/name/five", login=served.login)
    # nobody counts its visitors
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert sent
    assert [url for url in sent if not url.startswith((page, "data:", "blob:", "chrome"))] == []


def test_the_password_stands_in_its_file_and_nowhere_else(served: Served) -> None:
    home = served.folder / "prefect"
    assert stat.S_IMODE((home / "a4p-login.txt").stat().st_mode) == 0o600
    password = served.login.partition(":")[2]
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert any(b"flows.orchestration.guarded_server" in one for one in commands)
    assert not any(password.encode() in one for one in commands)
    holding = [path for path in served.folder.rglob("*") if path.is_file() and password.encode() in path.read_bytes()]
    assert holding == [home / "a4p-login.txt"]
    told = call("GET", f"{served.api}/admin/settings", login=served.login)
    assert password not in json.dumps(told)


def test_commands_on_this_machine_know_the_password(
    served: Served, metrics_port: int, sample_inbox: Path, tmp_path: Path
) -> None:
    inbox = sources(sample_inbox, tmp_path / "inbox", "hospitals")
    ran = a4p(served.folder, "refresh", "--cycle", "5", "--inbox", str(inbox))
    assert ran.returncode == 0, ran.stderr
    assert f"Running through the Prefect server at {served.page}" in ran.stderr
    # beside those that are due later
    completed = {"state": {"type": {"any_": ["COMPLETED"]}}}
    done = asked(served.api, "flow_runs", login=served.login, flow_runs=completed)
    assert [run["name"] for run in done if str(run["name"]).startswith("cycle")] == ["cycle 5"]
    # the refresh ran in another process than that which offers its metrics
    metrics = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text
    assert 'a4p_refresh_runs_total{cycle="5",result="published"} 1.0' in metrics
    # whatever the umask, nobody else reads what was run, nor what it was run on
    assert (served.folder / "prefect/a4p-server.json").exists()
    assert modes(served.folder / "prefect") == modes(served.folder / "private") == CLOSED
    # a run that the server starts, and what its automations start, know it as well
    (chosen,) = asked(served.api, "deployments", login=served.login, deployments={"name": {"any_": ["tell-sources"]}})

    def told() -> str:
        """Ask for a run, and give how it ends."""
        create = f"{served.api}/deployments/{chosen['id']}/create_flow_run"
        made = call("POST", create, login=served.login, json={"parameters": {"cycle": 5}})
        run = f"{served.api}/flow_runs/{made['id']}"
        seen: dict[str, Any] = {}

        def ended() -> str | None:
            seen.update(call("GET", run, login=served.login))
            return seen["state_type"] if seen["state_type"] in ENDS else None

        return str(until(ended, lambda: (seen["state"], (served.folder / "serve.txt").read_text())))

    # only one tells at a time: what comes while another waits to tell the same is dropped
    assert until(lambda: (how := told()) != "CANCELLED" and how) == "COMPLETED"
    listed = subprocess.run(
        [str(quick.programs() / "python"), "-m", "prefect", "deployment", "ls"],
        env=of_its_own(
            tmp_path,
            PREFECT_API_URL=served.api,
            PREFECT_API_AUTH_STRING=served.login,
            PREFECT_HOME=str(tmp_path / "prefect"),
            COLUMNS="200",
        ),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=True,
    )
    assert "refresh/noticas-daily" in listed.stdout


@pytest.fixture(scope="module")
def behind_a_key(served: Served) -> Iterator[str]:
    """The same server behind a proxy that asks for a key; give its API's address."""

    def pass_on(handler: BaseHTTPRequestHandler) -> None:
        keys = handler.headers.get("Authorization"), handler.headers.get("X-Key")
        if f"Bearer {KEY}" not in keys and KEY not in keys:
            said(handler, 401, b'{"detail": "no key"}', Content_Type="application/json")
            return
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name: handler.headers[name] for name in ("Content-Type", "Accept") if handler.headers[name]}
        headers["Authorization"] = served.basic
        answer = httpx.request(
            handler.command, f"{served.page}{handler.path}", headers=headers, content=body, timeout=HANGS_S
        )
        kind = answer.headers.get("Content-Type", "application/json")
        said(handler, answer.status_code, answer.content, Content_Type=kind)

    with web(pass_on) as port:
        yield f"http://127.0.0.1:{port}/api"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which the server is used; what was worked out for the first who does is there for the next."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.mark.parametrize(
    "known",
    [{"PREFECT_API_KEY": KEY}, {"PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps({"X-Key": KEY})}],
    ids=["a key", "a header"],
)
def test_a_server_behind_a_key_is_used(
    served: Served, behind_a_key: str, known: dict[str, str], sample_inbox: Path, elsewhere: Path
) -> None:
    inbox = elsewhere / "inbox"
    if not inbox.exists():
        sources(sample_inbox, inbox, "hospitals")
    ran = a4p(elsewhere, "refresh", "--cycle", "5", "--inbox", str(inbox), PREFECT_API_URL=behind_a_key, **known)
    assert ran.returncode == 0, ran.stderr
    assert "Running through the Prefect server" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (elsewhere / "public/releases/cycle-05/r001/datapackage.json").exists()


def test_a_server_that_does_not_let_one_in_is_told_in_a_sentence(
    served: Served, behind_a_key: str, tmp_path: Path
) -> None:
    asks = "asks for a user and password, or a key; set PREFECT_API_AUTH_STRING (user:password) or PREFECT_API_KEY."
    refuses = "refuses the user and password, or the key, that it is given; correct PREFECT_API_AUTH_STRING"
    for api, known, says in (
        (served.api, {}, asks),
        (behind_a_key, {}, asks),
        (served.api, {"PREFECT_API_AUTH_STRING": "a4p:wrong"}, refuses),
        (behind_a_key, {"PREFECT_API_KEY": "wrong"}, refuses),
    ):
        for command in (["refresh", "--cycle", "5"], ["serve"]):
            ran = a4p(tmp_path, *command, PREFECT_API_URL=api, **known)
            assert ran.returncode == 3, ran.stderr
            assert f"The Prefect server at {api} {says}" in ran.stderr
            assert len(ran.stderr.strip().splitlines()) == 1
            assert "wrong" not in ran.stderr
    with web(lambda handler: said(handler, 200, b"<h1>Sign in</h1>", Content_Type="text/html")) as port:
        ran = a4p(tmp_path, "refresh", "--cycle", "5", PREFECT_API_URL=f"http://127.0.0.1:{port}/api")
    assert ran.returncode == 3
    assert "is not Prefect's API; correct PREFECT_API_URL" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1


def test_a_second_one_is_refused_and_leaves_the_first_alone(served: Served, tmp_path: Path) -> None:
    note = served.folder / "prefect/a4p-server.json"
    before = note.read_bytes(), note.stat().st_mtime_ns
    port = str(prefect_server._free_port())
    elsewhere = {"A4P_PREFECT_HOME": str(tmp_path / "prefect")}
    for words, more in ((["serve"], {}), (["serve", "--port", port], {}), (["serve", "--port", port], elsewhere)):
        ran = a4p(served.folder, *words, **more)
        assert ran.returncode == 3, ran.stdout
        who = rf"\(process {served.process.pid} of .+, at {served.page}\)"
        assert re.fullmatch(rf"Another `a4p serve` uses .+ already {who}; .+\n", ran.stderr), ran.stderr
    assert served.process.poll() is None
    assert prefect_server.answers(served.api)
    assert (note.read_bytes(), note.stat().st_mtime_ns) == before
    assert len(asked(served.api, "deployments", login=served.login)) == 10


def test_one_that_was_killed_keeps_nobody_out(served: Served, sample_inbox: Path) -> None:
    """The last: it ends the server of the tests above, and another takes its place and port."""
    login = served.login
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait(HANGS_S)
    assert (served.folder / "prefect/a4p-server.json").exists()
    # nobody is given the password who may have taken its port
    inbox = sources(sample_inbox, served.folder / "inbox", "hospitals")
    ran = a4p(served.folder, "refresh", "--cycle", "5", "--inbox", str(inbox))
    assert "running the steps directly" in ran.stderr
    again = serve(served.folder, served.port, quick.a4p())
    try:
        assert again.login == login
        assert len(asked(again.api, "deployments", login=login)) == 10
    finally:
        os.killpg(again.process.pid, signal.SIGTERM)
        assert again.process.wait(HANGS_S) == 0
    assert not prefect_server.answers(again.api)
