"""The stores of a refresh, and those that the settings name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from config import ConfigError
from flows.core.settings import Settings
from flows.stores import Store

INTERNAL = "internal"


@dataclass(frozen=True)
class Places:
    """Where raw files come from and where things are kept; `hub_url` is the base address of the Hub's HTTP API.

    `own_internal` and `members` are the places of what is for those who prepare a release, and for Member States alone,
    where the settings name them.
    """

    inbox: Store
    private: Store
    public: Store
    hub_url: str | None = None
    # whether all is worked out anew, and nothing of what is kept in the private store is used
    anew: bool = False
    own_internal: Store | None = None
    members: Store | None = None

    @property
    def internal(self) -> Store:
        """Where that is kept which names files, rows and what has to be mended: in the private store by default."""
        return self.own_internal or internal_in(self.private)


def internal_in(private: Store) -> Store:
    """Return the place of what is internal, where no setting names another."""
    return Store(f"{private.uri}/{INTERNAL}", private.endpoint_url, private.private)


def _internal(settings: Settings) -> Store | None:
    if settings.internal_uri is None:
        return None
    private = Store(settings.private_uri, settings.s3_endpoint_url, True)
    named = Store(settings.internal_uri, settings.s3_endpoint_url)
    # what lies in the private store is closed as all of it is
    return replace(named, private=private.holds(named))


def places_of(settings: Settings, inbox: str | None = None) -> Places:
    """Return the stores of a refresh; `inbox` goes before the setting.

    Raises ConfigError where readers or sources could not get to theirs, since it lies in the private store, and where
    somebody could get to what is not for them, since it lies in what is theirs.
    """

    def store(uri: str, *, private: bool = False) -> Store:
        return Store(uri, settings.s3_endpoint_url, private)

    places = Places(
        inbox=store(inbox or settings.inbox_uri),
        private=store(settings.private_uri, private=True),
        public=store(settings.public_uri),
        hub_url=settings.hub_url,
        own_internal=_internal(settings),
        members=store(settings.members_uri) if settings.members_uri else None,
    )
    open_to_others = (
        (places.inbox, "A4P_INBOX_URI"),
        (places.public, "A4P_PUBLIC_URI"),
        (places.members, "A4P_MEMBERS_URI"),
    )
    for one, setting in open_to_others:
        if one and places.private.holds(one):
            raise ConfigError(
                f"{one.uri} lies in the private store {places.private.uri}, which is closed to everybody else; correct "
                f"{setting} or A4P_PRIVATE_URI."
            )
    for one, setting, others in (
        (places.own_internal, "A4P_INTERNAL_URI", (places.public, places.inbox, places.members)),
        (places.members, "A4P_MEMBERS_URI", (places.public, places.inbox)),
    ):
        if one and any(other and other.holds(one) for other in others):
            raise ConfigError(f"{one.uri} lies where others may read; name a place of its own in {setting}.")
    return places
