"""The services of compose.yaml as processes of this machine: their own commands, environments and health checks.

Hosts and ports are those of loopback, /data is a folder; PostgreSQL and the S3 server are the tests' own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flows.orchestration.server import answers
from tests.integration.test_prefect import A4P
from tests.support.compose import compose, environment, instructions
from tests.support.waiting import HANGS_S, until

T = TypeVar("T")
_PROGRAMS = {"python": sys.executable, "a4p": A4P}


@dataclass
class Stack:
    """The services by name. `given` is what .env holds; the rest says where the servers are here."""

    folder: Path
    given: dict[str, str]
    s3_endpoint: str
    postgres_port: int
    prefect_port: int
    metrics_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}/api"

    def here(self, word: str) -> str:
        """Return a word of a command, or a value, as it is on this machine."""
        whole = {"postgres": "127.0.0.1", "0.0.0.0": "127.0.0.1", "5432": str(self.postgres_port)}
        whole |= {"4200": str(self.prefect_port), "9464": str(self.metrics_port)}
        word = whole.get(word, word).replace("http://store:9000", self.s3_endpoint)
        word = re.sub(r"\b(prefect|localhost):4200\b", f"127.0.0.1:{self.prefect_port}", word)
        return re.sub(r"^/data(?=/|$)", str(self.folder), word)

    def service(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = compose(self.given)["services"][name]
        return found

    def environment(self, name: str) -> dict[str, str]:
        """Return what the image and the service set, and nothing of the tests' own but where Python is."""
        image = dict(word.split("=", 1) for kind, said in instructions() if kind == "ENV" for word in said.split())
        said = {key: self.here(value) for key, value in {**image, **environment(self.service(name))}.items()}
        own = {key: os.environ[key] for key in ("PYTHONPATH", "LANG") if key in os.environ}
        return {**said, **own, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def command(self, name: str) -> list[str]:
        said = self.service(name)
        return self._words([*said.get("entrypoint", ["a4p"]), *said.get("command", [])])

    def run(self, name: str, *arguments: str) -> str:
        """Run a service to its end, or `a4p` with arguments as `docker compose run` does; return what it printed."""
        ran = subprocess.run(
            self._words(["a4p", *arguments]) if arguments else self.command(name),
            env=self.environment(name),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    def start(self, name: str) -> None:
        """Start a service that stays, and let it say that it is healthy once the server of both answers."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.command(name), env=self.environment(name), cwd=self.folder, stdout=log, stderr=log
            )
        health = self.service(name)["healthcheck"]
        assert health["test"][0] == "CMD"
        self.until(name, lambda: answers(self.api))
        test = self._words(health["test"][1:])
        # as often as Docker asks before it says that a service is not
        codes = (
            subprocess.run(test, env=self.environment(name), check=False).returncode for _ in range(health["retries"])
        )
        assert 0 in codes, self.log(name)

    def stop(self, name: str) -> None:
        """Stop a service as Docker does."""
        process = self.running.pop(name)
        process.terminate()
        try:
            process.wait(HANGS_S)
        finally:
            process.kill()

    def until(self, name: str, true: Callable[[], T]) -> T:
        """Wait until something is true while a service runs, and return it."""

        def looked() -> T:
            assert self.running[name].poll() is None, self.log(name)
            return true()

        return until(looked, lambda: self.log(name))

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-5000:]

    def _words(self, words: list[str]) -> list[str]:
        return [_PROGRAMS.get(words[0], words[0]), *map(self.here, words[1:])]


class Keys:
    """Makes and removes keys of the S3 server's user, as its owner does; `folder` has the server's own."""

    def __init__(self, s3: Any, folder: Path) -> None:
        self.s3 = s3
        self.config = next(iter(sorted(folder.glob("s3*/ceph/ceph.conf"))), None)

    def new(self) -> tuple[str, str]:
        if not self.config:
            made = self.s3.client("iam").create_access_key(UserName="tests")["AccessKey"]
            return made["AccessKeyId"], made["SecretAccessKey"]
        key, secret = f"A4P{uuid.uuid4().hex[:12].upper()}", uuid.uuid4().hex
        self._radosgw_admin("create", f"--access-key={key}", f"--secret-key={secret}")
        return key, secret

    def remove(self, key: str) -> None:
        if self.config:
            self._radosgw_admin("rm", f"--access-key={key}")
        else:
            self.s3.client("iam").delete_access_key(UserName="tests", AccessKeyId=key)

    def _radosgw_admin(self, what: str, *options: str) -> None:
        command = ["radosgw-admin", "-n", "client.gateway", "key", what, "--uid=tests", "--key-type=s3", *options]
        subprocess.run(command, env={**os.environ, "CEPH_CONF": str(self.config)}, check=True, capture_output=True)
