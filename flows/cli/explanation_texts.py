"""What `a4p explain` says beside the rows: words for no number, whose rows they are, files, the previous value."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from config import Config
from flows.core import terminal, wording
from flows.releases.explain import Explained

Part = str | Table


def of_confidential(explained: Explained, config: Config) -> list[Part]:
    """Say of what is shown of rows that it is not for everybody, where that is so."""
    if not explained.confidential:
        return []
    titles = wording.listed([config.contract(source).title.en for source in explained.confidential])
    return [f"Confidential ({titles}): the rows are for those who may read the private store."]


def of_words(explained: Explained) -> list[Part]:
    """Say what missions answered where they gave no number, and where that stands."""
    answered = explained.in_words
    if answered.is_empty():
        return []
    said = [
        f"{wording.listed(sorted({row['mission'] or 'the source' for row in rows}))} answered: {answer}"
        for (answer,), rows in (
            (key, group.to_dicts()) for key, group in answered.group_by("answer", maintain_order=True)
        )
    ]
    cells = [
        (row["mission"] or "", row["file"].rpartition("/")[2], row["sheet"] or "", str(row["row"]), row["column"])
        for row in answered.iter_rows(named=True)
    ]
    return [*said, terminal.table(("Mission", "File", "Sheet", "Row", "Column"), cells, right={"Row"})]


def of_files(explained: Explained) -> list[Part]:
    """Say why the rows are not shown, and from which files the release says that the figure comes."""
    said = f"The rows are not shown: {explained.unseen}."
    if explained.files.is_empty():
        return [said]
    files = [
        (row["source"], row["mission"] or "", row["file"], row["received_at"][:10], _hash(row["sha256"]))
        for row in explained.files.iter_rows(named=True)
    ]
    headings = ("Source", "Mission", "File", "Received", "Raw file")
    return [said, "The release says that it was made from these files:", terminal.table(headings, files)]


def _hash(said: str) -> str:
    """Return the beginning of a file's hash; a keyed one, as readers of a release have it, says so."""
    kind, _, digest = said.rpartition(":")
    return f"{kind or 'sha256'} {digest[:12]}…"


def of_before(explained: Explained) -> list[Part]:
    """Say where the previous value comes from, or why that is not known."""
    before = explained.before
    if before is None:
        return []
    if before.value is None:
        return ["", f"Previous value: none; {before.said}."]
    days = f", {before.start} to {before.end}" if before.start else f", up to {before.end}" if before.end else ""
    lines = ["", f"Previous value: {terminal.number(before.value)} {explained.unit}{days}"]
    if before.same_files:
        lines.append("  Counted in the same files, which have the year before too.")
    if before.cycle:
        release = f"Release {before.release} of cycle {before.cycle}" if before.release else f"Cycle {before.cycle}"
        its = before.explained
        if its and its.unseen:
            lines.append(f"  {release}; its rows are not shown either.")
        elif its:
            rows = wording.counted(its.rows.height, "row")
            gives = "gives the same" if its.proven else f"gives {terminal.number(its.again) or 'nothing'}"
            lines.append(f"  {release}, from {rows} of that cycle's files; made again from them, it {gives}.")
            lines += [f"  {one}" for one in of_words(its)[:-1]]
            whose = "" if its.mission == "ALL" else f" --mission {its.mission}"
            command = f"a4p explain {its.figure} --cycle {before.cycle} --release {before.release}{whose}"
            lines.append(f"  The rows themselves: {command}")
        elif not before.said:
            lines.append(f"  {release}.")
        else:
            lines.append(f"  {release}: {before.said}.")
        if its and before.said:
            lines.append(f"  {wording.sentence(before.said)}.")
    return list(lines)


def as_document(explained: Explained) -> dict[str, Any]:
    """Return the same for machines."""
    said: dict[str, Any] = {
        "confidential": list(explained.confidential),
        "in_words": explained.in_words.to_dicts(),
        **({"unseen": explained.unseen, "files": explained.files.to_dicts()} if explained.unseen else {}),
    }
    before = explained.before
    if before is None:
        return said
    its = before.explained
    return said | {
        "previous": {
            "value": before.value,
            "from": before.start.isoformat() if before.start else None,
            "to": before.end.isoformat() if before.end else None,
            "obs_status": before.status,
            "cycle": before.cycle,
            "release": before.release,
            "same_files": before.same_files,
            "said": before.said or None,
            "made_again": its.again if its else None,
            "rows": its.rows.to_dicts() if its else [],
        }
    }
