from __future__ import annotations

import time

import pytest

from config import ConfigError
from flows.core import addresses, settings
from tests.support.sharing import a4p


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The server http://user:secret@host:4200/api is away", "The server http://host:4200/api is away"),
        ("https://user@host/a@b", "https://host/a@b"),
        ("http://u:se@cret@host", "http://host"),
        ("mail somebody@example.org, see https://host/x", "mail somebody@example.org, see https://host/x"),
        ('{"a": "postgresql://u:p@h/d", "b": "x@y"}', '{"a": "postgresql://h/d", "b": "x@y"}'),
    ],
)
def test_no_login_of_an_address_is_shown(said: str, shown: str) -> None:
    assert addresses.masked(said) == shown


def test_a_long_text_takes_no_time() -> None:
    began = time.monotonic()
    addresses.masked("://" * 200_000 + "@")
    assert time.monotonic() - began < 2


def test_a_login_is_parted_from_its_address() -> None:
    assert addresses.parted("http://u:p%40ss@host:1/x") == ("http://host:1/x", ("u", "p@ss"))
    assert addresses.parted("http://host:1/x") == ("http://host:1/x", None)


def test_a_wrong_setting_is_told_without_its_password() -> None:
    with pytest.raises(ConfigError, match="http") as told:
        settings.changed(settings.Settings(), hub_url="ftp://user:secret@host")
    assert "secret" not in str(told.value)


@pytest.mark.slow
def test_a_command_tells_no_password(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    inbox = tmp_path / "inbox/cycle-05/noticas"
    inbox.mkdir(parents=True)
    (inbox / "x.csv").write_text("a\n1\n")
    code, out, err = a4p(
        tmp_path,
        "refresh",
        "--cycle",
        "5",
        A4P_LOG_FILE="log.json",
        A4P_LOG_FORMAT="json",
        A4P_HUB_URL="http://user:secret@127.0.0.1:9/hub",
    )
    assert code == 3
    assert "http://127.0.0.1:9/hub" in err
    said = out + err + "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert "secret" not in said
