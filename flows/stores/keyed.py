"""Hashes that tell nothing to who does not have the key: of what lies in the private store, for those who read without.

    hash-key.json   the key of a private store, made when it is first needed, and never replaced by itself

Who knows all of a file but a few values can try them out against its SHA-256. So whatever leaves the private store and
depends on what lies in it names that by HMAC-SHA256 with this key: sources and making of a release, events, logs.
Public files keep their plain SHA-256, by which readers check them. Nothing inside is found by such a hash alone: with
another key all goes on, and what is published from then on has other names.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from pydantic import BaseModel, Field, TypeAdapter

from flows.core.errors import NotThere
from flows.stores import Store, checked

PATH = "hash-key.json"
KIND = "hmac-sha256:"
_BYTES = 32


class _Kept(BaseModel):
    key: str = Field(pattern=f"^[0-9a-f]{{{2 * _BYTES}}}$")


_KEPT = TypeAdapter(_Kept)


@dataclass(frozen=True)
class Keyed:
    """Gives the keyed hash of a text; the key itself is shown nowhere."""

    _key: bytes = field(repr=False)

    def __call__(self, text: str) -> str:
        """Return the keyed hash of a text, such as a file's SHA-256, with the name of its kind before it."""
        return f"{KIND}{hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()}"


def keyed(private: Store) -> Keyed:
    """Return what gives the keyed hashes of a private store; its key is made where there is none.

    Of several who need it first at once, all get the same. Raises StoreError where the store fails, Damaged where the
    key is not what was written.
    """
    try:
        return _read(private)
    except NotThere:
        # another may have been first: what is there counts
        checked.create_json(private, PATH, {"key": secrets.token_hex(_BYTES)})
        return _read(private)


def _read(private: Store) -> Keyed:
    return Keyed(bytes.fromhex(checked.read_json(private, PATH, _KEPT).key))
