"""What every room may name: the records that they hand each other, errors, settings, logs, words.

It may name no other room. It does none of the work: it opens no raw file, store or release, and what only one room
needs belongs there.
"""

__all__ = [
    "addresses",
    "canonical",
    "code_version",
    "counted_up_to",
    "errors",
    "for_readers",
    "logs",
    "names",
    "notebook",
    "quality_tables",
    "records",
    "score_tables",
    "settings",
    "standing",
    "steps",
    "strangers",
    "temporary",
    "terminal",
    "verified",
    "visible",
    "within",
    "wording",
    "xml_edits",
]
