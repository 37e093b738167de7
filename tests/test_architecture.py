"""The map and the rooms: what docs/architecture.md and README.md name is there, and rooms use what others offer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
TOPS = ("benchmarks", "config", "docs", "expectations", "flows", "sample", "tests", "transforms")
ROOMS = sorted(folder.name for folder in (HERE / "flows").iterdir() if (folder / "__init__.py").is_file())
CODE = sorted(
    path for top in ("config", "expectations", "flows", "sample", "transforms") for path in HERE.glob(f"{top}/**/*.py")
)
PAGES = ("docs/architecture.md", "docs/runbook.md", "README.md")
# what runs modules without importing them
PROGRAMS = ("pyproject.toml", "prefect.yaml", "compose.yaml")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def file_of(module: str) -> Path | None:
    """The file of a module of the project."""
    path = HERE / module.replace(".", "/")
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def names_in(path: Path) -> set[str]:
    """What a module defines or imports at its top."""
    found = set()
    for node in tree(path).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found |= {alias.asname or alias.name for alias in names}
    return found


def is_there(dotted: str) -> bool:
    """Whether a module, something of a module, or something of a class of it is there by this name."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        if path := file_of(".".join(parts[:length])):
            rest = parts[length:]
            return not rest or rest[0] in names_in(path)
    return (HERE / "/".join(parts)).is_dir()


def paths_in(text: str) -> set[str]:
    """The project's files and folders that a text names; a gap in angle brackets may be anything."""
    return set(re.findall(rf"(?<![\w/.<>-])(?:{'|'.join(TOPS)})/[\w./*?<>-]*", re.sub(r"https?://\S+", "", text)))


def modules_in(text: str) -> set[str]:
    """The project's modules, and what is in them, that a text names; not files such as config.yaml."""
    return set(re.findall(rf"(?<![\w/.-])(?:{'|'.join(TOPS)})(?:\.[A-Za-z_]\w*)+(?!\w*[/(])", text)) - set(
        re.findall(r"[\w.]+\.(?:py|md|yaml|csv)\b", text)
    )


def missing_in(text: str) -> set[str]:
    """What a text names and is not there."""
    gaps = re.compile(r"<\w+>")
    paths = {path for path in paths_in(text) if not any(HERE.glob(gaps.sub("*", path).rstrip("./")))}
    return paths | {module for module in modules_in(text) if not is_there(module)}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    text = (HERE / page).read_text(encoding="utf-8")
    assert missing_in(text) == set()
    assert len(paths_in(text)) > 3


def test_what_code_and_comments_name_is_there() -> None:
    # a variable may be called config, expectations or figures: of these only files are looked at
    said = {path: missing_in(path.read_text(encoding="utf-8")) for path in CODE}
    missing = {
        str(path.relative_to(HERE)): found
        for path, names in said.items()
        if (found := {name for name in names if name.startswith("flows.") or name.endswith((".py", ".yaml"))})
    }
    assert missing == {}


def test_what_is_not_there_is_noticed() -> None:
    text = "`flows/gate.py`, `flows.gate.read`, `flows.intake.gate.gate.gates`, `config/sources/*.yml`, `docs/map.md`"
    assert missing_in(text) == set(text.replace("`", "").split(", "))
    right = "`flows/intake/gate/gate.py`, `flows.core.steps.key`, `config/sources/<source>.yaml`, `flows/core/`"
    assert (missing_in(right), len(paths_in(right)), len(modules_in(right))) == (set(), 3, 1)


def test_the_map_names_all_rooms_and_is_no_book() -> None:
    text = (HERE / "docs/architecture.md").read_text(encoding="utf-8")
    assert len(ROOMS) == 9
    assert {room for room in ROOMS if f"`flows/{room}/`" in text} == set(ROOMS)
    drawing = text.split("```")[1]
    assert {room for room in (*ROOMS, "config", "expectations", "sample", "transforms") if room not in drawing} == set()
    assert len(text.splitlines()) <= 200
    assert "docs/architecture.md" in (HERE / "README.md").read_text(encoding="utf-8")


def uses(path: Path) -> Iterator[tuple[str, str]]:
    """Each package of another room, and what a module of this one imports from it."""
    own = path.relative_to(HERE / "flows").parts[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in imported:
            parts = name.split(".")
            if parts[0] != "flows" or len(parts) < 2 or parts[1] == own:
                continue
            for length in range(2, len(parts)):
                package = ".".join(parts[:length])
                if (HERE / package.replace(".", "/")).is_dir():
                    yield package, parts[length]


def offered(package: str) -> list[str]:
    """What a package lists in `__all__`."""
    file = file_of(package)
    assert file, package
    for node in tree(file).body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", None) for one in node.targets] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return []


def used() -> set[tuple[str, str, str]]:
    return {
        (str(path.relative_to(HERE)), package, name)
        for path in sorted((HERE / "flows").rglob("*.py"))
        for package, name in uses(path)
    }


def test_rooms_use_of_each_other_what_is_offered() -> None:
    found = used()
    assert len(found) > 150
    assert {one for one in found if one[2] not in offered(one[1])} == set()


def test_a_room_offers_what_somebody_outside_uses() -> None:
    """Modules that nobody outside needs are the room's own."""
    outside = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (*(HERE / name for name in PROGRAMS), *sorted((HERE / "benchmarks").rglob("*.py")))
    )
    from_rooms = {(package, name) for _, package, name in used()}

    def is_used(package: str, name: str) -> bool:
        here = rf"{re.escape(package)}\.{name}\b|from {re.escape(package)} import [^\n]*\b{name}\b"
        return (package, name) in from_rooms or re.search(here, outside) is not None

    packages = [".".join(file.parent.relative_to(HERE).parts) for file in (HERE / "flows").rglob("__init__.py")]
    modules = {
        (package, name)
        for package in packages
        if package != "flows"
        for name in offered(package)
        if file_of(f"{package}.{name}")
    }
    assert len(modules) > 40
    assert {one for one in modules if not is_used(*one)} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_what_it_may_name(room: str) -> None:
    said = ast.get_docstring(tree(HERE / "flows" / room / "__init__.py")) or ""
    first, _, more = said.partition("\n\n")
    assert first.endswith(".")
    assert re.search(r"\bmay name\b", more)
    assert offered(f"flows.{room}")


def test_no_module_is_longer_than_one_can_read() -> None:
    lengths = {str(path.relative_to(HERE)): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
