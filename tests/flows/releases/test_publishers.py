"""Real processes that publish into a folder: killed at every write, and five at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.stores import Store
from tests.support.publishers import (
    Dying,
    assert_a_kill_is_survived,
    assert_whole,
    content,
    current,
    names,
    publish,
    publish_at_once,
    seen,
)

pytestmark = pytest.mark.slow


def test_a_publisher_killed_at_any_write_leaves_readers_the_old_or_the_new(tmp_path: Path) -> None:
    whole = Dying(str(tmp_path / "whole"))
    publish(Store(whole.uri), 1)
    publish(whole, 2)
    assert len(whole.changes) > len(content(2)) + 2, "every file of the release, the descriptor, the claim, current/"

    def killed(at: int) -> tuple[bool, bool, bool]:
        return assert_a_kill_is_survived(Store(str(tmp_path / str(at))), at, {})

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(killed, range(len(whole.changes) + 1)))
    assert found == sorted(found), "committed, then led to, then shown"
    assert set(found) == {(False, False, False), (True, False, False), (True, True, False), (True, True, True)}


def test_a_reader_of_current_notices_every_mix(tmp_path: Path) -> None:
    shown = []

    class Watched(Store):
        def write(self, path: str, data: bytes) -> None:
            super().write(path, data)
            if path.startswith("current/"):
                shown.append(current(Store(self.uri)))

    publish(Store(str(tmp_path)), 1)
    publish(Watched(str(tmp_path)), 2)
    assert shown == [None] * 5 + [2], "each file of the release, its descriptor, release.json"


def test_what_the_readme_tells_analysts_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = Path(__file__).parents[3] / "README.md"
    told = readme.read_text(encoding="utf-8").partition("### BI analyst")[2].partition("\n### ")[0]
    code = [block.partition("```")[0] for block in told.split("```python\n")[1:]]
    assert len(code) == 2
    publish(Store(str(tmp_path / "store/public")), 1)
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    for block in code:
        *before, last = block.rstrip().splitlines()
        exec("\n".join(before), known)
        assert eval(last, known)["value"].to_list() == [1]


def test_five_processes_with_five_contents_make_five_releases(tmp_path: Path) -> None:
    stores = [Store(str(tmp_path / str(turn))) for turn in range(8)]
    for store, made in zip(stores, publish_at_once(stores, [1, 2, 3, 4, 5], {}), strict=True):
        assert sorted(made) == [(f"r00{number}", True) for number in range(1, 6)]
        assert [assert_whole(store, name) for name, _ in made] == [1, 2, 3, 4, 5]
        assert seen(store) == "r005"
        assert current(store) == 1 + [name for name, _ in made].index("r005")


def test_five_processes_with_one_content_make_one_release(tmp_path: Path) -> None:
    stores = [Store(str(tmp_path / str(turn))) for turn in range(16)]
    for store in stores[8:]:
        publish(store, 1)
    for store, made in zip(stores, publish_at_once(stores, [2] * 5, {}), strict=True):
        expected = "r002" if store in stores[8:] else "r001"
        assert sorted(made) == [(expected, False)] * 4 + [(expected, True)]
        assert names(store) == ["r001", "r002"][: int(expected[-1])]
        assert len(store.entries("releases/cycle-05/claims")) == int(expected[-1]), "no number was lost"
        assert assert_whole(store, expected) == 2
        assert current(store) == 2
