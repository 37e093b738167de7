"""What every room may name: records, errors, settings, logs, words."""

__all__ = [
    "canonical",
    "code_version",
    "counted_up_to",
    "errors",
    "logs",
    "quality_tables",
    "records",
    "settings",
    "standing",
    "steps",
    "strangers",
    "terminal",
    "visible",
    "wording",
]
