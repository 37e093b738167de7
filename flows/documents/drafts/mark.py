"""A draft with remarks in it, as the same kind of file: comments in Word, notes in a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from config.errors import ConfigError
from flows.core.visible import in_line
from flows.documents.drafts.passages import Remark
from flows.documents.drafts.read import form_of

MARKABLE = ("docx", "pdf")


def marked(name: str, content: bytes, remarks: Sequence[Remark]) -> bytes:
    """Return a .docx with a comment, or a PDF with a highlight and note, on exactly the letters of each remark.

    The passages of the remarks are those that flows.documents.drafts.read.read gives of the same bytes. Raises
    ConfigError for a kind of file that takes no remarks, NotReadable as reading does.
    """
    shown, form = in_line(PurePath(name).name), form_of(name)
    if form == "docx":
        from flows.documents.drafts.word_comments import marked as with_comments

        return with_comments(shown, content, remarks)
    if form == "pdf":
        from flows.documents.drafts.pdf_notes import marked as with_notes

        return with_notes(shown, content, remarks)
    raise ConfigError(f"{shown} takes no remarks; a draft that does ends in .docx or .pdf.")
