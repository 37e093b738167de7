"""The refresh on a real Dask cluster: a scheduler and two workers that share nothing but the buckets."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from config import load
from flows.cli import commands
from flows.core import code_version
from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.core.steps import Kind, Step
from flows.orchestration import dask as cluster
from flows.orchestration import server as prefect_server
from flows.refresh.story import refresh
from flows.stores import Store, keyed
from flows.stores.from_settings import Places, places_of
from tests.integration.fault_proxy import fault_proxy
from tests.integration.prefect_api import LOGIN, asked, call, server, with_database
from tests.support import quick
from tests.support.waiting import HANGS_S, until

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.s3, pytest.mark.prefect]
Process = subprocess.Popen[bytes]
# a few sources of every kind, so that a run takes seconds
SENT = ("noticas", "hospitals", "mission_report/UNMISS")


@dataclass
class Dask:
    """A scheduler that this module started, and the workers it was given."""

    address: str
    scheduler: Process
    folder: Path
    bare: dict[str, str]
    keys: dict[str, str]
    ends: ExitStack
    workers: dict[str, Process] = field(default_factory=dict)

    def worker(self, name: str, **environment: str) -> None:
        """Start a worker with a home and a working folder of its own, and no settings of the pipeline."""
        own = self.folder / name
        (own / "home").mkdir(parents=True)
        words = [self.address, "--no-nanny", "--nthreads", "1", "--name", name, "--local-directory", str(own / "space")]
        # no longer than the scheduler, even if this process is killed
        words += ["--dashboard-address", "127.0.0.1:0", "--death-timeout", str(HANGS_S)]
        given = {**self.bare, "HOME": str(own / "home"), **environment}
        self.workers[name] = self.ends.enter_context(started("dask_worker", *words, folder=own, given=given))

    def at_least(self, count: int) -> None:
        """See to it that so many workers are alive."""
        alive = [worker for worker in self.workers.values() if worker.poll() is None]
        for _ in range(count - len(alive)):
            self.worker(f"worker {len(self.workers) + 1}", **self.keys)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Connect, once the scheduler knows which workers are alive."""
        with distributed.Client(self.address, timeout=HANGS_S, set_as_default=False) as client:
            alive = [worker for worker in self.workers.values() if worker.poll() is None]
            until(
                lambda: client.scheduler_info()["n_workers"] == len(alive),
                lambda: f"the logs in {self.folder} say why",
                every_s=0.05,
            )
            yield client

    def kill(self, *names: str) -> None:
        """Kill workers and wait until they are dead."""
        for name in names:
            self.workers[name].kill()
            self.workers[name].wait(HANGS_S)


@contextmanager
def started(program: str, *words: str, folder: Path, given: dict[str, str]) -> Iterator[Process]:
    with (folder / f"{program}.log").open("wb") as log:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *words]
        process = subprocess.Popen(command, cwd=folder, env=given, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait(HANGS_S)


@pytest.fixture(scope="module")
def bare() -> dict[str, str]:
    """An environment in which nothing of the pipeline, Prefect or AWS is set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_", "AWS_"))}


@pytest.fixture(scope="module")
def keys(s3) -> Iterator[dict[str, str]]:
    """The credentials of the stores and the Prefect server, set here too."""
    keys = {
        "AWS_ACCESS_KEY_ID": s3.key,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PREFECT_API_AUTH_STRING": LOGIN,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        yield keys


@pytest.fixture(scope="module")
def dask(tmp_path_factory, bare, keys) -> Iterator[Dask]:
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    words = ["--host", "127.0.0.1", "--port", port, "--dashboard-address", "127.0.0.1:0", "--idle-timeout", "600"]
    with started("dask_scheduler", *words, folder=folder, given=bare) as process, ExitStack() as ends:
        yield Dask(f"tcp://127.0.0.1:{port}", process, folder, bare, keys, ends)


@pytest.fixture(scope="module")
def server_home(tmp_path_factory, empty_database) -> Path:
    return with_database(tmp_path_factory.mktemp("prefect"), empty_database)


@pytest.fixture(scope="module")
def api(server_home) -> Iterator[str]:
    with server(server_home) as address:
        yield address


@pytest.fixture(scope="module")
def settings(s3, keys, dask, sample_inbox) -> Settings:
    """Settings for the cluster, with an inbox in its bucket."""
    for name in ("a4p-dask-inbox", "a4p-dask-private", "a4p-dask-public"):
        s3.client().create_bucket(Bucket=name)
    inbox = Store("s3://a4p-dask-inbox", s3.endpoint)
    for file in sorted(sample_inbox.rglob("*.*")):
        path = file.relative_to(sample_inbox).as_posix()
        if path.startswith(tuple(f"cycle-05/{one}/" for one in SENT)):
            inbox.write(path, file.read_bytes())
    return Settings(
        inbox_uri="s3://a4p-dask-inbox",
        private_uri="s3://a4p-dask-private/a4p",
        public_uri="s3://a4p-dask-public/a4p",
        s3_endpoint_url=s3.endpoint,
        runner="dask",
        dask_address=dask.address,
        dask_wait_s=30,
    )


def variables(settings: Settings) -> dict[str, str]:
    return {f"A4P_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value is not None}


@dataclass
class Killer:
    """Kills the worker that runs a step, at the moment when the step makes a call to the store."""

    dask: Dask
    client: Any
    at: dict[str, str]
    killed: list[str] = field(default_factory=list)

    def __call__(self, call: str) -> bool:
        """Tell whether the call was one to kill at; the worker is dead then, and the call was not made."""
        step = next((step for step, path in self.at.items() if call.startswith("PUT ") and path in call), None)
        if step is None:
            return False
        del self.at[step]
        names = self.client.run_on_scheduler(
            lambda dask_scheduler: {address: worker.name for address, worker in dask_scheduler.workers.items()}
        )
        for worker, keys in self.client.processing().items():
            if any(str(key).startswith(step) for key in keys):
                self.dask.kill(names[worker])
                self.killed.append(step)
        return True


def test_a_worker_killed_in_the_middle_costs_a_retry_and_nothing_else(
    s3, settings, dask, keys, api, server_home, bare, tmp_path
):
    own = tmp_path / "home"
    own.mkdir()
    given = {**bare, **keys, **variables(settings), "PREFECT_API_URL": api, "HOME": str(own)}
    given["A4P_PREFECT_HOME"] = str(tmp_path / "prefect")
    dask.at_least(2)
    with dask.client() as client, fault_proxy(s3.endpoint) as proxy, ExitStack() as stack:
        at = {"check noticas": "/quarantine/noticas/", "publish the release": "/cycle-05/r001/quality/received"}
        killer = Killer(dask, client, at)
        proxy.fails = lambda number: "cut" if killer(proxy.calls[number]) else None
        given["A4P_S3_ENDPOINT_URL"] = proxy.endpoint
        running = stack.enter_context(
            subprocess.Popen(
                [quick.a4p(), "refresh", "--cycle", "5"],
                cwd=tmp_path,
                env=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(running.kill)
        while not killer.killed and running.poll() is None:
            time.sleep(0.05)
        dask.at_least(2)
        said, told = running.communicate(timeout=HANGS_S)
    assert running.returncode == 0, told
    assert "Published release r001" in said
    assert killer.killed == ["check noticas", "publish the release"]
    lost = [line for line in told.splitlines() if "Lost the worker" in line]
    assert ["check noticas" in line for line in lost] == [True, False], told
    assert "Traceback" not in told

    # a step that started twice is one step, which shows both its starts
    tasks = {task["name"]: task for task in asked(api, "task_runs", sort="NAME_DESC")}
    assert len(tasks) == len(asked(api, "task_runs"))
    assert {"pull noticas", "read mission_report", "make the tables", "tell"} <= set(tasks)
    assert {task["state_type"] for task in tasks.values()} == {"COMPLETED"}
    for name, starts in (("check noticas", 2), ("publish the release", 2), ("tell", 1)):
        states = call("GET", f"{api}/task_run_states/", params={"task_run_id": tasks[name]["id"]})
        assert [state["name"] for state in states].count("Running") == starts

    # directly, in folders: the same files, received at the same time
    places = places_of(settings)
    folder = Places(*(Store(str(tmp_path / name)) for name in ("inbox", "private", "public")))
    for entry in places.inbox.entries():
        folder.inbox.copy_in(entry.path, places.inbox, entry.path)
        os.utime(str(folder.inbox.local(entry.path)), (entry.modified.timestamp(),) * 2)
    # with another key the sources have other names
    folder.private.copy_in(keyed.PATH, places.private, keyed.PATH)
    config = load()
    refresh(config.cycle(5), folder, config)
    here, there = content(folder.public), content(places.public)
    assert len(here) > 60
    assert here == there

    # nothing of what was worked out is left on a machine, and neither keys nor cells reached Prefect or a log
    assert not [path for path in dask.folder.rglob("*") if path.suffix in {".parquet", ".csv", ".xlsx", ".db"}]
    written = told.encode() + b"".join(path.read_bytes() for path in dask.folder.rglob("*.log"))
    written += b"".join(path.read_bytes() for path in server_home.rglob("prefect.db*"))
    assert b"check noticas" in written
    assert s3.secret.encode() not in written
    assert LOGIN.partition(":")[2].encode() not in written
    assert a_casualty(places.inbox) not in written


def a_casualty(inbox: Store) -> bytes:
    """Return what a cell says, of the first row that was sent."""
    file = next(entry.path for entry in inbox.entries("cycle-05/noticas"))
    header, first = inbox.read(file).splitlines()[:2]
    return first.split(b",")[header.split(b",").index(b"casualty_id")]


def content(store: Store) -> dict[str, bytes]:
    # whose turn it was is no part of what was published
    turns = "/refreshing/"
    return {entry.path: store.read(entry.path) for entry in store.entries() if turns not in entry.path}


def test_a_worker_that_cannot_do_the_work_is_named(settings, dask, keys, api, s3, tmp_path):
    places = places_of(settings)
    without = {name: value for name, value in keys.items() if name != "PREFECT_API_AUTH_STRING"}
    # one line more than here
    other = tmp_path / "other"
    for room in ("config", "expectations", "flows", "sample", "transforms"):
        shutil.copytree(code_version.HERE / room, other / room)
    (other / "transforms" / "p1_more.py").write_text('"""Another version."""\n')
    for name, environment, problem in (
        ("without keys", {"AWS_EC2_METADATA_DISABLED": "true"}, r"The store s3://a4p-dask-\w+.* needs credentials"),
        ("without the password", without, "The Prefect server at .* asks for a user and password"),
        ("another version", {**keys, "PYTHONPATH": str(other)}, "it runs another version of the pipeline"),
    ):
        dask.worker(name, **environment)
        says = rf"^The Dask worker tcp://127.0.0.1:\d+ cannot be used: {problem}"
        with dask.client() as client, pytest.raises(StoreError, match=says):
            cluster.greet(client, dask.address, places, api, 60)
        dask.kill(name)
    dask.at_least(1)
    with dask.client() as client, pytest.raises(StoreError, match=r"used: The Prefect server at .* does not answer th"):
        cluster.greet(client, dask.address, places, "http://127.0.0.1:9/api", 60)


def test_a_cluster_that_goes_away_is_one_clear_sentence(settings, dask, keys, api, server_home, as_client):
    """Neither the loss of all workers nor that of the scheduler is waited for without an end."""
    own = prefect_server.environment(Settings(prefect_home=str(server_home)))
    as_client({**own, "PREFECT_API_URL": api, "PREFECT_LOGGING_TO_API_ENABLED": "false"})
    from prefect import flow

    from flows.orchestration import tasks

    # the flow travels with its tasks: nothing in it that cannot
    found = settings.model_copy(update={"dask_wait_s": 3})
    places = places_of(found)

    @flow
    def waits() -> None:
        with tasks.steps(found, places, lambda _: nullcontext()) as runner:
            runner(Step(kind=Kind.TELL, function=time.sleep, arguments=(600,)))

    def fails(says: str) -> None:
        with pytest.raises(StoreError, match=f"^The Dask scheduler at {dask.address} {says}, and run this again.$"):
            waits()

    for lost, says in (
        ("workers", f"has had no worker for 3 seconds; start some with dask worker {dask.address}"),
        ("scheduler", "does not answer; start it with dask scheduler, or correct A4P_DASK_ADDRESS"),
    ):
        dask.at_least(1)
        with dask.client() as client:
            killing = Thread(target=kill_once_busy, args=(client, dask, lost))
            killing.start()
            fails(says)
            killing.join(HANGS_S)
        # nor are they waited for where they are missing from the start
        fails(says)


def kill_once_busy(client: Any, dask: Dask, lost: str) -> None:
    while not any(client.processing().values()):
        time.sleep(0.05)
    if lost == "workers":
        dask.kill(*dask.workers)
    else:
        dask.scheduler.kill()


def test_what_an_error_says_goes_nowhere():
    """It may be a cell's value, and Prefect and the workers write down what a step raises."""
    from flows.orchestration import tasks

    said = "Jane Doe"
    with pytest.raises(tasks.Broken) as raised:
        tasks.as_task(Step(kind=Kind.TELL, function=int, arguments=(said,))).fn()
    assert re.fullmatch(r"ValueError in flows/core/steps\.py, line \d+, in the step 'tell'\.", str(raised.value))
    assert "Jane" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"A4P_DASK_ADDRESS": ""}, "no scheduler is named; set A4P_DASK_ADDRESS, such as tcp://host:8786"),
        ({"A4P_INBOX_URI": ""}, r"the stores themselves, and .*/inbox is a folder; give A4P_INBOX_URI as s3://"),
        ({"A4P_PRIVATE_URI": "file:///mnt/a4p"}, "file:///mnt/a4p is a folder; give A4P_PRIVATE_URI as s3://"),
    ],
)
def test_settings_that_do_not_fit_are_refused_before_anything_starts(changed, says, monkeypatch, tmp_path, capsys):
    fitting = Settings(
        inbox_uri="s3://inbox",
        private_uri="s3://private",
        public_uri="s3://public",
        runner="dask",
        dask_address="tcp://h:1",
    )
    monkeypatch.chdir(tmp_path)
    for name, value in {**variables(fitting), **changed}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        commands.main(["refresh", "--cycle", "5"])
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert re.search(says, told), told
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
