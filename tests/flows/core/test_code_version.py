"""What a module imports is found in its text without parsing it; parsing it says whether all was found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.core import code_version

CODE = [
    file
    for room in ("config", "expectations", "flows", "transforms")
    for file in code_version.HERE.glob(f"{room}/**/*.py")
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
        assert set(parsed(code)) <= set(code_version._names(code)), file


def test_what_is_imported_for_types_alone_does_not_count(tmp_path):
    file = tmp_path / "some.py"
    named = "if TYPE_CHECKING:\n    from flows.refresh import story\n\n    from flows.core import logs\n"
    file.write_text(f"from flows.core import steps\n\n{named}\n\ndef late():\n    import flows.stores.turns\n")
    found = {str(path.relative_to(code_version.HERE)) for path in code_version._imported(file)}
    assert found >= {"flows/core/steps.py", "flows/stores/turns.py"}
    assert not found & {"flows/refresh/story.py", "flows/core/logs.py"}
    # so no step depends on all that the face of the pipeline names
    face = code_version._imported(code_version.HERE / "flows/__init__.py")
    assert {path.relative_to(code_version.HERE) for path in face} <= {Path("flows/__init__.py")}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import flows.intake.gate.gate as gate, config", ["flows.intake.gate.gate", "config"]),
        ("from flows.intake import gate as a, read  # (both", ["flows.intake.gate", "flows.intake.read"]),
        (
            "from flows.intake import (\n    gate,  # first :)\n    read as b,\n)\n",
            ["flows.intake.gate", "flows.intake.read"],
        ),
        ("def late():\n    from transforms.p4_safety import tables\n", ["transforms.p4_safety.tables"]),
        ("important = 1\nfrom_here = 2  # import flows.intake.gate.gate\n", []),
    ],
)
def test_imports_are_found(code, names):
    assert list(code_version._names(code)) == names
