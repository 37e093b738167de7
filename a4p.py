"""The command `a4p`, also as `python -m a4p`: it looks whether its own packages are found, and hands over to them.

It stands beside them under a name that hardly another package has, since `config` or `flows` may be found elsewhere:
then nothing of the pipeline can be imported that would say so.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("config", "expectations", "flows", "sample", "transforms")
_HERE = Path(__file__).resolve().parent
_WRONG_USE = 2


def in_the_way() -> str:
    """Return a sentence that names what is found in place of the pipeline's own packages; '' where they are found."""
    for name in PACKAGES:
        place = _place(name)
        if place != _HERE / name:
            return (
                f"Another package named '{name}' stands in the way of the pipeline's own ({place or 'not a package'}): "
                "take its folder out of PYTHONPATH, or install the pipeline in an environment of its own."
            )
    return ""


def main() -> None:
    """Run the command; where its packages are not its own, say so in one sentence (exit code 2)."""
    said = in_the_way()
    if said:
        print(said, file=sys.stderr)
        sys.exit(_WRONG_USE)
    from flows.cli import commands

    commands.main()


def _place(name: str) -> Path | None:
    """Return the folder or file that an import statement would take a package from."""
    found = find_spec(name)
    if found is None or found.origin is None:
        return None
    place = Path(found.origin).resolve()
    return place.parent if place.name == "__init__.py" else place


if __name__ == "__main__":
    main()
