"""What a module imports is found in its text without parsing it; parsing it says whether all was found."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from flows import fingerprint

CODE = [
    file
    for room in ("config", "expectations", "flows", "transforms")
    for file in fingerprint.HERE.glob(f"{room}/**/*.py")
]


def parsed(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_import_of_the_project_is_missed():
    assert len(CODE) > 150
    for file in CODE:
        code = file.read_text()
        assert set(parsed(code)) <= set(fingerprint._names(code)), file


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import flows.gate as gate, config", ["flows.gate", "config"]),
        ("from flows import gate as a, pull  # (both", ["flows.gate", "flows.pull"]),
        ("from flows import (\n    gate,  # first :)\n    pull as b,\n)\n", ["flows.gate", "flows.pull"]),
        ("def late():\n    from transforms.p4_safety import tables\n", ["transforms.p4_safety.tables"]),
        ("important = 1\nfrom_here = 2  # import flows.gate\n", []),
    ],
)
def test_imports_are_found(code, names):
    assert list(fingerprint._names(code)) == names
