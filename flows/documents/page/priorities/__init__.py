"""The topics of each priority, in the order of the printed report; modules have the names of those in transforms."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from flows.documents.page.topics import Topic

TITLES = {
    1: "Collective coherence behind a political strategy",
    2: "Strategic and operational integration",
    3: "Capabilities and mindsets",
    4: "Accountability to peacekeepers",
    5: "Accountability of peacekeepers",
    6: "Strategic communications",
    7: "Cooperation with host country",
}
# where the report has another order than the alphabet; what is not named here comes after it
_FIRST = ("p4_safety", "p4_health", "p4_crimes")


def _of(priority: int) -> tuple[Topic, ...]:
    found = [module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith(f"p{priority}_")]
    names = [*(name for name in _FIRST if name in found), *sorted(name for name in found if name not in _FIRST)]
    return tuple(topic for name in names for topic in import_module(f"{__name__}.{name}").TOPICS)


TOPICS: dict[int, tuple[Topic, ...]] = {priority: _of(priority) for priority in TITLES}
