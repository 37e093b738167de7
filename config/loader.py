"""Read the project's YAML files so that a mistake in one is reported with file, line and what is allowed.

Every scalar is read as text and typed by the pydantic model it is for. YAML's own guesses (`NO` a boolean,
`004` a number) never touch a country code or a word that stands in a cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, RootModel, ValidationError

from config.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Where = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Line(NamedTuple):
    """A line of a file, the first being 1."""

    file: Path
    number: int

    def __str__(self) -> str:
        """Return it as editors take it."""
        return f"{self.file}:{self.number}"

    @property
    def in_its_folder(self) -> str:
        """The same with no more of the path than the configuration's own folder."""
        folders = 3 if self.file.parent.name in {"sources", "published"} else 2
        return f"{'/'.join(self.file.parts[-folders:])}:{self.number}"


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, with the file and line of each of its nodes by path (`('tables', 'noticas', 'key')`).

    Several files laid over each other are one document, whose nodes stand in different files.
    """

    path: Path
    data: Any
    lines: Mapping[Where, Line]

    def line(self, where: Where) -> Line:
        """Return the file and line (1-based) of the deepest known node on the way to `where`."""
        for depth in range(len(where), 0, -1):
            if where[:depth] in self.lines:
                return self.lines[where[:depth]]
        return Line(self.path, 1)

    def mistake(self, where: Where, text: str) -> ConfigError:
        """Return the error that names file and line of a node, and says what is wrong with it."""
        return ConfigError(f"{self.line(where)}: {text}.")

    def place(self, where: Where) -> str:
        """Return file and line of a node as they can be published: `config/waivers.yaml:12`, without what is above."""
        return self.line(where).in_its_folder


def read(path: Path) -> Document:
    """Read one YAML file; all scalars come as text, an empty one as None.

    Raises ConfigError where the file is missing, is not YAML, or names a key twice.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {getattr(error, 'problem', None) or error}.") from None
    lines: dict[Where, Line] = {}
    data = None if node is None else _plain(node, (), lines, path)
    return Document(path, data, lines)


def _plain(node: yaml.Node, where: Where, lines: dict[Where, Line], path: Path) -> Any:
    lines[where] = Line(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                raise ConfigError(
                    f"{path}:{key_node.start_mark.line + 1}: '{key}' stands here twice; keep one of them."
                )
            mapping[key] = _plain(value_node, (*where, key), lines, path)
            lines[(*where, key)] = Line(path, key_node.start_mark.line + 1)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*where, number), lines, path) for number, child in enumerate(node.value)]
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def parse(document: Document, model: type[Model], under: Where = ()) -> Model:
    """Check one node of a document against a pydantic model.

    Raises ConfigError with one line for each mistake: file, line, what is wrong and what is allowed.
    """
    data = document.data
    for step in under:
        data = data[step]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        mistakes = sorted(
            (document.line((*under, *_without_branches(mistake["loc"]))), told_plainly(mistake, model))
            for mistake in error.errors()
        )
        raise ConfigError("\n".join(f"{line}: {text}" for line, text in mistakes)) from None


def read_table(path: Path, model: type[Model]) -> tuple[Model, ...]:
    """Read a CSV file, one row a model; an empty cell counts as not given.

    Raises ConfigError that names file, line and column for a mistake.
    """
    lines = _csv_lines(path)
    if not lines:
        raise ConfigError(f"{path}:1: the file is empty; its first line names the columns.")
    (at, header), rows = lines[0], lines[1:]
    if mistake := _header_mistake(header, model):
        raise ConfigError(f"{path}:{at}: {mistake}")
    if not rows:
        raise ConfigError(f"{path}:{at}: there is no row below the names of the columns.")
    made: list[Model] = []
    for line, cells in rows:
        if len(cells) != len(header):
            raise ConfigError(
                f"{path}:{line}: {len(cells)} cells, where the first line names {len(header)} columns; put a text with "
                f"commas into quotation marks."
            )
        try:
            made.append(model.model_validate({name: cell for name, cell in zip(header, cells, strict=True) if cell}))
        except ValidationError as error:
            raise ConfigError(f"{path}:{line}: {told_plainly(error.errors()[0], model, 'the row')}") from None
    return tuple(made)


def _csv_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV file that have a cell, each with the line that it begins on."""
    found: list[tuple[int, list[str]]] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: this is no text in UTF-8; save the file as CSV in UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; give a CSV file that can be read.") from None
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{path}:{line}: this row is no CSV ({error}).") from None
    return found


def _header_mistake(header: list[str], model: type[BaseModel]) -> str:
    """Say what is wrong with the names of a CSV file's columns; nothing where they are right."""
    known = list(model.model_fields)
    again = [name for name in header if header.count(name) > 1]
    needed = [name for name, field in model.model_fields.items() if field.is_required() and name not in header]
    if again:
        return f"the column '{again[0]}' is named twice; keep one of them."
    if unknown := [name for name in header if name not in known]:
        return f"'{unknown[0]}' is no column of it; they are {', '.join(known)}, with commas between them."
    return f"the column '{needed[0]}' is missing." if needed else ""


def _without_branches(loc: Where) -> Where:
    # pydantic names the branch of a union and the key of a mapping in its path; neither is a node of the file
    return tuple(
        step for step in loc if not (isinstance(step, str) and (step.startswith("function-") or step == "[key]"))
    )


def told_plainly(mistake: Any, model: type[BaseModel], whole: str = "the file") -> str:
    """Return one mistake that pydantic found in a model as a sentence: which field, what is wrong, what is allowed.

    `whole` names the model itself, where no field of it is wrong by itself.
    """
    field = ".".join(str(step) for step in _without_branches(mistake["loc"])) or whole
    kind = mistake["type"]
    if kind == "missing":
        return f"'{field}' is missing."
    if kind == "extra_forbidden":
        return f"'{field}' is not known here; allowed: {', '.join(_fields(model, mistake['loc'][:-1]))}."
    if kind in {"literal_error", "enum"}:
        return f"'{field}' is '{mistake['input']}'; allowed: {mistake['ctx']['expected']}."
    return f"'{field}': {mistake['msg'].removeprefix('Value error, ')}."


def _fields(model: type[BaseModel], loc: Where) -> list[str]:
    """Return the field names allowed at a path, following models through lists, mappings and options."""
    annotation: Any = model
    if issubclass(model, RootModel):
        # it is what its entries are of
        annotation, loc = _inner(model.model_fields["root"].annotation), loc[1:]
    for step in loc:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(step))
            annotation = field.annotation if field else annotation
        annotation = _inner(annotation)
    annotation = _inner(annotation)
    fields = (annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model).model_fields
    # what says only in which cycles comes last
    ordered = sorted(fields.items(), key=lambda named: named[1].exclude_if is not None)
    return [field.alias or name for name, field in ordered]


def _inner(annotation: Any) -> Any:
    """Return the model inside `Model | None`, `list[Model]`, `dict[str, Model]`, or the annotation itself."""
    if isinstance(annotation, type) and not getattr(annotation, "__args__", None):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner(argument)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return annotation
