"""What readers of a cycle are to know of its releases since they were told last."""

from __future__ import annotations

from config import Config, Cycle
from flows.core.for_readers import ForReaders, Restated
from flows.releases import compare, shelf
from flows.stores import Store

PAGE = "report.html"
# nothing is said of a value that is none for readers
_UNTOLD = "Q"
_TOLD = ("mission", "from", "to", "unit")


def for_readers(
    known: str | None, cycle: Cycle, config: Config, public: Store, public_url: str | None = None
) -> ForReaders | None:
    """Return what readers are to know who were told of the release `known` last; None where there is nothing new.

    `public_url` is the web address under which the public store is read. Figures that are withheld are left out.
    Raises StoreError where the store fails.
    """
    shown = shelf.latest(public, cycle)
    if shown is None or shown.name == known:
        return None
    page = f"{shown.path}/{PAGE}"
    place = f"{public_url.rstrip('/')}/{page}" if public_url else public.at(page)
    if known not in shelf.committed(public, cycle):
        return ForReaders(shown.name, shown.status, place)
    before = shelf.get(public, cycle, str(known))
    gone = shelf.withdrawn(public, cycle).get(before.name)
    return ForReaders(
        shown.name,
        shown.status,
        place,
        before.name,
        (gone["why"] or "–") if gone else None,
        tuple(
            Restated(figure.title.of_year(cycle.last_calendar_year), *(one[name] for name in _TOLD))
            for one in compare.diff(public, before, shown, config, cycle)["figures"]
            if one["from"] != one["to"]
            and _UNTOLD not in (one["status_from"], one["status_to"])
            and (figure := config.figures.get(one["figure"]))
        ),
    )
