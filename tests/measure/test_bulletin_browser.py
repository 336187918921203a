"""The page in a real browser: quiet, by itself, and no wider than a phone (P-31)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from tests.measure.bulletin_fixture import city

from huiyin.measure.bulletin import write_bulletin

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: chromium)"),
]
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
#: WCAG 2.1, success criterion 1.4.3: text against what is behind it.
CONTRAST = """() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c) && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const low = [];
  for (const e of document.querySelectorAll('h1,h2,p,th,td,dt,dd,a,span,b,caption,figcaption')) {
    if (!e.textContent.trim() || !e.offsetParent) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(e.className + ': ' + e.textContent.slice(0, 20));
  } return low; }"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    (path,) = write_bulletin(city(), tmp_path_factory.mktemp("page"), ["html"])
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(params=[360, 768, 1280])
def seen(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """The page at a width, with what it asked for and what it complained about."""
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield page, asked, complaints, request.param
    page.close()


def test_the_page_asks_nobody_complains_of_nothing_and_fits(seen: Any, address: str) -> None:
    page, asked, complaints, width = seen
    assert asked == [address]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_drawing_of_each_chart_shows_and_fits(seen: Any) -> None:
    page, _, _, width = seen
    boxes = [svg.bounding_box() for svg in page.query_selector_all("svg") if svg.is_visible()]
    assert len(boxes) == 7
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length)"
        ".map(t => t.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 9


def test_text_stands_out_from_what_is_behind_it(seen: Any) -> None:
    assert seen[0].evaluate(CONTRAST) == []


def test_figures_of_a_column_end_at_the_same_place(seen: Any) -> None:
    edges = seen[0].evaluate(
        "[...document.querySelectorAll('#table-2 tbody tr')].map(r => {"
        " const range = document.createRange(); range.selectNodeContents(r.cells[2]);"
        " return Math.round(range.getBoundingClientRect().right); })"
    )
    assert len(edges) == 8
    assert len(set(edges)) == 1


def test_the_page_prints_on_a4_with_repeated_heads(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('thead')).display")
        == "table-header-group"
    )
    assert page.pdf(format="A4")[:5] == b"%PDF-"
    page.close()
