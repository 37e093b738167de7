"""The stores that the settings name."""

from __future__ import annotations

from flows.refresh import Places
from flows.settings import Settings
from flows.store import Store


def places_of(settings: Settings, inbox: str | None = None) -> Places:
    """Return the stores of a refresh; `inbox` goes before the setting."""

    def store(uri: str) -> Store:
        return Store(uri, settings.s3_endpoint_url)

    return Places(
        inbox=store(inbox or settings.inbox_uri),
        private=store(settings.private_uri),
        public=store(settings.public_uri),
        hub_url=settings.hub_url,
    )
