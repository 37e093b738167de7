"""The page of a release in a real browser without a network."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import load
from flows.documents.page import render
from tests.support.report_tables import MISSING, tables

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed here"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = load()
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(config, config.cycle(5), "provisional", MISSING, tables()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
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
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["http://*", "https://*"]})
    yield driver
    driver.quit()


def opened(browser: Any, page: Path, width: int, media: str = "") -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())


def test_it_opens_from_a_file_without_a_network(browser: Any, page: Path) -> None:
    browser.get_log("performance")
    opened(browser, page, 1400)
    assert browser.title.startswith("Action for Peacekeeping+")
    assert browser.get_log("browser") == []
    asked = [
        entry["message"] for entry in browser.get_log("performance") if "Network.requestWillBeSent" in entry["message"]
    ]
    assert not [message for message in asked if '"url":"http' in message]
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_sections_and_charts_are_there(browser: Any, page: Path) -> None:
    opened(browser, page, 1400)
    sections = browser.execute_script("return [...document.querySelectorAll('main section')].map(s => s.id)")
    assert sections == [*(f"priority-{n}" for n in range(1, 8)), "quality", "mending", "about", "from"]
    drawn = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(s => [s.getBoundingClientRect().width,"
        " s.getBoundingClientRect().height, s.querySelectorAll('path, line').length])"
    )
    assert len(drawn) == 19
    assert all(width > 100 and height > 60 and marks > 2 for width, height, marks in drawn)


def test_every_anchor_leads_to_something_that_is_seen(browser: Any, page: Path) -> None:
    opened(browser, page, 1400)
    lost = browser.execute_script(
        """
        return [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href').slice(1))
          .filter(id => !document.getElementById(id) || !document.getElementById(id).getClientRects().length);
        """
    )
    assert lost == []
    browser.get(f"{page.as_uri()}#from-fatalities_malicious")
    top = browser.execute_script("return document.querySelector(':target').getBoundingClientRect().top")
    assert -1 < top < 900


@pytest.mark.parametrize("width", [320, 400, 768, 1400])
def test_it_never_scrolls_sideways(browser: Any, page: Path, width: int) -> None:
    opened(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # also with every table of chart data open
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [400, 1400])
def test_no_text_of_a_chart_is_cut_off(browser: Any, page: Path, width: int) -> None:
    opened(browser, page, width)
    cut = browser.execute_script(
        """
        const cut = [];
        for (const svg of document.querySelectorAll('svg')) {
          const frame = svg.getBoundingClientRect();
          for (const text of svg.querySelectorAll('text')) {
            const box = text.getBoundingClientRect();
            if (box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
                || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)) cut.push(text.textContent);
          }
        }
        return cut;
        """
    )
    assert cut == []


def test_nothing_is_clipped_on_paper(browser: Any, page: Path) -> None:
    opened(browser, page, 680, media="print")  # the width of A4 between the margins
    wide = browser.execute_script(
        "return [...document.querySelectorAll('table, figure, svg')]"
        ".filter(e => e.getBoundingClientRect().right > 681).map(e => e.id || e.textContent.slice(0, 60))"
    )
    assert wide == []


def test_it_prints(browser: Any, page: Path) -> None:
    opened(browser, page, 1400)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert 15 <= pdf.count(b"/Type /Page\n") <= 32


def test_text_stands_out_from_its_ground(browser: Any, page: Path) -> None:
    opened(browser, page, 1400)
    faint = browser.execute_script(
        """
        const light = c => { const [r, g, b] = c.map(v => { v /= 255;
          return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
          return .2126 * r + .7152 * g + .0722 * b; };
        const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
        const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
          if (c.length === 3) return c; } return [255, 255, 255]; };
        const found = new Set();
        const all = 'p, th, td, li, h1, h2, h3, h4, h5, span, a, b, dd, dt, summary, small, code';
        for (const e of document.querySelectorAll(all)) {
          if (e.closest('svg') || !e.textContent.trim()) continue;
          const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e))].sort((x, y) => y - x);
          if ((a + .05) / (b + .05) < 4.5) found.add(e.tagName + '.' + e.className);
        }
        return [...found];
        """
    )
    assert faint == []
