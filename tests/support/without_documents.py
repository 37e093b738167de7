"""A refresh without the page and the workbook of its release, which take most of its time, for tests of its numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flows.documents import page, workbook


@contextmanager
def without_documents() -> Iterator[None]:
    """Have releases made with a page that says nothing, and a workbook without sheets."""
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "render", lambda *given, **named: "<!doctype html>")
        patch.setattr(workbook, "render", lambda *given, **named: empty.getvalue())
        yield
