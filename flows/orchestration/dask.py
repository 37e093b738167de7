"""A Dask cluster on which the steps of a refresh can run: what must hold of it, and what is told when it does not.

The workers share nothing with this machine but the stores and the Prefect server. The scheduler and each worker have
the same version of the pipeline, and each worker credentials of its own in its environment: none travels to it, neither
those of the stores nor those of the Prefect server. Nothing is sent anywhere else.

Ports: the scheduler listens on 8786, and on 8787 for browsers; workers on ports that `--worker-port` sets. They let in
whoever reaches them, and run what they are told to: keep them inside a network of their own, or use tls:// addresses
with certificates, named in Dask's own configuration (distributed.comm.tls).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from typing import Any

from config import ConfigError
from flows.core import addresses, code_version
from flows.core.errors import StoreError
from flows.core.settings import Settings
from flows.orchestration import server
from flows.stores import Store
from flows.stores.from_settings import Places

_SETTINGS = {"inbox": "A4P_INBOX_URI", "private": "A4P_PRIVATE_URI", "public": "A4P_PUBLIC_URI"}
# what the bytes of a release, and what passes between the machines, can depend on
_BESIDE = ("python", "dask", "distributed", "prefect-dask", "cloudpickle")


@dataclass(frozen=True)
class Member:
    """What a machine of the cluster says of itself: the hash of its pipeline, versions, and what it does not reach."""

    pipeline: str
    versions: Mapping[str, str]
    problem: str | None = None


def checked(settings: Settings, places: Places) -> str:
    """Return the scheduler's address. Raises ConfigError where the settings do not allow for other machines."""
    if not util.find_spec("prefect_dask"):
        raise ConfigError("A4P_RUNNER=dask needs more packages; install them with: pip install 'a4p-pipeline[dask]'")
    if not settings.dask_address:
        raise ConfigError(
            "A4P_RUNNER is dask, but no scheduler is named; set A4P_DASK_ADDRESS, such as tcp://host:8786."
        )
    for name, setting in _SETTINGS.items():
        store: Store = getattr(places, name)
        if store.is_folder:
            raise ConfigError(
                f"With A4P_RUNNER=dask the workers read and write the stores themselves, and {store.uri} is a folder; "
                f"give {setting} as s3://bucket/prefix."
            )
    return settings.dask_address


@contextmanager
def unreachable_told(address: str) -> Iterator[None]:
    """Tell a failing connection to the scheduler as a StoreError of one sentence."""
    from distributed import CancelledError

    try:
        yield
    except (OSError, TimeoutError, CancelledError) as error:
        raise gone(address) from error


def gone(address: str) -> StoreError:
    """Return what is told of a scheduler that does not answer."""
    return StoreError(
        f"The Dask scheduler at {address} does not answer; start it with dask scheduler, or correct A4P_DASK_ADDRESS, "
        "and run this again."
    )


def without_workers(address: str, wait_s: float) -> StoreError:
    """Return what is told of a scheduler that has no worker."""
    return StoreError(
        f"The Dask scheduler at {address} has had no worker for {wait_s:g} seconds; start some with "
        f"dask worker {address}, and run this again."
    )


def greet(client: Any, address: str, places: Places, api: str, wait_s: float) -> None:
    """Wait for a worker, and ask the scheduler and each worker whether it can do what this machine would.

    Raises StoreError with one sentence where there is no worker, or where one of them has another version of the
    pipeline or does not reach the stores or the Prefect server.
    """
    here = Member(code_version.of_pipeline(), versions())
    try:
        # the steps pass through it, with all that they name
        _check(client.run_on_scheduler(describe), here, f"scheduler {address}")
    except (ImportError, AttributeError) as error:
        _check(error, here, f"scheduler {address}")
    try:
        client.wait_for_workers(1, timeout=wait_s)
    except TimeoutError as error:
        raise without_workers(address, wait_s) from error
    for worker, said in sorted(client.run(describe, (places, api), on_error="return").items()):
        _check(said, here, f"worker {worker}")


async def describe(reached: tuple[Places, str] | None = None) -> Member:
    """Say what a machine of the cluster has, and whether it reaches stores and a Prefect server; runs on it."""
    # in a thread, since it goes on with its other work meanwhile
    return await asyncio.to_thread(_describe, reached)


def _describe(reached: tuple[Places, str] | None) -> Member:
    from flows.orchestration import tasks  # noqa: F401 (takes seconds, and is needed for each step)

    return Member(code_version.of_pipeline(), versions(), _unreached(*reached) if reached else None)


def _unreached(places: Places, api: str) -> str | None:
    try:
        for store in (places.inbox, places.private, places.public):
            store.exists("a4p")
        if server.answers(api):
            from flows.orchestration import access

            access.check(api)
            return None
    except (StoreError, ConfigError) as error:
        return str(error)
    shown = addresses.masked(api)
    return f"The Prefect server at {shown} does not answer there; set PREFECT_API_URL to one that workers reach."


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of each package that the pipeline asks for."""
    import platform

    asked = [re.split(r"[^\w.-]", one)[0] for one in metadata.requires("a4p-pipeline") or () if "extra ==" not in one]
    found = {"python": platform.python_version()}
    for name in (*asked, *_BESIDE[1:]):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def _check(said: object, here: Member, who: str) -> None:
    problem = _problem(said, here)
    if problem:
        raise StoreError(f"The Dask {who} cannot be used: {problem}")


def _problem(said: object, here: Member) -> str | None:
    if isinstance(said, ImportError | AttributeError):  # it has not this module, or not this function
        return "this version of the pipeline is not installed there; install it, and start it again."
    if not isinstance(said, Member):
        return f"it failed ({type(said).__name__}); its log says why."
    if said.pipeline != here.pipeline:
        return "it runs another version of the pipeline; install the same one as here, and start it again."
    for name, version in here.versions.items():
        if said.versions.get(name) != version:
            return (
                f"it has {name} {said.versions.get(name)}, this machine {version}; install the same on both, and start "
                "it again."
            )
    return said.problem
