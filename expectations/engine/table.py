"""A frame under validation: its one query, its answers, and a pandas copy where something asks for one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from expectations.engine.conditions import predicate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Question:
    """One value wanted of a frame, or of the rows of it that a condition keeps; equal keys are equal questions.

    With `rows`, `value` marks rows, and their positions are wanted; `whole` says that whether a row is marked depends
    on other rows, too.
    """

    key: Hashable
    value: pl.Expr
    condition: Any = None
    rows: bool = False
    whole: bool = False


class Table:
    """A frame and what has been found in it; made for one validation and dropped after it."""

    def __init__(self, frame: pl.DataFrame | pl.LazyFrame, *, streamed: bool = False) -> None:
        self._streamed = streamed
        self._frame: pl.DataFrame | pl.LazyFrame = frame
        lazy = frame.lazy()
        self._row = "row"
        while self._row in lazy.collect_schema():
            self._row += "_"
        # Great Expectations counts NaN as missing, and compares categories by their text.
        self._lazy = lazy.with_columns(
            cs.float().fill_nan(None), cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String)
        ).with_row_index(self._row)
        schema = self._lazy.collect_schema()
        self.schema: dict[str, pl.DataType] = {name: dtype for name, dtype in schema.items() if name != self._row}
        self.found: dict[Hashable, Any] = {}
        self.refused: dict[Hashable, Exception] = {}
        self._pandas: pd.DataFrame | None = None

    @property
    def pandas(self) -> pd.DataFrame:
        """A copy for metrics that only Great Expectations' pandas engine knows."""
        if self._pandas is None:
            self._pandas = self._frame.lazy().collect().to_pandas()
        return self._pandas

    def release(self) -> None:
        """Let go of the frame. Great Expectations remembers the last batch, and a frame may be large."""
        self._frame = self._lazy = pl.LazyFrame()
        self._pandas = None
        self.found.clear()

    def answer(self, questions: Iterable[Question]) -> None:
        """Answer all questions not answered yet in one query; a question that cannot be answered spoils no other."""
        new = {q.key: q for q in questions if q.key not in self.found and q.key not in self.refused}
        try:
            self._collect(new)
        except Exception:
            # A type that does not fit shows when a query is planned, so the culprits are found without running one.
            sound = {key: question for key, question in new.items() if self._can_be_planned(question)}
            try:
                self._collect(sound)
            except Exception:
                for key, question in sound.items():
                    self._collect_alone(key, question)

    def _collect(self, questions: dict[Hashable, Question]) -> None:
        groups: dict[str, list[Question]] = {}
        for question in questions.values():
            groups.setdefault(repr(question.condition), []).append(question)
        if self._streamed:
            for group in groups.values():
                self._stream(group)
            return
        # The streaming engine is no faster for what can be held.
        results = pl.collect_all([self._query(group) for group in groups.values()], engine="in-memory")
        for group, result in zip(groups.values(), results, strict=True):
            self._note(group, result)

    def _query(self, group: list[Question]) -> pl.LazyFrame:
        return self._rows(group).select(
            (pl.col(self._row).filter(question.value).implode() if question.rows else question.value).alias(str(number))
            for number, question in enumerate(group)
        )

    def _rows(self, group: list[Question]) -> pl.LazyFrame:
        condition = group[0].condition
        return self._lazy if condition is None else self._lazy.filter(predicate(condition, self.schema))

    def _note(self, group: list[Question], result: pl.DataFrame) -> None:
        for number, question in enumerate(group):
            self.found[question.key] = result.get_column(str(number))[0]

    def _stream(self, group: list[Question]) -> None:
        """Answer questions of the same rows without holding them: of rows, only those that a mark is on are kept."""
        values = [question for question in group if not question.rows]
        marks = [question for question in group if question.rows and not question.whole]
        # what waits for all rows would make the others wait with it, in memory
        alone = [[question] for question in group if question.rows and question.whole]
        if values:
            self._note(values, self._query(values).collect(engine="streaming"))
        for some in [marks, *alone]:
            if not some:
                continue
            masks = {str(number): question.value for number, question in enumerate(some)}
            marked = self._rows(some).select(self._row, **masks).filter(pl.any_horizontal(*masks))
            # that engine does not promise the order of rows
            found = marked.collect(engine="streaming").sort(self._row)
            for name, question in zip(masks, some, strict=True):
                self.found[question.key] = found.filter(name).get_column(self._row)

    def _can_be_planned(self, question: Question) -> bool:
        try:
            self._query([question]).collect_schema()
        except Exception as error:
            self.refused[question.key] = error
            return False
        return True

    def _collect_alone(self, key: Hashable, question: Question) -> None:
        try:
            self._collect({key: question})
        except Exception as error:
            self.refused[key] = error
