"""The one way to read a draft: by the ending of its name, with what is against it told in one sentence."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import PurePath

from config.errors import ConfigError
from flows.core.errors import NotReadable
from flows.core.visible import in_line
from flows.documents.drafts.gathering import MOST_PASSAGES, with_plain_headings
from flows.documents.drafts.passages import Draft, Passage

# a report of a hundred pages with its pictures has a few
MOST_MB = 50
FORMS = {".docx": "docx", ".pdf": "pdf", ".html": "html", ".htm": "html", ".md": "md", ".txt": "txt"}
_MB = 1_000_000
_MOST_TEXT_MB = 10
_NO_TEXT = (b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)


def read(name: str, content: bytes) -> Draft:
    """Return what a draft says, passage by passage.

    In: its file's name, whose ending says what it is, and its bytes. Raises ConfigError where it is of no kind that is
    read, NotReadable where it is too large, damaged, locked, or holds no text: silence is no proof.
    """
    shown = in_line(PurePath(name).name)
    form = form_of(name)
    if len(content) > MOST_MB * _MB:
        raise NotReadable(f"The draft {shown} has {-(-len(content) // _MB)} MB; the limit is {MOST_MB} MB.")
    if not content:
        raise NotReadable(f"The draft {shown} is empty.")
    passages = _passages(shown, form, content)
    if not any(any(map(str.isalnum, one.text)) for one in passages):
        scanned = "; it may be a scan, or its letters are drawn as pictures" if form == "pdf" else ""
        raise NotReadable(f"Nothing can be read in the draft {shown}: there is no text in it{scanned}.")
    if len(passages) > MOST_PASSAGES:
        raise NotReadable(f"The draft {shown} has more than {MOST_PASSAGES:,} paragraphs and cells; no report has.")
    return Draft(name, form, tuple(passages if form in ("md", "txt") else with_plain_headings(passages)))


def form_of(name: str) -> str:
    """Return what kind of file a draft is by its name: docx, pdf, html, md or txt; raises ConfigError if of no kind."""
    ending = PurePath(name).suffix.lower()
    if ending in FORMS:
        return FORMS[ending]
    hint = "; save it as .docx first" if ending in (".doc", ".odt", ".rtf", ".docm", ".dotx", ".pages") else ""
    raise ConfigError(f"The draft {in_line(PurePath(name).name)} is none of {', '.join(FORMS)}{hint}.")


def _passages(shown: str, form: str, content: bytes) -> Sequence[Passage]:
    if form == "docx":
        from flows.documents.drafts.word_text import passages as of_word

        return of_word(shown, content)
    if form == "pdf":
        from flows.documents.drafts.pdf_text import passages as of_pdf

        return of_pdf(shown, content)
    text = _decoded(shown, form, content)
    if form == "html":
        from flows.documents.drafts.web_page import passages as of_page

        return of_page(text)
    from flows.documents.drafts.plain_text import passages as of_text

    return of_text(text, markdown=form == "md")


def _decoded(shown: str, form: str, content: bytes) -> str:
    """Return the letters of a text: in UTF-8, in what it says itself, else as Windows writes it."""
    if len(content) > _MOST_TEXT_MB * _MB:
        raise NotReadable(f"The draft {shown} has more than {_MOST_TEXT_MB} MB of text; no report has.")
    for bom, code in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(code, "replace")
    if content.startswith(_NO_TEXT) or b"\x00" in content:
        raise NotReadable(f"The draft {shown} is no text; its name must end as what it is ({', '.join(FORMS)}).")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        said = _CHARSET.search(content[:4096]) if form == "html" else None
        try:
            return content.decode(said[1].decode() if said else "cp1252")
        except (UnicodeDecodeError, LookupError):
            return content.decode("cp1252", "replace")
