"""What a result depends on besides its input: the text of the code and the YAML that made it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from config import Config

HERE = Path(__file__).parent.parent
_ROOMS = ("config", "expectations", "flows", "transforms")


@cache
def of(*parts: str) -> str:
    """Return a short hash of files or folders of the project, named by their paths from its top."""
    digest = hashlib.sha256()
    for part in parts:
        path = HERE / part
        files = (
            [path]
            if path.is_file()
            else sorted(p for p in path.rglob("*") if p.suffix in {".py", ".yaml", ".csv", ".j2", ".css"})
        )
        for file in files:
            digest.update(str(file.relative_to(HERE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def of_pipeline() -> str:
    """Return the hash of all code and configuration that a release depends on."""
    return of(*_ROOMS)


def of_parts(config: Config) -> dict[str, str]:
    """Return the hashes of the parts that a change of a figure can come from.

    `contracts/<source>` and `figures/<name>` each; `decisions`, the corrections and waivers; `rules`, all that the data
    are held against and that tables are calculated by.
    """
    return {
        **{f"contracts/{source}": of(f"config/sources/{source}.yaml") for source in config.contracts},
        **{f"figures/{name}": _hash(definition.model_dump_json()) for name, definition in config.figures.items()},
        "decisions": of("config/corrections.yaml", "config/waivers.yaml"),
        "rules": of(
            "expectations", "transforms", "config/missions.yaml", "config/countries.yaml", "config/cycles.yaml"
        ),
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
