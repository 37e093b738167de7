"""Decisions of people, put down in the record: each is held against what there is before it is added."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from config import Config, ConfigError, Cycle
from config.overrides import WHOLE, Owner
from expectations.columns import SCHEMA as FINDING
from expectations.questions import QUESTIONS, answered_range, furthest, is_question
from flows.core import names, visible
from flows.core.records import LastRefresh
from flows.intake.books import ledger, record
from flows.intake.books.record import Decision, Entry
from flows.releases import shelf, withdrawals
from flows.releases.make import lineage
from flows.stores import Store, frames

_OWNER: TypeAdapter[str] = TypeAdapter(Owner)
_LEAST_OF_AN_IDENTITY = 6


def who(by: str | None) -> str:
    """Return the name of who decides: the one that is given, else that of the user of this machine.

    Raises ConfigError where there is none, or a colon in it.
    """
    try:
        return _OWNER.validate_python(visible.in_line(by or getpass.getuser()).strip())
    except ValidationError:
        raise ConfigError(f"'{by}' is no name of somebody who decides; write it without a colon, with --by.") from None
    except (OSError, KeyError):
        raise ConfigError("Nobody knows who decides here; say it with --by NAME.") from None


def why(reason: str) -> str:
    """Return a reason in one line. Raises ConfigError where there is none."""
    said = visible.in_line(reason).strip()
    if not said:
        raise ConfigError("A decision needs a reason, which is kept with it; give it with --reason TEXT.")
    return said


def decide(decision: Decision, config: Config, now: datetime, private: Store) -> Entry:
    """Add a decision to the record.

    Raises ConfigError where it names a source, rule, column, mission or figure that there is not.
    """
    place = "decision"
    try:
        record.as_configured(decision, config, place)
    except ConfigError as error:
        raise ConfigError(str(error).replace(f"{place}:1: ", "")) from None
    return record.add(decision, now, private)


def accept(
    figure: str, mission: str, cycle: Cycle, by: str, reason: str, config: Config, now: datetime, stores: _Stores
) -> Entry:
    """Accept a figure of the release that readers see as it is: it holds while the figure has that value.

    `stores` are the public and the private one. Raises ConfigError where the figure has no value there.
    """
    public, private = stores
    shown = shelf.latest(public, cycle)
    if shown is None:
        raise ConfigError(f"Cycle {cycle.number} has no release yet; make one with: a4p refresh --cycle {cycle.number}")
    figures = shelf.read_table(public, shown, "figures")
    figure, mission = names.figure(figure, set(figures["figure"]), config, cycle), names.mission(mission, config)
    values = figures.filter(pl.col("figure") == figure, pl.col("mission") == mission)["value"]
    if values.null_count() == len(values):
        whose = "" if mission == WHOLE else f" of {mission}"
        raise ConfigError(
            f"The release {shown.name} has no value of a figure '{figure}'{whose}; see them with: "
            f"a4p figures --cycle {cycle.number}"
        )
    about = {"figure": figure, "mission": mission, "value": float(values[0])}
    return decide(Decision("accept", by, reason, cycle.number, about), config, now, private)


def finding(identity: str, cycle: Cycle, config: Config, public: Store, private: Store) -> dict[str, Any]:
    """Return what a waiver of one finding of the last refresh is about; `identity` may be its beginning.

    It is of the row where the finding is of one, and of the file with the content that it has now, so that the waiver
    holds until its source sends another. Raises ConfigError where there is no such finding, or it is of no file.
    """
    from expectations.findings import is_of_a_file

    last = ledger.last_refresh(private, cycle)
    row = _found(identity, last, cycle)
    assert last
    contents = last.submissions.filter(pl.col("file") == row["file"])["sha256"]
    if contents.is_empty() or row["source"] not in config.contracts:
        raise ConfigError(f"The finding {row['identity']} is about no file of a source; it cannot be waived by itself.")
    said = {name: row[name] for name in ("source", "rule", "table", "column") if row[name]}
    if row["mission"] in config.missions:
        said["mission"] = row["mission"]
    if row["table"] and row["row"] is not None and not is_of_a_file(row):
        said["key"] = _key(row, cycle, config, public, private)
    return {**said, "sha256": contents[0]}


def answer(identity: str, cycle: Cycle, config: Config, public: Store, private: Store) -> dict[str, Any]:
    """Return what an answer to one finding of the last refresh is about; `identity` may be its beginning.

    That to a question is of the row and its number: it holds, in later cycles too, while the number lies between the
    one that was asked about and what that was held against. Raises ConfigError where there is no such finding.
    """
    row = _found(identity, ledger.last_refresh(private, cycle), cycle)
    names = ("identity", "source", "mission", "table", "column", "rule", "file")
    about = {name: row[name] for name in names if row[name]}
    if row["rule"] in QUESTIONS and row["value"] is not None:
        if row["row"] is not None:
            about["key"] = _key(row, cycle, config, public, private)
        about["between"] = list(answered_range(row))
    return about


def cycle_of(identity: str, config: Config, private: Store) -> Cycle:
    """Return the newest cycle of which the last refresh has a finding. Raises ConfigError where there is none."""
    for number in sorted(config.cycles, reverse=True):
        last = ledger.last_refresh(private, config.cycles[number])
        if last and last.findings["identity"].str.starts_with(identity.strip().lower()).any():
            return config.cycles[number]
    raise ConfigError(f"No refresh has a finding '{identity}'; see the questions with: a4p questions --cycle N")


def questions(cycle: Cycle, private: Store) -> pl.DataFrame:
    """Return the questions of the last refresh of a cycle that are not answered, as expectations.columns.SCHEMA says.

    Those furthest from what was expected come first.
    """
    last = ledger.last_refresh(private, cycle)
    if last is None:
        return pl.DataFrame(schema=FINDING)
    findings = pl.concat([pl.DataFrame(schema=FINDING), last.findings], how="diagonal")
    return findings.filter(is_question() & pl.col("waived").is_null()).sort(furthest(), nulls_last=True)


def take_back(number: int, by: str, reason: str, config: Config, now: datetime, stores: _Stores) -> Entry:
    """Take a decision of the record back: it holds no more, and both stay in the record.

    Readers are then led as if it had not been made. Returns the decision that holds no more. Raises ConfigError where
    there is no decision of that number, or it was taken back before.
    """
    public, private = stores
    there = record.entries(private)
    if not 0 < number <= len(there):
        raise ConfigError(f"The record has no decision {number}; see those there are with: a4p record")
    gone = there[number - 1]
    if gone.kind == "take-back":
        raise ConfigError(f"Decision {number} took another one back; decide that one anew instead.")
    if gone.kind == "erase":
        raise ConfigError(
            f"Decision {number} erased a file, which cannot be brought back; if it is needed after all, its source "
            "saves it anew and sends it again, so that it has another SHA-256."
        )
    if before := record.taken_back(there).get(number):
        raise ConfigError(f"Decision {number} was taken back before, by decision {before.number}.")
    record.add(Decision("take-back", by, reason, gone.cycle, {"number": number}), now, private)
    if gone.cycle in config.cycles and gone.kind in ("withdraw", "reinstate"):
        withdrawals.settle(config.cycle(gone.cycle), public, private)
    return gone


_Stores = tuple[Store, Store]


def _found(identity: str, last: LastRefresh | None, cycle: Cycle) -> dict[str, Any]:
    findings = last.findings if last else pl.DataFrame(schema={"identity": pl.String})
    wanted = identity.strip().lower()
    rows = findings.filter(pl.col("identity").str.starts_with(wanted)).unique("identity", maintain_order=True)
    if len(wanted) < _LEAST_OF_AN_IDENTITY or rows.height != 1:
        raise ConfigError(
            f"The last refresh of cycle {cycle.number} has no finding '{identity}', or several; `identity` in "
            "quality/findings.parquet of the internal edition names each of them."
        )
    return rows.row(0, named=True)


def _key(row: Mapping[str, Any], cycle: Cycle, config: Config, public: Store, private: Store) -> dict[str, str]:
    """Return the texts by which a row of a source table is known, as it lies in quarantine or among the staged rows."""
    contract = config.contract(row["source"])
    table = contract.tables[row["table"]]
    kinds = ("text", "mission", "count")
    texts = [name for name in table.key if name in table.columns and table.columns[name].type in kinds]
    shown = shelf.latest(public, cycle)
    said = lineage.read(shown.descriptor, private) if shown else {}
    for kept in ("quarantine", "staged"):
        path = said.get(kept, {}).get(row["table"])
        if path and private.exists(path):
            here = pl.col("_file") == row["file"], pl.col("_row") == row["row"]
            rows = frames.scan(private, path).filter(*here).select(texts).collect()
            if rows.height:
                return {name: str(cell) for name, cell in rows.row(0, named=True).items() if cell}
    return {}
