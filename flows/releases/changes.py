"""What changed from one release to another: tables, rows and figures, and why each figure did. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from config import Config, Cycle
from flows.core.quality_tables import RESTATEMENTS
from flows.core.standing import days_late
from transforms.catalogue import staged_for
from transforms.dictionary import TableEntry
from transforms.figures import former_names, under_both_names

# in a document; the counts are always of all
_ROWS_LISTED = 1_000

NEW, LATE, CORRECTED, WITHDRAWN = "new submission", "late submission", "corrected submission", "withdrawn submission"
CONTRACT, RULE, DEFINITION = "changed contract", "changed rule or calculation", "changed definition"
DECISION, PREVIOUS, AS_OF = "changed correction or waiver", "changed previous cycle", "changed as-of date"
LEFT_OUT = "table left out"
EARLIER = "changed earlier cycles"
UNKNOWN = "not known"


@dataclass(frozen=True)
class Side:
    """One of two releases: its name (None for one that is not published yet), its tables, and what its descriptor says.

    `sources` are the descriptor's; `made_by` the hashes of what made it, by part (`contracts/noticas`, `rules`,
    `figures/fatalities_total`, `decisions`), as fingerprint.parts gives them; `left_out` the tables without rows, so
    that no small number of them can be computed; `earlier` where the figures of earlier cycles lie.
    """

    release: str | None
    tables: Mapping[str, pl.DataFrame]
    sources: Sequence[Mapping[str, Any]]
    made_by: Mapping[str, str] = field(default_factory=dict)
    as_of: str | None = None
    left_out: Sequence[str] = ()
    earlier: str | None = None


@dataclass(frozen=True)
class Cause:
    """Why something changed: what, of which source and mission, and in one sentence."""

    cause: str
    source: str | None
    mission: str | None
    said: str

    def document(self) -> dict[str, Any]:
        """Return it as it stands in changes.json."""
        return {"cause": self.cause, "source": self.source, "mission": self.mission, "said": self.said}


def between(
    before: Side | None,
    after: Side,
    entries: Mapping[str, TableEntry],
    config: Config,
    cycle: Cycle,
    *,
    named: bool = False,
) -> dict[str, Any]:
    """Return what changed as the document that changes.json holds.

    In: two releases, `before` None where there was none; the tables' entries in the data dictionary, for their keys;
    whether files are `named` as they are called, which is not for everybody.
    Out: `from`; `causes`, a list; `figures`, one entry a figure and mission that was added, removed or changed, with
    its causes; `tables`, one entry a table that differs, with counts and the first rows.
    """
    if before is None:
        return {"from": None, "causes": [], "figures": [], "tables": []}
    found = causes(before, after, config, cycle, named=named)
    names = sorted(set(before.tables) | set(after.tables))
    tables = [
        changed
        for name in names
        if (changed := _table(name, before.tables.get(name), after.tables.get(name), entries.get(name)))
    ]
    return {
        "from": before.release,
        "causes": [one.document() for one in found],
        "figures": list(_figures(before, after, found, config, cycle)),
        "tables": tables,
    }


def causes(before: Side, after: Side, config: Config, cycle: Cycle, *, named: bool = False) -> list[Cause]:
    """Return what is different about the inputs and the rules of two releases."""
    found = [
        *_submissions(before, after, config, cycle, named),
        *_made_by(before, after, config),
        *_left_out(before, after),
    ]
    if before.as_of != after.as_of:
        found.append(Cause(AS_OF, None, None, f"The newest data are of {after.as_of}; they were of {before.as_of}."))
    # a version of before says nothing of them
    if before.earlier and before.earlier != after.earlier:
        said = "Releases of earlier cycles changed, of which the page draws a line beside each figure."
        found.append(Cause(EARLIER, None, None, said))
    return found


def _submissions(before: Side, after: Side, config: Config, cycle: Cycle, named: bool) -> Iterator[Cause]:
    # where one of them is known by keyed hashes alone, nothing else is the same
    kinds = {str(one["hash"]).partition(":")[0] for one in (*before.sources, *after.sources)}
    by = "hash" if len(kinds) < 2 else "received_at"
    then, now = _slots(before.sources, by), _slots(after.sources, by)
    for slot in sorted(set(then) | set(now), key=lambda slot: (slot[0], slot[1] or "")):
        source, mission = slot
        old, new = then.get(slot, {}), now.get(slot, {})
        if set(old) == set(new):
            continue
        title = _title(source, mission, config)
        added = [new[one] for one in sorted(set(new) - set(old))]
        if not old:
            first = min(_day(one["received_at"]) for one in added)
            late = source in config.contracts and days_late(first, config.contract(source).due(cycle)) > 0
            cause = LATE if late else NEW
            yield Cause(
                cause, source, mission, f"{title}: {_files(added, named)} came{' after the due date' if late else ''}."
            )
        elif not new:
            yield Cause(
                WITHDRAWN, source, mission, f"{title}: {_files(list(old.values()), named)} is not there any more."
            )
        elif added:
            gone = [old[one] for one in sorted(set(old) - set(new))]
            instead = f" instead of {_files(gone, named)}" if gone else ""
            yield Cause(CORRECTED, source, mission, f"{title}: {_files(added, named)} came{instead}.")
        else:
            gone = [old[one] for one in sorted(set(old) - set(new))]
            yield Cause(CORRECTED, source, mission, f"{title}: {_files(gone, named)} is not used any more.")


def _left_out(before: Side, after: Side) -> Iterator[Cause]:
    for table in sorted(set(before.left_out) ^ set(after.left_out)):
        if table in after.left_out:
            yield Cause(LEFT_OUT, None, None, f"{table} is left out, so that no small number of it can be computed.")
        else:
            yield Cause(LEFT_OUT, None, None, f"{table}, which was left out, is shown.")


def _slots(sources: Sequence[Mapping[str, Any]], by: str) -> dict[tuple[str, str | None], dict[str, Mapping[str, Any]]]:
    slots: dict[tuple[str, str | None], dict[str, Mapping[str, Any]]] = {}
    for one in sources:
        slots.setdefault((one["title"], one.get("mission")), {})[one[by]] = one
    return slots


def _title(source: str, mission: str | None, config: Config) -> str:
    title = config.contracts[source].title.en if source in config.contracts else source
    return f"{title} ({mission})" if mission else title


def _files(sources: Sequence[Mapping[str, Any]], named: bool) -> str:
    """Name files by when they came in, since readers are not told how they are called; by that too where they are."""
    every = sorted((datetime.fromisoformat(one["received_at"]).astimezone(UTC), one.get("path", "")) for one in sources)
    return " and ".join(
        f"{path.rpartition('/')[2]} (received {time:%Y-%m-%d at %H:%M} UTC)"
        if named and path
        else f"the file received on {time:%Y-%m-%d at %H:%M} UTC"
        for time, path in every
    )


def _day(received_at: str) -> date:
    return datetime.fromisoformat(received_at).date()


def _made_by(before: Side, after: Side, config: Config) -> Iterator[Cause]:
    parts = sorted(set(before.made_by) | set(after.made_by))
    for part in parts:
        if before.made_by.get(part) == after.made_by.get(part):
            continue
        room, _, name = part.partition("/")
        if room == "contracts":
            yield Cause(CONTRACT, name, None, f"The contract of {_title(name, None, config)} changed.")
        elif room == "rules":
            yield Cause(
                RULE, None, None, "The rules that data are held against, or the calculation of tables, changed."
            )
        elif room == "decisions":
            yield Cause(DECISION, None, None, "The corrections or waivers of the coordinator changed.")


def _figures(
    before: Side, after: Side, found: Sequence[Cause], config: Config, cycle: Cycle
) -> Iterator[dict[str, Any]]:
    key = ["figure", "mission"]
    shown = ["value", "previous", "obs_status", "unit"]
    empty = pl.DataFrame(schema=dict.fromkeys((*key, *shown), pl.String))
    former = former_names(config.figures, cycle, ever=True)
    then, now = (
        # told once, under the name that it has
        under_both_names(side.tables.get("figures", empty).select(*key, *shown), former).filter(
            ~pl.col("figure").is_in(list(former.values()))
        )
        for side in (before, after)
    )
    both = _compared(then, now, key)
    for row in both.iter_rows(named=True):
        old = {name: row[name] for name in shown}
        new = {name: row[f"{name}_now"] for name in shown}
        # a change that is only the previous value's is said, and is no restatement
        if row["_was"] and row["_is"] and old == new:
            continue
        what = "changed" if row["_was"] and row["_is"] else "added" if row["_is"] else "removed"
        yield {
            "figure": row["figure"],
            "mission": row["mission"],
            "change": what,
            "from": old["value"],
            "to": new["value"],
            "unit": new["unit"] or old["unit"],
            "status_from": old["obs_status"],
            "status_to": new["obs_status"],
            "previous_from": old["previous"],
            "previous_to": new["previous"],
            "causes": _of_figure(row["figure"], row["mission"], old, new, before, after, found, config, cycle),
        }


def _of_figure(
    figure: str,
    mission: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    before: Side,
    after: Side,
    found: Sequence[Cause],
    config: Config,
    cycle: Cycle,
) -> list[str]:
    """Return the causes that can have changed a figure: those of its sources, and what holds for all."""
    definition = config.figures.get(figure)
    yearly = definition is not None and definition.is_yearly
    # the year before may stand in the newer file
    of_previous = {**old, "previous": None} == {**new, "previous": None}
    if of_previous and not yearly:
        return [PREVIOUS]
    said: set[str] = set()
    if definition is None or before.made_by.get(f"figures/{figure}") != after.made_by.get(f"figures/{figure}"):
        said.add(DEFINITION)
    tables = staged_for(definition.table) if definition else frozenset()
    sources = {source for source, contract in config.contracts.items() if set(contract.tables) & tables}
    table = definition.table if definition else None
    if mission != "ALL" and table in set(before.left_out) ^ set(after.left_out):
        said.add(LEFT_OUT)
    for one in found:
        # a table that is left out takes no other figure with it, and earlier cycles only draw a line
        about = one.cause not in {LEFT_OUT, EARLIER} and (one.source is None or one.source in sources)
        if about and (one.mission is None or mission in {"ALL", one.mission}):
            said.add(one.cause)
    return sorted(said) or [PREVIOUS if of_previous else UNKNOWN]


def restatements(newest: Mapping[str, pl.DataFrame] | None, figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures that were published with another value before; a row a figure and mission.

    In: the tables of the newest release, its `figures` and `restatements`, None where there is none; the figures now.
    Out: as RESTATEMENTS says: the value first published, the one before the last change, the value now, and how often
    it changed. A number that comes where there was none is no restatement; a suppressed one is told by no other.
    """
    if newest is None or "figures" not in newest:
        return pl.DataFrame(schema=RESTATEMENTS)
    key = ["figure", "mission"]
    known = newest.get("restatements", pl.DataFrame(schema=RESTATEMENTS))
    then = (
        newest["figures"]
        .select(*key, _then="value")
        .join(known.select(*key, "first_value", "value_before", "times"), on=key, how="left")
    )
    given = pl.col("_then").is_not_null()
    changed = given & pl.col("value").ne_missing(pl.col("_then"))
    return (
        figures.filter(pl.col("obs_status") != "Q")
        .join(then, on=key, how="left", maintain_order="left")
        .with_columns(
            first_value=pl.coalesce("first_value", "_then"),
            value_before=pl.when(changed).then("_then").otherwise("value_before"),
            times=pl.col("times").fill_null(0) + changed.fill_null(False).cast(pl.Int64),
        )
        .filter(pl.col("times") > 0)
        .select(list(RESTATEMENTS))
        .cast(RESTATEMENTS)  # type: ignore[arg-type]
        .sort("figure", pl.col("mission") != "ALL", "mission")
    )


def _table(
    name: str, before: pl.DataFrame | None, after: pl.DataFrame | None, entry: TableEntry | None
) -> dict[str, Any] | None:
    """Return what changed of a table; None where nothing did."""
    if before is None or after is None:
        there = before if after is None else after
        assert there is not None
        what = "removed" if after is None else "added"
        return {"table": name, "change": what, **_counts(**{what: there.height}), "fields": [], "rows": []}
    fields = sorted(set(before.columns) ^ set(after.columns))
    if before.equals(after, null_equal=True) and before.schema == after.schema:
        return None
    key = [column for column in (entry.key if entry else ()) if column in before.columns and column in after.columns]
    common = [column for column in after.columns if column in before.columns]
    # without a key a row is known by all that it holds
    key = key or common
    both = _compared(before.select(common), after.select(common), key)
    others = [column for column in common if column not in key]
    differs = pl.any_horizontal(pl.lit(False), *(pl.col(one).ne_missing(pl.col(f"{one}_now")) for one in others))
    rows = both.filter(~(pl.col("_was") & pl.col("_is")) | differs)
    if rows.is_empty() and not fields:
        return None
    is_new, is_gone = pl.when(~pl.col("_was")).then(pl.lit("added")), pl.when(~pl.col("_is")).then(pl.lit("removed"))
    rows = rows.with_columns(_what=is_new.otherwise(is_gone.otherwise(pl.lit("changed"))))
    counts = dict(rows.group_by("_what").len().iter_rows())
    return {
        "table": name,
        "change": "changed",
        **_counts(**counts),
        "fields": fields,
        "rows": [_row(row, key, others) for row in rows.head(_ROWS_LISTED).iter_rows(named=True)],
    }


def _counts(added: int = 0, removed: int = 0, changed: int = 0) -> dict[str, int]:
    return {"rows_added": added, "rows_removed": removed, "rows_changed": changed}


def _row(row: Mapping[str, Any], key: Sequence[str], others: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"change": row["_what"], "key": {name: _plain(row[name]) for name in key}}
    if row["_what"] == "changed":
        said["fields"] = {
            name: {"from": _plain(row[name]), "to": _plain(row[f"{name}_now"])}
            for name in others
            if row[name] != row[f"{name}_now"]
        }
    return said


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _compared(before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Join two states of a table by its key; `_was` and `_is` say in which a row is, `…_now` are the newer cells.

    Of rows that are alike in their key the first is compared with the first, and so on.
    """
    numbered = [
        frame.with_columns(_copy=pl.int_range(pl.len()).over(key), **{flag: pl.lit(True)})
        for frame, flag in ((before, "_was"), (after, "_is"))
    ]
    by = [*key, "_copy"]
    return (
        numbered[0]
        .join(numbered[1], on=by, how="full", suffix="_now", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("_was", "_is").fill_null(False))
        .sort(by, nulls_last=True)
    )
