"""What `a4p config` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from config.folder import InForce
from flows.core.terminal import page, table


def of_overview(files: Sequence[InForce], folders: Sequence[Path]) -> str:
    """Return which folders are read, and of each file how much is whose."""
    own = folders[:-1]
    head = (
        f"Laid over the pipeline's own: {own[0]}"
        if own
        else "The pipeline's own configuration; A4P_CONFIG names no folder. Make one with: a4p init FOLDER"
    )
    rows = [[file.name, f"{file.shipped:,}", ", ".join(file.own) or None] for file in files]
    places = [f"{title}: {place}" for file in files for title, place in file.own.items()]
    return page(head, table(["File", "Pipeline's entries", "Yours"], rows, right=["Pipeline's entries"]), *places)
