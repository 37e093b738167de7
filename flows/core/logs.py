"""What happens, in lines that machines read: what, when, in which run, of which source and submission.

No line holds a cell's value or a file's name; a submission is known by the beginning of a keyed hash and its mission.
Without any setting only warnings are told, as sentences on the terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Any

from config.errors import ConfigError, ForPeople
from flows.core import addresses, visible
from flows.core.settings import Settings

_LOG = logging.getLogger("a4p")
_FIELDS = "a4p_fields"
# parts of paths behind which a file's own name stands
_BEFORE_NAMES = ("/raw/", "/cycle-")
_SHORT_HASH = 12


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log that something happened; fields that are None are left out. `says` is a sentence for people."""
    _LOG.log(level, name, extra={_FIELDS: {key: value for key, value in fields.items() if value is not None}})


def warn(name: str, says: str, **fields: Any) -> None:
    """Log what did not work and stops nothing, with a sentence that says what to do."""
    event(name, logging.WARNING, says=says, **fields)


def short(keyed: str) -> str:
    """Return as much of a submission's keyed hash as tells it from others."""
    return keyed.rpartition(":")[2][:_SHORT_HASH]


def failure(error: BaseException) -> dict[str, str]:
    """Return the class of an error and, where it is meant for people and names no file, its sentence."""
    said = {"error": type(error).__name__}
    if isinstance(error, ForPeople):
        text = str(error)
        named = any(part in text for part in _BEFORE_NAMES)
        said["says"] = "A file in a store failed; the command itself says which." if named else text
    return said


def set_up(settings: Settings) -> None:
    """Send log lines to where the settings want them; a second call replaces the first.

    Raises ConfigError where the file cannot be written.
    """
    for handler in list(_LOG.handlers):
        if isinstance(handler, _ToTerminal | _ToFile):
            _LOG.removeHandler(handler)
            handler.close()
    _LOG.setLevel(logging.INFO)
    # other handlers above would print each line a second time
    _LOG.propagate = False
    as_json = settings.log_format == "json"
    if settings.log_file:
        _LOG.addHandler(_file(settings.log_file, as_json))
    terminal = _ToTerminal()
    if as_json and not settings.log_file:
        terminal.setFormatter(_Json())
    else:
        terminal.setFormatter(_Sentence())
        # errors are told by the command that ends with them
        terminal.addFilter(lambda record: record.levelno == logging.WARNING)
    _LOG.addHandler(terminal)


def to_terminal(settings: Settings) -> bool:
    """Tell whether the terminal gets log lines for machines."""
    return settings.log_format == "json" and not settings.log_file


def _file(path: str, as_json: bool) -> logging.Handler:
    try:
        handler = _ToFile(path, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"The log file {path} cannot be written ({error.strerror}); correct A4P_LOG_FILE.") from None
    handler.setFormatter(_Json() if as_json else _Plain())
    return handler


class _ToFile(WatchedFileHandler):
    """A file that may be rotated by others."""


class _ToTerminal(logging.Handler):
    """The terminal as it is when a line comes: a progress bar puts itself in its place meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # nothing of exc_info: a traceback may hold the value of a cell
        return visible.in_line(addresses.masked(json.dumps(_line(record), ensure_ascii=False, default=str)))


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        head = f"{line.pop('time')} {line.pop('level'):7} {line.pop('event')}"
        return visible.in_line(
            addresses.masked(" ".join([head, *(f"{key}={_quoted(value)}" for key, value in line.items())]))
        )


class _Sentence(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible.in_line(addresses.masked(str(_fields(record).get("says", record.getMessage()))))


def _line(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"time": at, "level": record.levelname.lower(), "event": record.getMessage(), **_fields(record)}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, _FIELDS, {})
    return fields


def _quoted(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() and not set(text) & set(' "=') and text else json.dumps(text, ensure_ascii=False)
