"""Ten million rows like those of NOTICAS, pulled, read and gated in a process of its own: prints what it takes as JSON.

    python -m benchmarks.ten_million [--rows 10000000]

Some rows are faulty: a cause that is none, a casualty that is listed twice. Seconds are given for each step, rows that
were staged and quarantined, and the most memory that the process held, in bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks import measure
from config import Config, load
from flows.intake.gate import gate
from flows.intake.read import limits, submissions
from flows.intake.receive import inbox as pull
from flows.stores import Store

ROWS = 10_000_000
CYCLE = 5
MOST_BYTES = 4_000_000_000
# every so manieth row has a cause that is none, or the number of the row before
FAULTY, REPEATED = 1_000, 1_777
_AT_A_TIME = 250_000
_SOURCE = "noticas"


def main(arguments: list[str] | None = None) -> None:
    """Write the file, have it gated by a process of its own, print what that says and how much memory it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ten_million", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args(arguments).rows
    measure.forget_settings()
    config = load()
    with TemporaryDirectory(prefix="a4p-ten-million-") as folder:
        file = Path(folder, "inbox", config.cycle(CYCLE).folder, _SOURCE, "noticas.csv")
        size = write(file, rows, config)
        times = str(max(1, -(-size // (limits.MOST_FILE_MB * limits.MB)), -(-rows // limits.MOST_ROWS)))
        command = [sys.executable, "-m", "benchmarks.ten_million", "--gate", folder]
        run = measure.run(command, Path(folder), A4P_FILE_LIMITS=times)
        said = json.loads(Path(folder, "said.txt").read_text())
    expected = rows // FAULTY + rows // REPEATED - rows // (FAULTY * REPEATED)
    if (said["rows"], said["quarantined"]) != (rows, expected):
        sys.exit(f"{said['rows']} rows read and {said['quarantined']} refused, where {expected} of {rows} are faulty.")
    print(json.dumps({**said, "file_bytes": size, "total_seconds": round(run.seconds, 1), "peak_bytes": run.peak}))
    if run.peak > MOST_BYTES:
        sys.exit(f"The process held {run.peak / 1e9:.2f} GB, and the mark is {MOST_BYTES / 1e9:.0f} GB.")


def write(file: Path, rows: int, config: Config) -> int:
    """Write a file of so many casualties as the Hub serves them; return its size in bytes."""
    countries = [(one.name, one.m49, iso3) for iso3, one in sorted(config.countries.items()) if one.m49]
    names, m49, iso3 = zip(*countries, strict=True)
    missions = pl.Series([code for code, one in config.missions.items() if one.end is None and one.start])
    causes = pl.Series(["Malicious Act", "Illness", "Accident", "Self-Inflicted", "To Be Determined", "Unknown"])
    kinds = pl.Series(["Military", "Police", "Local", "International Civilian"])
    file.parent.mkdir(parents=True)
    day = config.cycle(CYCLE).start
    with file.open("wb") as written:
        for first in range(1, rows + 1, _AT_A_TIME):
            number = pl.int_range(first, min(first + _AT_A_TIME, rows + 1), eager=True)
            again = pl.when(number % REPEATED == 0).then(number - 1).otherwise(number)
            frame = pl.select(
                id=number,
                incident_date=pl.lit(day) + pl.duration(days=pl.lit(number * 7 % 180)),
                casualty_id=pl.format("C-{}", again.cast(pl.String).str.zfill(8)),
                mission_acronym=missions[number * 31 % missions.len()],
                type_of_casualty=pl.lit("Fatality"),
                gender=pl.Series(["M", "F"])[number % 2],
                casualty_nationality=pl.Series(names)[number * 13 % len(names)],
                casualty_personnel_type=kinds[number * 3 % kinds.len()],
                type_of_incident=pl.when(number % FAULTY == 0)
                .then(pl.lit("Ilness"))
                .otherwise(causes[number * 5 % causes.len()]),
                m49_code=pl.Series(m49)[number * 13 % len(m49)],
                isocode3=pl.Series(iso3)[number * 13 % len(iso3)],
                last_update=pl.lit(date(2024, 9, 3)),
            )
            frame.write_csv(written, include_header=first == 1)
    return file.stat().st_size


def gated(folder: Path) -> None:
    """Pull, read and gate the file of a folder, and print rows and seconds."""
    config = load()
    cycle, contract = config.cycle(CYCLE), config.contract(_SOURCE)
    inbox, private = Store(str(folder / "inbox")), Store(str(folder / "private"))
    begun = [time.monotonic()]

    def seconds() -> float:
        begun.append(time.monotonic())
        return round(begun[-1] - begun[-2], 1)

    pulled = pull.pull(contract, config, cycle, inbox, private).submissions
    of_pull = seconds()
    reads = submissions.read_source(pulled, submissions.shapes(_SOURCE, config), private)
    of_read = seconds()
    judged = gate.judge_files(reads, ([], []), {}, config, cycle, private)
    texts = gate.table_texts(_SOURCE, reads, judged)
    table = gate.gate_table(contract, _SOURCE, texts, {}, config, cycle, (), private)
    of_gate = seconds()
    ((rows, staged, quarantined),) = table.rows.values()
    print(
        json.dumps(
            {
                "rows": rows,
                "staged": staged,
                "quarantined": quarantined,
                "seconds": {"pull": of_pull, "read": of_read, "gate": of_gate},
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--gate"]:
        gated(Path(sys.argv[2]))
    else:
        main()
