"""User and password of the Prefect server that is started here.

They are given by PREFECT_SERVER_API_AUTH_STRING (or PREFECT_API_AUTH_STRING, by which Prefect's programs know them), as
user:password; else they are made at the first start, and kept in a file that only its owner reads.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from config import ConfigError
from flows.core.errors import StoreError

# stands for the server that the environment names, or that runs here, if any
ENVIRONMENT = "environment"
_FILE = "a4p-login.txt"
_ONLY_ITS_OWNER = 0o600


class Given(BaseSettings):
    """What is said of Prefect's server in the environment, or in the file .env, where Prefect looks too."""

    model_config = SettingsConfigDict(env_prefix="PREFECT_", env_file=".env", extra="ignore", env_ignore_empty=True)

    api_url: str | None = None
    api_auth_string: SecretStr | None = None
    server_api_auth_string: SecretStr | None = None


@dataclass(frozen=True)
class Login:
    """User and password, as user:password, and the file or variable in which they stand."""

    words: str = field(repr=False)
    where: str


def made(home: Path) -> Login:
    """Return the user and password of the server; where there are none they are made.

    Raises ConfigError where those given cannot be used, StoreError where the file cannot be read or written.
    """
    found = known(home)
    if found:
        return found
    file = home / _FILE
    part = home / f".{secrets.token_hex(8)}.part"
    try:
        home.mkdir(parents=True, exist_ok=True)
        number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_ITS_OWNER)
        try:
            with open(number, "w", encoding="ascii") as written:
                written.write(f"a4p:{secrets.token_urlsafe(24)}\n")
            # shows the file only once it is whole; of two who start at once, one is first
            with suppress(FileExistsError):
                os.link(part, file)
        finally:
            part.unlink()
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written ({error.strerror}); it is to hold the server's password."
        ) from error
    found = known(home)
    assert found
    return found


def known(home: Path) -> Login | None:
    """Return the user and password that are given, or were made; None where there are none.

    A file that others may read is closed to them. Raises as `made` does.
    """
    given = Given()
    for words, name in (
        (given.server_api_auth_string, "PREFECT_SERVER_API_AUTH_STRING"),
        (given.api_auth_string, "PREFECT_API_AUTH_STRING"),
    ):
        if words:
            return Login(_checked(words.get_secret_value(), name), name)
    file = home / _FILE
    try:
        number = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with open(number, encoding="utf-8", errors="replace") as opened:
            if os.name == "posix" and os.fstat(number).st_mode & 0o777 != _ONLY_ITS_OWNER:
                os.fchmod(number, _ONLY_ITS_OWNER)
            return Login(_checked(opened.read().strip(), str(file)), str(file))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{file}, which holds the server's password, cannot be read ({error.strerror}).") from error


def _checked(words: str, where: str) -> str:
    user, colon, password = words.partition(":")
    # Prefect fails on all others, and lets nobody in
    if not (user and colon and password and words.isascii() and words.isprintable()):
        raise ConfigError(f"{where} must hold user:password, of plain letters, digits and signs; correct or remove it.")
    return words
