"""What a release says of its own making: which files came, where accepted rows lie, what else went in.

With it a figure is explained, and a release is made again. It names paths of the private store, which only those can
read who have its credentials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flows.core.records import Astray, Earlier, Gathered, Numbers, Origin, Slot, Submission
from flows.intake.books.record import Head


def of(gathered: Gathered, origin: Origin) -> dict[str, Any]:
    """Return it as it stands in the descriptor, under `a4p.lineage`."""
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
