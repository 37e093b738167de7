"""The deployments: what Prefect runs by itself or on demand, told once.

`a4p serve` registers them as they stand here; prefect.yaml, for a server with workers, is written from them and a test
holds the two equal. Times and reasons stand in config/schedules.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import yaml

from config import Config

POOL = "a4p"
ON_NEW_FILE = "refresh/on-new-file"
ON_DEMAND = "refresh/on-demand"
REFUSED = "a4p.submissions.refused"
LATE = "a4p.submissions.late"
# of any run of the refresh, one that was killed too
FAILED = ("prefect.flow-run.Crashed", "prefect.flow-run.Failed", "prefect.flow-run.TimedOut")
# what a template gives is text, and the flow asks for a number
_CYCLE = {
    "__prefect_kind": "json",
    "value": {"__prefect_kind": "jinja", "template": "{{ event.resource['a4p.cycle'] }}"},
}
_RUN = {"__prefect_kind": "jinja", "template": "{{ event.resource.id }}"}
_HEAD = """\
# Made from config/schedules.yaml with `a4p serve --write prefect.yaml`; change it there.
#
# For a Prefect server of your own, with workers:
#   prefect work-pool create {pool} --type process
#   prefect deploy --all
#   prefect worker start --pool {pool}
# Give that server PREFECT_SERVER_API_AUTH_STRING=user:password and PREFECT_SERVER_CORS_ALLOWED_ORIGINS=<its address>,
# else every page in a browser can run commands through it, and these commands PREFECT_API_AUTH_STRING=user:password.
# Give it PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=prefect.server.concurrency.lease_storage.filesystem , else a
# restart of it may leave the watch of the inbox blocked, and a cycle for minutes (`prefect gcl ls` shows it).
# Its automations are made anew at each deploy; one that is to stay off gets `enabled: false` here. Deploy again when a
# cycle or a source is new: the choices in Prefect's forms are those that the configuration has at this moment.
# `a4p serve` registers the same and runs it itself; use the one or the other. Deploy from the folder in which workers
# are to run: settings in a file .env, and stores that are folders, are looked for there.
"""


@dataclass(frozen=True)
class Deployment:
    """A deployment: a flow (`module.function`) with the parameters, and the times, with which it runs.

    `alone` says what becomes of a run that comes while another is at work: it is cancelled, or waits. `triggers` are
    the automations that start it, as Prefect reads them. With `enforced` its parameters must be values that the
    configuration knew when it was deployed.
    """

    flow: str
    name: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    cron: str | None = None
    timezone: str | None = None
    alone: Literal["CANCEL_NEW", "ENQUEUE"] | None = None
    triggers: tuple[Mapping[str, Any], ...] = ()
    enforced: bool = True


def deployments(config: Config) -> tuple[Deployment, ...]:
    """Return every deployment, those that run by themselves first."""
    when = config.schedules
    refresh = "flows.orchestration.flows.refresh_cycle"
    timed = [
        Deployment(
            refresh,
            name,
            _says(_what(one.sources, config, one.cycle), one.reason),
            {"cycle": None, "which": one.cycle, "sources": list(one.sources)},
            ("a4p", "scheduled"),
            one.cron,
            when.timezone,
        )
        for name, one in when.refreshes.items()
    ]
    watching = Deployment(
        "flows.orchestration.inbox_flow.watch_inbox",
        "inbox",
        _says("Look for new files in the inbox, and start a refresh when they have all come.", when.inbox.reason),
        {"quiet_seconds": when.inbox.quiet_seconds},
        ("a4p", "scheduled"),
        when.inbox.cron,
        when.timezone,
        alone="CANCEL_NEW",
    )
    asked = ("a4p", "on demand")
    started = ("a4p", "started by others")
    return (
        *timed,
        watching,
        Deployment(
            refresh,
            "on-new-file",
            "Refresh a cycle; started when new files have come.",
            {},
            started,
            enforced=False,
        ),
        Deployment(
            refresh,
            "on-demand",
            "Refresh a cycle: pull, check, curate, publish.",
            {"which": "ended"},
            asked,
        ),
        Deployment(
            "flows.orchestration.flows.closing_release",
            "closing",
            "The last release of a cycle, as of a day. It is published in any case; the run fails, and says what is "
            "missing, where it is not final.",
            {},
            asked,
        ),
        # one at a time: each takes what the machine has
        Deployment(
            "flows.orchestration.backfill.backfill",
            "backfill",
            "Refresh several cycles one after the other, the oldest first.",
            {},
            asked,
            alone="ENQUEUE",
        ),
        Deployment(
            "flows.orchestration.flows.tell_sources",
            "tell-sources",
            "Tell each source what was found in its files.",
            {},
            started,
            triggers=(
                _trigger(
                    "a file was refused",
                    "A file, or a table of it, cannot be used: tell its source. Pause this to send alerts by hand (a4p "
                    "alerts --send).",
                    (REFUSED,),
                    {"cycle": _CYCLE},
                ),
                _trigger(
                    "a file is late",
                    "A required file did not come by its due date: tell its source. Pause this to send alerts by hand "
                    "(a4p alerts --send).",
                    (LATE,),
                    {"cycle": _CYCLE},
                ),
            ),
            enforced=False,
        ),
        Deployment(
            "flows.orchestration.flows.tell_coordinator",
            "tell-coordinator",
            "Tell the coordinator of a refresh that failed.",
            {},
            started,
            triggers=(
                _trigger(
                    "a refresh failed",
                    "A refresh ended with an error or was killed: tell the coordinator (on_failure in alerts.yaml).",
                    FAILED,
                    {"run": _RUN},
                    {"prefect.resource.role": "flow", "prefect.resource.name": ["refresh", "closing-release"]},
                ),
            ),
        ),
    )


def _trigger(
    name: str,
    description: str,
    expect: tuple[str, ...],
    parameters: Mapping[str, Any],
    related: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Return an automation that runs the deployment once for each event of some kinds."""
    return {
        "type": "event",
        "name": f"A4P+: {name}",
        "description": description,
        "posture": "Reactive",
        "expect": list(expect),
        **({"match_related": dict(related)} if related else {}),
        "threshold": 1,
        "within": 0,
        "parameters": dict(parameters),
    }


def _what(sources: tuple[str, ...], config: Config, cycle: str) -> str:
    pulled = " and ".join(config.contract(source).title.en for source in sources) or "Every source"
    of = {"running": "the cycle that is running", "collecting": "the cycle whose files are being collected"}[cycle]
    return f"{pulled}, pulled anew for {of}."


def _says(what: str, why: str) -> str:
    return f"{what} {why}"


def served(one: Deployment) -> Any:
    """Return a deployment as Prefect's `serve` takes it."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    module, function = one.flow.rsplit(".", 1)
    return getattr(import_module(module), function).to_deployment(
        name=one.name,
        description=one.description,
        parameters=dict(one.parameters),
        tags=list(one.tags),
        schedules=[Cron(one.cron, timezone=one.timezone)] if one.cron else [],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy(one.alone))
        if one.alone
        else None,
        enforce_parameter_schema=one.enforced,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def as_yaml(config: Config) -> str:
    """Return prefect.yaml."""
    here = {"prefect.deployments.steps.set_working_directory": {"directory": "{{ $PWD }}"}}
    said = {
        "name": "a4p-pipeline",
        "pull": [here],
        "deployments": [_entry(one) for one in deployments(config)],
    }
    return _HEAD.format(pool=POOL) + yaml.safe_dump(said, sort_keys=False, width=118, allow_unicode=True)


def _entry(one: Deployment) -> dict[str, Any]:
    return {
        "name": one.name,
        "entrypoint": one.flow,
        "description": one.description,
        "tags": list(one.tags),
        "parameters": dict(one.parameters),
        "schedules": [{"cron": one.cron, "timezone": one.timezone}] if one.cron else [],
        **({"concurrency_limit": {"limit": 1, "collision_strategy": one.alone}} if one.alone else {}),
        **({"triggers": list(one.triggers)} if one.triggers else {}),
        "enforce_parameter_schema": one.enforced,
        "work_pool": {"name": POOL},
    }
