"""The lock files of the oldest and the newest Python: all that is asked for, with its hash, and no index's name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {"3.11": "requirements.lock", "3.14": "requirements-3.14.lock"}
# what the newest releases have given up the oldest Python for; no figure depends on which it is
APART = {"numpy", "scipy"}


def asked() -> list[Requirement]:
    """What the project and its tests ask for, extras of its own resolved."""
    extras = PROJECT["optional-dependencies"]
    wanted = [Requirement(line) for line in (*PROJECT["dependencies"], *extras["dev"])]
    own = [one for one in wanted if one.name == PROJECT["name"]]
    return [one for one in wanted if one not in own] + [
        Requirement(line) for one in own for extra in one.extras for line in extras[extra]
    ]


def entries(file: str) -> dict[str, tuple[str, int]]:
    """Name, version and number of hashes of each package."""
    text = (TOP / file).read_text(encoding="utf-8")
    blocks = re.findall(r"^(\S+?)==([^ ;\\\n]+)(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return {canonicalize_name(name): (version, more.count("--hash=sha256:")) for name, version, more in blocks}


@pytest.mark.parametrize("file", LOCKS.values())
def test_all_that_is_asked_for_is_locked_with_its_hash(file: str) -> None:
    locked = entries(file)
    assert len(locked) > 150
    for wanted in asked():
        version, hashes = locked[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), (wanted.name, version)
        assert hashes > 0
    assert [name for name, (_, hashes) in locked.items() if not hashes] == []
    assert not re.search(r"https?://|^--(?:extra-)?index-url", (TOP / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_both_have_the_same_version_of_what_the_project_names() -> None:
    oldest, newest = (entries(file) for file in LOCKS.values())
    names = {canonicalize_name(one.name) for one in asked()} - APART
    assert {name: oldest[name][0] for name in names} == {name: newest[name][0] for name in names}


def test_the_pythons_are_those_that_are_declared() -> None:
    lower, upper = re.findall(r"3\.(\d+)", PROJECT["requires-python"])
    assert [f"3.{lower}", f"3.{int(upper) - 1}"] == list(LOCKS)
