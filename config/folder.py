"""A configuration folder of the user's: one to start from, and what is in force and from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from config import layers, own_code
from config.errors import ConfigError
from config.loader import Document, Where

# files of entries, each with what may stand in one of the user's
ENTRIES: Mapping[str, str] = {
    "missions.yaml": (
        "ATLANTIS:\n  name: United Nations Mission in Atlantis\n  start: 2026-01-01\n  reports: true\n"
        "  changes: [{from_cycle: 11, reports: false}]   # it reports up to cycle 10"
    ),
    "cycles.yaml": "cycles:\n  - {number: 12, start: 2027-05-01, end: 2027-10-31}",
    "countries.yaml": "XYZ: {m49: 999, name: A new country}",
    "host_countries.yaml": "UNFICYP: [{country: CYP, at: [35.1, 33.4]}]",
    "figures.yaml": (
        "patrols_total:\n  priority: 4\n  title: {en: Patrols}\n  unit: patrols\n  source: OMA\n"
        "  table: patrols_with_women\n  value: sum(patrols)\n  by: mission"
    ),
    "parity_targets.yaml": "uniformed_women:\n  - {category: Military contingents, year: 2030, women_pct: 17}",
    "disclosure.yaml": "a_table:\n  aggregation: [cycle]\n  counts: [cases]\n  threshold: 5",
    "messages.yaml": ('rules:\n  file_has_rows:\n    message: {en: "…", fr: "…"}\n    remedy: {en: "…", fr: "…"}'),
    "publication.yaml": (
        "licence:\n  {name: CC-BY-4.0, title: Creative Commons Attribution 4.0 International, kind: Attribution,\n"
        "   address: https://creativecommons.org/licenses/by/4.0/}\naccess: public"
    ),
    "proof.yaml": (
        'figures:\n  patrols_with_women:\n    said: ["patrol*|patrouille* women|female|femmes", "mixed_patrol*"]\n'
        '    never: ["team*"]'
    ),
    "audiences.yaml": "received: internal",
    "schedules.yaml": "refreshes:\n  noticas-daily: ~   # takes it away",
    "alerts.yaml": "routes:\n  conduct_allegations: [contacts, coordinator]",
    "corrections.yaml": (
        "- {source: noticas, table: noticas, key: {casualty_id: X-1}, column: mission, from: UNFILL, to: UNIFIL,\n"
        "   reason: Confirmed by telephone, owner: A4P+ coordinator}"
    ),
    "waivers.yaml": (
        "- {source: mission_report, rule: training_days_fit_into_the_cycle, mission: UNMISS, cycle: 5,\n"
        "   reason: Agreed with the mission, owner: A4P+ coordinator}"
    ),
    "accepted.yaml": (
        "- {figure: icu_closed_days, mission: UNMISS, cycle: 6, value: 200,\n"
        "   reason: Agreed with the source, owner: A4P+ coordinator}"
    ),
}
_SUBFOLDERS = {
    "sources": "A contract a file, <source>.yaml: a new source, or one that takes the place of the pipeline's.",
    "published": "The figures of a printed report, report-<cycle>.csv.",
    "tables": (
        "Modules with curated tables of your own, such as p3_patrols.py: each public function is a table,\n"
        "its parameters are what it is made from, its docstring its entry in the data dictionary\n"
        "(see transforms/p?_*.py)."
    ),
    "rules": (
        'Modules with rules on rows, such as patrols.py: functions with @on("<table>"), whose texts stand under their\n'
        "names in messages.yaml (see expectations/sources/*.py)."
    ),
}
_HEAD = """\
# What stands here counts, what does not is the pipeline's; `name: ~` takes an entry of the pipeline's away.
# `a4p config` shows what is in force and from where. An example:
#
"""


@dataclass(frozen=True)
class InForce:
    """A file of the configuration: how many entries are the pipeline's, and which the user's, each with its place."""

    name: str
    shipped: int
    own: Mapping[str, str]


def start(folder: Path) -> list[Path]:
    """Write a folder to start from, in which every example is commented out; return what was written.

    Raises ConfigError where there is something in it already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not empty; name a new folder, or remove what is in it.")
    texts = {layers.STAMP: f"# For which version of the pipeline this folder was written\nversion: {_here()}\n"}
    for name, example in ENTRIES.items():
        texts[name] = _HEAD + "".join(f"# {line}\n" for line in example.splitlines())
    for name, text in _SUBFOLDERS.items():
        texts[f"{name}/README.md"] = f"{text}\n"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def overview(folders: Sequence[Path]) -> list[InForce]:
    """Return what is in force of each file, and from where. In: config.layers.roots."""
    user = folders[0] if len(folders) > 1 else None
    found = []
    for name in ENTRIES:
        document = layers.document(folders, name)
        entries = list(_entries(document))
        own = {title: document.place(where) for title, where in entries if user and _is_in(document, where, user)}
        found.append(InForce(name, len(entries) - len(own), own))
    for pattern in ("sources/*.yaml", "published/report-*.csv"):
        paths = list(layers.files(folders, pattern))
        own = {
            path.stem: f"{user.name}/{path.relative_to(user)}" for path in paths if user and path.is_relative_to(user)
        }
        found.append(InForce(pattern.partition("/")[0], len(paths) - len(own), own))
    for kind in own_code.KINDS:
        named = [name.rpartition(".")[2] for name in own_code.names(kind, user)]
        if named and user:
            found.append(InForce(kind, 0, {name: f"{user.name}/{kind}/{name}.py" for name in named}))
    return found


def _entries(document: Document) -> Iterator[tuple[str, Where]]:
    """Yield each entry's title and where it stands."""
    levels = layers.LEVELS.get(document.path.name, 1)
    yield from _below(document.data, (), levels)


def _below(data: Any, at: Where, levels: int) -> Iterator[tuple[str, Where]]:
    if isinstance(data, list):
        for number, entry in enumerate(data):
            yield _title(entry, number), (*at, number)
        return
    for key, entry in (data or {}).items():
        if isinstance(entry, list) and levels == 1 and entry and isinstance(entry[0], dict):
            yield from _below(entry, (*at, key), levels)
        elif levels > 1 and isinstance(entry, dict):
            yield from _below(entry, (*at, key), levels - 1)
        else:
            yield ".".join(map(str, (*at, key))), (*at, key)


def _title(entry: Any, number: int) -> str:
    if not isinstance(entry, dict):
        return str(number + 1)
    return " ".join(str(value) for name, value in entry.items() if name in _KNOWN_BY)


_KNOWN_BY = ("number", "category", "year", "source", "rule", "column", "figure", "mission")


def _is_in(document: Document, where: Where, folder: Path) -> bool:
    return document.line(where).file.is_relative_to(folder)


def _here() -> str:
    return version("a4p-pipeline")
