"""A pipeline: a configuration, stores, and how refreshes run; its cycles are what one works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Self

import polars as pl

from config import Config, ConfigError, load
from config.overrides import WHOLE
from flows.core import names, notebook
from flows.core import settings as configured
from flows.core.settings import Settings
from flows.orchestration.face.checking import Check, checked
from flows.orchestration.face.cycle import Cycle
from flows.orchestration.face.decisions import Decide
from flows.orchestration.face.ground import Ground, whole_number
from flows.orchestration.face.scorecard import Scorecard
from flows.orchestration.login import ENVIRONMENT
from flows.releases import shelf
from flows.stores.from_settings import Places

if TYPE_CHECKING:
    from flows.orchestration.face.proofs import Proof
    from flows.releases.export import Exported, Form
    from flows.releases.filling import Filled


@dataclass(frozen=True)
class Stores:
    """Where raw files come from and where things are kept: a folder each, or a URI such as s3://bucket/prefix.

    `s3_endpoint_url` is an S3 server other than AWS, `hub_url` the base address of the Hub's HTTP API.
    """

    inbox: str | Path
    private: str | Path
    public: str | Path
    s3_endpoint_url: str | None = None
    hub_url: str | None = None

    def over(self, settings: Settings) -> Settings:
        """Return settings with these stores. Raises ConfigError where an address is none."""
        return configured.changed(
            settings,
            inbox_uri=str(self.inbox),
            private_uri=str(self.private),
            public_uri=str(self.public),
            s3_endpoint_url=self.s3_endpoint_url,
            hub_url=self.hub_url,
        )


class Pipeline:
    """The pipeline.

    a4p = Pipeline.from_environment()
    a4p.cycle(5).refresh()
    """

    def __init__(
        self,
        config: Config | str | Path | None = None,
        stores: Stores | None = None,
        prefect: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Make a pipeline of what is handed in; nothing is read from a store yet.

        `config` is the configuration, or the folder to lay over the pipeline's own; that of the settings where there is
        none. `settings` are those of the
        environment (`A4P_…`, `.env`) where there are none, and `stores` go before what they say. `prefect` is the
        address of the API of a Prefect server to run through, such as http://127.0.0.1:4200/api; `environment` stands
        for the one that PREFECT_API_URL names or `a4p serve` runs here; without one the steps run directly.
        Raises ConfigError where one of them is wrong.
        """
        given = settings or configured.load()
        folder = config or given.config
        read = folder if isinstance(folder, Config) else load(Path(folder) if folder else None)
        self._ground = Ground(read, stores.over(given) if stores else given, prefect)

    @classmethod
    def from_environment(cls) -> Self:
        """Return the pipeline as the command `a4p` has it: by the environment, `.env` and the pipeline's own folder."""
        return cls(prefect=ENVIRONMENT)

    @property
    def config(self) -> Config:
        """Its configuration."""
        return self._ground.config

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self._ground.settings

    @property
    def places(self) -> Places:
        """Its stores, as `flows.stores` has them."""
        return self._ground.places

    @property
    def cycles(self) -> tuple[Cycle, ...]:
        """Every cycle that its configuration knows."""
        return tuple(map(self.cycle, self.config.cycles))

    def cycle(self, number: int | str) -> Cycle:
        """Return a cycle by its number; `latest` is the newest of which there is a release.

        Raises ConfigError that names those there are.
        """
        if isinstance(number, str):
            number = self._latest() if names.is_latest(number) else whole_number(number)
        return Cycle(self.config.cycle(number), self._ground.of_cycle(number))

    def series(self, figure: str, mission: str = WHOLE) -> pl.DataFrame:
        """Return a figure over all cycles of which a release is out, the oldest first: of ALL, or of one mission.

        Raises ConfigError that says what is near where there is no such figure or mission.
        """
        from flows.releases import series

        with self._ground.in_force():
            return series.of_figure(self._ground.places.public, self.config, figure, mission)

    def export(self, file: str | Path, form: Form | None = None, *, replace: bool = False) -> Exported:
        """Write the tables of all cycles as a single file, as `Release.export` does with those of a release."""
        from flows.releases import export

        path = Path(file)
        with self._ground.in_force():
            of = form or export.form_of(path)
            return export.write(path, of, self._ground.places.public, self.config, replace=replace)

    def fill(
        self,
        draft: str | Path,
        cycle: int | str = "latest",
        release: str | None = None,
        *,
        out: str | Path | None = None,
        replace: bool = False,
    ) -> Filled:
        """Renew the linked numbers of a .docx from a release, the newest where none is named.

        Returns its bytes, what changed, and what could not be renewed and why. `out` writes it, where no file is yet
        unless `replace`. Raises ConfigError for a wrong file, cycle or release, StoreError where one cannot be read.
        """
        from flows.documents.drafts.read import MOST_MB
        from flows.releases import filling
        from flows.stores import for_people

        path, place = Path(draft), Path(out) if out else None
        if place and place.exists() and not replace:
            raise ConfigError(f"There is {place} already; name another, or give --replace.")
        with self._ground.in_force():
            of = self.cycle(cycle)
            found = of.releases.get(release)
            content = for_people.content(path, MOST_MB)
            filled = filling.fill(path.name, content, found.name, found.table, of.config, of.period)
            if place:
                for_people.write(place, filled.content)
        return filled

    def _latest(self) -> int:
        public = self._ground.places.public
        for number, period in sorted(self.config.cycles.items(), reverse=True):
            if shelf.latest(public, period):
                return number
        raise names.nothing_released()

    @property
    def decide(self) -> Decide:
        """What can be decided: corrections, waivers, accepted figures, files and releases that are withdrawn."""
        return Decide(self._ground)

    def record(self, cycle: int | None = None) -> pl.DataFrame:
        """Return the record of decisions: a row a decision, with what it is about and whether it holds.

        `cycle` leaves out those of other cycles. Raises StoreError where a store fails or the record is damaged.
        """
        from flows.releases import decided

        places = self._ground.places
        with self._ground.in_force():
            return decided.view(self.config, places.public, places.private, date.today(), cycle)

    def scorecard(
        self,
        cycles: int | Sequence[int] = (),
        *,
        source: str | None = None,
        mission: str | None = None,
    ) -> Scorecard:
        """Return how each source has done in the cycles that were refreshed: in time, accepted at first, findings.

        `cycles`, `source` and `mission` leave out the others. Raises ConfigError where there is no such source, mission
        or cycle, or it was not refreshed yet, StoreError where a store fails or what is known of a cycle is damaged.
        """
        from flows.intake.books import scorecard as scoring

        numbers = (cycles,) if isinstance(cycles, int) else tuple(cycles)
        of = names.source(source, self.config) if source else None
        whose = names.mission(mission, self.config, whole=False) if mission else None
        with self._ground.in_force():
            found = scoring.scorecard(self.config, self.places.private, numbers, of, whose)
        return Scorecard(found, self._ground)

    def proof(self, draft: str | Path, cycle: int | str = "latest", release: str | None = None) -> Proof:
        """Hold every number of a draft report against a release, the newest of the cycle where none is named.

        Only what is public is looked at. Raises ConfigError for a wrong file, cycle or release, NothingRead where
        nothing can be read in the draft, StoreError where a store fails.
        """
        from flows.documents.drafts.read import MOST_MB
        from flows.orchestration.face.proofs import Proof
        from flows.releases.proof import held
        from flows.stores import for_people

        path, public = Path(draft), self._ground.places.public
        with self._ground.in_force():
            of = self.cycle(cycle)
            found = of.releases.get(release).record
            content = for_people.content(path, MOST_MB)
            older = [one for one in shelf.releases(public, of.period) if int(one.name[1:]) < int(found.name[1:])]
            record = held.proof_of(
                path.name,
                content,
                of.config,
                of.period,
                found.name,
                found.status,
                lambda name: shelf.read_table(public, found, name),
                [PurePath(one).stem for one in found.hashes if one.startswith("tables/") and one.endswith(".parquet")],
                [
                    *((one.name, shelf.read_table(public, one, "figures")) for one in reversed(older)),
                    *self._of_cycles_before(of.period.number),
                ],
            )
        return Proof(record, path, content)

    def _of_cycles_before(self, cycle: int) -> list[tuple[str, pl.DataFrame]]:
        """Return the figures of the newest release of each cycle before the last one, whose values a release has."""
        public = self._ground.places.public
        found = []
        for number in sorted((one for one in self.config.cycles if one < cycle - 1), reverse=True):
            newest = shelf.latest(public, self.config.cycle(number))
            if newest is not None:
                found.append((f"cycle {number}", shelf.read_table(public, newest, "figures")))
        return found

    def check(
        self, file: str | Path, cycle: int | None = None, *, source: str | None = None, mission: str | None = None
    ) -> Check:
        """Check a file as `check` does, by the configuration and settings of this pipeline."""
        return checked(self._ground, file, cycle, source, mission)

    def __repr__(self) -> str:
        """Say in a line where it works."""
        return notebook.line("Pipeline", *(f"{name} {uri}" for name, uri in self._uris().items()))

    def _repr_html_(self) -> str:
        cycles = ", ".join(str(number) for number in self.config.cycles)
        through = {None: "no, steps run directly", ENVIRONMENT: "as the environment says"}
        prefect = through.get(self._ground.prefect, self._ground.prefect)
        return notebook.html("Pipeline", {**self._uris(), "cycles": cycles, "through Prefect": prefect})

    def _uris(self) -> dict[str, str]:
        places = self.places
        return {"inbox": places.inbox.uri, "private": places.private.uri, "public": places.public.uri}
