"""The templates of the pages, read once a process."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent


@cache
def template(name: str) -> jinja2.Template:
    """Return a template of this folder by its file's name; to compile it takes longer than to fill it in."""
    import jinja2  # only the refresh needs it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def dressed(colours: Iterable[str] = (), more: str = "") -> dict[str, str]:
    """Return what a page is filled in with for its looks: its `style`, and the `policy` that lets nothing else in.

    In: colours of legends, as #rrggbb; each gets a class `of-rrggbb`, for no element may have a style of its own; a
    further style sheet of this folder that a page has beside the one of all.
    The policy knows the style by its hash. No script runs and nothing is fetched or sent, so that who opens a page from
    a mail or a share need not trust what it was made from. A meta element cannot say frame-ancestors.
    """
    rules = (f".of-{colour.removeprefix('#')} {{ background: {colour}; }}\n" for colour in sorted(set(colours)))
    style = "".join((_sheet(), _sheet(more) if more else "", *rules))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    said = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return {"style": style, "policy": said}


@cache
def _sheet(name: str = "page.css") -> str:
    return (_HERE / name).read_text(encoding="utf-8")
