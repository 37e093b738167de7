"""The check page as a focal point uses it: a real browser, a real server, a file dropped, read and fetched."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import uvicorn

from config import load
from flows.feedback.check_page import build_app
from flows.feedback.check_page.app import MOST_MEGABYTES
from flows.feedback.check_page.serving import listen
from tests.support.files import casualty, mission_book, noticas
from tests.support.waiting import HANGS_S, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
TRAININGS = [("Training", "Sessions", "Training days"), ("Inductoin", 12, 24), ("Refresher", "many", 500)]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed here"),
]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the server keeps a file while it checks it."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def address(scratch: Path) -> Iterator[str]:
    before, tempfile.tempdir = tempfile.tempdir, str(scratch)
    listening = listen(0)
    server = uvicorn.Server(uvicorn.Config(build_app(load()), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(HANGS_S)
    listening.close()
    tempfile.tempdir = before


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--lang=en",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    yield driver
    driver.quit()


def opened(browser: Any, address: str, width: int = 1100, height: int = 1000) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(address)
    press(browser, "[data-language=en]")


def press(browser: Any, selector: str) -> None:
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def waited(browser: Any, selector: str) -> str:
    """Wait until the page shows this, and no longer that it is at work; return its text."""
    script = "return document.querySelector('.busy') ? null : document.querySelector(arguments[0])?.innerText"
    (text,) = until(
        lambda: [found for found in [browser.execute_script(script, selector)] if found is not None],
        lambda: browser.execute_script("return document.body.innerText"),
        every_s=0.05,
    )
    return str(text)


def dropped(browser: Any, *files: tuple[str, bytes]) -> None:
    """Drop files onto the page as a person does with the mouse."""
    browser.execute_script(
        """
        const carried = new DataTransfer();
        for (const [name, content] of arguments[0]) {
          carried.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
        }
        const box = document.getElementById('drop');
        for (const type of ['dragenter', 'dragover', 'drop']) {
          box.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: carried}));
        }
        """,
        [[name, base64.b64encode(data).decode()] for name, data in files],
    )


def fetched(browser: Any, downloads: Path) -> Path:
    """Press the button; return the file that comes."""
    before = set(downloads.iterdir())
    press(browser, "#fetch")

    def new() -> list[Path]:
        return [path for path in downloads.iterdir() if path not in before and path.suffix != ".crdownload"]

    return until(new, lambda: "nothing was downloaded", every_s=0.05)[0]


def test_drop_read_and_fetch(browser: Any, address: str, downloads: Path) -> None:
    opened(browser, address)
    book = mission_book("UNMISS", conduct_training=TRAININGS)
    dropped(browser, ("UNMISS cycle 5.xlsx", book))
    assert "would be accepted in part" in waited(browser, ".verdict.in_part h2")
    assert "Mission workbook, UNMISS, cycle 5" in waited(browser, ".verdict")
    critical, warning = waited(browser, ".group.critical"), waited(browser, ".group.warning")
    assert "Conduct trainings, A2 (Training)" in critical
    assert "Write one of: Induction, Refresher, SEA prevention, Training of trainers." in critical
    assert "Conduct trainings, B3 (Sessions)" in critical
    assert "Conduct trainings, C3 (Training days)" in warning
    path = fetched(browser, downloads)
    assert path.name == "UNMISS cycle 5 - findings.xlsx"
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Conduct trainings"]
    assert workbook.sheetnames[0] == "Findings"
    assert sheet["A2"].value == "Inductoin"
    assert "Write one of: Induction" in sheet["A2"].comment.text
    assert sheet["B3"].fill.fgColor.rgb == sheet["A2"].fill.fgColor.rgb != sheet["C3"].fill.fgColor.rgb
    assert sheet["A3"].comment is None


def test_nothing_is_kept_on_disk(browser: Any, address: str, scratch: Path) -> None:
    opened(browser, address)
    here = Path.cwd()
    before, used = sorted(here.iterdir()), scratch.stat().st_mtime_ns
    dropped(browser, ("UNMISS.xlsx", mission_book("UNMISS", conduct_training=TRAININGS)))
    waited(browser, ".verdict.in_part")
    # it was there while it was checked
    assert scratch.stat().st_mtime_ns > used
    assert list(scratch.iterdir()) == []
    assert sorted(here.iterdir()) == before
    assert browser.execute_script("return localStorage.length + sessionStorage.length + document.cookie.length") == 0


def test_a_file_refused_as_a_whole(browser: Any, address: str, downloads: Path) -> None:
    opened(browser, address)
    browser.execute_script("document.getElementById('mission').value = 'UNTSO'")
    dropped(browser, ("UNMISS.xlsx", mission_book("UNMISS")))
    assert waited(browser, ".verdict.refused h2") == "This file would be refused"
    assert "another mission" in waited(browser, ".group.critical")
    assert "Cover, A2 (Mission)" in waited(browser, ".group.critical")
    press(browser, "[data-language=fr]")
    assert waited(browser, ".verdict.refused h2") == "Ce fichier serait refusé"
    assert openpyxl.load_workbook(fetched(browser, downloads))["Cover"]["A2"].comment


def test_what_is_no_workbook_is_said_to_be_none(browser: Any, address: str, downloads: Path) -> None:
    opened(browser, address)
    dropped(browser, ("UNMISS.xlsx", b"<html><body>Sign in to continue</body></html>"))
    assert waited(browser, ".verdict.refused h2") == "This file would be refused"
    assert "The file is a web page" in waited(browser, ".group.critical")
    # there is no cell to mark
    assert waited(browser, "#fetch") == "Fetch this list as a workbook"
    assert openpyxl.load_workbook(fetched(browser, downloads)).sheetnames == ["Findings"]
    press(browser, "[data-language=fr]")
    assert waited(browser, "#fetch") == "Télécharger cette liste en classeur"
    assert "page Web" in waited(browser, ".group.critical")


def test_a_file_that_is_too_large_is_not_sent(browser: Any, address: str, tmp_path: Path) -> None:
    opened(browser, address)
    file = tmp_path / "large.csv"
    file.write_bytes(b"a" * (MOST_MEGABYTES * 1024 * 1024 + 1))
    browser.get_log("performance")
    browser.find_element("id", "file").send_keys(str(file))
    assert "larger than 25 MB" in waited(browser, ".verdict.error h2")
    assert not [e for e in browser.get_log("performance") if "Network.requestWillBeSent" in e["message"]]
    press(browser, "[data-language=fr]")
    assert "Le fichier dépasse 25 Mo" in waited(browser, ".verdict.error h2")


def test_in_french_and_back(browser: Any, address: str, downloads: Path) -> None:
    opened(browser, address)
    dropped(browser, ("MINUSCA.xlsx", mission_book("MINUSCA", conduct_training=TRAININGS)))
    waited(browser, ".verdict.in_part")
    press(browser, "[data-language=fr]")
    assert "serait accepté en partie" in waited(browser, ".verdict.in_part h2")
    assert "À corriger" in waited(browser, ".group.critical h3")
    assert "Classeur de la mission, MINUSCA, cycle 5" in waited(browser, ".verdict")
    workbook = openpyxl.load_workbook(fetched(browser, downloads))
    assert workbook.sheetnames[0] == "Constatations"
    assert browser.execute_script("return document.documentElement.lang") == "fr"
    press(browser, "[data-language=en]")
    assert "would be accepted in part" in waited(browser, ".verdict.in_part h2")


def test_a_good_file_through_the_file_picker(browser: Any, address: str, tmp_path: Path) -> None:
    opened(browser, address)
    file = tmp_path / "casualties & more.csv"
    file.write_bytes(noticas(casualty(1), casualty(2)))
    browser.find_element("id", "file").send_keys(str(file))
    assert waited(browser, ".verdict.accepted h2") == "This file would be accepted"
    assert "2 of 2 rows" in waited(browser, ".verdict")
    assert not browser.execute_script("return document.querySelector('#fetch, .group')")


def test_choices_count_and_the_file_is_checked_again(browser: Any, address: str) -> None:
    opened(browser, address)
    dropped(browser, ("casualties.csv", noticas(casualty(1))))
    waited(browser, ".verdict.accepted")
    browser.execute_script(
        "const one = document.getElementById('source'); one.value = 'hospitals'; one.dispatchEvent(new Event('change'))"
    )
    assert "holds the columns of another source" in waited(browser, ".verdict.refused ~ .group.critical")


def test_a_file_of_no_source_asks_for_its_source(browser: Any, address: str) -> None:
    opened(browser, address)
    dropped(browser, ("shopping.csv", b"apples,pears\n1,2\n"))
    assert "columns of no source" in waited(browser, ".verdict.error h2")
    assert browser.execute_script("return document.getElementById('choices').open")
    dropped(browser, ("a.csv", b"a"), ("b.csv", b"b"))
    assert waited(browser, ".verdict.error h2") == "One file at a time, please."


def test_what_stands_in_a_file_is_never_markup(browser: Any, address: str) -> None:
    opened(browser, address)
    name = "<img src=x onerror=document.title=1>.csv"
    dropped(browser, (name, noticas(casualty(1, cause="<b>x</b>"))))
    waited(browser, ".verdict.refused")
    assert browser.execute_script("return document.querySelectorAll('#result img, #result b').length") == 0
    assert browser.title == "Check a file before you send it – A4P+"


def test_many_findings_of_a_kind_are_told_once(browser: Any, address: str) -> None:
    opened(browser, address)
    lines = [casualty(number, cause="Ilness" if number % 2 else "Illness") for number in range(60)]
    dropped(browser, ("casualties.csv", noticas(*lines)))
    said = waited(browser, ".group.critical")
    assert browser.execute_script("return document.querySelectorAll('.group.critical li').length") == 1
    assert "and 18 more" in said
    assert browser.execute_script("return document.querySelector('.group.critical .count').textContent") == "30"


def test_nothing_is_asked_of_another_place_and_nothing_is_refused(browser: Any, address: str) -> None:
    browser.get_log("browser")
    browser.get_log("performance")
    opened(browser, address)
    dropped(browser, ("casualties.csv", noticas(casualty(1, cause="x"))))
    waited(browser, ".verdict.refused")
    asked = [e["message"] for e in browser.get_log("performance") if "Network.requestWillBeSent" in e["message"]]
    assert [one for one in asked if address in one]
    assert not [one for one in asked if '"url":"http' in one and f'"url":"{address}' not in one]
    # what a content policy refuses is told here
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [320, 600, 1100])
def test_it_never_scrolls_sideways(browser: Any, address: str, width: int) -> None:
    opened(browser, address, width)
    dropped(browser, (f"{'a long name ' * 6}.xlsx", mission_book("UNMISS", conduct_training=TRAININGS)))
    waited(browser, ".group.warning")
    browser.execute_script("document.querySelector('details').open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_marked_workbook_is_found_clean_once_mended(browser: Any, address: str, downloads: Path) -> None:
    opened(browser, address)
    lines = [casualty(1), casualty(2, cause="Ilness")]
    dropped(browser, ("casualties.csv", noticas(*lines)))
    waited(browser, ".verdict.in_part")
    workbook = openpyxl.load_workbook(fetched(browser, downloads))
    workbook["Data"]["E3"] = "Illness"
    mended = io.BytesIO()
    workbook.save(mended)
    dropped(browser, ("casualties mended.xlsx", mended.getvalue()))
    assert waited(browser, ".verdict.accepted h2") == "This file would be accepted"
