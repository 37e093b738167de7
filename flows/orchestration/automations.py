"""What a refresh tells Prefect: an event for each file that is newly refused or late, and automations that answer them.

a4p.submission.refused   a source, or a mission, sent something that cannot be used
a4p.submission.late      nothing of a required source, or mission, came by the due date
a4p.submissions.refused  a refresh found some of the former, or
a4p.submissions.late     some of the latter: once a refresh, however many there are, for automations to answer
a4p.release.published    there is a new release

The resource of the first two is `a4p.slot.<source>` or `a4p.slot.<source>.<MISSION>`, of the next two
`a4p.cycle-05`, of the last `a4p.release.cycle-05`; each names the cycle in `a4p.cycle`. No event holds a finding, a
file's name or a value.
Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from config import Config, Cycle
from flows.core.records import Published, Slot

REFUSED = "a4p.submission.refused"
LATE = "a4p.submission.late"
SOME_REFUSED = "a4p.submissions.refused"
SOME_LATE = "a4p.submissions.late"
PUBLISHED = "a4p.release.published"
# of any run of the refresh, one that was killed too
FAILED = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"}
# what a template gives is text, and the flow asks for a number
_CYCLE = {
    "__prefect_kind": "json",
    "value": {"__prefect_kind": "jinja", "template": "{{ event.resource['a4p.cycle'] }}"},
}
_RUN = {"__prefect_kind": "jinja", "template": "{{ event.resource.id }}"}


def emit(published: Published, config: Config, cycle: Cycle) -> None:
    """Tell Prefect what is new after a refresh."""
    for event, some, slots in (
        (REFUSED, SOME_REFUSED, published.newly_refused),
        (LATE, SOME_LATE, published.newly_late),
    ):
        for slot in slots:
            emit_event(event, resource=_resource(slot, config, cycle))
        if slots:
            resource = {
                "prefect.resource.id": f"a4p.{cycle.folder}",
                "prefect.resource.name": f"Cycle {cycle.number}: {len(slots)} {some.rpartition('.')[2]}",
                "a4p.cycle": str(cycle.number),
            }
            emit_event(some, resource=resource)
    if published.release and published.new:
        emit_event(
            PUBLISHED,
            resource={
                "prefect.resource.id": f"a4p.release.{cycle.folder}",
                "prefect.resource.name": f"{cycle.folder} {published.release.name} ({published.status})",
                "a4p.cycle": str(cycle.number),
                "a4p.release": published.release.name,
                "a4p.status": published.status,
            },
        )


def _resource(slot: Slot, config: Config, cycle: Cycle) -> dict[str, str]:
    source, mission = slot
    title = config.contract(source).title.en
    return {
        "prefect.resource.id": ".".join(part for part in ("a4p.slot", source, mission) if part),
        "prefect.resource.name": f"{title}, {mission}" if mission else title,
        "a4p.cycle": str(cycle.number),
        "a4p.source": source,
        "a4p.mission": mission or "",
    }


def automations(tell_sources: UUID, tell_coordinator: UUID) -> Iterator[AutomationCore]:
    """Yield the automations that `a4p serve` registers; the arguments are the deployments that they run."""
    # what is the default is said as well: a change of an automation is sent without defaults, and refused without these
    for name, event, why in (
        ("A4P+: a file was refused", SOME_REFUSED, "A file, or a table of it, cannot be used: tell its source."),
        ("A4P+: a file is late", SOME_LATE, "A required file did not come by its due date: tell its source."),
    ):
        yield AutomationCore(
            name=name,
            description=f"{why} Pause this to send alerts by hand (a4p alerts --send).",
            trigger=EventTrigger(
                type="event", posture=Posture.Reactive, expect={event}, threshold=1, within=timedelta(0)
            ),
            actions=[_run(tell_sources, cycle=_CYCLE)],
        )
    yield AutomationCore(
        name="A4P+: a refresh failed",
        description="A refresh ended with an error or was killed: tell the coordinator (on_failure in alerts.yaml).",
        trigger=EventTrigger(
            type="event",
            posture=Posture.Reactive,
            expect=FAILED,
            match_related={"prefect.resource.role": "flow", "prefect.resource.name": ["refresh", "closing-release"]},
            threshold=1,
            within=timedelta(0),
        ),
        actions=[_run(tell_coordinator, run=_RUN)],
    )


def _run(deployment: UUID, **parameters: Mapping[str, Any]) -> RunDeployment:
    return RunDeployment(type="run-deployment", source="selected", deployment_id=deployment, parameters=parameters)


def register(tell_sources: UUID, tell_coordinator: UUID) -> None:
    """Create the automations that are not there yet; one that somebody changed or paused in the UI stays as it is.

    One that runs a deployment which is gone is pointed to the present one.
    """
    with get_client(sync_client=True) as client:
        for wanted in automations(tell_sources, tell_coordinator):
            known = client.read_automations_by_name(wanted.name)
            if not known:
                client.create_automation(wanted)
            elif _runs(known[0]) != _runs(wanted):
                client.update_automation(known[0].id, wanted.model_copy(update={"enabled": known[0].enabled}))


def _runs(automation: AutomationCore) -> list[UUID | None]:
    return [action.deployment_id for action in automation.actions if isinstance(action, RunDeployment)]
