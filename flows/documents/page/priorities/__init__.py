"""The topics of each priority, in the order of the printed report; modules have the names of those in transforms."""

from __future__ import annotations

from flows.documents.page.priorities import (
    p1_political_strategy,
    p2_integration,
    p3_capabilities,
    p3_women,
    p4_crimes,
    p4_health,
    p4_safety,
    p5_accountability,
    p6_communications,
    p7_cooperation,
)
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
TOPICS: dict[int, tuple[Topic, ...]] = {
    1: p1_political_strategy.TOPICS,
    2: p2_integration.TOPICS,
    3: (*p3_capabilities.TOPICS, *p3_women.TOPICS),
    4: (*p4_safety.TOPICS, *p4_health.TOPICS, *p4_crimes.TOPICS),
    5: p5_accountability.TOPICS,
    6: p6_communications.TOPICS,
    7: p7_cooperation.TOPICS,
}
