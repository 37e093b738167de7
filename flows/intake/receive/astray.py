"""What lies in the inbox and does not count.

Files in wrong folders, links in place of folders, what cannot be read, and what was erased.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Config, Contract, Cycle, Messages
from flows.core.records import INBOX, Astray
from flows.intake.read.limits import plain_name
from flows.intake.receive.inbox import sent
from flows.stores import Entry, Store

_RULES = {
    "misplaced": "file_is_where_it_is_looked_for",
    "linked": "folder_is_no_link",
    "unreadable": "file_can_be_read",
    "erased": "file_was_not_erased",
}
# of the inbox alone, and looked for in every refresh: what is not found any more was moved
OF_PLACES = (*_RULES.values(), "file_is_in_a_mission_folder", "file_is_no_link")
_CYCLE = re.compile(r"cycle\W*0*(\d+)(?!\d)")
# of a folder with more files, and of one that has no name of ours, the folder is told
_MOST_FILES = 20


def lying(inbox: Store, config: Config, cycle: Cycle) -> list[Astray]:
    """Return what lies beside the folders in which a cycle's files are looked for.

    What lies in a folder of another cycle is told in a refresh of that. Raises StoreError where the inbox fails.
    """
    known = (config.as_written or config).contracts
    found: list[Astray] = []
    for one in at_the_top(inbox, config, cycle):
        if one.is_folder and one.path == cycle.folder:
            inside = sent(inbox.children(cycle.folder))
            wrong = (child for child in inside if not (child.is_folder and _name(child) in known))
            found += [each for child in wrong for each in _told(child, inbox, known, config)]
        else:
            found += _told(one, inbox, known, config)
    return found


def at_the_top(inbox: Store, config: Config, cycle: Cycle) -> list[Entry]:
    """Return what stands in the inbox itself, but for folders that are of another cycle by their names.

    Raises StoreError where the inbox fails.
    """
    others = config.cycles.keys() - {cycle.number}
    return [one for one in sent(inbox.children()) if _number(one.path) not in others]


def findings(astray: Iterable[Astray], messages: Messages, cycle: Cycle) -> pl.DataFrame:
    """Return a finding for each of them."""
    from expectations.seldom_used import load_great_expectations

    load_great_expectations()
    from expectations.findings import recorded
    from expectations.messages import filled

    rows: list[Mapping[str, Any]] = []
    for one in astray:
        rule = _RULES[one.trouble]
        folder = "/".join(filter(None, (cycle.folder, one.source or "<source>", one.mission)))
        texts, words = (
            messages.rules[rule],
            {"folder": folder, "file": one.file, "day": date.fromisoformat(one.day) if one.day else ""},
        )
        message, remedy = filled(texts.message, words, rule), filled(texts.remedy, words, rule)
        rows.append(
            {
                "source": one.source or INBOX,
                "mission": one.mission,
                "file": one.file,
                "rule": rule,
                "severity": "warning",
                "message": message.en,
                "message_fr": message.fr,
                "remedy": remedy.en,
                "remedy_fr": remedy.fr,
                "about": one.file,
            }
        )
    return recorded(rows)


def told(found: pl.DataFrame) -> list[str]:
    """Return, of all that was found, a sentence for each of them."""
    own = found.filter(pl.col("rule").is_in(list(_RULES.values())))
    return [
        f"{file}: {message} {remedy}" for file, message, remedy in own.select("file", "message", "remedy").iter_rows()
    ]


def _told(one: Entry, inbox: Store, known: Mapping[str, Contract], config: Config) -> Iterator[Astray]:
    if one.is_file:
        yield _astray(one.path, "misplaced", known, config)
    elif not one.is_folder:
        yield _astray(one.path, "linked", known, config)
    else:
        inside = sent(inbox.entries(one.path, others=True))
        each_file = [_astray(each.path, "misplaced", known, config) for each in inside]
        if len(inside) <= _MOST_FILES and (_number(one.path) or any(each.source for each in each_file)):
            yield from each_file
        elif inside:
            yield _astray(one.path, "misplaced", known, config)


def _astray(path: str, trouble: Any, known: Mapping[str, Contract], config: Config) -> Astray:
    """Tell whose it is: the source that a folder of its path names, and the mission that one below it names."""
    names = [_plain(part) for part in PurePosixPath(path).parts]
    sources = {_plain(name): name for name in known}
    at = next((number for number, name in enumerate(names) if name in sources), None)
    if at is None:
        return Astray(plain_name(path), trouble)
    source, below = sources[names[at]], [name.upper() for name in names[at + 1 : -1]]
    by_missions = known[source].sent_by == "missions"
    mission = next((one for one in below if by_missions and one in config.reporting_missions), None)
    return Astray(plain_name(path), trouble, source, mission)


def _number(path: str) -> int | None:
    """Return the number of the cycle that a name at the top of the inbox says, however it is written."""
    said = _CYCLE.search(unicodedata.normalize("NFKC", path).lower().replace("_", " "))
    return int(said[1]) if said and len(said[1]) <= len("2024") else None


def _name(entry: Entry) -> str:
    return PurePosixPath(entry.path).name


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", name).strip().lower()).strip("_")
