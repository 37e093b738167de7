"""What can be changed in a module: an operator turned, a constant made another, a filter dropped, and the like."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
DROPPED = {"filter", "unique", "drop_nulls", "fill_null", "sort", "round"}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"} | {
    "sum": "max",
    "any_horizontal": "all_horizontal",
    "all_horizontal": "any_horizontal",
    "is_null": "is_not_null",
    "is_not_null": "is_null",
}
# a text in these is a value that data are held against, or that is put in their place
OF_VALUES = {"lit", "is_in", "fill_null"}
# how Polars goes about it: the order that it gives by itself is no promise, and what it holds at once is no result
NO_PROMISE = {"maintain_order", "is_elementwise", "engine"}
WORDS = {"critical": "warning", "warning": "info", "info": "warning", "left": "inner", "semi": "anti"}


@dataclass(frozen=True)
class Change:
    """One change: in which module and function, of which bytes, and what these were and become.

    `lines` are the first and the last line of the function; of what is in none, those of the whole module.
    """

    path: str
    function: str
    lines: tuple[int, int]
    line: int
    start: int
    end: int
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {' '.join(self.was.split())}  →  {self.now or 'dropped'}"


def changed(source: bytes, changes: Iterable[Change]) -> bytes:
    """Return a module's source with changes that do not overlap."""
    for change in sorted(changes, key=lambda change: -change.start):
        source = source[: change.start] + change.now.encode() + source[change.end :]
    return source


def changes_in(path: Path, root: Path) -> list[Change]:
    """Return all changes that can be made in a module, in the order of its lines; each of them can be compiled."""
    source = path.read_bytes()
    starts = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]
    changes = {}
    for function, lines, top in _parts(ast.parse(source), len(starts)):
        for node, now in _below(top):
            start, end = starts[node.lineno - 1] + node.col_offset, _end(node, starts)
            if not now and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                # of a call that is dropped, what it is called on stays as it is
                start = source.index(b".", _end(node.func.value, starts))
            line = source.count(b"\n", 0, start) + 1
            change = Change(
                str(path.relative_to(root)), function, lines, line, start, end, source[start:end].decode(), now
            )
            changes[start, end, now] = change
    return [change for _, change in sorted(changes.items()) if _compiles(changed(source, [change]))]


def _end(node: ast.expr, starts: list[int]) -> int:
    return starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "changed", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _parts(tree: ast.Module, last: int) -> Iterator[tuple[str, tuple[int, int], ast.stmt]]:
    """Yield each statement of a module or class with its function's name and lines."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        for part in inner:
            if isinstance(part, ast.FunctionDef):
                first = min(line.lineno for line in (part, *part.decorator_list))
                yield part.name, (first, part.end_lineno or 0), part
            elif isinstance(part, ast.Assign | ast.AnnAssign) and getattr(part, "value", None):
                yield "", (1, last), part


def _below(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Yield what can be changed in a node and what is below it, and the text that takes its place."""
    match node:
        # where what stands in an f-string is cannot be told in Python 3.11; errors are texts for people
        case ast.JoinedStr() | ast.Raise() | ast.Import() | ast.ImportFrom() | ast.Assert():
            return
        case ast.FunctionDef():
            inner: Iterable[ast.AST] = [*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]
        case ast.AnnAssign():
            inner = [node.value] if node.value else []
        case ast.keyword(arg=name) if name in NO_PROMISE:
            return
        case _:
            inner = ast.iter_child_nodes(node)
    yield from _turned(node)
    for child in inner:
        yield from _below(child)


def _turned(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in OPERATORS:
            yield node, _text(node, op=OPERATORS[type(op)]())
        case ast.Compare():
            for place, turned in enumerate(node.ops):
                ops = [*node.ops[:place], OPERATORS[type(turned)](), *node.ops[place + 1 :]]
                yield node, _text(node, ops=ops)
            for side in (node.left, *node.comparators):
                yield from _texts(side)
        case ast.UnaryOp(op=ast.Invert() | ast.Not()):
            yield node, f"({ast.unparse(node.operand)})"
        case ast.Constant(value=bool() as value):
            yield node, str(not value)
        case ast.Constant(value=int() | float() as value):
            yield node, str(value + 1)
        case ast.Constant(value=str() as value) if value in WORDS:
            yield node, repr(WORDS[value])
        case ast.Call(func=ast.Attribute(attr=name, value=receiver)):
            if name in DROPPED and not (isinstance(receiver, ast.Name) and receiver.id == "pl"):
                yield node, ""
            if name in NAMES:
                yield node, _text(node, func=ast.Attribute(receiver, NAMES[name], ast.Load()))
            if name in OF_VALUES:
                for argument in node.args:
                    yield from _texts(argument)
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield node, _text(node, func=ast.Name(NAMES[name], ast.Load()))
        case ast.keyword(arg="value_set", value=values):
            yield from _texts(values)
    # a condition that is no comparison
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            tests = [test]
        case ast.comprehension(ifs=tests):
            pass
        case _:
            tests = []
    for test in tests:
        if isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.NamedExpr):
            yield test, f"(not ({ast.unparse(test)}))"


def _texts(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield the texts of a value, or of a list of them, each made another one."""
    for each in node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]:
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value not in WORDS:
            yield each, repr(f"{each.value}x")


def _text(node: ast.expr, **parts: object) -> str:
    other = copy.copy(node)
    for name, part in parts.items():
        setattr(other, name, part)
    return f"({ast.unparse(other)})"
