"""A PDF with some of its letters highlighted, and a note on each."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from typing import Any

from flows.core.errors import NotReadable
from flows.documents.drafts.passages import Remark
from flows.documents.drafts.pdf_letters import Box, opened
from flows.documents.drafts.pdf_text import text_of

AUTHOR = "a4p proof"
# red, green and blue of the marker, by what was found
_COLOURS = {
    "equal": (170, 230, 180),
    "rounded equal": (170, 230, 180),
    "contradicts": (255, 150, 140),
    "stale": (255, 205, 110),
    "suppressed": (225, 170, 235),
    "unsure": (160, 210, 245),
}
_OTHER = (220, 225, 230)
_AROUND = 1.0


def marked(shown: str, content: bytes, remarks: Sequence[Remark]) -> bytes:
    """Return a PDF with exactly the letters of each remark highlighted, and its text as a note; nothing else changed.

    The notes are written behind the file, which stays as it is. Raises NotReadable as reading does.
    """
    if not remarks:
        return content
    known = {one.passage.number: one for one in text_of(shown, content)}
    by_page: dict[int, list[tuple[Remark, list[Box]]]] = {}
    for remark in remarks:
        there = [one for one in known[remark.passage].boxes[remark.start : remark.end] if one is not None]
        for page in sorted({page for page, _ in there}):
            boxes = _in_lines([box for on, box in there if on == page])
            by_page.setdefault(page, []).append((remark, boxes))
    with opened(shown, content) as document:
        for number, held in sorted(by_page.items()):
            page = document[number - 1]
            for remark, boxes in held:
                _note(page, remark, boxes)
            page.close()
        return _saved(shown, content, document)


def _saved(shown: str, content: bytes, document: Any) -> bytes:
    import pypdfium2
    from pypdfium2 import raw

    buffer = io.BytesIO()
    try:
        document.save(buffer, flags=raw.FPDF_INCREMENTAL)
    except pypdfium2.PdfiumError:
        raise NotReadable(f"The draft {shown} takes no notes; print it to a PDF anew.") from None
    return buffer.getvalue()


def _in_lines(boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes of letters put together by the lines on which they stand."""
    lines: list[Box] = []
    for box in boxes:
        last = lines[-1] if lines else None
        if last and box.bottom < last.top and last.bottom < box.top and box.left >= last.left:
            lines[-1] = last.with_(box)
        else:
            lines.append(box)
    return lines


def _note(page: Any, remark: Remark, boxes: Sequence[Box]) -> None:
    from pypdfium2 import raw

    note = raw.FPDFPage_CreateAnnot(page, raw.FPDF_ANNOT_HIGHLIGHT)
    if not note:
        return
    raw.FPDFAnnot_SetColor(note, raw.FPDFANNOT_COLORTYPE_Color, *_COLOURS.get(remark.colour, _OTHER), 255)
    around = boxes[0]
    for box in boxes:
        around = around.with_(box)
        points = raw.FS_QUADPOINTSF(
            box.left, box.top + _AROUND, box.right, box.top + _AROUND,
            box.left, box.bottom - _AROUND, box.right, box.bottom - _AROUND,
        )  # fmt: skip
        raw.FPDFAnnot_AppendAttachmentPoints(note, points)
    edges = around.left, around.top + _AROUND, around.right, around.bottom - _AROUND
    raw.FPDFAnnot_SetRect(note, raw.FS_RECTF(*edges))
    for key, said in (("Contents", remark.text), ("T", AUTHOR)):
        letters = ctypes.create_string_buffer((said + "\0").encode("utf-16-le"))
        raw.FPDFAnnot_SetStringValue(note, key.encode(), ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
    # printed with the page
    raw.FPDFAnnot_SetFlags(note, raw.FPDF_ANNOT_FLAG_PRINT)
    raw.FPDFPage_CloseAnnot(note)
