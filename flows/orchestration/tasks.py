"""The steps of a refresh as Prefect tasks: here, one after the other, or side by side on the workers of a Dask cluster.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import SettingsContext
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_API_URL, Profile
from prefect.tasks import Task

from config import ConfigError
from flows.core import code_version
from flows.core.errors import NotPublishable, StoreError, Unanswered
from flows.core.settings import Settings
from flows.core.steps import InTurn, Runner, Step, StepId
from flows.orchestration import dask, run_log
from flows.orchestration.run_log import Broken
from flows.stores.from_settings import Places

if TYPE_CHECKING:
    from prefect_dask.task_runners import DaskTaskRunner

T = TypeVar("T")
Shown = Callable[[StepId], AbstractContextManager[Any]]
RETRY_WAITS_S = [1.0, 5.0, 20.0]
# here, on a worker too, since every run of a step or of the flow imports this
run_log.in_sentences()
_LOOK_S = 1.0  # how often the cluster is looked at while its workers are busy


@contextmanager
def steps(settings: Settings, places: Places, shown: Shown) -> Iterator[Runner]:
    """Give the way to run steps as tasks of the flow that is running, where the settings say.

    `shown` gives a context in which a step runs.
    Raises ConfigError where the settings do not fit, and StoreError where the cluster cannot be used.
    """
    if settings.runner == "here":
        # Polars uses every core for each: two at a time took no less time
        yield InTurn(lambda step: _here(shown, step))
    else:
        with _connected(settings, places) as runner:
            yield OnWorkers(runner, settings, shown)


def as_task(step: Step[T], of: str | None = None) -> Task[[], T]:
    """Return a step as a task without parameters; it runs only where the pipeline is that `of` a hash, if one is given.

    The step stays out of Prefect, which would look through each of its arguments and record what it can.
    """

    def run() -> T:
        try:
            if of:
                _check_same(of)
            return step.run()
        except (ConfigError, StoreError, NotPublishable):
            raise
        except Exception as error:
            raise Broken(f"{type(error).__name__} in {_where(error)}, in the step '{step.name}'.") from None

    run.__name__ = step.name  # by which Dask's dashboard calls it
    return task(
        name=step.name,
        task_run_name=step.name,
        retries=len(RETRY_WAITS_S),
        retry_delay_seconds=RETRY_WAITS_S,
        retry_condition_fn=_network_failed,
        persist_result=False,
        cache_policy=NO_CACHE,
    )(run)


class OnWorkers:
    """Steps run by the workers of a Dask cluster; one whose worker dies starts again on another."""

    def __init__(self, runner: DaskTaskRunner, settings: Settings, shown: Shown) -> None:
        self.runner, self.shown = runner, shown
        self.client: Any = runner.client
        self.address, self.wait_s = str(settings.dask_address), settings.dask_wait_s
        self.pipeline = code_version.of_pipeline()
        self.alone_since: float | None = None
        self.lost: list[Any] = []
        self.client.subscribe_topic("all", self._heard)

    def __call__(self, step: Step[T], /) -> T:
        """Run a step and return what it returns."""
        return self.all([step])[0]

    def all(self, steps: Sequence[Step[T]], /) -> list[T]:
        """Run steps side by side, and return what they return, in their order.

        Raises what the first of them to fail raises, and StoreError where the scheduler or all workers are gone.
        """
        with ExitStack() as unfinished:
            running: dict[Any, tuple[int, ExitStack]] = {}
            unfinished.callback(lambda: self.client.cancel(list(running)))
            futures = [self._submitted(step) for step in steps]
            for at, (step, future) in enumerate(zip(steps, futures, strict=True)):
                context = unfinished.enter_context(ExitStack())
                context.enter_context(self.shown(step.id))
                running[future.wrapped_future] = at, context
            by_key = {future.wrapped_future.key: step for step, future in zip(steps, futures, strict=True)}
            results: list[Any] = [None] * len(steps)
            while running:
                for done in self._finished(list(running), by_key):
                    at, context = running[done]
                    results[at] = self._result(futures[at], steps[at].name)
                    context.close()
                    del running[done]
                    # what is here already need not be made again where the worker that has it dies
                    done.release()
                    self.alone_since = None
        return results

    def _submitted(self, step: Step[Any]) -> Any:
        with _nothing_but_the_address():
            return self.runner.submit(as_task(step, self.pipeline), parameters={})

    def _finished(self, running: list[Any], by_key: Mapping[str, Step[Any]]) -> list[Any]:
        """Wait until a step ends, at most for a moment, and return those that have."""
        from distributed import CancelledError, wait

        with self.client.as_current():
            try:
                wait(running, timeout=_LOOK_S, return_when="FIRST_COMPLETED")
            except TimeoutError:
                self._look()
            except CancelledError as error:
                raise dask.gone(self.address) from error
        self._tell_lost(by_key)
        return [future for future in running if future.done()]

    def _look(self) -> None:
        """Raise StoreError where the scheduler does not answer, or has had no worker for too long."""
        with dask.unreachable_told(self.address):
            # not "workers", which is left out of what the client hears in between
            workers = self.client.scheduler_info()["n_workers"]
        now = time.monotonic()
        self.alone_since = None if workers else self.alone_since or now
        if self.alone_since is not None and now - self.alone_since > self.wait_s:
            raise dask.without_workers(self.address, self.wait_s)

    def _result(self, future: Any, name: str) -> Any:
        from distributed import CancelledError, KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            raise StoreError(
                f"The step '{name}' was lost with its worker again and again, most likely for want of memory; give the "
                "workers more, and run this again."
            ) from error
        except CancelledError as error:
            raise dask.gone(self.address) from error

    def _heard(self, event: tuple[float, Any]) -> None:
        said = event[1]
        if isinstance(said, dict) and said.get("action") == "remove-worker":
            self.lost.append(said)

    def _tell_lost(self, by_key: Mapping[str, Step[Any]]) -> None:
        while self.lost:
            said = self.lost.pop()
            busy = [by_key[key].name for key in said["processing-tasks"] if key in by_key]
            if busy:
                get_run_logger().warning(
                    "Lost the worker %s, which ran: %s. It starts again on another.", said["worker"], ", ".join(busy)
                )


@contextmanager
def _connected(settings: Settings, places: Places) -> Iterator[DaskTaskRunner]:
    address = dask.checked(settings, places)
    import distributed  # noqa: F401 (sets its loggers up)
    from prefect_dask.task_runners import DaskTaskRunner

    # what matters of it is told in one sentence
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with DaskTaskRunner(address=address, client_kwargs={"timeout": settings.dask_wait_s}) as runner:
        with dask.unreachable_told(address):
            client: Any = runner.client
        dask.greet(client, address, places, str(PREFECT_API_URL.value()), settings.dask_wait_s)
        yield runner


@contextmanager
def _nothing_but_the_address() -> Iterator[None]:
    """Let nothing of Prefect's settings travel but the server's address: a worker's own say the rest, and its keys."""
    ours = SettingsContext.get()
    assert ours is not None
    api = ours.settings.api.model_copy()
    settings = ours.settings.model_copy(update={"api": api})
    object.__setattr__(api, "__pydantic_fields_set__", {"url"})
    object.__setattr__(settings, "__pydantic_fields_set__", {"api"})
    with SettingsContext(profile=Profile(name="a4p", settings={}), settings=settings):
        yield


def _here(shown: Shown, step: Step[T]) -> T:
    with shown(step.id):
        return as_task(step)()


def _check_same(pipeline: str) -> None:
    """Raise StoreError where the pipeline is another: a worker may have come after the others were asked."""
    if code_version.of_pipeline() != pipeline:
        raise StoreError(
            "A Dask worker that came while this ran has another version of the pipeline; install the same one on it, "
            "and run this again."
        )


def _where(error: Exception) -> str:
    """Return the file and line of the pipeline that an error comes from."""
    ours = [at for at in extract_tb(error.__traceback__) if Path(at.filename).is_relative_to(code_version.HERE)]
    return f"{Path(ours[-1].filename).relative_to(code_version.HERE)}, line {ours[-1].lineno}"


def _network_failed(_task: Any, _run: Any, state: Any) -> bool:
    """Tell whether a task failed for a reason that may pass: nothing else is tried again."""
    try:
        state.result()
    except Exception as error:
        return isinstance(error, Unanswered)
    return False
