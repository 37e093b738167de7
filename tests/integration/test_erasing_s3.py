"""A file that is erased is in no object of the buckets, nor in an old version once the runbook was followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.stores import Store
from tests.flows.refresh.test_erasing import NAME, RIGHT, SECRETS, WRONG, contents, sha256_of
from tests.integration.conftest import S3
from tests.integration.fault_proxy import fault_proxy
from tests.support.sharing import a4p

pytestmark = [pytest.mark.s3, pytest.mark.slow]
# into how many deletions of objects the server goes away
INTO = 12


def every_version(client: Any, bucket: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        yield from page.get("Versions", [])


def holding(client: Any, bucket: str, *, latest: bool) -> set[str]:
    """The objects of a bucket, or their old versions, that have something of the file in them, however it is packed."""
    found = set()
    for one in every_version(client, bucket):
        if one["IsLatest"] is latest:
            data = client.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            every = b"\n".join(contents(one["Key"], data))
            if any(word.encode() in every for word in (*SECRETS, NAME)):
                found.add(one["Key"])
    return found


def test_an_erased_file_is_in_no_object_and_in_no_old_version(s3: S3, bucket: str, tmp_path: Path) -> None:
    client = s3.client()
    private, internal, public = (f"{bucket}-{name}" for name in ("private", "internal", "public"))
    for name in (private, internal, public):
        client.create_bucket(Bucket=name)
    # whoever has versions keeps what is erased
    client.put_bucket_versioning(Bucket=private, VersioningConfiguration={"Status": "Enabled"})
    given = {f"A4P_{name.rpartition('-')[2].upper()}_URI": f"s3://{name}/a4p" for name in (private, internal, public)}
    given |= {"A4P_INBOX_URI": f"s3://{bucket}", "A4P_S3_ENDPOINT_URL": s3.endpoint}
    inbox = Store(f"s3://{bucket}", s3.endpoint)

    def run(*arguments: str, **more: str) -> tuple[int, str, str]:
        return a4p(tmp_path, *arguments, **{**given, **more})

    for name, data in (("n.csv", RIGHT), (NAME, WRONG)):
        inbox.write(f"cycle-05/noticas/{name}", data)
        assert run("refresh", "--cycle", "5")[0] == 0
    assert run("alerts", "--cycle", "5", "--send")[0] == 0
    inbox.delete(f"cycle-05/noticas/{NAME}")
    there = {path.split("/")[1] for path in holding(client, private, latest=True)}
    assert {"raw", "staged", "quarantine", "alerts", "editions"} <= there
    assert holding(client, internal, latest=True)

    erase = ("decide", "erase", sha256_of(WRONG)[:12], "--reason", "sent by mistake", "--by", "Coordinator")
    with fault_proxy(s3.endpoint) as proxy:
        deletions = iter(range(1_000_000))
        proxy.fails = lambda _: "503" if "DELETE" in proxy.calls[-1] and next(deletions) >= INTO else None
        code, out, err = run(*erase, A4P_S3_ENDPOINT_URL=proxy.endpoint)
    assert (code, "Traceback" in err) == (3, False), out + err
    assert holding(client, private, latest=True), "it was stopped before the end"

    code, out, err = run(*erase)
    assert code == 0, err
    assert [name for name in (private, internal, public, bucket) if holding(client, name, latest=True)] == []
    # only what was published stays, and leads to none of it
    assert run("verify", "--cycle", "5")[0] == 0

    # as the runbook says: the old versions are removed too
    assert holding(client, private, latest=False)
    while old := [
        {"Key": one["Key"], "VersionId": one["VersionId"]}
        for one in every_version(client, private)
        if not one["IsLatest"]
    ][:1000]:
        client.delete_objects(Bucket=private, Delete={"Objects": old})
    assert holding(client, private, latest=True) | holding(client, private, latest=False) == set()
