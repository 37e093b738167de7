"""The keys that compose.yaml makes for the store: each can do what its service does, and no more.

The script of `keys` runs as it stands. MinIO and its client are not to be had here: a command in the client's place
notes what it is told, and a server that holds users to IAM's policies is given just that.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.test_prefect import environment
from tests.support import quick
from tests.support.compose import compose
from tests.support.compose import environment as of_service
from tests.support.sharing import sources
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.s3
NAMES = ("pipeline", "dask", "sender", "reader")
GIVEN = {
    "POSTGRES_PASSWORD": "p",
    "PREFECT_SERVER_API_AUTH_STRING": "u:p",
    "STORE_ROOT_USER": "root",
    "STORE_ROOT_PASSWORD": "root-secret",
    "AWS_ACCESS_KEY_ID": "key-pipeline",
    "AWS_SECRET_ACCESS_KEY": "secret-pipeline",
    **{f"{name.upper()}_ACCESS_KEY_ID": f"key-{name}" for name in NAMES[1:]},
    **{f"{name.upper()}_SECRET_ACCESS_KEY": f"secret-{name}" for name in NAMES[1:]},
    "A4P_INBOX_URI": "s3://the-inbox/below/it",
    "A4P_PRIVATE_URI": "s3://the-private",
    "A4P_PUBLIC_URI": "s3://the-public",
}
_CLIENT = """\
#!/bin/sh
echo "$*" >>{folder}/told
case "$2 $3" in
  "policy create") cp "$6" {folder}/"$5.json" ;;
  "policy attach") echo "PolicyName: $5" >{folder}/"$7.has"; exit {code} ;;
  "user info") cat {folder}/"$5.has" ;;
esac
"""


def ran(folder: Path, given: dict[str, str], code: int = 0) -> tuple[int, str]:
    """Run the script of `keys`, with the client's command noting in the folder; return its exit code and output."""
    service = compose(given)["services"]["keys"]
    client = folder / "mcli"
    client.write_text(_CLIENT.format(folder=folder, code=code))
    client.chmod(0o755)
    # /tmp is the container's own
    words = [word.replace("/tmp/", f"{folder}/tmp-") for word in (*service["entrypoint"], *service["command"])]
    said = {**of_service(service), "PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(words, env=said, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("code", [0, 1])
def test_only_keys_that_are_given_are_made_and_a_second_time_is_no_failure(tmp_path: Path, code: int) -> None:
    given = {name: value for name, value in GIVEN.items() if not name.startswith(("DASK", "SENDER", "READER"))}
    assert ran(tmp_path, given, code) == (
        0,
        "the key of pipeline holds\n" + "".join(f"no key for {name}: .env gives none\n" for name in NAMES[1:]),
    )
    told = (tmp_path / "told").read_text().splitlines()
    assert told[1:] == [
        "admin user add store key-pipeline secret-pipeline",
        "admin policy attach store a4p-pipeline --user key-pipeline",
        "admin user info store key-pipeline",
    ]


def test_each_key_can_do_what_its_service_does_and_no_more(policing: Any, sample_inbox: Path, tmp_path: Path) -> None:
    code, said = ran(tmp_path, GIVEN)
    assert (code, said) == (0, "".join(f"the key of {name} holds\n" for name in NAMES))
    root, iam = policing.client(), policing.client("iam")
    for name in ("inbox", "private", "public"):
        root.create_bucket(Bucket=f"the-{name}")
    keys: dict[str, Any] = {}
    for name in NAMES:
        policy = (tmp_path / f"a4p-{name}.json").read_text()
        assert "*" not in {one for part in json.loads(policy)["Statement"] for one in part["Action"]}
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        keys[name] = policing._replace(key=made["AccessKeyId"], secret=made["SecretAccessKey"])

    # who sends files puts them into the inbox, and the pipeline makes a release of them
    inbox = sources(sample_inbox, tmp_path / "inbox", "hospitals")
    sender, reader, pipeline = (keys[name].client() for name in ("sender", "reader", "pipeline"))
    for file in (path for path in inbox.rglob("*") if path.is_file()):
        name = f"below/it/{file.relative_to(inbox)}"
        sender.put_object(Bucket="the-inbox", Key=name, Body=file.read_bytes())
    given = {
        **{name: GIVEN[name] for name in ("A4P_INBOX_URI", "A4P_PRIVATE_URI", "A4P_PUBLIC_URI")},
        "A4P_S3_ENDPOINT_URL": policing.endpoint,
        "AWS_ACCESS_KEY_ID": keys["pipeline"].key,
        "AWS_SECRET_ACCESS_KEY": keys["pipeline"].secret,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for words in (["refresh", "--cycle", "5"], ["verify", "--cycle", "5"], ["clean"]):
        done = subprocess.run(
            [quick.a4p(), *words],
            env=environment(tmp_path, **given),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    release = "releases/cycle-05/r001/datapackage.json"
    assert reader.get_object(Bucket="the-public", Key=release)["ContentLength"] > 0

    private = root.list_objects_v2(Bucket="the-private")["Contents"][0]["Key"]
    for call in (
        lambda: pipeline.put_object(Bucket="the-inbox", Key="below/it/another", Body=b""),
        lambda: pipeline.delete_object(Bucket="the-inbox", Key=name),
        lambda: pipeline.create_bucket(Bucket="another"),
        lambda: pipeline.delete_bucket(Bucket="the-public"),
        lambda: sender.delete_object(Bucket="the-inbox", Key=name),
        lambda: sender.get_object(Bucket="the-private", Key=private),
        lambda: sender.put_object(Bucket="the-public", Key=release, Body=b""),
        lambda: reader.get_object(Bucket="the-private", Key=private),
        lambda: reader.get_object(Bucket="the-inbox", Key=name),
        lambda: reader.put_object(Bucket="the-public", Key=release, Body=b""),
        lambda: reader.delete_object(Bucket="the-public", Key=release),
    ):
        with pytest.raises(ClientError, match=r"AccessDenied|Forbidden"):
            call()
