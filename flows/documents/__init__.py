"""What people read: page, workbook, dictionary. Pure: frames in, bytes out."""

__all__ = ["dictionary", "page", "series", "words", "workbook"]
