"""The progress artifact of a run: how far it is, what is being done, and how it ended.

Import this only after prefect_server.environment is set.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterType
from prefect.logging import get_run_logger

from flows.core import visible
from flows.core.steps import StepId
from flows.orchestration import markdown
from flows.refresh.watching.expected import Expected

_MOST_NAMED = 4
_DONE = "Done"


class Progress:
    """The progress artifact of a run while it is at work."""

    def __init__(self, cycle: int) -> None:
        self.expected = Expected()
        self.working: list[StepId] = []
        self.artifact: Any = create_progress_artifact(
            progress=0.0, key=f"progress-cycle-{cycle}", description="Beginning"
        )

    def waits(self, sentence: str) -> None:
        """Say whom the run waits for."""
        get_run_logger().warning(visible.in_line(sentence))
        self._show(sentence)

    @contextmanager
    def of(self, step: StepId) -> Iterator[None]:
        """Name a step while it works."""
        self.working.append(step)
        self._show_work()
        try:
            yield
        finally:
            self.working.remove(step)

    def done(self) -> None:
        """Show the run as done."""
        update_progress_artifact(artifact_id=self.artifact, progress=100.0, description=_DONE)

    def _show_work(self) -> None:
        more = " …" if len(self.working) > _MOST_NAMED else ""
        doing = ", ".join(step.name for step in self.working[:_MOST_NAMED]) + more
        self._show(f"{doing} ({self.expected.left})" if self.expected.left else doing)

    def _show(self, doing: str) -> None:
        share = min(99.0, 100 * self.expected.share)
        # which the UI takes for Markdown
        update_progress_artifact(artifact_id=self.artifact, progress=share, description=markdown.text(doing))


def ended(flow: Any, flow_run: Any, state: Any) -> None:
    """Say in a run's progress how it ended, where it did not end as done: a hook of Prefect's, for each way to end.

    For a run that was killed, or cancelled, the process that started it calls this.
    """
    end(flow_run.id, f"{state.name}: {state.message}" if state.message else state.name)


# given to a flow; Prefect runs those of a killed or cancelled run from outside of it
HOOKS: dict[str, Any] = {f"on_{way}": [ended] for way in ("completion", "failure", "crashed", "cancellation")}


def end(run: UUID, said: str) -> None:
    """Say in each progress of a run that is not done yet how it ended; how far it came stays."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(
                flow_run_id=ArtifactFilterFlowRunId(any_=[run]), type=ArtifactFilterType(any_=["progress"])
            )
        )
    for artifact in found:
        if artifact.description != _DONE:
            came = float(str(artifact.data or 0))
            update_progress_artifact(artifact_id=artifact.id, progress=came, description=markdown.text(said))
