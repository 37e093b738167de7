"""Whether a program gives the results of a refresh: rows accepted and refused, why, what was found, tables, figures.

    python -m benchmarks.peers.compare OUT STORE

OUT is what a program wrote, STORE the folder with `private` and `public` of a refresh of the same inbox. Excepted are
cells that the release suppresses (status Q), which no program does, the columns of observation statuses, and questions
about numbers that are far from earlier ones, which no program asks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.peers import facts
from expectations.questions import is_question

TABLES = (
    "fatalities_by_cause",
    "fatalities_by_mission",
    "fatalities_malicious_share",
    "uniformed_women",
    "sea_allegations_by_year",
    "sea_allegations_yearly",
    "serious_misconduct_by_year",
    "sea_actions",
    "military_unit_evaluations_by_mission",
    "fpu_evaluations_by_mission",
    "fpu_evaluation_ratings",
    "figures",
)
_STATUS = "_obs_status"
_OTHER = "__other"
# the release keeps six decimals of shares, the programs the two that are shown. They take the change of a share from
# whole percents; what it is the change of is compared as it stands
_ROUNDED = {"_pct": 0.005, "_points": 0.01, "change": 1.0}


def differences(out: Path, store: Path) -> list[str]:
    """Return what differs between a program's results and a refresh's, a sentence each; none where nothing does."""
    release = max(store.glob("public/releases/cycle-05/r*/datapackage.json")).parent
    inside = store / "private" / "internal" / release.relative_to(store / "public")
    return [
        *_of_rows(out, store / "private"),
        *_of_findings(out, inside / "quality" / "findings.parquet"),
        *_of_tables(out / "tables", release / "tables"),
    ]


def _of_rows(out: Path, private: Path) -> Iterator[str]:
    counts = pl.read_json(out / "rows.json")
    for cycle in facts.cycles():
        folder = f"cycle-{cycle.number:02d}"
        for table in facts.tables():
            said = counts.filter(pl.col("cycle") == cycle.number, pl.col("table") == table.name)
            kept, held = (_kept(private / kind / table.name, folder) for kind in ("staged", "quarantine"))
            ours = (kept.height + held.height, kept.height, held.height)
            theirs = said.select("read", "accepted", "refused").row(0)
            if ours != theirs:
                yield f"{folder}, {table.name}: rows read, accepted, refused are {theirs}, the refresh has {ours}"
                continue
            columns = ["_row", *table.columns]
            for kind, mine, compared in (("accepted", kept, columns), ("refused", held, ["_row", "reasons"])):
                theirs_ = pl.read_parquet(out / folder / kind / f"{table.name}.parquet")
                yield from _differing(f"{folder}, {kind} {table.name}", theirs_, mine.select(compared), ["_row"])


def _kept(folder: Path, cycle: str) -> pl.DataFrame:
    """Return a table's rows of a cycle's files from the private store."""
    frames = [pl.read_parquet(path) for path in folder.glob("*.parquet")]
    return pl.concat(frames).filter(pl.col("_file").str.starts_with(f"{cycle}/"))


def _of_findings(out: Path, findings: Path) -> Iterator[str]:
    """Compare what was found, but for what a refresh tells once a file, rules of severity info, and what it asks."""
    found = pl.read_parquet(findings).filter(pl.col("row").is_not_null(), pl.col("severity") != "info", ~is_question())
    columns = ["_row", "column", "rule", "severity"]
    for table in facts.tables():
        ours = found.filter(pl.col("table") == table.name).rename({"row": "_row"}).select(columns)
        theirs = pl.read_parquet(out / "cycle-05" / "findings" / f"{table.name}.parquet")
        theirs = theirs.filter(pl.col("severity") != "info")
        yield from _differing(f"findings of {table.name}", theirs, ours, columns)


def _of_tables(tables: Path, released: Path) -> Iterator[str]:
    for name in TABLES:
        path = tables / f"{name}.parquet"
        if not path.exists():
            yield f"{name}: there is no such table"
            continue
        theirs, ours = pl.read_parquet(path), pl.read_parquet(released / path.name)
        if "cycle" not in theirs.columns:
            # a release says of each row of which cycle it is; here all are of one
            ours = ours.drop("cycle", strict=False)
        if name == "figures":
            ours = ours.filter(pl.col("figure").is_in(theirs["figure"].unique().to_list())).select(theirs.columns)
        yield from _of_table(name, theirs, ours)


def _of_table(name: str, theirs: pl.DataFrame, ours: pl.DataFrame) -> Iterator[str]:
    counts = [column.removesuffix(_STATUS) for column in ours.columns if column.endswith(_STATUS)]
    keys = [column for column in ours.columns if column not in counts and not column.endswith(_STATUS)]
    for count in counts:
        hidden = ours.filter(pl.col(f"{count}{_STATUS}") == "Q").select(keys)
        matched = hidden.join(theirs, on=keys, how="inner").height
        if matched != hidden.height:
            yield f"{name}: {hidden.height - matched} of the cells that the release suppresses are not there"
        ours, theirs = ours.join(hidden, on=keys, how="anti"), theirs.join(hidden, on=keys, how="anti")
    yield from _differing(name, theirs, ours.select(~pl.selectors.ends_with(_STATUS)), keys)


def _differing(name: str, theirs: pl.DataFrame, ours: pl.DataFrame, keys: list[str]) -> Iterator[str]:
    missing = set(ours.columns) - set(theirs.columns)
    if missing:
        yield f"{name}: the column '{min(missing)}' is missing"
        return
    theirs = theirs.select(pl.col(column).cast(dtype) for column, dtype in ours.schema.items())
    if theirs.height != ours.height:
        yield f"{name}: the refresh has {ours.height} rows, and the other {theirs.height}"
        return
    mine, other = (frame.sort(keys, nulls_last=True) for frame in (ours, theirs))
    both = pl.concat([mine, other.select(pl.all().name.suffix(_OTHER))], how="horizontal")
    apart = both.filter(pl.any_horizontal(_apart(column, dtype) for column, dtype in ours.schema.items())).height
    if apart:
        yield f"{name}: {apart} of {mine.height} rows of the refresh are others"


def _apart(column: str, dtype: pl.DataType) -> pl.Expr:
    """Whether the values of a column are others, where the programs do not only round them otherwise."""
    here, there = pl.col(column), pl.col(f"{column}{_OTHER}")
    if not dtype.is_float():
        return here.ne_missing(there)
    near = next((most for ending, most in _ROUNDED.items() if column.endswith(ending)), 1e-9)
    return (here.is_null() != there.is_null()) | ((here - there).abs() > near + 1e-9).fill_null(False)


def main(out: Path, store: Path) -> None:
    """Say what differs; exit code 1 where anything does."""
    found = differences(out, store)
    print(*found or ["The results are the same."], sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
