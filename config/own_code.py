"""Modules of tables and of rules in the user's configuration folder: `tables/*.py` and `rules/*.py`.

They are imported under a name of their own, so that they take the place of no module of the pipeline. A name that
begins with `_` is for what several of them share; they import it relatively (`from ._shared import …`).
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

from config.errors import ConfigError

Kind = Literal["tables", "rules"]
KINDS: tuple[Kind, ...] = ("tables", "rules")
_PREFIX = "a4p_own_"


def names(kind: Kind, folder: Path | None) -> tuple[str, ...]:
    """Return the names of a folder's modules, none where there is no folder; nothing is imported."""
    if folder is None:
        return ()
    files = sorted(path for path in (folder / kind).glob("*.py") if not path.name.startswith("_"))
    return tuple(f"{_package(folder)}.{kind}.{path.stem}" for path in files)


def modules(kind: Kind, folder: Path | None) -> tuple[ModuleType, ...]:
    """Return a folder's modules. Raises ConfigError with file and line where one cannot be imported."""
    return tuple(_imported(name, folder) for name in names(kind, folder) if folder)


def is_own(module: str) -> bool:
    """Tell whether a module is of a user's folder, by its name."""
    return module.startswith(_PREFIX)


def is_of(module: str, folder: Path | None) -> bool:
    """Tell whether a module is of a folder, by its name."""
    return folder is not None and module.startswith(f"{_package(folder)}.")


def files(module: str) -> dict[str, Path]:
    """Return all code of the folder that a module is of, by name: each may import the others.

    Raises ValueError where nothing of that folder was asked for in this process.
    """
    package = module.split(".", maxsplit=1)[0]
    if package not in _FOLDERS:
        raise ValueError(f"{module} is of no folder that is known here.")
    folder = _FOLDERS[package]
    return {str(path.relative_to(folder)): path for kind in KINDS for path in sorted((folder / kind).rglob("*.py"))}


def place_of(error: BaseException, folder: Path) -> str:
    """Return file and line of the folder's code at which an error arose; of the folder where it is of no line."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    inside = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).is_relative_to(folder)]
    return f"{inside[-1].filename}:{inside[-1].lineno}" if inside else str(folder)


_FOLDERS: dict[str, Path] = {}


@cache
def _package(folder: Path) -> str:
    """Return the name of the package that a folder is imported as, which there is from now on."""
    name = _PREFIX + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    for package, path in ((name, folder), *((f"{name}.{kind}", folder / kind) for kind in KINDS)):
        made = ModuleType(package)
        made.__path__ = [str(path)]
        sys.modules[package] = made
    _FOLDERS[name] = folder.resolve()
    return name


def _imported(name: str, folder: Path) -> ModuleType:
    try:
        return import_module(name)
    except ConfigError:
        raise
    except Exception as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ConfigError(f"{place_of(error, folder.resolve())}: {type(error).__name__}: {said}.") from error
