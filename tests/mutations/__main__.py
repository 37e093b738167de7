"""Change the code at random, one change at a time, and tell which changes no test notices.

A change is first held against the nearest tests that call its function. What makes no difference stands with the reason
in no_difference.yaml. Those that are left are made together and held against all tests, and where some fail then, each
by itself against these. Ends with 1 where less than 95 of 100 are noticed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.mutations.changes import Change, changes_in
from tests.mutations.trials import Trials

PROJECT = Path(__file__).parents[2]
REASONS = Path(__file__).with_name("no_difference.yaml")
WANTED = 95


def drawn(folder: str, number: int, seed: int) -> list[Change]:
    """Return so many changes of the modules of a folder, each as likely as any other, in the order of the files."""
    changes = [change for path in sorted((PROJECT / folder).rglob("*.py")) for change in changes_in(path, PROJECT)]
    random.Random(f"{seed} {folder}").shuffle(changes)
    return sorted(changes[:number], key=lambda change: (change.path, change.start))


def not_noticed(changes: Sequence[Change], folder: str, trials: Trials) -> list[Change]:
    """Return the changes that none of the nearest tests notices."""
    nearby = zip(changes, trials.noticed_nearby(changes, [folder]), strict=True)
    return [change for change, by in nearby if not _noticed(change, by)]


def _noticed(change: Change, by: str | None) -> bool:
    print(f"{'noticed' if by else 'not noticed nearby'}: {change}" + (f"  by {by}" if by else ""), flush=True)
    return by is not None


def not_noticed_at_all(changes: Sequence[Change], trials: Trials) -> list[Change]:
    """Return those changes that none of all tests notices."""
    together = apart(changes)
    if not together:
        return []
    failing, tests = trials.failing(together, ["tests"]), ["tests"]
    if all("::" in test for test in failing):
        tests = failing
    elif broken := [change for change in together if not trials.is_imported(change)]:
        # pytest does not begin with them, which is noticed
        return not_noticed_at_all([change for change in changes if change not in broken], trials)
    alone = [change for change in together if not failing or not trials.failing([change], tests, first=True)]
    return alone + not_noticed_at_all([change for change in changes if change not in together], trials)


def apart(changes: Sequence[Change]) -> list[Change]:
    """Return changes that can be made together: none of them in what another one replaces."""
    kept: list[Change] = []
    for change in sorted(changes, key=lambda change: (change.path, change.start)):
        if not kept or kept[-1].path != change.path or kept[-1].end <= change.start:
            kept.append(change)
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--marks", default="", help="which tests are run, as pytest's -m says it")
    parser.add_argument("--of", action="append", required=True, help="folder=number of changes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="of these changes those whose line has this text")
    options = parser.parse_args()
    enough = True
    with tempfile.TemporaryDirectory() as temporary:
        trials = Trials(PROJECT, Path(temporary).resolve() / "project", options.marks)
        for folder, _, number in (text.partition("=") for text in options.of):
            changes = [change for change in drawn(folder, int(number), options.seed) if options.only in str(change)]
            nearby = not_noticed(changes, folder, trials)
            known = [change for change in nearby if why_nothing_differs(change)]
            left = not_noticed_at_all([change for change in nearby if change not in known], trials)
            enough &= _told(folder, changes, known + left)
    return 0 if enough else 1


def reasons() -> dict[tuple[str, str, str], str]:
    """Return why changes make no difference, by the module, the line and what stands in it then."""
    known = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return {(said["module"], said["line"], said["now"]): said["why"] for said in known}


def why_nothing_differs(change: Change) -> str | None:
    """Return the reason that is given for a change; None where there is none."""
    line = (PROJECT / change.path).read_text(encoding="utf-8").splitlines()[change.line - 1].strip()
    return reasons().get((change.path, line, change.now))


def _told(folder: str, changes: Sequence[Change], left: Sequence[Change]) -> bool:
    """Print what was not noticed, and why that makes no difference; return whether enough was."""
    noticed = len(changes) - len(left)
    print(f"{folder}: {noticed} of {len(changes)} changes noticed")
    for change in left:
        print(f"  {change}\n    {why_nothing_differs(change) or 'a test is missing'}")
    return 100 * noticed >= WANTED * len(changes)


if __name__ == "__main__":
    sys.exit(main())
