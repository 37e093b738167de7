"""Which releases were made with a file, by what they say of their making."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.core.records import Release
from flows.intake.books.erasures import Erased
from flows.releases.made_with import use
from flows.stores import Store
from flows.stores.from_settings import Places

ERASED = Erased("a" * 64, ("cycle-05/mission_report/UNIFIL",))
OTHER = {"sha256": "b" * 64}
CAME = {"sha256": ERASED.sha256}


@pytest.mark.parametrize(
    ("cycle", "said", "used"),
    [
        (5, {"submissions": [OTHER], "in_use": [f"noticas/{'b' * 64}"]}, None),
        (5, {"submissions": [OTHER, CAME], "in_use": [f"mission_report/UNIFIL/{ERASED.sha256}"]}, True),
        (5, {"submissions": [OTHER, CAME], "in_use": [f"noticas/{'b' * 64}"]}, False),
        (6, {"submissions": [OTHER], "in_use": [], "compared_with": [{"with": CAME}]}, False),
        # figures of the cycle before that were worked out of its raw files, and those of a release
        (6, {"submissions": [OTHER], "in_use": [], "previous": "curated/figures/c.parquet"}, True),
        (6, {"submissions": [OTHER], "in_use": [], "previous": "previous/c.parquet"}, None),
        (5, {"submissions": [OTHER], "in_use": [], "previous": "curated/figures/c.parquet"}, None),
    ],
)
def test_a_release_has_its_rows_or_only_saw_it(
    cycle: int, said: dict[str, Any], used: bool | None, tmp_path: Path
) -> None:
    places = Places(*(Store(str(tmp_path / name)) for name in ("inbox", "private", "public")))
    of = Release("r001", cycle, "", "final", {"a4p": {"lineage": said}, "resources": []})
    assert use(of, f"cycle-{cycle - 1:02d}", ERASED, places) is used
