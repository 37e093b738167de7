"""The same refresh against a real S3 server: inbox, private and public store each in a bucket."""

import json
import os
import socket
import subprocess
from pathlib import Path

import polars as pl
import pytest

from flows.stores import Store
from tests.integration.fault_proxy import FAULTS, fault_proxy
from tests.support import quick
from tests.support.sharing import a4p as command
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.s3
# a source of each kind
SENT = ("cycle-05/noticas", "cycle-05/hospitals", "cycle-05/mission_report/UNMISS", "cycle-04/noticas")


@pytest.fixture
def places(s3, bucket, tmp_path, monkeypatch):
    """Settings that name the buckets; raw and public data lie in two of them."""
    s3.client().create_bucket(Bucket=f"{bucket}-private")
    for name, value in {
        "A4P_PUBLIC_URI": f"s3://{bucket}/a4p",
        "A4P_PRIVATE_URI": f"s3://{bucket}-private/a4p",
        "A4P_INBOX_URI": f"s3://{bucket}/inbox",
        "A4P_S3_ENDPOINT_URL": s3.endpoint,
        "A4P_PREFECT_HOME": str(tmp_path / "prefect"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return bucket


def here(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process, which is quicker, with the settings of `places`."""
    return command(folder, *arguments, **{name: value for name, value in os.environ.items() if name[:4] == "A4P_"})


def a4p(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [quick.a4p(), *arguments], cwd=cwd, capture_output=True, text=True, timeout=HANGS_S, check=False
    )


def test_a_refresh_in_object_storage(s3, places, sample_inbox, tmp_path):
    inbox = Store(f"s3://{places}/inbox", s3.endpoint)
    files = [file for part in SENT for file in sample_inbox.glob(f"{part}/*")]
    for file in sorted(files):
        inbox.write(file.relative_to(sample_inbox).as_posix(), file.read_bytes())

    ran = a4p("refresh", "--cycle", "5", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert f"Published release r001 (provisional): s3://{places}/a4p/releases/cycle-05/r001" in ran.stdout
    public = Store(f"s3://{places}/a4p", s3.endpoint)
    latest = json.loads(public.read("releases/cycle-05/latest.json"))
    assert latest["release"] == "r001"
    figures = pl.read_parquet(public.read("current/cycle-05/tables/figures.parquet"))
    whole = dict(figures.filter(pl.col("mission") == "ALL").select("figure", "value").iter_rows())
    assert whole["fatalities_malicious"] == 196
    assert whole["new_sofa_incidents_reported"] == 125
    # raw casualty and conduct records are in the private bucket alone
    assert not [entry for entry in public.entries() if "raw/" in entry.path or "staged/" in entry.path]
    private = Store(f"s3://{places}-private/a4p", s3.endpoint)
    assert [entry for entry in private.entries("raw/noticas") if entry.path.endswith(".csv")]

    again = a4p("refresh", "--cycle", "5", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "Nothing changed; release r001" in again.stdout
    shown = a4p("figures", "--cycle", "5", "--format", "csv", cwd=tmp_path)
    assert "fatalities_malicious,ALL,196.0" in shown.stdout


def _wrong_key(monkeypatch, s3, places):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    return "refuses the credentials; check AWS_ACCESS_KEY_ID"


def _no_bucket(monkeypatch, s3, places):
    monkeypatch.setenv("A4P_PRIVATE_URI", "s3://no-such-bucket-here/a4p")
    return "There is no bucket 'no-such-bucket-here'"


def _unreachable(monkeypatch, s3, places):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("A4P_S3_ENDPOINT_URL", f"http://127.0.0.1:{probe.getsockname()[1]}")
    return "does not answer; check that it runs"


@pytest.mark.usefixtures("new_connections")
@pytest.mark.parametrize("breaks", [_wrong_key, _no_bucket, _unreachable])
def test_a_store_that_fails_is_one_clear_sentence_and_exit_code_3(s3, places, tmp_path, monkeypatch, breaks):
    inbox = tmp_path / "inbox" / "cycle-05" / "noticas"
    inbox.mkdir(parents=True)
    (inbox / "x.csv").write_text(
        "casualty_id,incident_date,mission_acronym,type_of_incident\n1,2024-01-01,UNMISS,Illness\n"
    )
    says = breaks(monkeypatch, s3, places)
    code, out, err = here(tmp_path, "refresh", "--cycle", "5", "--inbox", str(tmp_path / "inbox"))
    assert code == 3, out + err
    assert says in err.strip().splitlines()[-1]
    assert "Traceback" not in err
    assert s3.secret not in err


def small_inbox(folder: Path, deaths: int) -> str:
    """Write an inbox of one file, and return its path."""
    (folder / "cycle-05" / "noticas").mkdir(parents=True, exist_ok=True)
    rows = [f"{number},2024-01-01,UNMISS,Illness\n" for number in range(deaths)]
    header = "casualty_id,incident_date,mission_acronym,type_of_incident\n"
    (folder / "cycle-05" / "noticas" / "x.csv").write_text(header + "".join(rows))
    return str(folder)


def test_a_refresh_over_a_bad_network_is_the_same_or_fails_and_changes_nothing(s3, places, tmp_path, monkeypatch):
    public = Store(f"s3://{places}/a4p", s3.endpoint)

    def refresh(deaths: int) -> tuple[int, str, str]:
        return here(tmp_path, "refresh", "--cycle", "5", "--inbox", small_inbox(tmp_path / "inbox", deaths))

    with fault_proxy(s3.endpoint) as proxy:
        monkeypatch.setenv("A4P_S3_ENDPOINT_URL", proxy.endpoint)
        # each kind of failure in turn, never two in a row
        proxy.fails = lambda number: FAULTS[number // 41 % len(FAULTS)] if number % 41 == 40 else None
        code, out, err = refresh(3)
        assert code == 0, err
        assert "Published release r001" in out
        assert len(proxy.calls) > 2 * 41 * len(FAULTS), "each kind of failure came twice"
        assert [entry.path.rpartition("/")[2] for entry in public.entries("releases/cycle-05/claims")] == ["r001.json"]
        whole = {entry.path: public.read(entry.path) for entry in public.entries() if "/refreshing/" not in entry.path}

        # the server goes away while the files of the next release are written
        proxy.heals()
        proxy.fails = lambda number: "503" if any("/r002/tables/" in call for call in proxy.calls) else None
        code, out, err = refresh(4)
        assert code == 3, out + err
        assert "Traceback" not in err
        assert err.strip().splitlines()[-1].endswith("is overloaded or out of order; run this again later.")
        now = {entry.path: public.read(entry.path) for entry in public.entries()}
        assert {path for path in now if path.endswith("/datapackage.json")} <= set(whole), "nothing is committed"
        assert {path: now[path] for path in whole} == whole


def test_a_refresh_asks_little_of_the_server(s3, places, tmp_path, monkeypatch):
    """By a counter, which does not depend on how busy the machine is: a little more than what was measured."""
    with fault_proxy(s3.endpoint) as proxy:
        monkeypatch.setenv("A4P_S3_ENDPOINT_URL", proxy.endpoint)

        def calls(deaths: int, says: str) -> int:
            proxy.heals()
            code, out, err = here(
                tmp_path, "refresh", "--cycle", "5", "--inbox", small_inbox(tmp_path / "inbox", deaths)
            )
            assert code == 0, err
            assert says in out
            # how long it takes decides how often it says that it is still at work
            return len([call for call in proxy.calls if "/refreshing/" not in call])

        assert calls(3, "Published release r001") <= 800
        assert calls(4, "Published release r002") <= 330
        assert calls(4, "Nothing changed; release r002") <= 20
        assert calls(4, "Nothing changed; release r002") <= 16
        # every file of both is what was published
        code, out, err = here(tmp_path, "verify", "--cycle", "5")
        assert code == 0, out + err
