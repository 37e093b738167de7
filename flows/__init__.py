"""What the pipeline does: every side effect, in nine rooms, one way down; and the Python face of all of it.

cli → orchestration → refresh → feedback | releases → intake → documents | stores → core

    from flows import Pipeline, check

    a4p = Pipeline.from_environment()
    result = a4p.cycle(5).refresh()
    result.release.table("figures")

Importing this loads nothing else: each name of the face is looked up when it is used first. docs/python.md tells more.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.errors import ConfigError, ForPeople
    from flows.core.errors import NotPublishable, NotThere, StoreError, Unanswered
    from flows.core.settings import Settings
    from flows.orchestration.face.checking import Check, check
    from flows.orchestration.face.cycle import Cycle, Messages, Result
    from flows.orchestration.face.pipeline import Pipeline, Stores
    from flows.orchestration.face.proofs import Proof
    from flows.orchestration.face.releases import Changes, Release, Releases, Withdrawn
    from flows.orchestration.face.scorecard import Scorecard
    from flows.releases.explain import Explained

__all__ = [
    "Changes",
    "Check",
    "ConfigError",
    "Cycle",
    "Explained",
    "ForPeople",
    "Messages",
    "NotPublishable",
    "NotThere",
    "Pipeline",
    "Proof",
    "Release",
    "Releases",
    "Result",
    "Scorecard",
    "Settings",
    "StoreError",
    "Stores",
    "Unanswered",
    "Withdrawn",
    "check",
]

_FACE = "flows.orchestration.face"
_MODULES = {
    "config.errors": ("ConfigError", "ForPeople"),
    "flows.core.errors": ("NotPublishable", "NotThere", "StoreError", "Unanswered"),
    "flows.core.settings": ("Settings",),
    f"{_FACE}.checking": ("Check", "check"),
    f"{_FACE}.cycle": ("Cycle", "Messages", "Result"),
    f"{_FACE}.pipeline": ("Pipeline", "Stores"),
    f"{_FACE}.proofs": ("Proof",),
    f"{_FACE}.releases": ("Changes", "Release", "Releases", "Withdrawn"),
    f"{_FACE}.scorecard": ("Scorecard",),
    "flows.releases.explain": ("Explained",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

# type checkers know the names from above, and are to know of no others
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a name of the face from the module that has it, and keep it."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        found = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Return the names that there are, those that were not used yet too."""
    return sorted({*globals(), *__all__})
