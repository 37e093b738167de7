"""Documents as the bytes that are written, and the hash by which a file is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def as_json(document: Mapping[str, Any]) -> bytes:
    """Return a document as the JSON that a release holds."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()


def hash_of(data: bytes) -> str:
    """Return the hash of a file as a descriptor writes it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
