"""What people read: the page, the workbook for authors, the data dictionary.

It may name core alone, transforms for what its tables hold, and expectations for what is severe. It is pure: frames in,
bytes out, without store, clock or network, so that the same release gives the same bytes. It counts nothing that is not
in the tables: a document shows what the release says.
"""

__all__ = ["charts", "dictionary", "drafts", "page", "scorecard", "words", "workbook"]
