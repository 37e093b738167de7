"""The list of all releases at the root of the public store: what stands there, and that it follows each change."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from config import load
from flows.core.canonical import hash_of
from flows.releases import index, shelf
from flows.stores import Store

CONFIG = load()
MARK = {"release": "r002", "on": "2024-06-03T12:00:00+00:00", "to": "r001", "why": "<b>wrong</b> file\x1b"}


def release(public: Store, cycle: int, name: str, status: str = "final") -> None:
    folder = f"releases/{CONFIG.cycle(cycle).folder}/{name}"
    files = {"report.html": b"<p>", f"a4p-cycle-{cycle:02d}.xlsx": b"", "tables/figures.csv": b"a"}
    for path, data in files.items():
        public.write(f"{folder}/{path}", data)
    said = {"status": status, "as_of": "2024-04-30", "pipeline": {}, "lineage": {}}
    document = {
        "resources": [{"path": path, "hash": hash_of(data)} for path, data in files.items()],
        "sources": [{"received_at": "2024-05-02T10:00:00Z"}, {"received_at": "2024-05-01T10:00:00Z"}],
        "a4p": said,
    }
    public.write(f"{folder}/datapackage.json", json.dumps(document).encode())
    shelf.show_newest(public, CONFIG.cycle(cycle))


@pytest.fixture
def public(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "public"))
    release(store, 4, "r001")
    release(store, 5, "r001", "provisional")
    release(store, 5, "r002")
    index.show(store, CONFIG)
    return store


def page(public: Store) -> str:
    return public.read("index.html").decode()


def rows(html: str) -> list[list[str]]:
    """Return the texts of each row of its tables that has cells."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", html)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.split(r"</t[hd]><td>", row)] for row in found]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def test_each_release_stands_there_with_status_days_and_links_that_lead_somewhere(public: Store) -> None:
    told = [row[:4] for row in rows(page(public))]
    assert told == [
        ["r002", "2 May 2024", "30 April 2024", "Final"],
        ["r001", "2 May 2024", "30 April 2024", "Provisional"],
        ["r001", "2 May 2024", "30 April 2024", "Final"],
    ]
    links = _Links()
    links.feed(page(public))
    assert {"current/cycle-05/report.html", "releases/cycle-05/r001/report.html"} < set(links.found)
    lead = [path for path in links.found if not path.startswith(("current/all", "index.json"))]
    assert len(lead) == 3 * 3 + 2 * 3
    assert [path for path in lead if not public.exists(path)] == []


def test_it_follows_what_is_withdrawn_and_says_why(public: Store) -> None:
    shelf.mark_withdrawn(public, CONFIG.cycle(5), {"r002": MARK})
    index.show(public, CONFIG)
    (status,) = [row[3] for row in rows(page(public)) if row[0] == "r002"]
    assert status == "Final; withdrawn on 3 June 2024: &lt;b&gt;wrong&lt;/b&gt; file\\u001b"
    assert "Newest, release r001" in page(public)
    (told,) = [one for one in json.loads(public.read("index.json"))["cycles"] if one["cycle"] == 5]
    assert (told["latest"], told["releases"][1]["withdrawn"]["to"]) == ("r001", "r001")
    shelf.mark_withdrawn(public, CONFIG.cycle(5), {})
    index.show(public, CONFIG)
    assert "withdrawn" not in page(public)


def test_the_same_releases_give_the_same_bytes_and_no_descriptor_is_read_twice(
    public: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: public.read(path) for path in ("index.html", "index.json")}
    read: list[str] = []
    real = Store.read

    def noted(self: Store, path: str) -> bytes:
        read.append(path)
        return real(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "read", noted)
        index.show(public, CONFIG)
    assert "releases/cycle-05/r001/datapackage.json" not in read
    public.delete("index.json")
    public.delete("index.html")
    index.show(public, CONFIG)
    assert {path: public.read(path) for path in before} == before


def test_a_page_of_others_and_a_damaged_list_stop_nothing(public: Store) -> None:
    public.write("index.html", b"<p>our own site</p>")
    public.write("index.json", b"{")
    public.write("releases/cycle-05/r001/datapackage.json", b"{")
    index.show(public, CONFIG)
    assert page(public) == "<p>our own site</p>"
    (told,) = [one for one in json.loads(public.read("index.json"))["cycles"] if one["cycle"] == 5]
    assert [one["status"] for one in told["releases"]] == ["damaged", "final"]
    release(public, 5, "r001", "provisional")
    index.show(public, CONFIG)
    assert '"damaged"' not in public.read("index.json").decode()


def test_nothing_but_its_own_style_may_be_used(public: Store) -> None:
    html = page(public)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert not re.search(r"<script|\sstyle=|\son\w+=|(src|href)=\"https?:", html)
