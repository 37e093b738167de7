"""A draft held against a release: what has to be read for it, the page and the marked copy, and the links to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

import polars as pl

from config import Config, ConfigError, Cycle, Language
from flows.core.errors import NothingRead, NotReadable
from flows.documents.drafts import mark
from flows.documents.drafts.page import page
from flows.documents.drafts.passages import Link
from flows.documents.drafts.read import read
from flows.documents.drafts.wording import NotWritten, written_like
from flows.releases.filling import What, tag_of_figure
from flows.releases.proof.answers import PROVED, WRONG, Judged, Proof, Verdict
from flows.releases.proof.numbers import is_french
from flows.releases.proof.prove import Known, prove

_PAGES = (".html", ".htm")


def proof_of(
    name: str,
    content: bytes,
    config: Config,
    cycle: Cycle,
    release: str,
    status: str,
    table: Callable[[str], pl.DataFrame],
    there: Sequence[str],
    earlier: Sequence[tuple[str, pl.DataFrame]] = (),
) -> Proof:
    """Return what is to be said of every number of a draft.

    In: the draft's name and bytes; the facts of the cycle; the release, how to read its tables and which there are; the
    figures of earlier releases and cycles. Raises NothingRead where it has no text or no number, ConfigError
    for another kind of file.
    """
    try:
        draft = read(name, content)
    except NotReadable as error:
        raise NothingRead(str(error)) from None
    wanted = {"figures", *(cells.table for cells in config.proof.cells.values())}
    tables = {one: table(one) for one in sorted(wanted & set(there))}
    proof = prove(draft, Known(config, cycle, tables, release, status, earlier))
    if not proof.judged:
        raise NothingRead(f"There is no number in {name}, so there is nothing to prove.")
    return proof


def marked(proof: Proof, content: bytes, out: str) -> bytes:
    """Return the draft with what is wrong or unsure beside its numbers: as the ending of `out` says, it or a page.

    Raises ConfigError where that is neither the draft's own ending nor .html.
    """
    ending, own = PurePath(out).suffix.lower(), PurePath(proof.draft.name).suffix.lower()
    if ending in _PAGES:
        return as_page(proof).encode()
    if ending != own or own.removeprefix(".") not in mark.MARKABLE:
        ways = f"{own} or .html" if own.removeprefix(".") in mark.MARKABLE else ".html"
        raise ConfigError(f"A marked copy of {proof.draft.name} ends in {ways}; {PurePath(out).name} does not.")
    # a comment has no colour that would say so
    said = [
        replace(one, text=f"{one.colour[:1].upper()}{one.colour[1:]}: {one.text}")
        for one in proof.remarks(*WRONG, Verdict.UNSURE)
    ]
    return mark.marked(proof.draft.name, content, said)


def as_page(proof: Proof) -> str:
    """Return the page of a draft, each number with what was found of it."""
    about = [
        ("Draft", proof.draft.name),
        ("Held against", f"release {proof.release} ({proof.status}) of cycle {proof.cycle}"),
    ]
    return page(proof.draft, proof.remarks(), f"Proof of {proof.draft.name}", about)


def links(proof: Proof) -> list[Link]:
    """Return the numbers that can be kept up to date: those that are a figure's, now or of the cycle before."""
    found = []
    for one in proof.of(*PROVED):
        what = _kept(one)
        if what is None or one.name is None or one.right is None:
            continue
        language: Language = "fr" if is_french(one.passage.text) else "en"
        try:
            written_like(one.text, one.right, language)
            tag = tag_of_figure(one.name, one.mission or "ALL", what, language)
        except (NotWritten, ValueError):
            continue
        title = f"{one.title}, {one.mission}" if one.mission != "ALL" else one.title or one.name
        found.append(Link(one.passage.number, one.start, one.end, tag, title))
    return found


def _kept(one: Judged) -> What | None:
    if one.shown_by is None or not one.shown_by.startswith("a4p explain"):
        return None
    kept: dict[str, What] = {"the value": "value", "the value of the cycle before": "previous"}
    return kept.get(one.what)
