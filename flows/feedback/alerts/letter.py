"""A message in words, as plain text and as simple HTML. It says where something stands, never what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from config import Config, Contract, Cycle, Language
from expectations.messages import message_and_remedy
from flows.core.records import Counted
from flows.core.standing import Standing, newest_last
from flows.core.wording import day, number, place
from flows.feedback.alerts.notice import Notice
from flows.feedback.alerts.words import points, text

# more than these are answered by nobody
_MOST_ASKED = 3


@dataclass(frozen=True)
class Listed:
    """A heading and the lines below it."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Letter:
    """A message: its subject, and its paragraphs and lists in order."""

    subject: str
    blocks: Sequence[str | Listed]
    language: Language

    @property
    def plain(self) -> str:
        """The message as plain text."""
        said = [
            block if isinstance(block, str) else "\n".join([block.heading, *(f"  - {line}" for line in block.lines)])
            for block in self.blocks
        ]
        return "\n\n".join(said) + "\n"

    @property
    def html(self) -> str:
        """The message as HTML without style, picture or address."""
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head><body>\n{''.join(self._html())}</body></html>\n"
        )

    def _html(self) -> Iterator[str]:
        for block in self.blocks:
            if isinstance(block, str):
                yield f"<p>{escape(block)}</p>\n"
            else:
                lines = "".join(f"<li>{escape(line)}</li>" for line in block.lines)
                yield f"<p><strong>{escape(block.heading)}</strong></p>\n<ul>{lines}</ul>\n"


def letter(
    notice: Notice,
    config: Config,
    cycle: Cycle,
    attached: str | None,
    counted: Counted | None = None,
    last: Sequence[str] = (),
) -> Letter:
    """Write a message.

    `attached` is the text that says whether the marked file goes with it, where there is one; `counted` are the sums of
    what was read, which it says so that who sent the file sees a mistake; `last` are lines on the cycle before.
    """
    blocks = _blocks(notice, config, cycle, attached, counted or {}, last)
    return Letter(_subject(notice, cycle), tuple(blocks), notice.language)


def _subject(notice: Notice, cycle: Cycle) -> str:
    language, standing = notice.language, notice.standing
    what = text(
        "subject_settled" if _settled(notice) else f"subject_{notice.kind}",
        language,
        points=points(notice.points.height, notice.questions.height, language),
        outcome=text(f"outcome_{_outcome(standing)}", language),
        due=day(standing.due, language),
    )
    return text("subject", language, cycle=cycle.number, what=what)


def _outcome(standing: Standing) -> str:
    """What became of the files that were looked at, as texts are named."""
    return {"refused": "refused", "accepted in part": "in_part"}.get(standing.state, "accepted")


def _settled(notice: Notice) -> bool:
    """Whether nothing is left to mend without anything new from the source: nobody thanks it for that."""
    return notice.kind == "closed" and not notice.came


def _blocks(
    notice: Notice, config: Config, cycle: Cycle, attached: str | None, counted: Counted, last: Sequence[str]
) -> Iterator[str | Listed]:
    language, contract, standing = notice.language, config.contract(notice.standing.source), notice.standing
    due = day(standing.due, language)
    yield text("greeting", language)
    yield text(
        "about",
        language,
        title=contract.title.text(language),
        owner=standing.mission or contract.owner,
        cycle=cycle.number,
        start=day(cycle.start, language),
        end=day(cycle.end, language),
    )
    if notice.kind == "closed":
        yield text("settled" if _settled(notice) else "closed", language)
    if notice.kind == "invitation":
        yield text("invitation", language)
    if standing.judged.is_empty():
        yield text("overdue" if standing.late else "due", language, due=due)
    else:
        yield Listed(
            text("received", language), [_file(rows, contract, language) for rows in _by_file(standing.judged)]
        )
        if lines := list(_read(standing.judged, contract, counted, language)):
            yield Listed(text("we_read", language), lines)
        yield text("late" if standing.late else "due", language, due=due)
    yield from _findings(notice, config)
    yield from _questions(notice, config)
    yield from [Listed(text("last_cycle", language, cycle=cycle.number - 1), last)] if last else ()
    told = [("mended", notice.mended), ("waived", notice.waived)]
    if counts := " ".join(text(key, language, n=number(n, language=language)) for key, n in told if n):
        yield counts
    if attached:
        yield text(attached, language, cycle=cycle.number)
    if not notice.points.is_empty():
        yield text("do_mend", language, cycle=cycle.number)
    if not notice.questions.is_empty():
        yield text("do_answer", language)
    if notice.to_see_to.is_empty() and standing.judged.is_empty():
        yield text("do_fill" if attached == "attached_template" else "do_send", language, cycle=cycle.number)
    if coordinator := config.alerts.coordinator:
        yield text("signed_coordinator", language, coordinator=coordinator)
    else:
        yield text("signed", language)


def _findings(notice: Notice, config: Config) -> Iterator[Listed]:
    language, most = notice.language, config.alerts.show_at_most
    to_mend = notice.points
    # what is new is told first
    to_mend = pl.concat([to_mend.filter(_is_new(notice)), to_mend.filter(~_is_new(notice))])
    new = len(notice.new & set(to_mend["identity"]))
    # where all is new, or nothing, nobody has to be told so of each point
    some_new = 0 < new < to_mend.height
    lines = [_line(finding, notice, config, some_new=some_new) for finding in to_mend.head(most).iter_rows(named=True)]
    if to_mend.height > most:
        lines.append(text("more", language, n=number(to_mend.height - most, language=language)))
    if lines:
        counts = {"n": number(to_mend.height, language=language), "new": number(new, language=language)}
        yield Listed(text("to_mend_new" if some_new else "to_mend", language, **counts), lines)


def _questions(notice: Notice, config: Config) -> Iterator[Listed]:
    """Ask of the numbers that are furthest from what was expected; that there are more is said."""
    language, questions = notice.language, notice.questions
    lines = []
    for finding in questions.head(_MOST_ASKED).iter_rows(named=True):
        question, _ = message_and_remedy(finding, language)
        lines.append(f"{_where(finding, config, language)} {question}")
    more = questions.height - _MOST_ASKED
    if more > 0:
        lines.append(text("more_questions", language, n=number(more, language=language)))
    if lines:
        yield Listed(text("questions", language), lines)


def _is_new(notice: Notice) -> pl.Expr:
    return pl.col("identity").is_in(list(notice.new))


def _line(finding: Mapping[str, Any], notice: Notice, config: Config, *, some_new: bool) -> str:
    language = notice.language
    message, remedy = message_and_remedy(finding, language)
    marks = [text(finding["severity"], language)]
    if some_new and finding["identity"] in notice.new:
        marks.append(text("new", language))
    return f"[{', '.join(marks)}] {_where(finding, config, language)} {message} {remedy}"


def _where(finding: Mapping[str, Any], config: Config, language: Language) -> str:
    where = place(finding, config, language) or text("whole_file", language)
    return f"{where}\u00a0:" if language == "fr" else f"{where}:"


def _by_file(judged: pl.DataFrame) -> list[pl.DataFrame]:
    files = list(reversed(newest_last(judged)["file"].unique(maintain_order=True)))
    return [judged.filter(pl.col("file") == file).sort("table", nulls_last=True) for file in files]


def _read(judged: pl.DataFrame, contract: Contract, counted: Counted, language: Language) -> Iterator[str]:
    """Say what was counted, a line a table: `Conduct trainings: 2 rows; Sessions: 914`."""
    accepted = judged.filter(pl.col("status") == "accepted", pl.col("rows_staged") > 0)
    for name, table in contract.tables.items():
        rows = accepted.filter(pl.col("table") == name)
        if rows.is_empty() or name in contract.covers:
            continue
        title = contract.table_title(name, language)
        staged = int(rows["rows_staged"].sum())
        of_rows = "rows_of_1" if staged == 1 else "rows_of_n"
        said = [text(of_rows, language, table=title, n=number(staged, language=language))]
        sums = [counted.get(file, {}).get(name, {}) for file in rows["file"]]
        for column in table.main_numbers:
            if any(column in each for each in sums):
                total = number(sum(each.get(column, 0) for each in sums), language=language)
                said.append(text("sum_of", language, column=table.title(column, language), n=total))
        yield "; ".join(said) if language == "en" else "\u00a0; ".join(said)


def _file(rows: pl.DataFrame, contract: Contract, language: Language) -> str:
    received: datetime = rows["received_at"][0]
    named = {"file": PurePosixPath(rows["file"][0]).name, "on": day(received.date(), language)}
    if (rows["status"] == "refused").all():
        return text("file_refused", language, **named)
    read, staged, held = (int(rows[name].sum()) for name in ("rows_read", "rows_staged", "rows_quarantined"))
    said = text(
        "file_accepted",
        language,
        **named,
        staged=number(staged, language=language),
        read=number(read, language=language),
    )
    if held:
        said += text("rows_refused", language, n=number(held, language=language))
    refused = rows.filter(pl.col("status") == "refused")["table"].drop_nulls()
    return (
        said
        + text("tables_refused", language, tables=", ".join(contract.table_title(table, language) for table in refused))
        if len(refused)
        else said
    )
