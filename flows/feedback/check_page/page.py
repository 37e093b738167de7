"""The page as one HTML document: style, script and words inside it, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from config import Config, Language, by_its_config
from expectations.messages import forms_of

_HERE = Path(__file__).parent
_LANGUAGES: tuple[Language, ...] = ("en", "fr")


@by_its_config
def page(config: Config, most_megabytes: int) -> str:
    """Return the document, with the words of both languages and the choices in it."""
    facts: dict[str, Any] = {
        "texts": {one: forms_of("page_", one) for one in _LANGUAGES},
        "megabytes": most_megabytes,
        "missions": config.missions_of_any_cycle,
        "cycles": sorted(config.cycles),
        "sources": {
            one: {source: contract.title.text(one) for source, contract in config.contracts.items()}
            for one in _LANGUAGES
        },
    }
    # in a script element a `<` could end it
    said = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    html = (_HERE / "page.html").read_text(encoding="utf-8")
    inside = {
        "/* page.css */": (_HERE / "page.css").read_text(encoding="utf-8"),
        "/* page.js */": (_HERE / "page.js").read_text(encoding="utf-8"),
        "/* facts */": said,
    }
    for mark, content in inside.items():
        html = html.replace(mark, content)
    return html


def policy(html: str) -> str:
    """Return the content security policy: this document's own style and script by their hashes, nothing else."""
    style = _hash(re.search(r"<style>(.*?)</style>", html, re.DOTALL))
    script = _hash(re.search(r"<script>(.*?)</script>", html, re.DOTALL))
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(found: re.Match[str] | None) -> str:
    assert found
    digest = hashlib.sha256(found[1].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
