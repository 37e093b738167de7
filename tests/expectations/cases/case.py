"""A rule of a table and what trips it, and the cases that the rules of a contract have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.expectations.clean import CONFIG, Sent
from tests.expectations.rows import CLEAN
from tests.expectations.rows.cells import Cells
from tests.expectations.rows.mission_report import MISSION

MARK = "Zyxwv-Qrstu"


@dataclass(frozen=True)
class Case:
    """A rule of a table, and what is changed in a clean row, the first, to trip it.

    `also` are rules that the change trips too; `points_at` is the row that is told, where it is another one. `others`
    are changes of further rows by their place among the clean ones, or rows like the changed one behind them; those of
    `told_too` are told as well.
    """

    table: str
    rule: str
    severity: str
    column: str | None
    cells: Cells = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    mission: str = MISSION
    shifted: bool = False
    repeated: bool = False
    at: int = 0
    points_at: int | None = None
    others: Mapping[int, Cells] = field(default_factory=dict)
    told_too: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.table}-{self.rule}"

    def sent(self) -> Sent:
        rows = [dict(row) for row in CLEAN[self.table]]
        rows[self.at] |= self.cells
        for place, cells in self.others.items():
            rows[place:] = [dict(rows[place] if place < len(rows) else rows[self.at]) | cells, *rows[place + 1 :]]
        if self.repeated:
            rows.append(dict(rows[self.at]))
        return Sent(rows, self.mission, (self.at,) if self.shifted else ())

    @property
    def row(self) -> int:
        """The row of the file that is told; the header is the first."""
        if self.repeated:
            return len(CLEAN[self.table]) + 2
        return 2 + (self.at if self.points_at is None else self.points_at)

    @property
    def rows(self) -> list[int]:
        """All rows of the file that are told."""
        return sorted([self.row, *(2 + place for place in self.told_too)])


def at(row: int, *cases: Case) -> list[Case]:
    """Change this clean row instead of the first."""
    return [replace(case, at=row) for case in cases]


def also(rules: Iterable[str], *cases: Case) -> list[Case]:
    """Say which rules are tripped too."""
    return [replace(case, also=case.also | set(rules)) for case in cases]


def blank(table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_given", "critical", column, {column: None}) for column in columns]


def spaced(table: str, *columns: str) -> list[Case]:
    """Texts with spaces around them, and errors of a spreadsheet in place of those that are in no list."""
    first = CLEAN[table][0]
    definition = CONFIG.table_contract(table)[1]
    return (
        [Case(table, f"{name}_has_no_spaces_around_it", "info", name, {name: f"{first[name]} "}) for name in columns]
        + [
            Case(table, f"{name}_has_no_spaces_around_it", "info", name, {name: f"\u00a0{first[name]}"})
            for name in columns[:1]
        ]
        + [
            case
            for name in columns
            if not definition.columns[name].one_of
            for case in also(
                [f"{keys[-1]}_is_one_of_{parent}" for parent, keys in definition.refers_to.items() if name in keys],
                *errors(table, name),
            )
        ]
    )


def errors(table: str, column: str) -> list[Case]:
    return [
        Case(table, f"{column}_holds_no_error", "critical", column, {column: cell})
        for cell in ("#VALEUR!", "#DIV/0!", "#NAME?", "Err:502")
    ]


# for each type, what can be read in several ways
UNCLEAR = {"count": ("218.000", "2\n120", "1,234 567"), "number": ("2\t120", "1,234 567")}


def no(kind: str, table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_a_{kind}", "critical", column, {column: MARK}) for column in columns] + [
        Case(table, f"{column}_is_read_one_way", "critical", column, {column: cell})
        for column in columns
        for cell in UNCLEAR.get(kind, ())
    ]


def of_one(table: str, column: str, *others: Cells, at: int = 0) -> Case:
    """Three shares of one in a column of percentages, the further ones in rows of their own or in clean ones."""
    places = range(len(CLEAN[table]), len(CLEAN[table]) + len(others))
    further = {place: {column: "0.3"} | row for place, row in zip(places, others, strict=True)}
    return Case(
        table, f"{column}_is_in_percent", "critical", column, {column: "0.31"}, others=further, told_too=tuple(places)
    )


def unlisted(table: str, *columns: str) -> list[Case]:
    return [Case(table, f"{column}_is_one_of_the_list", "critical", column, {column: MARK}) for column in columns]


def negative(table: str, column: str, **others: str | None) -> list[Case]:
    return [Case(table, f"{column}_is_in_range", "critical", column, {column: "-98765", **others})]


def one(table: str, rule: str, severity: str, column: str, **cells: str | None) -> Case:
    return Case(table, rule, severity, column, cells)


def country(table: str, of: str) -> list[Case]:
    written = frozenset({"m49_code_is_written_as_text"})
    return [
        one(table, "m49_code_is_there", "info", "m49_code", m49_code=None),
        one(table, "iso_alpha3_is_there", "info", "iso_alpha3", iso_alpha3=None),
        one(table, "m49_code_is_written_as_text", "info", "m49_code", m49_code="250.0"),
        one(table, f"m49_code_is_of_the_{of}", "warning", "m49_code", m49_code="642"),
        one(table, f"iso_alpha3_is_of_the_{of}", "warning", "iso_alpha3", iso_alpha3="ROU"),
        Case(table, "m49_code_is_a_m49", "warning", "m49_code", {"m49_code": MARK}, also=written),
        *also(["m49_code_is_a_m49", *written], *errors(table, "m49_code")),
        *also([f"iso_alpha3_is_of_the_{of}"], *errors(table, "iso_alpha3")),
    ]


def repeated(table: str, column: str) -> Case:
    return Case(table, "row_is_listed_once", "critical", column, repeated=True)
