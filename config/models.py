"""What a cycle and a source's contract may say, as small frozen pydantic models."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, StringConstraints, field_validator, model_validator

from config.dated import Dated
from config.labels import NONE, Frozen, Label, Language, Text, normalised_header, readable
from config.plausible import USUAL, Plausible
from config.stated import Statement

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
ObsStatus = Literal["A", "P", "V", "M", "L", "Q", "O"]
Classification = Literal["unclassified", "confidential", "strictly confidential"]
ColumnType = Literal["text", "count", "number", "date", "yes_no", "mission", "m49", "iso3", "cycle"]
DateFormat = Literal["iso", "epoch_ms", "dmy", "mdy"]


class Cycle(Frozen):
    """A six-month reporting period, both days included."""

    number: int
    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days the cycle has."""
        return (self.end - self.start).days + 1

    @property
    def second_quarter(self) -> date:
        """The first day of its last three months."""
        months = self.start.month + 2
        return date(self.start.year + months // 12, months % 12 + 1, 1)

    @property
    def last_calendar_year(self) -> int:
        """The last calendar year that was over when the cycle ended; the report's yearly figures are of that year."""
        return self.end.year if (self.end.month, self.end.day) == (12, 31) else self.end.year - 1

    @property
    def folder(self) -> str:
        """The cycle's folder name in the inbox and the releases."""
        return f"cycle-{self.number:02d}"


def _is_none(said: object) -> bool:
    # a contract that says nothing of it is known as the same as before there was such a field
    return said is None


def _is_false(said: object) -> bool:
    return said is False


class Column(Dated):
    """One column of a source table.

    `words` says what a word in a number cell means: a number (`None: 0` is a reported zero) or the SDMX
    observation status of an absent value (`Under Validation: V`). `of` names the column whose country a code is of;
    `country` says that a text names one. `title` is the header that a template gives the column, and one of its names.
    `required_since` is the version of the template from which on it must be filled in; files made from an earlier one
    need not have it. In one that `answers`, the source says what explains a number of the row that is unusual.
    `plausible` says how far its numbers may be from earlier ones, where that is otherwise than the table says.
    """

    type: ColumnType
    required: bool = False
    required_since: int | None = Field(default=None, ge=2, exclude_if=_is_none)
    title: Text | None = None
    named: tuple[str, ...] = ()
    formats: tuple[DateFormat, ...] = ("iso",)
    one_of: tuple[str, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None
    at_most_days_of_cycle: bool = False
    words: dict[str, str] | None = None
    of: str | None = None
    country: bool = False
    unit: str | None = None
    note: Text | None = None
    personal: bool = False
    answers: bool = Field(default=False, exclude_if=_is_false)
    plausible: Plausible | None = Field(default=None, exclude_if=_is_none)

    @field_validator("words")
    @classmethod
    def _words_mean_something(cls, words: dict[str, str] | None) -> dict[str, str] | None:
        for word, meaning in (words or {}).items():
            if not re.fullmatch(r"-?\d+|[PVMLQO]", meaning):
                raise ValueError(f"the word '{word}' means '{meaning}'; allowed: a whole number, or one of P V M L Q O")
        return words

    @model_validator(mode="after")
    def _is_required_since(self) -> Column:
        if self.required_since is not None and not self.required:
            raise ValueError("required_since is allowed where 'required: true' stands too")
        return self

    @model_validator(mode="after")
    def _answers_in_words(self) -> Column:
        if self.answers and (self.type != "text" or self.required or self.personal):
            raise ValueError("answers is allowed for a text that may be left blank and is not personal")
        return self

    @property
    def spellings(self) -> tuple[str, ...]:
        """The headers, besides its own name, under which the column is found in a file."""
        titles = (self.title.en, self.title.fr) if self.title else ()
        return (*self.named, *(title for title in titles if title))


class Table(Dated):
    """One table of a source: a sheet of a workbook, or the whole of a CSV or JSON file.

    `sheet` are the names that its sheet may have: the first is the English one, the second the French one.
    `none_is_an_answer` is for a table of what need not have happened or be there. A table in which nothing is filled in
    is refused; in such a one the word for none (NONE), in its first column, says that there is nothing to list.
    `since` is the version of the template in which its sheet came; files made from an earlier one need not have it.
    A `cumulative` table holds what it held in earlier files, those of earlier cycles too; of the keys of the one before
    `may_lose_pct` percent may be gone, and no more, before that is told.
    `rows_recur` where the sheet lists the same things each cycle: a template then names those of the last cycle.
    `plausible` says how far numbers may be from those of earlier cycles.
    """

    one_row_is: Text
    sheet: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    columns: dict[Name, Column]
    refers_to: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    states: tuple[Statement, ...] = ()
    as_of: tuple[str, ...] = ()
    dated_by: str | None = None
    within_cycle: bool = False
    optional: bool = False
    none_is_an_answer: bool = False
    since: int | None = Field(default=None, ge=2, exclude_if=_is_none)
    cumulative: bool = False
    may_lose_pct: float = Field(default=25, ge=0, le=100)
    rows_recur: bool = False
    plausible: Plausible | None = Field(default=None, exclude_if=_is_none)

    @field_validator("sheet", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_its_own_columns(self) -> Table:
        for field in ("key", "as_of"):
            for column in getattr(self, field):
                self._has(field, column)
        if self.dated_by:
            self._has("dated_by", self.dated_by)
        for columns in self.refers_to.values():
            for column in columns:
                self._has("refers_to", column)
        for statement in self.states:
            for column in statement.columns:
                self._has("states", column)
        return self

    @model_validator(mode="after")
    def _names_its_rows(self) -> Table:
        if self.rows_recur and self.row_name is None:
            raise ValueError("rows_recur needs a key of one column, beside that of the mission that sends the file")
        return self

    @model_validator(mode="after")
    def _spells_each_column_its_own_way(self) -> Table:
        taken: dict[str, str] = {}
        for name, column in self.columns.items():
            for spelling in (name, *column.spellings):
                other = taken.setdefault(normalised_header(spelling), name)
                if other != name:
                    raise ValueError(f"'{spelling}' is a name of both {other} and {name}; keep it for one of them")
        return self

    def _has(self, field: str, column: str) -> None:
        if column not in self.columns and column != "mission":
            raise ValueError(f"{field} names the column '{column}'; allowed: {', '.join(self.columns)}")

    @property
    def answered_in(self) -> str | None:
        """The column in which the source explains unusual numbers of a row; None where there is none."""
        return next((name for name, column in self.columns.items() if column.answers), None)

    @property
    def columns_read(self) -> dict[str, Column]:
        """The columns that are read; personal ones never are."""
        return {name: column for name, column in self.columns.items() if not column.personal}

    def title(self, column: str, language: Language = "en") -> str:
        """Return the header of a column as people read it."""
        given = self.columns[column].title if column in self.columns else None
        if given:
            return given.text(language)
        return readable(column)

    @property
    def row_name(self) -> str | None:
        """The column that names a row; None where several do."""
        names = [name for name in self.key if name in self.columns]
        return names[0] if len(names) == 1 else None

    @property
    def main_numbers(self) -> tuple[str, ...]:
        """The columns whose sums tell a sender whether the table was read as it was meant: counts that have a unit."""
        return tuple(name for name, column in self.columns_read.items() if column.type == "count" and column.unit)

    def bounds(self, column: str) -> Plausible:
        """Return how far a number of a column may be from earlier ones."""
        return self.columns[column].plausible or self.plausible or USUAL

    def sheet_name(self, language: Language) -> str | None:
        """Return the name of the table's sheet in a language; None where the contract names none."""
        if not self.sheet:
            return None
        return self.sheet[1] if language == "fr" and len(self.sheet) > 1 else self.sheet[0]


class Api(Frozen):
    """A data set of an HTTP API, relative to the hub's base address (setting A4P_HUB_URL)."""

    path: str


class Claims(Frozen):
    """Where a mission's file says whose it is and which cycle it covers: `table.column`."""

    mission: str
    cycle: str


class Source(Dated):
    """Who answers for a source, and by when it is due: its contract without the tables.

    `none` are words that say, besides those of NONE, that a table has nothing to list. `template` is the version of the
    template that is filled in: it grows when more is asked for.
    `none` are words that say, besides those of NONE, that a table has nothing to list. `sent_in_parts` lets files that
    say so in their names be read together: part 1 of 2, and the quarters where the cadence is quarterly.
    """

    source: Name
    title: Label
    owner: str
    contact: tuple[str, ...]
    classification: Classification
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "each cycle"] = "each cycle"
    sent_by: Literal["headquarters", "missions"]
    due_days: int = Field(ge=0)
    required: bool = True
    sent_in_parts: bool = True
    nulls: tuple[str, ...] = ("",)
    none: tuple[str, ...] = ("Nil", "Aucun", "Aucune")
    api: Api | None = None
    claims: Claims | None = None
    template: int = Field(default=1, ge=1, exclude_if=lambda version: version == 1)

    @property
    def words_for_none(self) -> tuple[str, ...]:
        """The words that say that a table has nothing to list."""
        return (NONE.text("en"), NONE.text("fr"), *self.none)

    def due(self, cycle: Cycle) -> date:
        """Return the day by which the source's files of a cycle are due."""
        return cycle.end + timedelta(days=self.due_days)


class Contract(Source):
    """What one source delivers, who answers for it, by when."""

    tables: dict[Name, Table]
    _place: str = PrivateAttr(default="config/sources")

    @property
    def place(self) -> str:
        """File and line of its classification."""
        return self._place

    @property
    def head(self) -> Source:
        """The contract without its tables."""
        return Source.model_construct(**{name: getattr(self, name) for name in Source.model_fields})

    @model_validator(mode="after")
    def _holds_together(self) -> Contract:
        for name, table in self.tables.items():
            for target in table.refers_to:
                if target not in self.tables:
                    raise ValueError(f"{name} refers to '{target}'; allowed: {', '.join(self.tables)}")
            if self.sent_by == "headquarters" and "mission" in table.key and "mission" not in table.columns:
                raise ValueError(f"the key of {name} names 'mission', which is no column of it")
        return self

    @model_validator(mode="after")
    def _none_is_no_value(self) -> Contract:
        """Let the word for none stand only where it cannot be taken for a value of the column."""
        words = {word.lower() for word in self.words_for_none}
        for name, table in self.tables.items():
            first, column = next(iter(table.columns_read.items()))
            listed = any(value.lower() in words for value in column.one_of or ())
            if table.none_is_an_answer and (column.type not in ("text", "mission") or listed):
                raise ValueError(
                    f"none_is_an_answer of {name}: a word in its first column '{first}' could be a value; "
                    "allowed where that column holds a text or a mission, and no such word is in its list"
                )
        return self

    @model_validator(mode="after")
    def _asks_in_a_version(self) -> Contract:
        """Let nothing be asked for from a version of the template on that is still to come."""
        for name, table in self.tables.items():
            since = {name: table.since} | {f"{name}.{each}": c.required_since for each, c in table.columns.items()}
            for place, version in since.items():
                if version is not None and version > self.template:
                    raise ValueError(
                        f"{place} is asked for from version {version} of the template on, and the contract's template "
                        f"is of version {self.template}; allowed: 2 to the contract's 'template'"
                    )
        return self

    def of_template(self, version: int | None) -> Contract:
        """Return what a file must have that was made from a version of the template; None where it does not say so."""
        if version is None or version >= self.template:
            return self
        tables = {}
        for name, table in self.tables.items():
            columns = {
                each: column.model_copy(update={"required": False})
                if _is_later(column.required_since, version)
                else column
                for each, column in table.columns.items()
            }
            optional = table.optional or _is_later(table.since, version)
            tables[name] = table.model_copy(update={"columns": columns, "optional": optional})
        return self.model_copy(update={"tables": tables})

    def table_title(self, table: str, language: Language = "en") -> str:
        """Return what a table is called as people read it: by its sheet, where the contract names one."""
        known = self.tables.get(table)
        return (known.sheet_name(language) if known else None) or readable(table)

    @property
    def covers(self) -> frozenset[str]:
        """The tables that say whose a file is, and of which cycle, and report nothing."""
        return (
            frozenset(path.split(".")[0] for path in (self.claims.mission, self.claims.cycle))
            if self.claims
            else frozenset()
        )


def _is_later(since: int | None, version: int) -> bool:
    return since is not None and since > version
