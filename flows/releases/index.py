"""The list of all releases at the root of the public store: a page for people, and the same for programs.

    index.html   cycles and releases with status, dates, why one was withdrawn, and links to their files
    index.json   the same facts; what a release says of itself is taken from it, so that no descriptor is read twice

Both are made of what lies in the store, so they can be made again at any time. A page `index.html` that is not of here
is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from config import Config, Cycle
from flows.core.canonical import as_json, hash_of
from flows.core.errors import NotThere, NotWhole, StoreError
from flows.releases import marks, shelf
from flows.releases.make.descriptor import NAME
from flows.stores import Store, checked

if TYPE_CHECKING:
    from flows.documents.page.index import Listed

PAGE, FACTS = "index.html", "index.json"
# by this a page is known to be of here (flows/documents/page/index.html.j2)
_OURS = b'<meta name="generator" content="a4p, releases">'
_DAMAGED = "damaged"


def show(public: Store, config: Config) -> None:
    """Make page and facts those of the releases that there are. Raises StoreError where the store fails."""
    told = None
    # of several publishers at work the last one leaves the newest there, whoever wrote in between
    while (now := _facts(public, config)) != told:
        there = _read(public, PAGE)
        said = _said(public)
        if there is not None and said == {**now, PAGE: hash_of(there) if said.get(PAGE) else None}:
            return
        # facts last: who is stopped in between is followed by one that writes both
        page = _page(config, now) if there is None or _OURS in there else None
        if page:
            _replace(public, PAGE, page)
        facts = checked.with_checksum(as_json({**now, PAGE: hash_of(page) if page else None}))
        _replace(public, FACTS, facts)
        told = now
        public.look_again("releases")


def _facts(public: Store, config: Config) -> dict[str, Any]:
    known, there = _known(public), _there(public, config)
    cycles = []
    for cycle in sorted(config.cycles.values(), key=lambda one: one.number):
        if cycle.folder not in there:
            continue
        sizes, marked = there[cycle.folder]
        withdrawn = {name: marks.read(public, cycle, name) for name in marked}
        releases = []
        for name in sorted(sizes, key=lambda one: int(one[1:])):
            before = known.get((cycle.number, name), {})
            same = before.get("size") == sizes[name] and before.get("status") != _DAMAGED
            said = before if same else {**_of_descriptor(public, cycle, name), "size": sizes[name]}
            mark = {"withdrawn": withdrawn[name]} if name in withdrawn else {}
            releases.append({part: of for part, of in said.items() if part != "withdrawn"} | mark)
        shown = shelf.latest(public, cycle)
        cycles.append(
            {
                "cycle": cycle.number,
                "start": cycle.start.isoformat(),
                "end": cycle.end.isoformat(),
                "latest": shown.name if shown else None,
                "releases": releases,
            }
        )
    return {"made_by": version("a4p-pipeline"), "cycles": cycles}


def _of_descriptor(public: Store, cycle: Cycle, name: str) -> dict[str, Any]:
    """Return what a release says of itself; of one that is damaged, its name alone."""
    said: dict[str, Any] = {"release": name, "uri": f"releases/{cycle.folder}/{name}"}
    try:
        found = shelf.get(public, cycle, name)
    except StoreError:
        return {**said, "status": _DAMAGED}
    about = found.descriptor["a4p"]
    received = max((str(one["received_at"]) for one in found.descriptor.get("sources", [])), default="")[:10]
    paths = [path for path in (*sorted(found.hashes), NAME) if "/" not in path]
    more = {"received": received or None, "as_of": about.get("as_of"), "counted_up_to": about.get("counted_up_to")}
    return {**said, "status": found.status, **more, "files": paths}


def _page(config: Config, facts: Mapping[str, Any]) -> bytes:
    from flows.documents.page.index import page_of_releases  # only what changed needs it

    cycles: dict[Cycle, Sequence[Listed]] = {}
    shown: dict[int, tuple[str, Sequence[str]]] = {}
    for one in facts["cycles"]:
        cycle = config.cycles[one["cycle"]]
        cycles[cycle] = [_listed(said) for said in one["releases"]]
        for said in one["releases"]:
            if said["release"] == one["latest"]:
                paths = [f"current/{cycle.folder}/{path}" for path in said.get("files", [])]
                shown[cycle.number] = (one["latest"], paths)
    return page_of_releases(cycles, shown).encode()


def _listed(said: Mapping[str, Any]) -> Listed:
    from flows.documents.page.index import Listed

    mark = said.get("withdrawn")
    return Listed(
        said["release"],
        said["status"],
        _day(said.get("received")),
        _day(said.get("as_of")),
        _day(said.get("counted_up_to")),
        [f"{said['uri']}/{path}" for path in said.get("files", [])],
        (date.fromisoformat(mark["on"][:10]), mark["why"]) if mark else None,
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _there(public: Store, config: Config) -> dict[str, tuple[dict[str, int], list[str]]]:
    """Return, by the folder of a cycle, the size of each release's descriptor by its name, and which are withdrawn.

    Of a cycle without a release there is nothing.
    """
    found = {}
    for cycle in config.cycles.values():
        sizes = {name: one.size for name, one in shelf.descriptors(public, cycle).items()}
        if sizes:
            found[cycle.folder] = sizes, marks.names(public, cycle)
    return found


def _known(public: Store) -> dict[tuple[int, str], dict[str, Any]]:
    """Return what was told last, by cycle and release; nothing where there is none that can be read."""
    try:
        cycles = _said(public)["cycles"]
        return {(one["cycle"], said["release"]): said for one in cycles for said in one["releases"]}
    except (KeyError, TypeError):
        return {}


def _said(public: Store) -> dict[str, Any]:
    """Return the facts that were written last, with the hash of the page; nothing where they cannot be read."""
    try:
        return checked.read_json(public, FACTS, checked.OBJECT)
    except (NotThere, NotWhole):
        return {}


def _replace(public: Store, path: str, data: bytes) -> None:
    if _read(public, path) != data:
        public.write(path, data)


def _read(public: Store, path: str) -> bytes | None:
    try:
        return public.read(path)
    except (NotThere, NotWhole):
        return None
