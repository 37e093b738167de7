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
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore
from prefect.events.schemas.deployment_triggers import DeploymentEventTrigger

from config import Config, Cycle
from flows.core.records import Published, Slot
from flows.orchestration import deployments

REFUSED = "a4p.submission.refused"
LATE = "a4p.submission.late"
PUBLISHED = "a4p.release.published"


def emit(published: Published, config: Config, cycle: Cycle) -> None:
    """Tell Prefect what is new after a refresh."""
    for event, some, slots in (
        (REFUSED, deployments.REFUSED, published.newly_refused),
        (LATE, deployments.LATE, published.newly_late),
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


def register(ids: Mapping[str, UUID], config: Config) -> None:
    """Create the automations that are not there yet; one that somebody changed or paused in the UI stays as it is.

    One that runs a deployment which is gone is pointed to the present one. `ids` are the deployments by name; they own
    what is made, so that `prefect deploy` makes it anew and not twice.
    """
    with get_client(sync_client=True) as client:
        for wanted in automations(ids, config):
            known = client.read_automations_by_name(wanted.name)
            if not known:
                client.create_automation(wanted)
            elif _runs(known[0]) != _runs(wanted):
                # who owns it is said when it is made, and refused in a change
                said = {**wanted.model_dump(exclude={"owner_resource"}), "enabled": known[0].enabled}
                client.update_automation(known[0].id, AutomationCore.model_validate(said))


def automations(ids: Mapping[str, UUID], config: Config) -> Iterator[AutomationCore]:
    """Yield the automations that run the deployments, as `prefect deploy` makes them of prefect.yaml."""
    for one in deployments.deployments(config):
        for said in one.triggers:
            trigger = DeploymentEventTrigger.model_validate(said)
            trigger.set_deployment_id(ids[one.name])
            yield trigger.as_automation()


def _runs(automation: AutomationCore) -> list[UUID | None]:
    return [action.deployment_id for action in automation.actions if isinstance(action, RunDeployment)]
