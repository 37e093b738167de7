"""Real servers on loopback for the integration tests."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flows.stores import remote as connections
from tests.integration.prefect_api import write_database
from tests.support.sharing import lent
from tests.support.waiting import HANGS_S, until

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def empty_database(shared: Path) -> Iterator[Path]:
    """A folder with the database of a Prefect server that is new, to be copied."""
    yield from lent(shared / "prefect-database", write_database)


class S3(NamedTuple):
    """An S3 server and a user that it knows."""

    endpoint: str
    key: str
    secret: str

    def client(self, service: str = "s3", **others: str) -> Any:
        """Return boto3's client of the server."""
        # takes a second to import, which tests without a server need not wait for
        import boto3

        given = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret, "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.endpoint, **{**given, **others})


@pytest.fixture(scope="session")
def s3(shared: Path) -> S3:
    """Return an S3 server that checks secrets: Ceph's RADOS gateway where it is installed, else moto's.

    The first process to ask starts it, for all processes of this test run: each test has buckets of its own.
    """
    with (shared / "s3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = shared / "s3.json"
        if not told.exists():
            folder = shared / "s3"
            folder.mkdir()
            start = _rados_gateway if shutil.which("radosgw") else _moto
            # where its command reads from is closed when the run ends, and then so does it
            run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
            server, found = start(folder, "sh", "-c", 'tail --pid="$0" -f /dev/null | "$@"', str(run))
            told.write_text(json.dumps(found))
            # it does not end with this process
            server.returncode = 0
    return S3(*json.loads(told.read_text()))


@pytest.fixture
def policing(tmp_path: Path) -> Iterator[S3]:
    """Start an S3 server that holds users to their policies; a new RADOS gateway knows no user with one."""
    server, found = _moto(tmp_path)
    assert server.stdin is not None
    with server, server.stdin:
        yield found


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a new bucket; the environment holds the credentials for it."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    name = f"a4p-{uuid.uuid4().hex[:12]}"
    s3.client().create_bucket(Bucket=name)
    return name


@pytest.fixture
def new_connections() -> Iterator[None]:
    """Let a test change the credentials: connections are kept for a process's life."""

    def forget() -> None:
        connections.connected.cache_clear()
        connections._s3.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def as_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Have Prefect in this process go by the variables given: it reads them once, when some earlier test imports it."""

    def become(variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        from prefect import context

        monkeypatch.setattr(context, "GLOBAL_SETTINGS_CONTEXT", context.root_settings_context())

    yield become
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    # while this server still runs; the next test's events and logs are not for it
    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=HANGS_S)


class Database(NamedTuple):
    """A PostgreSQL server and a user who owns an empty database of it."""

    port: int
    user: str
    password: str
    name: str

    @property
    def uri(self) -> str:
        """The database's address, without the password."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{self.name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """Start a PostgreSQL server that checks passwords."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb", path=os.pathsep.join([os.environ["PATH"], *map(str, reversed(folders))]))
    if not found:
        pytest.skip("needs a PostgreSQL server; on Debian: apt install postgresql")
    # pytest's own folders are closed to other users, and the server does not run as root
    with tempfile.TemporaryDirectory(prefix="a4p-postgres-") as folder:
        user = "nobody" if os.getuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        with _postgres_server(Path(found).resolve().parent, Path(folder), user) as server:
            yield server


@pytest.fixture
def database(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return a new database; the environment holds the password for it."""
    import psycopg

    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    new = postgres._replace(name=f"a4p_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(postgres.uri, password=postgres.password, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {new.name}")
    yield new
    with psycopg.connect(postgres.uri, password=postgres.password, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {new.name} WITH (FORCE)")


@contextmanager
def _postgres_server(programs: Path, folder: Path, user: str | None) -> Iterator[Database]:
    database = Database(_free_port(), "a4p_loader", uuid.uuid4().hex, "postgres")
    (folder / "password").write_text(database.password)
    (folder / "password").chmod(0o644)
    made = [programs / "initdb", "-D", folder / "data", "-U", database.user, f"--pwfile={folder / 'password'}"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run([*made, *options], user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    # the server runs until the shell's standard input closes, even if this process is killed
    script = '"$@" & cat >/dev/null; kill -INT $!; wait $!'
    command = ["sh", "-c", script, "sh", programs / "postgres", "-D", folder / "data", "-p", str(database.port)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*command, *settings], user=user, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder
        ) as server,
    ):
        assert server.stdin is not None
        try:
            _wait_until_open(database, folder / "log")
            yield database
        finally:
            server.stdin.close()
            server.wait(timeout=HANGS_S)


def _wait_until_open(database: Database, log: Path) -> None:
    import psycopg

    def open_() -> bool:
        try:
            psycopg.connect(database.uri, password=database.password).close()
        except psycopg.OperationalError:
            return False
        return True

    until(open_, log.read_text, every_s=0.1)


def _rados_gateway(folder: Path, *starter: str) -> tuple[subprocess.Popen[bytes], S3]:
    command = [*starter, str(HERE / "s3_server.sh"), str(folder / "ceph"), str(_free_port()), str(_free_port())]
    # the server runs until its standard input closes, even if this process is killed
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert server.stdout is not None
    words = server.stdout.readline().decode().split()
    assert len(words) == 3, "the gateway did not start; it says why above"
    return server, S3(*words)


# it runs until its standard input closes
_MOTO = """
import os, sys, threading
from moto.server import main
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
main()
"""


def _moto(folder: Path, *starter: str) -> tuple[subprocess.Popen[bytes], S3]:
    port = _free_port()
    command = [*starter, sys.executable, "-c", _MOTO, "-H", "127.0.0.1", "-p", str(port)]
    # three calls make the user; from then on every call must be signed by it
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "3"}
    with (folder / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_for(port, server)
    return server, _moto_user(f"http://127.0.0.1:{port}")


def _moto_user(endpoint: str) -> S3:
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    iam = S3(endpoint, "nobody", "yet").client("iam")
    iam.create_user(UserName="tests")
    iam.put_user_policy(UserName="tests", PolicyName="all", PolicyDocument=policy)
    made = iam.create_access_key(UserName="tests")["AccessKey"]
    return S3(endpoint, made["AccessKeyId"], made["SecretAccessKey"])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    def open_() -> bool:
        assert server.poll() is None, "moto_server ended; its log is beside the test's folder"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(open_, every_s=0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
