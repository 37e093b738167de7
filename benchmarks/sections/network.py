"""What a refresh asks of an S3 server: its calls, and its time where each call takes 50 ms, beside a folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import measure as measuring
from benchmarks.measure import CHECKOUT, CYCLE, Asked, Failed, new_store, run, shown
from benchmarks.page import Mark, Page, seconds
from benchmarks.s3_proxy import Counted, counted

DELAY_S = 0.05
_SERVER = CHECKOUT / "tests" / "integration" / "s3_server.sh"
_MOST = {"full": 250, "nothing changed": 20}
_SLOWER = 1.5


def measure(folder: Path, asked: Asked) -> dict[str, Any]:
    """Refresh the sample into a folder, and into buckets: new, with nothing changed, and with one source changed."""
    sample = measuring.write_sample(folder, 1)
    with shown("starting an S3 server"), _server(folder) as (endpoint, key, secret), counted(endpoint) as proxy:
        at = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true"}
        at["A4P_S3_ENDPOINT_URL"] = proxy.endpoint
        with shown("counting the calls"), new_store(sample) as store:
            calls = _calls(proxy, store, sample, at | _buckets(proxy, at, "counted"))
        taken: dict[str, list[float]] = {"folder": [], "S3": [], "S3, 50 ms a call": []}
        for number in range(asked.runs):
            with shown(f"full refreshes {number + 1}"):
                for name, delay in zip(taken, (None, 0.0, DELAY_S), strict=True):
                    proxy.delay = 0.0
                    more = {} if delay is None else at | _buckets(proxy, at, f"timed-{number}-{len(name)}")
                    proxy.delay = delay or 0.0
                    with new_store(sample) as store:
                        taken[name].append(run(measuring.refresh(sample), store, **more).seconds)
    return {"calls": calls, "seconds": taken}


def page(data: dict[str, Any]) -> Page:
    """Show the calls by kind, and the seconds."""
    kinds = ("PUT", "GET", "LIST", "HEAD", "DELETE")
    lines = [
        (f"calls, {name}", [str(sum(of.values())), *(str(of.get(kind, 0)) for kind in kinds), ""])
        for name, of in data["calls"].items()
    ]
    times = {name: median(of) for name, of in data["seconds"].items()}
    timed = [(f"full refresh, {name}", ["", *("" for _ in kinds), seconds(of)]) for name, of in times.items()]
    marks = [
        Mark(f"calls to S3, {name}", str(sum(data["calls"][name].values())), f"at most {most}", made <= most, where)
        for name, most in _MOST.items()
        for made, where in [(sum(data["calls"][name].values()), _where(data["calls"][name]))]
    ]
    slower = times["S3, 50 ms a call"] / times["folder"]
    marks.append(
        Mark("full refresh at 50 ms a call", f"{slower:.2f} × a folder", f"at most {_SLOWER} ×", slower <= _SLOWER)
    )
    return Page(
        "A refresh of the sample at scale 1 with its stores on an S3 server",
        ("all", *kinds, "median s"),
        [lines, timed],
        ["Without TLS each list is asked for twice, since nothing else would tell that it came garbled."],
        marks,
    )


def _calls(proxy: Counted, store: Path, sample: Path, at: dict[str, str]) -> dict[str, dict[str, int]]:
    inbox = store / "inbox"
    shutil.copytree(sample, inbox)
    found = {}
    for name in ("full", "again", "nothing changed", "one source changed"):
        if name == "one source changed":
            change(inbox)
        proxy.calls.clear()
        run(measuring.refresh(inbox), store, **at)
        found[name] = dict(Counter(map(_kind, proxy.calls)))
    # the first one after a release also keeps what the next one goes by
    del found["again"]
    return found


def change(inbox: Path) -> None:
    """Take the last row out of one source's file."""
    (path,) = (inbox / f"cycle-{CYCLE:02d}" / "noticas").glob("*.csv")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _kind(call: str) -> str:
    return "LIST" if "list-type=" in call else call.partition(" ")[0]


def _where(calls: dict[str, int]) -> str:
    return "they are " + ", ".join(f"{of} {kind}" for kind, of in sorted(calls.items(), key=lambda one: -one[1]))


def _buckets(proxy: Counted, at: dict[str, str], name: str) -> dict[str, str]:
    """Make two buckets, and return the settings that name them."""
    import boto3  # type: ignore[import-untyped]

    client = boto3.client(
        "s3",
        endpoint_url=proxy.endpoint,
        aws_access_key_id=at["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=at["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    for kind in ("private", "public"):
        client.create_bucket(Bucket=f"{name}-{kind}")
    return {f"A4P_{kind.upper()}_URI": f"s3://{name}-{kind}/a4p" for kind in ("private", "public")}


@contextmanager
def _server(folder: Path) -> Iterator[list[str]]:
    """Run the tests' S3 server; give its address, key and secret."""
    if not shutil.which("radosgw"):
        raise Failed(f"An S3 server is needed; {_SERVER} says how to install one.")
    command = [str(_SERVER), str(folder / "s3"), str(_free_port()), str(_free_port())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        words = server.stdout.readline().split()
        try:
            if not words:
                raise Failed("The S3 server did not start; it says why above.")
            yield words
        finally:
            # it ends with its input
            server.stdin.close()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
