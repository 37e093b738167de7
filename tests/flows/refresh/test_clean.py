from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.refresh import clean
from flows.stores import Store
from tests.support.sharing import a4p

NAME = f".{'0f' * 16}.part"


def test_what_was_not_written_to_the_end_goes_once_nobody_writes_it_any_more(tmp_path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for name, when in (
        (f"private/raw/{NAME}", old),
        (f"public/{NAME}", old),
        (f"public/tables/{NAME}", None),
        # of others
        ("public/tables/own.part", old),
    ):
        path = tmp_path / "store" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        if when:
            os.utime(path, (when, when))
    public = Store(str(tmp_path / "store/public"))
    assert [one.path for one in clean.unfinished(public, datetime.now(UTC))] == [NAME]
    listed = a4p(tmp_path, "clean")
    assert listed[:2] == (
        0,
        f"raw/{NAME}\n{NAME}\n0 files that no release needs, and 2 that were not written to the end; "
        "delete them with --delete.\n",
    )
    assert a4p(tmp_path, "clean", "--delete")[0] == 0
    assert sorted(path.name for path in (tmp_path / "store").rglob("*.part")) == [NAME, "own.part"]
    assert a4p(tmp_path, "clean")[1] == "0 files that no release needs; delete them with --delete.\n"
