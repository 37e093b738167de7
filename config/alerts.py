"""How sources are told what was found: the mail server, other channels, who is told by which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from config.labels import Frozen, Language
from config.loader import Document, parse
from config.models import Contract, Name

# the channel that needs no entry: mail to the contacts that the source's contract names
CONTACTS = "contacts"
DEFAULT = "default"
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class Smtp(Frozen):
    """The server that takes mail; user and password stand in the environment variables that are named here."""

    host: str
    port: int = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    user_env: str | None = None
    password_env: str | None = None
    sender: str

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Smtp:
        if (self.user_env is None) != (self.password_env is None):
            raise ValueError("user_env and password_env go together")
        if self.password_env and self.security == "none":
            raise ValueError("a password needs security starttls or tls")
        return self


class Channel(Frozen):
    """Any other way to tell: an address of the library Apprise, in which `${NAME}` is an environment variable.

    `attach` sends the marked workbook along; it holds the source's data, so by default it goes to the contacts only.
    """

    url: str
    attach: bool = False


class Alerts(Frozen):
    """Who is told, by what, how often, and in which language.

    `remind_before_days` are how many days before a due day who has sent nothing is reminded, nobody where it is empty.
    `routes` gives the channels of a source; `default` those of the others. `languages` is by mission or source.
    Marked workbooks that are larger together than `attach_at_most_mb` are not attached. `on_failure` are the channels
    that hear of a refresh that failed. `coordinator` is the address that sources may write to; answers go there.
    `on_release` are the addresses of readers who are told of releases, restatements and withdrawals.
    """

    language: Language = "en"
    languages: dict[str, Language] = Field(default={})
    remind_after_days: int = Field(default=14, ge=1)
    remind_before_days: tuple[Annotated[int, Field(ge=1)], ...] = ()
    show_at_most: int = Field(default=10, ge=1)
    attach_at_most_mb: float = Field(default=10, ge=0)
    coordinator: Address | None = None
    smtp: Smtp | None = None
    channels: dict[Name, Channel] = Field(default={})
    routes: dict[Name, tuple[str, ...]] = Field(default={DEFAULT: (CONTACTS,)})
    on_failure: tuple[Name, ...] = ()
    on_release: tuple[Address, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _nothing_said_is_the_default(cls, said: Any) -> Any:
        # a key whose entries are all commented out
        return {name: one for name, one in said.items() if one is not None} if isinstance(said, dict) else said

    @field_validator("channels", mode="before")
    @classmethod
    def _an_address_will_do(cls, channels: Any) -> Any:
        if not isinstance(channels, dict):
            return channels
        return {name: {"url": said} if isinstance(said, str) else said for name, said in channels.items()}

    def route(self, source: str) -> tuple[str, ...]:
        """Return the channels by which a source is told."""
        return self.routes.get(source, self.routes.get(DEFAULT, ()))

    def language_of(self, source: str, mission: str | None) -> Language:
        """Return the language in which a source, or a mission, is told."""
        return self.languages.get(mission or "", self.languages.get(source, self.language))


def read_alerts(document: Document, contracts: Mapping[str, Contract], missions: Mapping[str, object]) -> Alerts:
    """Read the settings of alerts; raises ConfigError with file and line for a mistake."""
    if document.data is None:
        return Alerts()
    alerts = parse(document, Alerts)
    if CONTACTS in alerts.channels:
        said = f"'{CONTACTS}' is the mail to a contract's contacts; name the channel otherwise"
        raise document.mistake(("channels", CONTACTS), said)
    for source, names in alerts.routes.items():
        if source != DEFAULT and source not in contracts:
            allowed = ", ".join((DEFAULT, *sorted(contracts)))
            raise document.mistake(("routes", source), f"'routes.{source}' is no source; allowed: {allowed}")
        for name in names:
            if name != CONTACTS and name not in alerts.channels:
                allowed = ", ".join((CONTACTS, *alerts.channels))
                said = f"the route of {source} names the channel '{name}'; allowed: {allowed}"
                raise document.mistake(("routes", source), said)
    for name in alerts.on_failure:
        if name not in alerts.channels:
            allowed = ", ".join(alerts.channels) or "none, since there are no channels"
            raise document.mistake(("on_failure",), f"on_failure names the channel '{name}'; allowed: {allowed}")
    for name in alerts.languages:
        if name not in contracts and name not in missions:
            raise document.mistake(("languages", name), f"'{name}' is neither a mission nor a source")
    return alerts
