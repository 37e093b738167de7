"""Nothing from outside is markup: not on a terminal, not in a log, not on Prefect's page."""

from __future__ import annotations

import ast
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from config import Label
from flows.cli import refresh_texts, release_texts
from flows.core import logs, terminal, visible
from flows.core.records import Published
from flows.core.verified import Verified
from flows.orchestration import artifacts, markdown
from flows.refresh.story import refresh
from flows.releases.explain import explain
from flows.releases.marks import path as mark
from tests.flows.intake.test_decisions import correction, heeding, waiver
from tests.support import quick
from tests.support import watched as small
from tests.support.files import CONFIG, CYCLE, Rooms, casualty, noticas
from tests.support.sharing import a4p
from tests.support.sweeping import some
from tests.support.waiting import HANGS_S

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[3]
TEXTS = (
    "[bold]",
    "[/]",
    "[red]x[/red]",
    "[link=file:///etc/passwd]x[/link]",
    "[@click=app.bell]x[/]",
    ":warning:",
    "a|b",
    "`code` and ``more``",
    "<img src=x onerror=alert(1)>",
    "<b>x</b> &lt;b&gt; &amp;",
    "[x](http://127.0.0.1/)",
    "![x](javascript:alert(1))",
    "[x][y]",
    "[^1]",
    "http://a.org www.a.org a@b.org <a@b.org> ftp://a.org",
    "- x",
    "+ x",
    "1. x",
    "1) x",
    "# x",
    "> x",
    "---",
    "***x*** __x__ ~~x~~",
    "    x",
    "x\\",
    "\\[x]",
    "=1+1",
    "$x$ {x} ^x",
    "\x1b[31mred\x1b[0m",
    "\x9b31mred",
    "\x1b]8;;http://example.org\x07x\x1b]8;;\x07",
    "bell\x07 back\x08 vertical\x0b page\x0c next\x85",
    "one\ntwo",
    "one\rtwo\tthree",
    "\u202eturned\u202c \u2066x\u2069 \u200fx\u200e \u061cx \ufeffx",
    "x\u2028y\u2029z",
    "half \udcff",
    "\U000e0041tag",
)
# no folder, and what would be refused unread; those that are refused for their names are in test_hostile
NAMES = tuple(
    name for text in TEXTS if (name := text.replace("/", "-").strip()) == visible.in_line(name) and "\\" not in name
)
# what is Rich's own on a terminal: colours of the bar, and the cursor
OURS = re.compile(r"\x1b\[(?:\?25[lh]|\d?[AKJ]|(?:0|1|36|2|35|92|[34]8;[0-9;]+)?m)")


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_can_be_seen_and_printed(text: str) -> None:
    said = visible.in_line(text)
    assert said.encode()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", said)
    # as JSON writes it, and so the same for who reads JSON
    assert json.loads(f'"{visible.in_line(json.dumps(text, ensure_ascii=False))[1:-1]}"') == text
    assert visible.in_line(said) == said
    assert visible.in_lines(f"{text}\n{text}\n").count("\n") == 2 + 2 * text.count("\n")


@pytest.mark.parametrize(
    "text", ["Rapport été – v2", "1\u202f000", "تقرير", "می\u200cخواهم", "報告 👩\u200d🔧", "50 %", ""]
)
def test_a_plain_text_stays(text: str) -> None:
    assert visible.in_line(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_tables_and_lines_are_printed_as_they_are_written(text: str) -> None:
    said = visible.in_line(text).strip()
    table = terminal.table(["A", text], [["b", text], [text, None]], right={text})
    lines = terminal.page(text, terminal.unbroken(text), table, "", text).split("\n")
    assert [line.strip() for line in lines[:2]] == [said, said]
    assert [line.split(maxsplit=1) for line in lines[2:4]] == [["A", said], ["b", said]]
    assert lines[4].strip().startswith(said)
    assert [line.strip() for line in lines[5:]] == ["", said]


# The commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases, of files with names that look like markup; rows of them are refused."""
    made = tmp_path_factory.mktemp("markup")
    rooms = Rooms(made)
    wrong = noticas(casualty(1), casualty(2, cause="[red]x[/red]"))
    rooms.put(f"noticas/{NAMES[0]}.csv", noticas(casualty(1)), datetime(2024, 5, 19, tzinfo=UTC))
    assert ran(made, "refresh", "--cycle", "5")
    rooms.put("noticas/[red]x[-red] :warning: [-] `a|b`.csv", wrong)
    said = ran(made, "refresh", "--cycle", "5")
    assert "  - cycle-05/noticas/[red]x[-red] :warning: [-] `a|b`.csv, row 3" in said
    return made


def ran(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run a command; nothing that commands a terminal is in what it says."""
    places = {f"A4P_{one.upper()}_URI": str(folder / one) for one in ("inbox", "private", "public")}
    got, out, err = a4p(folder, *arguments, **places)
    assert got == code, out + err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", out + err)
    return out + err


# what is no text is written out before it is kept
KEPT = tuple(text for text in TEXTS if text == text.encode(errors="ignore").decode())


@pytest.mark.parametrize("text", KEPT)
def test_a_reason_that_stands_with_a_release_is_listed_as_it_is_written(folder: Path, text: str) -> None:
    written = folder / "public" / mark(CYCLE, "r002")
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"release": "r002", "on": "2024-06-01T00:00:00", "to": "r001", "why": text}))
    try:
        said = " ".join(ran(folder, "releases").split())
    finally:
        written.unlink()
    assert " ".join(f"withdrawn on 2024-06-01: {visible.in_line(text)}".split()) in said


@pytest.mark.usefixtures("no_documents")
def test_a_reason_is_kept_as_it_is_written_and_can_be_read_again(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    why = "[/] [red]x :warning: \x1b[31m \udcff"
    assert "Readers of cycle 5 now see r001" in ran(copy, "rollback", "--cycle", "5", "--to", "r001", "--why", why)
    assert r": [/] [red]x :warning: \u001b[31m \udcff" in ran(copy, "releases", "--cycle", "5")
    # and a release goes out after it
    assert "stays the latest" in ran(copy, "refresh", "--cycle", "5")


def test_a_file_is_named_as_it_is_called(folder: Path, tmp_path: Path) -> None:
    name = "[red]x[-red] :warning: [-] `a|b`.csv"
    assert name in ran(folder, "status", "--cycle", "5")
    assert name in ran(folder, "explain", "fatalities_total", "--cycle", "5")
    assert name in ran(folder, "diff", "r001", "r002", "--cycle", "5")
    assert name in ran(folder, "alerts", "--cycle", "5", "--source", "noticas")
    for arguments in (["figures"], ["history", "fatalities_total"], ["verify"]):
        assert ran(folder, *arguments, "--cycle", "5")


@pytest.mark.sweep
def test_every_name_is_shown_by_status_and_check(folder: Path, tmp_path: Path) -> None:
    assert len(NAMES) > 20
    inbox = tmp_path / "inbox/cycle-05/noticas"
    inbox.mkdir(parents=True)
    names = some(NAMES, 8)
    for number, name in enumerate(names):
        file = inbox / f"{name}.csv"
        file.write_bytes(noticas(casualty(1, cause="[/]")))
        os.utime(file, (1_716_163_200 + number, 1_716_163_200 + number))
        code, out, err = a4p(tmp_path, "status", "--cycle", "5")
        assert (code, err) == (0, "")
        assert f"{file.name}\n" in out
    code, out, _ = a4p(tmp_path, "check", *map(str, inbox.iterdir()))
    assert code == 1
    assert all(f"{name}.csv (Notifications of casualties): would be refused" in out for name in names)


def test_wrong_use_and_failures_name_what_was_given_without_commanding_the_terminal(tmp_path: Path) -> None:
    code, _, err = a4p(tmp_path, "check", "\x1b[31mnone.csv")
    assert (code, "[31mnone.csv" in err, "\x1b" in err) == (2, True, False)
    code, _, err = a4p(tmp_path, "history", "[/]\u202e", "--cycle", "5")
    assert (code, "\u202e" in err) == (2, False)


@pytest.mark.usefixtures("no_documents")
def test_decisions_with_any_reason_and_owner_are_told(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path)
    rooms.put("noticas/a.csv", noticas(casualty(1), casualty(2, mission="UNFILLL"), casualty(3, mission="[/]")))
    for text in ("[/] [red]x[/red] [link=file;x]y[/link] a|b", "\x1b[31mred \x9b31m \x07 \u202eturned \u2028x"):
        said = {"reason": f":warning: {text}", "owner": text}
        config = heeding(correction(**said), waiver(**said))
        published = refresh(CYCLE, rooms.places, config)
        assert refresh_texts.of_refresh(published, CYCLE, config)
        assert published.release
        explained = explain(
            "fatalities_total", published.release, CYCLE, config, rooms.places.public, rooms.places.private, "ALL"
        )
        shown = release_texts.of_explanation(explained, config)
        assert "sha256" in shown
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)


def test_what_is_not_as_it_was_is_named(tmp_path: Path) -> None:
    said = release_texts.of_verification(Verified("r001", 1, 1, tuple(f"{text} is missing." for text in TEXTS)))
    assert said.split("\n")[1:] == [f"  - {visible.in_line(text)} is missing." for text in TEXTS]


COMMANDS = "a4p refresh --cycle 5 && a4p releases && a4p status --cycle 5"


def test_a_real_terminal_gets_no_command_but_ours(folder: Path, tmp_path: Path) -> None:
    """Progress and summary, a reason with colours, a file whose name has a bell."""
    shutil.copytree(folder / "inbox", tmp_path / "inbox")
    shutil.copytree(folder / "public", tmp_path / "public")
    shutil.copytree(folder / "private", tmp_path / "private")
    withdrawn = tmp_path / "public" / mark(CYCLE, "r002")
    withdrawn.parent.mkdir(exist_ok=True)
    withdrawn.write_text(
        json.dumps({"release": "r002", "on": "2024-06-01T00:00:00", "to": "r001", "why": "".join(KEPT)})
    )
    (tmp_path / "inbox/cycle-05/noticas/\x1b[31mred\x07 \u202e[bold].csv").write_bytes(noticas(casualty(9)))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 400, 0, 0))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_", "COLUMNS"))}
    places = {f"A4P_{one.upper()}_URI": str(tmp_path / one) for one in ("inbox", "private", "public")}
    child = subprocess.Popen(
        ["sh", "-c", COMMANDS],
        env={
            **own,
            **places,
            "PATH": f"{quick.programs()}:{own['PATH']}",
            "TERM": "xterm-256color",
            "A4P_LOG_FORMAT": "json",
            "A4P_LOG_FILE": "log.jsonl",
        },
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert child.wait(HANGS_S) == 0, said
    assert re.search(r"\d+ of \d+", said), "the bar was shown"
    plain = OURS.sub("", said).replace("\r\n", "\n").replace("\r", "\n")
    assert not re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", plain)
    flat = re.sub(r"\s+", "", plain)
    assert "%1B[31mred%07%E2%80%AE[bold].csv" in flat
    assert re.sub(r"\s+", "", visible.in_line("".join(TEXTS[:6]))) in flat
    assert r"\u001b[31mred\u001b[0m" in flat
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["event"] == "run.ended"


def _read(of: int) -> bytes:
    try:
        return os.read(of, 65536)
    except OSError:  # so Linux tells the end of a terminal
        return b""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_of_the_log_is_one_line_and_says_the_same(tmp_path: Path, form: str, capfd: Any) -> None:
    handlers = list(logs._LOG.handlers)
    try:
        logs.set_up(small.settings(tmp_path, log_format=form, log_file=str(tmp_path / "log")))
        for text in TEXTS:
            logs.warn("told", text, field=text)
    finally:
        for handler in [one for one in logs._LOG.handlers if one not in handlers]:
            logs._LOG.removeHandler(handler)
            handler.close()
        logs._LOG.propagate = True
    lines = (tmp_path / "log").read_text(encoding="utf-8").split("\n")[:-1]
    assert len(lines) == len(TEXTS)
    assert all(visible.in_line(line) == line for line in lines)
    if form == "json":
        assert [json.loads(line)["field"] for line in lines] == list(TEXTS)
    assert capfd.readouterr().err.split("\n")[:-1] == [visible.in_line(text) for text in TEXTS]


# Prefect's page

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ACTIVE = {"link_open", "image", "html_inline", "html_block", "code_inline", "code_block", "fence", "s_open", "em_open"}


def tokens(source: str) -> list[Token]:
    return [one for block in READER.parse(source) for one in (block, *(block.children or ()))]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("{}", ["paragraph_open"]),
        ("## {}", ["heading_open"]),
        ("- {}", ["bullet_list_open", "list_item_open", "paragraph_open"]),
        ("- **k**: x; {}", ["bullet_list_open", "list_item_open", "paragraph_open", "strong_open"]),
    ],
)
def test_a_text_is_text_in_markdown(text: str, place: str, kinds: list[str]) -> None:
    found = tokens(place.format(markdown.text(text)))
    assert [one.type for one in found if one.nesting == 1] == kinds
    assert not ACTIVE & {one.type for one in found}
    shown = "".join(one.content for one in found if one.type in {"text", "text_special"})
    assert shown.endswith(visible.in_line(text).strip())


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_looks_like_an_address_to_a_reader_that_makes_links_of_them(text: str) -> None:
    said = markdown.text(text)
    # as Prefect's page looks for them (marked: inline.url, _extended_email, autolink)
    assert not re.search(r"(?:ftp|https?)://|www\.|[\w.+-]@\w", said, re.IGNORECASE)


def test_a_table_keeps_its_columns_and_its_cells() -> None:
    rows = [[markdown.text(text), markdown.bold(text or "x"), markdown.text("1,000")] for text in TEXTS]
    found = tokens(markdown.table(["[A](http://x)", "B", "C"], rows, numbers=1))
    assert [one.type for one in found].count("td_open") == 3 * len(TEXTS)
    assert [one.type for one in found].count("th_open") == 3
    assert not ACTIVE & {one.type for one in found}
    cells = [
        "".join(one.content for one in block.children or () if one.type in {"text", "text_special"})
        for block in found
        if block.type == "inline"
    ]
    wanted = [visible.in_line(text).strip() for text in TEXTS]
    assert (cells[3::3], cells[4::3]) == (wanted, wanted)


@pytest.mark.parametrize("text", TEXTS)
def test_code_and_addresses_end_where_they_should(text: str) -> None:
    (code,) = [one for one in tokens(f"Its report: {markdown.code(text)}") if one.type == "code_inline"]
    assert code.content.strip() == visible.in_line(text).strip()
    found = tokens(markdown.link(text, f"http://127.0.0.1/{text.encode(errors='replace').decode()}"))
    (link,) = [one for one in found if one.type == "link_open"]
    assert str(link.attrs["href"]).startswith("http://127.0.0.1/")
    assert not {"image", "html_inline"} & {one.type for one in found}


def test_what_a_run_shows_holds_no_markup_from_outside(folder: Path, tmp_path: Path) -> None:
    """With titles and owners too, which stand in the configuration."""
    hostile = "[x](javascript:1) | <img src=x> `c` **b** http://example.org"
    contracts = {
        name: one.model_copy(update={"title": Label(en=f"{hostile} {name}"), "owner": hostile})
        for name, one in CONFIG.contracts.items()
    }
    config = replace(CONFIG, contracts=contracts)
    for name in ("inbox", "private", "public"):
        shutil.copytree(folder / name, tmp_path / name)
    rooms = Rooms(tmp_path)
    rooms.put("noticas/[x](http:%2F%2Fa.org).csv", noticas(*map(casualty, range(1, 5)), casualty(5, cause="[/]")))
    published: Published = refresh(CYCLE, rooms.places, config)
    assert published.release
    today = date(2024, 7, 1)
    assert published.new
    new = replace(published, missing=(*published.missing, f"{hostile}: nothing has been received."))
    for said, columns, links in (
        (artifacts.sources(new, CYCLE, config, today), 6, 0),
        (artifacts.findings(new, CYCLE, config), 4, 0),
        (artifacts.release(new, CYCLE, "http://127.0.0.1/report.html"), 0, 1),
        (artifacts.release(new, CYCLE, None), 0, 0),
        (artifacts.changes(new, rooms.places.public, CYCLE, config), 5, 0),
    ):
        assert said
        found = tokens(said)
        kinds = [one.type for one in found]
        assert not {"image", "html_inline", "html_block"} & set(kinds)
        assert kinds.count("link_open") == links
        assert "http://example.org" not in said
        rows = kinds.count("tr_open")
        assert (kinds.count("th_open"), kinds.count("td_open")) == (columns, columns * (rows - 1) if rows else 0)


def test_no_other_place_prints_or_makes_tables() -> None:
    """Whoever adds one is told here to go by terminal, visible or markdown."""
    consoles: dict[str, set[str]] = {}
    for path in (HERE / "flows").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            used = _used(node)
            if used:
                consoles.setdefault(used, set()).add(str(path.relative_to(HERE)))
    assert consoles == {
        "Console": {"flows/core/terminal.py"},
        "Table": {"flows/core/terminal.py"},
        "Table.grid": {"flows/core/terminal.py"},
        "add_row": {"flows/core/terminal.py"},
        "add_column": {"flows/core/terminal.py"},
        "console.print": {"flows/core/terminal.py"},
        "click.echo": {"flows/core/visible.py"},
        "create_markdown_artifact": {"flows/orchestration/flows.py"},
    }


_WATCHED: tuple[Callable[[str], bool], ...] = (
    {"Console", "Table", "Table.grid", "print", "click.secho", "click.echo", "create_markdown_artifact"}.__contains__,
    lambda name: name.endswith((".add_row", ".add_column", "console.print")),
)


def _used(node: ast.AST) -> str | None:
    """Return what a call prints or makes with, as this test names it."""
    if not isinstance(node, ast.Call):
        return None
    name = ast.unparse(node.func)
    if not any(watched(name) for watched in _WATCHED):
        return None
    return name.rpartition(".")[2] if name.endswith((".add_row", ".add_column")) else name
