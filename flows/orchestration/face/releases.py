"""The releases of a cycle, and one of them: its tables, where its figures come from, whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from config import ConfigError
from config import Cycle as Period
from flows.core import names, notebook, visible, wording
from flows.core.counted_up_to import status_of
from flows.core.records import Release as Record
from flows.core.verified import Verified
from flows.orchestration.face.ground import Ground
from flows.releases import editions, shelf
from flows.stores import turns

if TYPE_CHECKING:
    from flows.releases.explain import Explained
    from flows.releases.export import Exported, Form
    from flows.releases.withdrawals import Named


@dataclass(frozen=True, repr=False)
class Release:
    """A committed release, which never changes. `record` has its descriptor and the hash of each file."""

    record: Record
    _period: Period
    _ground: Ground

    @property
    def name(self) -> str:
        """Its name, such as r001."""
        return self.record.name

    @property
    def status(self) -> str:
        """`final`, or `provisional`."""
        return self.record.status

    @property
    def uri(self) -> str:
        """Where it lies."""
        return self.record.uri

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables, and of those that tell of their quality, as far as they may be read here."""
        public = {PurePosixPath(path).stem for path in self.record.hashes if path.endswith(".parquet")}
        return tuple(sorted({*public, *editions.tables(self.record, self._ground.places.internal)}))

    def table(self, name: str) -> pl.DataFrame:
        """Return one of its tables, from the internal place where it is not for everybody.

        Raises ConfigError that names the tables there are, StoreError where the file is not what was published.
        """
        places = self._ground.places
        if name in editions.tables(self.record, places.internal):
            return editions.read_table(self.record, name, places.public, places.internal)
        return shelf.read_table(places.public, self.record, name)

    def figures(
        self,
        figure: str | Sequence[str] = (),
        mission: str | Sequence[str] = (),
        priority: int | Sequence[int] = (),
    ) -> pl.DataFrame:
        """Return the table `figures`, of some figures, missions (ALL for the whole) or A4P+ priorities where named.

        Raises ConfigError where there is no such figure, mission or priority.
        """
        from flows.releases import lookup

        table = self.table("figures")
        return lookup.chosen(table, self._ground.config, self._period, figure, mission, priority)

    def explain(self, figure: str, mission: str = "ALL") -> Explained:
        """Return where a figure comes from: its definition, the rows with file, sheet, row and hash, its changes.

        Raises ConfigError where there is no such figure, StoreError where the rows are not there any more.
        """
        from flows.releases import explain

        ground, places = self._ground, self._ground.places
        with ground.in_force():
            return explain.explain(
                figure,
                self.record,
                self._period,
                ground.config,
                places.public,
                places.private,
                names.mission(mission, ground.config),
                places.internal,
            )

    def verify(self, *, rebuild: bool = False) -> Verified:
        """Hold each of its files, and each raw file that it came from, against its hash; `problems` says what differs.

        `unseen` says what could not be looked at, such as a private store that is not for whoever asks.

        With `rebuild` it is made again from its raw files, where they are whole, and every byte is compared.
        """
        from flows.refresh import rebuild as rebuilding
        from flows.releases import copies_apart, verify

        places = self._ground.places
        with self._ground.in_force():
            apart = copies_apart.places_apart(places)
            verified = verify.verify(self.record, self._period, places.public, places.private, places.internal, apart)
            if rebuild and verified.holds:
                verified = rebuilding.rebuild(
                    self.record, self._period, self._ground.config, places.public, places.private, places.internal
                )
        return verified

    def export(self, file: str | Path, form: Form | None = None, *, replace: bool = False) -> Exported:
        """Write it as a single file: `duckdb`, `sqlite` or `zip`, as the name of the file says where none is named.

        Raises ConfigError where the file is there and not to be `replace`d, or cannot be written, StoreError where a
        file of the release is not what was published.
        """
        from flows.releases import export

        ground, path = self._ground, Path(file)
        with ground.in_force():
            of = form or export.form_of(path)
            return export.write(path, of, ground.places.public, ground.config, self.record, replace=replace)

    def __repr__(self) -> str:
        """Say in a line which release it is."""
        return notebook.line(f"Release {self.name} of cycle {self._period.number}", status_of(self.record), self.uri)

    def _repr_html_(self) -> str:
        facts = {"Status": status_of(self.record), "Lies at": self.uri, "Tables": ", ".join(self.tables)}
        return notebook.html(f"Release {self.name} of cycle {self._period.number}", facts)


@dataclass(frozen=True, repr=False)
class Changes:
    """What changed from one release to another; `document` is what changes.json holds."""

    before: Release
    after: Release
    document: Mapping[str, Any]

    @property
    def causes(self) -> pl.DataFrame:
        """Why something changed: a row a cause."""
        return pl.DataFrame(self.document["causes"], infer_schema_length=None)

    @property
    def figures(self) -> pl.DataFrame:
        """The figures that changed, from which value to which, and why: a row a figure and mission."""
        return pl.DataFrame(self.document["figures"], infer_schema_length=None)

    @property
    def tables(self) -> pl.DataFrame:
        """The tables that changed, and how many of their rows: a row a table."""
        return pl.DataFrame(self.document["tables"], infer_schema_length=None)

    def __repr__(self) -> str:
        """Say in a line how much changed."""
        figures, tables = (len(self.document[part]) for part in ("figures", "tables"))
        counts = (wording.counted(figures, "figure"), wording.counted(tables, "table"))
        return notebook.line(f"Changes from {self.before.name} to {self.after.name}", *counts)

    def _repr_html_(self) -> str:
        causes = [(one["cause"], one["said"]) for one in self.document["causes"]]
        figures = [(one["figure"], one["mission"], one["from"], one["to"], one["unit"]) for one in self._figures()]
        return notebook.html(
            f"From {self.before.name} to {self.after.name}",
            {},
            notebook.table(("Cause", ""), causes),
            notebook.table(("Figure", "Mission", "Was", "Is", "Unit"), figures),
        )

    def _figures(self) -> list[dict[str, Any]]:
        return list(self.document["figures"])


@dataclass(frozen=True, repr=False)
class Withdrawn:
    """What a withdrawal did: the release that readers see now, those that are withdrawn, the files that stay out."""

    to: Release
    releases: tuple[str, ...]
    files: tuple[Named, ...]

    def __repr__(self) -> str:
        """Say in a line what readers see now."""
        gone = f"{', '.join(self.releases)} withdrawn" if self.releases else "nothing withdrawn"
        return notebook.line(f"Readers see {self.to.name}", gone, wording.counted(len(self.files), "file") + " out")


@dataclass(frozen=True, repr=False)
class Releases:
    """The releases of a cycle, oldest first; those that are withdrawn are among them."""

    _period: Period
    _ground: Ground

    def __iter__(self) -> Iterator[Release]:
        """Give each of them, oldest first."""
        return map(self._release, shelf.releases(self._ground.places.public, self._period))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(shelf.committed(self._ground.places.public, self._period))

    def shown(self) -> Release | None:
        """Return the release that readers are led to; None where there is none yet."""
        found = shelf.latest(self._ground.places.public, self._period)
        return self._release(found) if found else None

    def latest(self) -> Release:
        """Return the release that readers are led to. Raises ConfigError where there is none yet."""
        found = self.shown()
        if found is None:
            number = self._period.number
            raise ConfigError(f"Cycle {number} has no release yet; make one with: a4p refresh --cycle {number}")
        return found

    def get(self, name: str | None = None) -> Release:
        """Return a release by its name, such as r001; the newest for `latest`, or where none is named.

        Raises ConfigError that names those there are.
        """
        if name is None or names.is_latest(name):
            return self.latest()
        return self._release(shelf.get(self._ground.places.public, self._period, name.strip().lower()))

    def withdrawn(self) -> dict[str, dict[str, Any]]:
        """Return the releases that are withdrawn, by name: `on` which day, back `to` which one, and `why`."""
        return shelf.withdrawn(self._ground.places.public, self._period)

    def diff(self, before: str, after: str) -> Changes:
        """Return what changed from one release to another. Raises ConfigError where there is no such release."""
        from flows.releases import compare

        ground, older, newer = self._ground, self.get(before), self.get(after)
        with ground.in_force():
            places = ground.places
            document = compare.diff(
                places.public, older.record, newer.record, ground.config, self._period, places.private
            )
        return Changes(older, newer, document)

    def history(self, figure: str, mission: str = "ALL") -> pl.DataFrame:
        """Return a figure's value in each release, oldest first. Raises ConfigError where no release has it."""
        from flows.releases import compare

        config = self._ground.config
        whose = names.mission(mission, config)
        return compare.history(self._ground.places.public, self._period, figure, whose, config)

    def withdraw(self, to: str, reason: str, by: str | None = None) -> Withdrawn:
        """Lead readers back to a release; those after it are withdrawn, and the files that they brought in stay out.

        Nothing is deleted; readers can see the reason. `by` is who decides, the user of this machine where nobody is
        named. It waits until no refresh of the cycle is at work. Raises ConfigError where there is no such release or
        no reason, StoreError where a store fails; it can be done again.
        """
        from flows.releases import deciding, shown, withdrawals

        period, places = self._period, self._ground.places
        with (
            self._ground.in_force(),
            turns.turn(places.public, period, turns.this_process(), lambda told: visible.tell(told, err=True)),
        ):
            target = self.get(to)
            later, out = withdrawals.roll_back(
                *(period, target.record, deciding.who(by), deciding.why(reason)),
                *(datetime.now(UTC), places.public, places.private),
            )
            shown.show(places.public, self._ground.config)
        return Withdrawn(target, tuple(later), tuple(out))

    def __repr__(self) -> str:
        """Say in a line which cycle's they are."""
        return notebook.line(f"Releases of cycle {self._period.number}", self._ground.places.public.uri)

    def _repr_html_(self) -> str:
        gone, shown = self.withdrawn(), self.shown()
        rows = []
        for one in self:
            led = "readers see it" if shown and one.name == shown.name else ""
            mark = f"withdrawn: {gone[one.name]['why']}" if one.name in gone else led
            rows.append((one.name, status_of(one.record), mark))
        return notebook.html(
            f"Releases of cycle {self._period.number}", {}, notebook.table(("Release", "Status", ""), rows)
        )

    def _release(self, record: Record) -> Release:
        return Release(record, self._period, self._ground)
