"""Samples that are right, of cycles 4 to 7, with a release of each, made once for all tests that read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.recomputed.right import make
from tests.support.sharing import lent


@pytest.fixture(scope="session")
def right_sample(shared: Path) -> Iterator[Callable[[int], Path]]:
    """Return the folder of the sample of a seed, to be read."""
    with ExitStack() as stack:
        made: dict[int, Path] = {}

        def of(seed: int) -> Path:
            if seed not in made:
                folder = contextmanager(lent)(shared / f"right-{seed}", lambda folder: make(folder, seed))
                made[seed] = stack.enter_context(folder)
            return made[seed]

        yield of
