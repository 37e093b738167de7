"""Where things lie: environment variables `A4P_…`, or the same names in a file `.env`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import ConfigError
from flows.core import addresses

_PREFIX = "A4P_"


class Settings(BaseSettings):
    """Every setting and what it is where nobody sets it; `load` reads them.

    A URI is a folder, `file://…`, `s3://bucket/prefix`, or another one that fsspec knows.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_file=".env", frozen=True, extra="forbid")

    # the user's configuration folder; config.layers reads it, so that it holds without these settings too
    config: str | None = None
    public_uri: str = "./store/public"
    public_url: str | None = None
    private_uri: str = "./store/private"
    # what is not for everybody: in the private store where it is not set
    internal_uri: str | None = None
    members_uri: str | None = None
    inbox_uri: str = "./inbox"
    s3_endpoint_url: str | None = None
    hub_url: str | None = None
    prefect_home: str = "./store/prefect"
    log_format: Literal["text", "json"] = "text"
    log_file: str | None = None
    metrics_file: str | None = None
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    openlineage_url: str | None = None
    openlineage_namespace: str = "a4p"
    runner: Literal["here", "dask"] = "here"
    dask_address: str | None = None
    dask_wait_s: float = Field(60, gt=0)
    # after how long a run of Prefect's is ended; what runs longer nobody waits for (flows.stores.turns)
    flow_limit_s: float = Field(6 * 3600, gt=0)
    # how many times the usual size a raw file may have (flows.intake.read.limits)
    file_limits: int = Field(1, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _ours(cls, values: dict[str, Any]) -> dict[str, Any]:
        # .env may hold other programs' variables; one of ours that is misspelt stays, and is refused
        return {
            name: value
            for name, value in values.items()
            if name in cls.model_fields or name.startswith(_PREFIX.lower())
        }

    @field_validator("*", mode="before")
    @classmethod
    def _unset(cls, value: object, info: Any) -> object:
        # `A4P_HUB_URL=` in a shell or in .env means that it is not set
        return cls.model_fields[info.field_name].default if value == "" else value

    @field_validator("s3_endpoint_url", "hub_url", "public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("it must start with http:// or https://")
        return value

    @field_validator("dask_address")
    @classmethod
    def _is_a_scheduler(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("tcp://", "tls://")):
            raise ValueError("it must start with tcp:// or tls://")
        return value


_IN_FORCE: ContextVar[Settings | None] = ContextVar("settings in force", default=None)


@contextmanager
def in_force(settings: Settings) -> Iterator[None]:
    """Have `load` return these settings, whatever the environment says, until the body ends.

    They hold in this thread, also in the flow of a Prefect server that is run in it; a worker elsewhere has its own.
    """
    before = _IN_FORCE.set(settings)
    try:
        yield
    finally:
        _IN_FORCE.reset(before)


def handed_in() -> Settings | None:
    """Return the settings that are in force because somebody handed them in; None where the environment's are."""
    return _IN_FORCE.get()


def load() -> Settings:
    """Return the settings that are in force, which are read where nobody handed them in.

    Raises ConfigError with one sentence where a setting is wrong, or where `.env` has one that there is not.
    """
    return handed_in() or _read({})


def changed(settings: Settings, **changes: Any) -> Settings:
    """Return settings with some of them changed. Raises ConfigError with one sentence where a setting is wrong."""
    return _read({**settings.model_dump(), **changes})


def _read(given: Mapping[str, Any]) -> Settings:
    """Return the settings that are given, and those of the environment for the rest."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise ConfigError(_plainly(error.errors()[0])) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file .env cannot be read ({error}); correct or remove it.") from None


def _plainly(mistake: Any) -> str:
    name = _PREFIX + str(mistake["loc"][0]).upper().removeprefix(_PREFIX)
    if mistake["type"] == "extra_forbidden":
        known = ", ".join(_PREFIX + field.upper() for field in Settings.model_fields)
        return f"There is no setting {name}, which stands in .env; the settings are {known}."
    demand = mistake["msg"].removeprefix("Value error, ").replace("Input should", "it must")
    return addresses.masked(f"The setting {name} is '{mistake['input']}', but {demand}.")
