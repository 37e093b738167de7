"""What is kept of the making of a release: which files came, where accepted rows lie, what else went in.

    lineage/<keyed hash>.json   in the private store; the descriptor names it by its keyed hash, and says no more of it

With it a figure is explained, and a release is made again. It is full of names and hashes of files that readers of a
release do not have: by a hash they could try out what a cell holds that is suppressed (flows.stores.keyed). Releases of
0.5.0 have it in their descriptors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flows.core.canonical import as_json
from flows.core.errors import NotThere
from flows.core.records import Astray, Earlier, Gathered, Numbers, Origin, Slot, Submission
from flows.intake.books.record import Head
from flows.releases import same
from flows.stores import Store, checked
from flows.stores.keyed import KIND, Keyed, keyed

FOLDER = "lineage"
_NAME_LENGTH = 32


def of(gathered: Gathered, origin: Origin) -> dict[str, Any]:
    """Return it as it stands in a descriptor that is not closed yet, under `a4p.lineage`."""
    pulled = [one for submissions in gathered.pulled.values() for one in submissions]
    known = {one.file for one in pulled}
    # an earlier copy that took the place of a refused file is read after those of the inbox
    fallbacks = [one.submission for one in gathered.reads if one.submission.file not in known]
    return {
        "staged": {one.table: one.staged for one in gathered.tables},
        "quarantine": {one.table: one.quarantine for one in gathered.tables},
        "submissions": [_document(one) for one in (*pulled, *fallbacks)],
        "in_use": sorted(
            {
                _in_one_word(one.submission)
                for one in gathered.reads
                if one.submission.file not in gathered.judged.refused
            }
        ),
        **({"withdrawn": [_document(one) for one in gathered.withdrawn]} if gathered.withdrawn else {}),
        **({"compared_with": [_earlier(one) for one in gathered.earlier]} if gathered.earlier else {}),
        **({"astray": [_astray(one) for one in gathered.astray]} if gathered.astray else {}),
        **(
            {"history": {table: [list(one) for one in of] for table, of in gathered.history.items()}}
            if gathered.history
            else {}
        ),
        "previous": origin.previous,
        "as_of": origin.as_of.isoformat() if origin.as_of else None,
        **({"series": origin.series} if origin.series else {}),
    }


def with_record(document: Mapping[str, Any], reached: Head | None) -> Mapping[str, Any]:
    """Return a descriptor that says how far the record of decisions reached; as it is where there is no decision."""
    if reached is None:
        return document
    made_from = {**document["a4p"]["lineage"], "record": asdict(reached)}
    return {**document, "a4p": {**document["a4p"], "lineage": made_from}}


def closed(document: Mapping[str, Any], private: Store) -> dict[str, Any]:
    """Return a descriptor as readers get it: all that hangs on what lies in the private store is a keyed hash.

    In: one with the making of the release in it, which is put into the private store. Raises StoreError where it fails.
    """
    said, key = document["a4p"], keyed(private)
    kept = {"lineage": said["lineage"], "pipeline": said["pipeline"], "sources": document["sources"]}
    made_of, pipeline = said["lineage"], dict(said["pipeline"])
    if "fingerprint" in pipeline:
        # decisions name cells, and those in the pipeline's own folder are part of it
        pipeline["fingerprint"] = key(pipeline["fingerprint"])
    if "decisions" in pipeline.get("parts", {}):
        pipeline["parts"] = {**pipeline["parts"], "decisions": key(pipeline["parts"]["decisions"])}
    token = key(as_json(kept).decode())
    _keep(private, _path(token), kept)
    named = {"kept": token, "previous": made_of.get("previous") and key(made_of["previous"])}
    if made_of.get("series"):
        named["series"] = key(made_of["series"])
    if "apart" in said:
        said = {**said, "apart": {audience: key(content) for audience, content in said["apart"].items()}}
    sources = sorted(
        (_source(one, key) for one in document["sources"]), key=lambda one: json.dumps(one, sort_keys=True)
    )
    return {**document, "sources": sources, "a4p": {**said, "pipeline": pipeline, "lineage": named}}


def making(description: Mapping[str, Any], private: Store) -> dict[str, Any]:
    """Return what is kept of the making of a release, by its descriptor: `lineage`, `pipeline` and `sources`.

    Raises NotThere where it is not in the private store any more, Damaged, and StoreError where the store fails.
    """
    path = place(description)
    if path is None:
        return as_told(description)
    return checked.read_json(private, path, checked.OBJECT)


def as_told(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the making of a release what its descriptor tells: all of it for one of 0.5.0."""
    return {**description["a4p"], "sources": description.get("sources", [])}


def read(description: Mapping[str, Any], private: Store) -> Mapping[str, Any]:
    """Return the lineage of a release; empty where it never had one. Raises as `making` does."""
    lineage: Mapping[str, Any] = making(description, private).get("lineage", {})
    return lineage


def place(description: Mapping[str, Any]) -> str | None:
    """Return the path in the private store of what is kept of the making of a release; None for one of 0.5.0."""
    token = description["a4p"].get("lineage", {}).get("kept")
    return _path(token) if token else None


def in_use(description: Mapping[str, Any], private: Store) -> list[str]:
    """Return each file that a release uses, in one word, whatever the key was when it was made; else what it says."""
    with suppress(NotThere):
        if used := read(description, private).get("in_use"):
            return list(used)
    return same.files_of(description)


def reached(said: Mapping[str, Any]) -> Head | None:
    """Return how far the record of decisions reached when a release was made; None where there was no decision."""
    return Head(**said["record"]) if "record" in said else None


def pulled(said: Mapping[str, Any]) -> dict[Slot, Sequence[Submission]]:
    """Return the submissions of a release by slot, in the order in which they were read."""
    slots: dict[Slot, list[Submission]] = {}
    for submission in map(_submission, said["submissions"]):
        slots.setdefault((submission.source, submission.mission), []).append(submission)
    return dict(slots)


def withdrawn(said: Mapping[str, Any]) -> list[Submission]:
    """Return the submissions that stayed out of a release since they were withdrawn."""
    return [_submission(one) for one in said.get("withdrawn", [])]


def compared_with(said: Mapping[str, Any]) -> dict[str, list[Earlier]]:
    """Return what the files of a release were compared with, by their names."""
    files: dict[str, list[Earlier]] = {}
    for one in said.get("compared_with", []):
        earlier = Earlier(one["file"], one["cycle"], _submission(one["with"]))
        files.setdefault(earlier.file, []).append(earlier)
    return files


def history(said: Mapping[str, Any]) -> dict[str, Numbers]:
    """Return what the numbers of each table were held against."""
    every = said.get("history", {}).items()
    return {table: tuple((number, path) for number, path in numbers) for table, numbers in every}


def astray(said: Mapping[str, Any]) -> list[Astray]:
    """Return what lay in the inbox and did not count when a release was made."""
    return [Astray(**one) for one in said.get("astray", [])]


def origin(said: Mapping[str, Any]) -> Origin:
    """Return what else went into a release."""
    return Origin(said["previous"], date.fromisoformat(said["as_of"]) if said["as_of"] else None, said.get("series"))


def _keep(private: Store, path: str, kept: Mapping[str, Any]) -> None:
    """Write what is kept where it is not there, or is damaged: the same always has the same name."""
    try:
        checked.read_json(private, path, checked.OBJECT)
    except (NotThere, checked.Damaged):
        checked.write_json(private, path, kept)


def _path(token: str) -> str:
    # as long a name as nobody takes for the SHA-256 of what is in it
    return f"{FOLDER}/{token.removeprefix(KIND)[:_NAME_LENGTH]}.json"


def _source(one: Mapping[str, Any], key: Keyed) -> dict[str, Any]:
    """Return a source without name and size of its file."""
    known = {part: one[part] for part in ("title", "received_at", "mission") if part in one}
    return {**known, "hash": key(one["hash"].removeprefix("sha256:"))}


def _submission(one: Mapping[str, Any]) -> Submission:
    return Submission(**{**one, "received_at": datetime.fromisoformat(one["received_at"])})


def _in_one_word(one: Submission) -> str:
    return "/".join(filter(None, (one.source, one.mission, one.sha256)))


def _astray(one: Astray) -> dict[str, Any]:
    return {name: said for name, said in asdict(one).items() if name != "day" or said}


def _earlier(one: Earlier) -> dict[str, Any]:
    return {"file": one.file, "cycle": one.cycle, "with": _document(one.submission)}


def _document(one: Submission) -> dict[str, Any]:
    return {
        "source": one.source,
        "mission": one.mission,
        "file": one.file,
        "sha256": one.sha256,
        "size": one.size,
        "received_at": one.received_at.isoformat(),
        "raw": one.raw,
        **({"part": one.part} if one.part else {}),
    }
