"""A refresh without the page and the workbook of its release, which take most of its time, for tests of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flows.documents import page, workbook


@contextmanager
def without_documents() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "render", lambda *given: "")
        patch.setattr(workbook, "render", lambda *given: b"")
        yield
