"""What a result depends on besides its input: the text of the code and the YAML that made it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from config import Config, own_code

HERE = Path(__file__).parent.parent.parent
_ROOMS = ("config", "expectations", "flows", "transforms")
# an import statement holds no text: in it, '#' begins a comment (parsing the code takes five times as long)
_COMMENT = re.compile(r"#.*")
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|(.+))|import[ \t]+(.+))$", re.MULTILINE
)
# what is imported for types alone makes no result
_FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:(?:[ \t].*)?\n)+", re.MULTILINE)
# with another version of these the same code may give other bytes
_LIBRARIES = ("polars", "great-expectations", "fastexcel", "sqlglot", "babel", "pycountry")


@cache
def of(*parts: str) -> str:
    """Return a short hash of files or folders of the project, named by their paths from its top."""
    files: list[Path] = []
    for part in parts:
        path = HERE / part
        files += (
            [path]
            if path.is_file()
            else sorted(p for p in path.rglob("*") if p.suffix in {".py", ".yaml", ".csv", ".j2", ".css"})
        )
    return _of_files(files)


@cache
def of_code(*modules: str) -> str:
    """Return a short hash of modules, all of the project's that they import, and the libraries that do the work.

    In: their names, such as `transforms.p4_safety`. Raises ValueError for one that is not the project's.
    """
    needed: set[Path] = set()
    own = {path for module in modules if own_code.is_own(module) for path in own_code.files(module).values()}
    waiting = [_file(module) for module in modules if not own_code.is_own(module)]
    waiting += [path for file in sorted(own) for path in _imported(file)]
    while waiting:
        file = waiting.pop()
        if file is None:
            raise ValueError(f"Of these modules, one is not of this project: {', '.join(modules)}.")
        if file not in needed:
            needed.add(file)
            waiting += _imported(file)
    # all code of a user's folder counts together
    return _hash(
        _of_files(sorted(needed, key=_place))
        + _libraries()
        + "".join(f" {file} {_of_file(file)}" for file in sorted(own))
    )


def of_pipeline() -> str:
    """Return the hash of all code and configuration that a release depends on."""
    return of(*_ROOMS)


def of_parts(config: Config) -> dict[str, str]:
    """Return the hashes of the parts that a change of a figure can come from, as the configuration in use has them.

    `contracts/<source>` and `figures/<name>` each; `decisions`, the corrections and waivers; `rules`, all that the data
    are held against and that tables are calculated by.
    """
    lists = (config.missions, config.countries, config.cycles)
    return {
        **{f"contracts/{source}": _of_models(contract) for source, contract in config.contracts.items()},
        **{f"figures/{name}": _of_models(definition) for name, definition in config.figures.items()},
        "decisions": _of_models((config.corrections, config.waivers)),
        "rules": _hash(of("expectations", "transforms") + _of_models(lists) + _of_own(config.folder)),
    }


def _of_own(folder: Path | None) -> str:
    """Return the hash of the user's modules of tables and rules; '' where there are none."""
    named = [name for kind in own_code.KINDS for name in own_code.names(kind, folder)]
    files = {name: _of_file(path) for one in named for name, path in own_code.files(one).items()}
    return _hash(repr(sorted(files.items()))) if files else ""


def modules_in(package: str) -> tuple[str, ...]:
    """Return the names of all modules in a package of the project, those in its packages too."""
    files = (HERE / package.replace(".", "/")).rglob("*.py")
    names = (".".join(file.relative_to(HERE).with_suffix("").parts) for file in files)
    return tuple(sorted(name.removesuffix(".__init__") for name in names))


def is_ours(module: str) -> bool:
    """Tell whether a module is one of the project's files."""
    return own_code.is_own(module) or _file(module) is not None


def _of_files(files: Iterable[Path]) -> str:
    return _hash("".join(f"{_place(file)} {_of_file(file)}\n" for file in files))


# asked for each step, and each costs more than the rest of its key
@cache
def _libraries() -> str:
    return _hash(" ".join(f"{library} {version(library)}" for library in _LIBRARIES))


@cache
def _place(file: Path) -> str:
    return str(file.relative_to(HERE))


@cache
def _of_file(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@cache
def _imported(file: Path) -> tuple[Path, ...]:
    """Return the files of the project that a file imports itself, late imports too, but none for types alone."""
    found = []
    for name in _names(_FOR_TYPES.sub("", file.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] in _ROOMS:
            # a name that is imported from a module may be a module itself, and its packages are run before it
            found += [_file(".".join(parts[:length])) for length in range(1, len(parts) + 1)]
    return tuple(path for path in found if path)


def _names(code: str) -> Iterator[str]:
    """Yield what a module's import statements name; an example in a docstring may be taken for one."""
    for module, several, one, plain in _IMPORT.findall(_COMMENT.sub("", code)):
        for name in (several or one or plain).split(","):
            # as it is called there, not here
            bare = name.split(" as ")[0].strip()
            if bare:
                yield f"{module}.{bare}" if module else bare


@cache
def _file(module: str) -> Path | None:
    path = HERE / module.replace(".", "/")
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((one for one in candidates if module.split(".", maxsplit=1)[0] in _ROOMS and one.is_file()), None)


def _of_models(models: Any) -> str:
    return _hash(to_json(models).decode())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
