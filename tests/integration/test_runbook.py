"""docs/runbook.md followed word by word: its commands, taken from the page, in each situation that it is for."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pytest

from config import load
from flows.core.settings import Settings
from flows.stores import Store
from sample import mission_report, noticas
from tests.integration.runbook import BLOCK, PAGE, TOP, Duty, blocks, followed, sections
from tests.integration.test_prefect import A4P
from tests.support import quick
from tests.support.waiting import until

NOTICAS = "inbox/cycle-05/noticas/noticas_2024-09-03.csv"
WORKBOOK = "inbox/cycle-05/mission_report/UNMISS/UNMISS.xlsx"
# followed where the whole stack runs
ELSEWHERE = {"Credentials are rotated": "test_stack.py"}


class Follow(Protocol):
    def __call__(self, section: str, folder: Path, **more: str) -> AbstractContextManager[Duty]: ...


@pytest.fixture(scope="module")
def follow() -> Follow:
    def followed_here(section: str, folder: Path, **more: str) -> AbstractContextManager[Duty]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_"))}
        return followed(section, folder, quick.programs(), {**own, **more})

    return followed_here


def a4p(folder: Path, *arguments: str) -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("A4P_", "PREFECT_"))}
    ran = subprocess.run([quick.a4p(), *arguments], cwd=folder, env=own, capture_output=True, text=True, check=True)
    return ran.stdout


@pytest.fixture(scope="module")
def whole_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, cycle = tmp_path_factory.mktemp("sample"), load().cycle(5)
    noticas.write(folder / "inbox", cycle, scale=1, seed=0)
    mission_report.write(folder / "inbox", cycle, seed=0)
    return folder


@pytest.fixture(scope="module")
def first(whole_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two sources' files, and r001 made from them."""
    folder = tmp_path_factory.mktemp("first")
    for part in (NOTICAS, "inbox/cycle-05/mission_report/UNIFIL/UNIFIL A4P cycle 5.xlsx"):
        (folder / part).parent.mkdir(parents=True)
        shutil.copy2(whole_sample / part, folder / part)
    a4p(folder, "refresh", "--cycle", "5")
    return folder


@pytest.fixture(scope="module")
def second(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after a draft of NOTICAS came, from which r002 was made."""
    folder = shutil.copytree(first, tmp_path_factory.mktemp("second") / "of")
    # it has every casualty, and is not refused as one that lost some
    lines = (folder / NOTICAS).read_text().splitlines(keepends=True)
    draft = [
        line.replace("Malicious Act", "Accident") if number % 7 == 0 else line for number, line in enumerate(lines)
    ]
    (folder / NOTICAS).with_name("draft.csv").write_text("".join(draft))
    a4p(folder, "refresh", "--cycle", "5")
    return folder


@pytest.fixture
def copy(second: Path, tmp_path: Path) -> Path:
    """A copy of that which a test may spoil."""
    return shutil.copytree(second, tmp_path / "copy")


def latest(folder: Path) -> str:
    return str(json.loads((folder / "store/public/releases/cycle-05/latest.json").read_text())["release"])


def killed_by_malice(folder: Path) -> float:
    figures = pl.read_parquet(folder / "store/public/current/cycle-05/tables/figures.parquet")
    found = figures.filter(pl.col("figure") == "fatalities_malicious", pl.col("mission") == "ALL")
    return float(found["value"].item())


def files(folder: Path) -> dict[str, bytes]:
    """Return every file but those that only processes at work need."""
    found = (path for path in folder.rglob("*") if path.is_file() and not {"claims", "refreshing"} & {*path.parts})
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_every_block_of_the_page_is_of_a_kind_that_is_known() -> None:
    kinds = [found[1] for found in BLOCK.finditer(PAGE)]
    assert set(kinds) == {"sh", "console", "yaml"}
    assert kinds.count("sh") > 20
    assert PAGE.count("```") == 2 * len(kinds)


def test_every_section_with_commands_is_followed() -> None:
    here = Path(__file__).read_text()
    for section in (name for name in sections() if blocks(name)):
        where = (Path(__file__).with_name(ELSEWHERE[section])).read_text() if section in ELSEWHERE else here
        assert f'follow("{section}"' in where or f'followed("{section}"' in where


def test_every_section_is_found_from_the_top_and_says_the_same_three_things() -> None:
    index = dict(re.findall(r"\[([^\]]+)\]\(#([^)]+)\) \|$", PAGE, re.MULTILINE))
    told = [name for name in sections() if name not in {"Backups", "Who may read what"}]
    assert list(index) == told or set(index) == set(told)
    for name in told:
        assert index[name] == name.lower().replace(" ", "-")
        for says in ("**How you notice.**", "**What to do.**", "**How you know.**"):
            assert says in sections()[name], f"{name}: {says}"


def test_a_mission_is_late(first: Path, whole_sample: Path, tmp_path: Path, follow: Follow) -> None:
    folder = shutil.copytree(first, tmp_path / "copy")
    with follow("A mission is late", folder) as duty:
        assert re.search(r"^UNMISS +overdue", duty.follow(), re.MULTILINE)
        assert "A4P+ cycle 5: your file is awaited" in duty.said
        assert "25 messages are out" in duty.follow()
        assert [path for path in (folder / "store/private/alerts/cycle-05/outbox").iterdir() if "UNMISS" in path.name]
        (folder / WORKBOOK).parent.mkdir()
        shutil.copy2(whole_sample / WORKBOOK.replace("UNMISS.xlsx", "UNMISS A4P cycle 5.xlsx"), folder / WORKBOOK)
        assert "Published release r002" in duty.follow()
        assert re.search(r"^UNMISS +accepted", duty.follow(), re.MULTILINE)
        assert "new submission: Mission workbook (UNMISS): UNMISS.xlsx" in duty.said
        assert not re.search(r"UNIFIL .* (new|corrected) submission", duty.said)


def test_a_wrong_file_was_released(copy: Path, follow: Follow) -> None:
    right = files(copy / "store/public/releases/cycle-05/r001/tables")
    assert killed_by_malice(copy) < 196
    with follow("A wrong file was released", copy) as duty:
        assert "corrected submission" in duty.follow()
        assert "Readers of cycle 5 now see r001" in duty.follow()
        assert (latest(copy), killed_by_malice(copy)) == ("r001", 196)
        (copy / NOTICAS).with_name("draft.csv").unlink()
        assert "Nothing changed; release r001" in duty.follow()
        assert "a draft of NOTICAS was released" in duty.follow()
    assert (latest(copy), killed_by_malice(copy)) == ("r001", 196)
    assert files(copy / "store/public/current/cycle-05/tables") == right


def test_a_confidential_file_was_sent_by_mistake(copy: Path, follow: Follow) -> None:
    draft = (copy / NOTICAS).with_name("draft.csv")
    data = draft.read_bytes()
    kept = copy / "store/private"
    assert any(path.read_bytes() == data for path in kept.rglob("*") if path.is_file())
    with follow("A confidential file was sent by mistake", copy) as duty:
        assert "a4p decide withdraw --cycle 5 --to r001" in duty.follow()
        assert "It is not read again, and still lies in the inbox; remove it there:" in duty.said
        assert not any(path.read_bytes() == data for path in kept.rglob("*") if path.is_file())
        assert "Readers of cycle 5 now see r001" in duty.follow()
        assert (draft.exists(), latest(copy), killed_by_malice(copy)) == (False, "r001", 196)
        assert re.search(r"^1 +erase +5 .*it names people", duty.follow(), re.MULTILINE)
        assert "r002 cannot be made again" in duty.said


def test_a_figure_looks_wrong(copy: Path, follow: Follow) -> None:
    with follow("A figure looks wrong", copy) as duty:
        said = duty.follow()
        assert "Made again from these rows alone, it is the same." in said
        assert "draft.csv" in said
        assert re.search(r"^r001 +provisional +196", said, re.MULTILINE)
        assert re.search(r"^contradicts +fatalities_malicious +ALL +196", said, re.MULTILINE)
        assert "r002 is whole" in duty.follow()


def test_a_source_corrects_itself_after_publication(first: Path, tmp_path: Path, follow: Follow) -> None:
    folder = shutil.copytree(first, tmp_path / "copy")
    own = tmp_path / "config"
    own.mkdir()
    (decision,) = blocks("A source corrects itself after publication", "yaml")
    (own / "corrections.yaml").write_text(decision)
    new_process = tmp_path / "programs"
    new_process.mkdir()
    (new_process / "a4p").symlink_to(A4P)
    with follow("A source corrects itself after publication", folder, A4P_CONFIG=str(own)) as duty:
        duty.programs = new_process
        assert "Published release r002" in duty.follow()
        said = duty.follow()
        assert re.search(r"^fatalities_malicious +ALL +196 +195", said, re.MULTILINE)
        assert re.search(r"^fatalities_malicious +ALL .*correction or waiver", said, re.MULTILINE)
        assert re.search(r"^r002 +provisional +195", said, re.MULTILINE)


def everything(store: Store) -> dict[str, bytes]:
    """Return every file of a store but who refreshes, which the refused refresh noted in it."""
    return {entry.path: store.read(entry.path) for entry in store.entries() if "/refreshing/" not in entry.path}


@pytest.mark.s3
def test_the_public_store_is_lost(copy: Path, s3: Any, bucket: str, follow: Follow) -> None:
    """In buckets, of which the public one is emptied; one of its two releases was withdrawn."""
    s3.client().create_bucket(Bucket=f"{bucket}-private")
    public = Store(f"s3://{bucket}/a4p", s3.endpoint)
    private = Store(f"s3://{bucket}-private/a4p", s3.endpoint)
    for store, name in ((public, "public"), (private, "private")):
        for path, data in files(copy / "store" / name).items():
            if not path.startswith(("read/", "staged/", "curated/")):
                store.write(path, data)
    places = {"A4P_PUBLIC_URI": public.uri, "A4P_PRIVATE_URI": private.uri, "A4P_S3_ENDPOINT_URL": s3.endpoint}
    before = everything(public)
    for path in before:
        public.delete(path)
    with follow("The public store is lost or damaged", copy, **places) as duty:
        assert "lacks what was published of cycle 5: r001, r002" in duty.follow()
        brought = re.search(r"r001, r002 are whole, (\d+) files brought back; readers see r002", duty.follow())
        assert everything(public) == before
        of = {
            name: [path for path in before if path.startswith(f"releases/cycle-05/{name}/")]
            for name in ("r001", "r002")
        }
        assert brought
        assert int(brought[1]) == sum(map(len, of.values()))
        said = duty.follow()
        assert "r001 is whole" in said
        # the descriptor, which has the hashes, has none itself
        hashed = len(of["r002"]) - 1
        assert hashed > 50
        assert f"r002 is whole: its {hashed} files and 3 raw files have their hashes. Made again from the raw" in said


def test_the_private_store_is_lost_and_brought_back(copy: Path, follow: Follow) -> None:
    with follow("Backups", copy) as duty:
        duty.follow()
    private = copy / "store/private"
    before = files(private)
    shutil.rmtree(private)
    with follow("The private store is lost or damaged", copy) as duty:
        said = duty.follow()
        assert "What could be looked at of r002 is as it was published. Not looked at:" in said
        assert re.search(r"The private store \S+ is not there, or empty, and with it raw files,", said)
        assert "Nothing changed; release r002" in duty.follow()
        changes = ("ledger/", "runs/")  # by the refresh itself
        kept = {path: data for path, data in before.items() if not path.startswith(changes)}
        assert kept.items() <= files(private).items()
        assert "r002 is whole" in duty.follow()


def test_without_a_backup_the_private_store_is_what_the_inbox_has(copy: Path) -> None:
    shutil.rmtree(copy / "store/private")
    # what the releases were made from is lost, and the key of hashes: one more release says it anew
    assert "Published release r003" in a4p(copy, "refresh", "--cycle", "5")
    assert sorted(path.name for path in (copy / "store/private/releases/cycle-05").iterdir()) == [
        "r001.zip",
        "r002.zip",
        "r003.zip",
        "withdrawn.json",
    ]
    assert "r003 is whole" in a4p(copy, "verify", "--cycle", "5")


def test_the_prefect_server_is_lost(copy: Path, follow: Follow) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
        with follow("The Prefect server is lost", copy, PREFECT_API_URL=url) as duty:
            assert "does not answer; start it, or unset PREFECT_API_URL" in duty.follow()
            assert "Nothing changed; release r002" in duty.follow()


def test_the_disk_is_full(copy: Path, follow: Follow) -> None:
    old = time.time() - 40 * 86_400
    private = copy / "store/private"
    for file in private.rglob("*"):
        os.utime(file, (old, old))
    kept = {path for path in files(private) if path.startswith(("raw/", "releases/", "ledger/", "staged/"))}
    with follow("The disk is full", copy) as duty:
        assert re.search(r"Deleted [1-9]\d+ files that no release needs", duty.follow())
        assert kept <= set(files(private))
        assert "Nothing changed; release r002" in duty.follow()
        assert "r002 is whole" in duty.said


def test_a_refresh_was_killed(copy: Path, follow: Follow) -> None:
    """When it is about to write the files of the next release."""
    (copy / NOTICAS).with_name("draft.csv").unlink()
    before = files(copy / "store/public/current")
    with subprocess.Popen([quick.a4p(), "refresh", "--cycle", "5"], cwd=copy, stderr=subprocess.PIPE) as running:
        until(
            lambda: (copy / "store/public/releases/cycle-05/r003").exists() or running.poll() is not None, every_s=0.005
        )
        assert running.poll() is None
        running.kill()
        # until the process is dead that does the work
        assert running.stderr
        running.stderr.read()
    assert running.returncode == -signal.SIGKILL
    assert not (copy / "store/public/releases/cycle-05/r003/datapackage.json").exists()
    assert files(copy / "store/public/current") == before
    with follow("A refresh hangs or was killed", copy) as duty:
        assert "Published release r003" in duty.follow()
        assert "r003 is whole" in duty.follow()
    assert killed_by_malice(copy) == 196


def test_the_page_names_files_and_commands_that_there_are() -> None:
    from flows.cli.commands import a4p as command

    named = set(re.findall(r"\ba4p ([a-z]+)", PAGE)) - {"does"}
    assert named <= set(command.commands), named - set(command.commands)
    for path in re.findall(r"`((?:config|docs|flows)/[\w./-]*)`", PAGE):
        assert (TOP / path).exists(), path
    for variable in re.findall(r"`(A4P_\w+)`", PAGE):
        assert variable.removeprefix("A4P_").lower() in Settings.model_fields
