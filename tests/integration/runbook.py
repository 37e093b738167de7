"""The commands of docs/runbook.md, taken from the page, and what runs them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.waiting import HANGS_S

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "runbook.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_EXIT_CODE = re.compile(r"# exit code (\d+)")


def sections() -> dict[str, str]:
    """Return the text of each section by its heading."""
    return {part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}


def blocks(section: str, kind: str = "sh") -> list[str]:
    return [found[2] for found in BLOCK.finditer(sections()[section]) if found[1] == kind]


@dataclass
class Duty:
    """Somebody who follows a section of the runbook, block by block, in a folder.

    `programs` is searched for commands first; `said` is what the last block printed, `left` what is still to be done.
    """

    section: str
    folder: Path
    programs: Path
    environment: Mapping[str, str]
    left: list[str] = field(init=False)
    said: str = ""

    def __post_init__(self) -> None:
        self.left = blocks(self.section)

    def follow(self) -> str:
        """Run the commands of the next block, each with the exit code that the page says; return the output."""
        self.said = ""
        for line in self.left.pop(0).splitlines():
            ran = subprocess.run(
                ["bash", "-c", line],
                cwd=self.folder,
                env={**self.environment, "PATH": f"{self.programs}:{self.environment['PATH']}"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=HANGS_S,
                check=False,
            )
            expected = _EXIT_CODE.search(line)
            assert ran.returncode == int(expected[1] if expected else 0), f"{line}\n{ran.stdout}"
            assert "Traceback" not in ran.stdout, ran.stdout
            self.said += ran.stdout
        return self.said


@contextmanager
def followed(section: str, folder: Path, programs: Path, environment: Mapping[str, str]) -> Iterator[Duty]:
    """Give the section to be followed; at the end nothing of it may be left."""
    duty = Duty(section, folder, programs, environment)
    yield duty
    assert duty.left == [], f"the test leaves out a part of '{section}'"
