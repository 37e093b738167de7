"""The same in SQL: dbt with DuckDB, the rules as dbt tests.

    PYTHON -m benchmarks.peers.dbt_duckdb.run INBOX OUT

PYTHON is one that has dbt-core, dbt-duckdb and duckdb-extension-excel, by which DuckDB reads workbooks. What dbt has
parsed is kept beside OUT, as a user's project keeps it. Prints, as JSON, the seconds of the imports and of each part.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ |= {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

import dbt.adapters.duckdb  # type: ignore[import-not-found]  # noqa: F401
import duckdb
from dbt.cli.main import dbtRunner  # type: ignore[import-not-found]

from benchmarks.peers import facts
from benchmarks.peers.clock import Clock, arguments

IMPORTED = time.perf_counter()
PROJECT = Path(__file__).parent


def main(inbox: Path, out: Path) -> None:
    """Write the facts for dbt, and let it build and test everything."""
    clock = Clock(BEGUN, IMPORTED)
    clock("facts", write_facts, out / "facts")
    for kind in ("accepted", "refused", "findings"):
        for cycle in facts.cycles():
            (out / f"cycle-{cycle.number:02d}" / kind).mkdir(parents=True, exist_ok=True)
    (out / "tables").mkdir(exist_ok=True)
    clock("dbt", build, inbox, out)
    clock.say(out, counted(out / "peers.duckdb"))


def build(inbox: Path, out: Path) -> None:
    """Run `dbt build`; its tests warn, and fail nothing."""
    os.environ["PEERS_DATABASE"] = str(out / "peers.duckdb")
    variables = {"out": str(out), "facts": str(out / "facts"), "files": files(inbox), "excel": excel()}
    kept = out.parent / f"{out.name}-target"
    places = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROJECT,
        "--target-path": kept,
        "--vars": json.dumps(variables),
    }
    given = [word for name, value in places.items() for word in (name, str(value))]
    said = dbtRunner().invoke(["--quiet", "--log-path", str(kept), "build", *given])
    if not said.success:
        wrong = [f"{one.node.name}: {one.message}" for one in said.result or () if one.status in ("error", "fail")]
        sys.exit("\n".join([*wrong, str(said.exception or "")]))


def files(inbox: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return the file of each source and cycle, and when it was received."""
    return {
        source: {
            str(cycle.number): {"path": str(path), "received": received.isoformat()}
            for cycle in facts.cycles()
            for path, received in facts.files(inbox, cycle, source)[-1:]
        }
        for source in facts.SOURCES
    }


def excel() -> str:
    """Return where DuckDB's excel extension lies."""
    found = find_spec("duckdb_extension_excel")
    if found is None:
        sys.exit("DuckDB cannot read workbooks here; install duckdb-extension-excel beside it.")
    folders = list(found.submodule_search_locations or ())
    return str(next(Path(folders[0]).rglob("excel.duckdb_extension")))


def write_facts(folder: Path) -> None:
    """Write missions, countries, cycles and targets as CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    missions = [(one.code, one.kind, one.start, one.end, one.reports, one.in_conduct_data) for one in facts.missions()]
    cycles = [(one.number, one.start, one.end, one.second_quarter, one.year) for one in facts.cycles()]
    _write(
        folder / "missions.csv", ["mission", "kind", "first_day", "last_day", "reports", "in_conduct_data"], missions
    )
    _write(folder / "spellings.csv", ["spelling", "mission"], facts.mission_codes().items())
    _write(folder / "countries.csv", ["spelling", "m49", "iso3"], facts.countries())
    _write(folder / "cycles.csv", ["cycle", "first_day", "last_day", "second_quarter", "year"], cycles)
    _write(folder / "targets.csv", ["category", "year", "target_pct", "target_derived"], facts.targets())


def counted(database: Path) -> list[tuple[int, str, int, int, int]]:
    """Return how many rows there are of each cycle and table, accepted and refused."""
    count = "count(*), count(*) filter (where reasons = ''), count(*) filter (where reasons <> '')"
    with duckdb.connect(str(database)) as connection:
        return [
            (row[0], table.name, *row[1:])
            for table in facts.tables()
            for row in connection.execute(f"select cycle, {count} from checked_{table.name} group by cycle").fetchall()
        ]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    main(*arguments())
