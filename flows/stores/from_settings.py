"""The stores of a refresh, and those that the settings name."""

from __future__ import annotations

from dataclasses import dataclass

from config import ConfigError
from flows.core.settings import Settings
from flows.stores import Store


@dataclass(frozen=True)
class Places:
    """Where raw files come from and where things are kept; `hub_url` is the base address of the Hub's HTTP API."""

    inbox: Store
    private: Store
    public: Store
    hub_url: str | None = None
    # whether all is worked out anew, and nothing of what is kept in the private store is used
    anew: bool = False


def places_of(settings: Settings, inbox: str | None = None) -> Places:
    """Return the stores of a refresh; `inbox` goes before the setting.

    Raises ConfigError where readers or sources could not get to theirs, since it lies in the private store.
    """

    def store(uri: str, *, private: bool = False) -> Store:
        return Store(uri, settings.s3_endpoint_url, private)

    places = Places(
        inbox=store(inbox or settings.inbox_uri),
        private=store(settings.private_uri, private=True),
        public=store(settings.public_uri),
        hub_url=settings.hub_url,
    )
    for one, setting in ((places.inbox, "A4P_INBOX_URI"), (places.public, "A4P_PUBLIC_URI")):
        if places.private.holds(one):
            raise ConfigError(
                f"{one.uri} lies in the private store {places.private.uri}, which is closed to everybody else; correct "
                f"{setting} or A4P_PRIVATE_URI."
            )
    return places
