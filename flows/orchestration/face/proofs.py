"""A draft report held against a release, as `a4p proof` does it: what is said of each number, page and marked copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from config import ConfigError
from flows.core import notebook
from flows.core.wording import counted
from flows.documents.drafts import controls
from flows.releases.proof import answers, held
from flows.releases.proof.answers import PROVED, WRONG, Verdict
from flows.stores import for_people


@dataclass(frozen=True, repr=False)
class Proof:
    """What the proof of a draft found. `record` has all of it, the other names what is mostly asked for."""

    record: answers.Proof
    path: Path
    _content: bytes = field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether no number is wrong, out of date or must not be printed."""
        return self.record.holds

    @property
    def numbers(self) -> pl.DataFrame:
        """Every number of the draft: where it stands, its verdict and why, what it is linked with; a row each."""
        rows = [
            (
                one.passage.page, one.passage.number, one.start, one.text, str(one.verdict), one.reason, one.name,
                one.mission, one.right, one.unit, one.shown_by,
            )
            for one in self.record.judged
        ]  # fmt: skip
        text = pl.String
        schema = {
            "page": pl.Int64, "passage": pl.Int64, "start": pl.Int64, "text": text, "verdict": text, "reason": text,
            "figure": text, "mission": text, "right": pl.Float64, "unit": text, "see": text,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")

    def page(self) -> str:
        """Return a page with the draft's text, each number with what was found of it."""
        return held.as_page(self.record)

    def marked(self, out: str | Path, *, replace: bool = False) -> Path:
        """Write the draft with remarks beside what is wrong or unsure (.docx, .pdf), or the page (.html).

        Raises ConfigError for another ending, or where the file is there and not to be `replace`d.
        """
        return _written(Path(out), held.marked(self.record, self._content, str(out)), replace)

    def linked(self, out: str | Path, *, replace: bool = False) -> Path:
        """Write the draft, a .docx, with the numbers that are proved in controls that `Pipeline.fill` can renew."""
        if self.record.draft.form != "docx" or Path(out).suffix.lower() != ".docx":
            raise ConfigError(f"Only the numbers of a .docx can be linked; {self.path.name} stays as it is.")
        return _written(Path(out), controls.linked(self._content, held.links(self.record)), replace)

    def __repr__(self) -> str:
        """Say in a line how many numbers are right and wrong."""
        return notebook.line(f"Proof of {self.path.name}", *self._facts().values())

    def _repr_html_(self) -> str:
        rows = [(one.text, str(one.verdict), one.reason) for one in self.record.of(*WRONG, Verdict.UNSURE)]
        return notebook.html(self.path.name, self._facts(), notebook.table(("Number", "Verdict", "Why"), rows))

    def _facts(self) -> dict[str, str]:
        one = self.record
        return {
            "Held against": f"release {one.release} of cycle {one.cycle}",
            "Proved": counted(len(one.of(*PROVED)), "number"),
            "Wrong": counted(len(one.of(*WRONG)), "number"),
            "Unsure": counted(len(one.of(Verdict.UNSURE)), "number"),
        }


def _written(place: Path, data: bytes, replace: bool) -> Path:
    if place.exists() and not replace:
        raise ConfigError(f"There is {place} already; name another, or give --replace.")
    for_people.write(place, data)
    return place
