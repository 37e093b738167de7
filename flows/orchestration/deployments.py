"""The deployments: what Prefect runs by itself or on demand, told once.

`a4p serve` registers them as they stand here; prefect.yaml, for a server with workers, is written from them and a test
holds the two equal. Times and reasons stand in config/schedules.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import yaml

from config import Config

POOL = "a4p"
ON_NEW_FILE = "refresh/on-new-file"
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
# restart of it may leave the watch of the inbox blocked (`prefect gcl ls` shows it).
# `a4p serve` registers the same and runs it itself; use the one or the other. Deploy from the folder in which workers
# are to run: settings in a file .env, and stores that are folders, are looked for there.
"""


@dataclass(frozen=True)
class Deployment:
    """A deployment: a flow (`module.function`) with the parameters, and the times, with which it runs.

    With `alone` a run is cancelled that comes while another is at work.
    """

    flow: str
    name: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    cron: str | None = None
    timezone: str | None = None
    alone: bool = False


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
        alone=True,
    )
    asked = ("a4p", "on demand")
    started = ("a4p", "started by others")
    return (
        *timed,
        watching,
        Deployment(refresh, "on-new-file", "Refresh a cycle; started when new files have come.", {}, started),
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
        # one at a time, and no second one: what was told by the first is not told again
        Deployment(
            "flows.orchestration.flows.tell_sources",
            "tell-sources",
            "Tell each source what was found in its files.",
            {},
            started,
            alone=True,
        ),
        Deployment(
            "flows.orchestration.flows.tell_coordinator",
            "tell-coordinator",
            "Tell the coordinator of a refresh that failed.",
            {},
            started,
        ),
    )


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
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
        if one.alone
        else None,
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
        **({"concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"}} if one.alone else {}),
        "work_pool": {"name": POOL},
    }
