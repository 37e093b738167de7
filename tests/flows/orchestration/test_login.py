"""User and password of a Prefect server that is started here."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import ConfigError
from flows.core.errors import StoreError
from flows.orchestration import login
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

FILE = "a4p-login.txt"


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert login.known(home) is None
    made = login.made(home)
    assert mode(home / FILE) == 0o600
    assert [file.name for file in home.iterdir()] == [FILE]
    user, _, password = made.words.partition(":")
    assert user == "a4p"
    assert len(password) >= 32
    assert login.made(home) == made == login.known(home)
    assert made.where == str(home / FILE)
    assert password not in repr(made)
    assert login.made(tmp_path / "other").words != made.words


def test_all_who_start_at_once_have_the_same(tmp_path: Path) -> None:
    code = "import sys, pathlib; from flows.orchestration.login import made; "
    code += "print(made(pathlib.Path(sys.argv[1])).words)"
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {one.communicate(timeout=HANGS_S)[0] for one in running}
    assert len(said) == 1
    assert said == {(tmp_path / "home" / FILE).read_text()}


def test_a_file_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    words = login.made(tmp_path).words
    (tmp_path / FILE).chmod(0o644)
    found = login.known(tmp_path)
    assert found
    assert found.words == words
    assert mode(tmp_path / FILE) == 0o600


def test_what_the_environment_gives_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    login.made(tmp_path)
    (tmp_path / ".env").write_text("PREFECT_SERVER_API_AUTH_STRING=of:dotenv\nPOSTGRES_PASSWORD=p\n")
    for name, words in (
        ("PREFECT_SERVER_API_AUTH_STRING", "of:dotenv"),
        ("PREFECT_API_AUTH_STRING", "of:client"),
        ("PREFECT_SERVER_API_AUTH_STRING", "of:server:with-a-colon"),
    ):
        if words != "of:dotenv":
            (tmp_path / ".env").unlink(missing_ok=True)
            monkeypatch.setenv(name, words)
        found = login.made(tmp_path)
        assert (found.words, found.where) == (words, name)
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "")
    assert login.made(tmp_path).words == "of:client", "what is empty is not given"


@pytest.mark.parametrize("words", ["sesame", ":sesame", "ann:", "ann:ses\name", "ann:sésame"])
def test_what_lets_nobody_in_is_refused_and_not_repeated(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", words)
    with pytest.raises(ConfigError, match=r"^PREFECT_SERVER_API_AUTH_STRING must hold user:password,") as raised:
        login.made(tmp_path)
    assert words not in str(raised.value)
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING")
    (tmp_path / FILE).write_text(words)
    with pytest.raises(ConfigError, match=f"{FILE} must hold user:password,"):
        login.made(tmp_path)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("user:password")
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="cannot be read"):
        login.known(tmp_path)
    assert mode(tmp_path / "elsewhere") != 0o600
