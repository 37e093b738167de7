"""A release's number in its files: page, workbook, Parquet and the entries for catalogues.

A release is built before anybody knows which number it gets, and compared with others whatever theirs are. So its files
are built with `NUMBER` in place of the number, which is put in once that is claimed. Pure.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from flows.core.canonical import as_json, hash_of
from flows.documents.words import NUMBER, release_named
from flows.releases.make import croissant, linked_data, table_files

_CATALOGUED = frozenset({linked_data.NAME, croissant.NAME})
_NUMBERED = frozenset({".html", ".xlsx", ".parquet", *(PurePosixPath(name).suffix for name in _CATALOGUED)})


def numbered(files: Mapping[str, bytes], name: str, issued: str | None = None) -> dict[str, bytes]:
    """Return those of a release's files in which its name stands, with it put in; the others are no part of it.

    `issued` is the day from which there are releases of the cycle, where this is not the first.
    """
    changed: dict[str, bytes] = {}
    for path, data in files.items():
        if path in _CATALOGUED:
            continue
        with_it = _put_in(path, data, name)
        if with_it != data:
            changed[path] = with_it
    if linked_data.NAME in files:
        document = linked_data.with_name(json.loads(files[linked_data.NAME]), name, changed, issued)
        changed[linked_data.NAME] = as_json(document)
    if croissant.NAME in files:
        changed[croissant.NAME] = as_json(croissant.with_name(json.loads(files[croissant.NAME]), name, changed, issued))
    return changed


def _put_in(path: str, data: bytes, name: str) -> bytes:
    match PurePosixPath(path).suffix:
        case ".html":
            return _replaced(data, name)
        case ".xlsx":
            return _workbook(data, name)
        case ".parquet":
            return table_files.of_release(data, name)
        case _:
            return data


def _replaced(data: bytes, name: str) -> bytes:
    return data.replace(release_named(NUMBER).encode(), release_named(name).encode())


def _workbook(data: bytes, name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(packed, "w") as after:
        for part in before.infolist():
            content = before.read(part)
            texts = part.filename.endswith("sharedStrings.xml")
            # with the time that stands there, so that the same release is the same file
            after.writestr(part, _replaced(content, name) if texts else content)
    return packed.getvalue()


def unnumbered(resource: Mapping[str, Any]) -> str:
    """Return the hash that a file of a descriptor has without its release's number in it."""
    return str(resource.get("unnumbered", resource["hash"]))


def with_number(document: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return a descriptor as it is for these files, in which the release's number may stand."""
    return {**document, "resources": [_renumbered(one, files[one["path"]]) for one in document["resources"]]}


def _renumbered(resource: Mapping[str, Any], data: bytes) -> Mapping[str, Any]:
    if PurePosixPath(resource["path"]).suffix not in _NUMBERED or hash_of(data) == resource["hash"]:
        return resource
    return {**resource, "bytes": len(data), "hash": hash_of(data), "unnumbered": unnumbered(resource)}
