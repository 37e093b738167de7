"""What the programs have in common beside the facts: their arguments, and how they say where the time went."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
RowCounts = tuple[int, str, int, int, int]


class Clock:
    """Runs the parts of a program and adds up their seconds; it began and had imported at `begun`, `imported`."""

    def __init__(self, begun: float, imported: float) -> None:
        self.imports = imported - begun
        self.imported = imported
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def __call__(self, part: str, do: Callable[..., T], /, *args: Any) -> T:
        """Run a function as a part, and return what it returns."""
        begun = time.perf_counter()
        try:
            return do(*args)
        finally:
            self.seconds[part] += time.perf_counter() - begun

    def say(self, out: Path, rows: Iterable[RowCounts]) -> None:
        """Write how many rows were read, accepted and refused of each cycle and table; print the seconds as JSON."""
        counts = [dict(zip(("cycle", "table", "read", "accepted", "refused"), row, strict=True)) for row in rows]
        (out / "rows.json").write_text(json.dumps(counts, indent=2))
        self.seconds["rest"] = time.perf_counter() - self.imported - sum(self.seconds.values())
        print(json.dumps({"imports": self.imports, "seconds": self.seconds}))


def arguments() -> tuple[Path, Path]:
    """Return the inbox and the folder to write to, which is made."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    return inbox, out
