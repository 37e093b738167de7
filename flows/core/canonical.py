"""Documents as the bytes that are written, values as the bytes of a key, and the hash by which a file is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json


def as_json(document: Mapping[str, Any]) -> bytes:
    """Return a document as the JSON that a release holds."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()


def hash_of(data: bytes) -> str:
    """Return the hash of a file as a descriptor writes it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def plain(value: Any) -> bytes:
    """Return bytes that are the same for values that are alike, in every process, and others for all others.

    Raises TypeError for a value of a kind of which nobody knows when two are alike.
    """
    return to_json(_plain(value), inf_nan_mode="constants")


def _plain(value: Any) -> Any:
    kind = type(value).__name__
    match value:
        case Enum():
            return {kind: value.name}
        case None | bool() | int() | float() | str():
            return value
        case date():
            return {kind: value}
        case BaseModel():
            # beside its fields it may know where it stands; no model within another one does
            return {kind: [value, value.__pydantic_private__] if value.__pydantic_private__ else value}
        case Mapping() if all(isinstance(each, BaseModel) and not each.__pydantic_private__ for each in value.values()):
            # as below, in one piece
            return {"mapping": [(_plain(key), type(each).__name__, each) for key, each in value.items()]}
        case Mapping():
            return {"mapping": [[_plain(key), _plain(each)] for key, each in value.items()]}
        case Set():
            return {"set": sorted(map(_plain, value), key=to_json)}
        case list() | tuple():
            return list(map(_plain, value))
    if is_dataclass(value) and not isinstance(value, type):
        # what makes no difference when two are compared makes none here
        return {kind: {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.compare}}
    raise TypeError(f"A key cannot hold a {kind}.")
