"""Refreshes while one call in a hundred, in twenty, in five goes wrong: each publishes all of its release or nothing.

With make sweep two hundred of them, else three.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flows.stores import Store
from tests.integration.fault_proxy import FAULTS, GARBLES, Fault, Garble, fault_proxy
from tests.support.sharing import a4p
from tests.support.sweeping import SWEEP
from tests.support.waiting import HANGS_S

pytestmark = [pytest.mark.s3, pytest.mark.slow, pytest.mark.sweep]
# how often a call goes wrong
RATES = (0.01, 0.05, 0.2)
REFRESHES = int(os.environ.get("A4P_FAULTY_REFRESHES", "200")) if SWEEP else len(RATES)
# of all calls of a refresh: each is given up after 90 seconds, and then so is the refresh
LIMIT_S = HANGS_S
# a server that drips is a matter of the limit of each call, which would be reached two hundred times
KINDS: tuple[Fault | Garble, ...] = (*FAULTS, *(one for one in GARBLES if one != "drip"))


def sent(folder: Path, deaths: int) -> str:
    """Write an inbox of one file, of another content for each number."""
    inbox = folder / "cycle-05" / "noticas"
    inbox.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{number},2024-01-01,UNMISS,Illness\n" for number in range(deaths))
    (inbox / "x.csv").write_text(f"casualty_id,incident_date,mission_acronym,type_of_incident\n{rows}")
    return str(folder)


def assert_whole(public: Store) -> int:
    """Look at all releases past the proxy: each file that one names is there and is what it names; return how many."""
    paths = {entry.path for entry in public.entries("releases/cycle-05")}
    descriptors = sorted(path for path in paths if path.endswith("/datapackage.json"))
    for path in descriptors[-2:]:
        folder = path.rpartition("/")[0]
        for one in json.loads(public.read(path))["resources"]:
            found = hashlib.sha256(public.read(f"{folder}/{one['path']}")).hexdigest()
            assert one["hash"] == f"sha256:{found}", one["path"]
    return len(descriptors)


def test_each_release_is_whole_or_not_there(s3: Any, bucket: str, tmp_path: Path, new_connections: None) -> None:
    direct, found, longest = Store(f"s3://{bucket}/public", s3.endpoint), Counter[tuple[float, int]](), 0.0
    with fault_proxy(s3.endpoint) as proxy:
        settings = {
            "A4P_PUBLIC_URI": f"s3://{bucket}/public",
            "A4P_PRIVATE_URI": f"s3://{bucket}/private",
            "A4P_S3_ENDPOINT_URL": proxy.endpoint,
        }
        before = 0
        for number in range(REFRESHES):
            rate, chance = RATES[number % len(RATES)], random.Random(number)
            proxy.heals()
            proxy.fails = lambda _, rate=rate, chance=chance: chance.choice(KINDS) if chance.random() < rate else None  # type: ignore[misc]
            began = time.monotonic()
            inbox = sent(tmp_path / "inbox", number + 1)
            code, out, err = a4p(tmp_path, "refresh", "--cycle", "5", "--inbox", inbox, **settings)
            took = time.monotonic() - began
            longest = max(longest, took)
            found[rate, code] += 1
            assert code in {0, 3}, (number, out, err)
            assert took < LIMIT_S, (number, took)
            assert len(err.strip().splitlines()) <= 8, err
            assert "Traceback" not in err, err
            now = assert_whole(direct)
            assert now in ({before + 1} if code == 0 else {before, before + 1}), (number, now, out, err)
            before = now
    print(f"{REFRESHES} refreshes, {before} releases, the longest took {longest:.0f} s")
    for (rate, code), how_many in sorted(found.items()):
        print(f"one call in {1 / rate:.0f} goes wrong: exit code {code} of {how_many}")
    assert {code for _, code in found} <= {0, 3}
