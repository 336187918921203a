"""A real browser on a running site, for every test that looks at a page.

Import the fixtures that a file needs, and mark it::

    from tests.site.browser import NEEDS_BROWSER, browser, sign_in, visit  # noqa: F401

    pytestmark = NEEDS_BROWSER

    def test_a_page(visit: Visit) -> None:
        page = visit(width=360)
        sign_in(page, account)
        page.open("/territory/")

A page fails its test when it complains on the console, breaks the content security policy, throws,
or asks anything of another host: also when the test itself looks at something else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from huiyin.organisation.models import Account

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_BROWSER = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: chromium)"),
    pytest.mark.django_db(transaction=True),
]
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
DESK, PHONE = 1280, 360
PASSWORD = "Qing-he-zhen-2026!"

#: WCAG 2.2, 1.4.3: every text against what is behind it; gives "ratio: text" of those below AA.
CONTRAST = """() => {
  const parse = c => { const n = c.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const canvas = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  const behind = e => { const layers = [];
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((ground, layer) => over(layer, ground), canvas); };
  const low = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement, text = node.textContent.trim();
    if (!text || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (/^(SCRIPT|STYLE|TITLE|OPTION)$/i.test(e.tagName)) continue;
    const style = getComputedStyle(e), ground = behind(e), size = parseFloat(style.fontSize);
    const ink = over(parse(e.closest('svg') ? style.fill : style.color), ground);
    const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(ratio.toFixed(2) + ': ' + text.slice(0, 30));
  } return low; }"""

#: WCAG 2.2, 4.1.2 and 3.3.2: controls of forms, buttons and links that have no name.
NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href], summary')]
  .filter(e => !(e.labels && e.labels.length && [...e.labels].some(l => l.textContent.trim()))
    && !(e.getAttribute('aria-label') || '').trim() && !e.getAttribute('aria-labelledby')
    && !(/^(A|BUTTON|SUMMARY)$/.test(e.tagName) && e.textContent.trim())
    && !(e.tagName === 'INPUT' && /^(submit|button)$/.test(e.type) && e.value))
  .map(e => e.outerHTML.slice(0, 120))"""

#: WCAG 2.2, 2.5.8: targets below 24 by 24 pixels, other than links in running text.
SMALL = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href], summary')]
  .filter(e => { const box = e.getBoundingClientRect(); const own = getComputedStyle(e);
    if (!box.width || !box.height || own.position === 'absolute' && box.width <= 1) return false;
    if (/^(checkbox|radio)$/.test(e.type) && e.labels.length
      && [...e.labels].some(l => l.getBoundingClientRect().height >= 24)) return false;
    if (e.tagName === 'A' && own.display === 'inline') return false;
    if (e.classList.contains('skip-link')) return false;
    return box.height < 24 || box.width < 24; })
  .map(e => Math.round(e.getBoundingClientRect().width) + 'x' + Math.round(e.getBoundingClientRect().height)
    + ' ' + e.outerHTML.slice(0, 100))"""

#: What sticks out of the window at the right, where the page as a whole is too wide.
TOO_WIDE = """() => { const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1)
    .map(e => e.outerHTML.slice(0, 100)).slice(0, 5); }"""


class Sight:
    """A page in the browser, with everything that it complained about.

    Attributes:
        page: Playwright's page, for what this class does not know.
        complaints: what went wrong in it so far.
    """

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self._expected: set[str] = set()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        url = message.location.get("url", "")
        told = message.text.startswith("Failed to load resource") and url in self._expected
        if message.type in ("error", "warning") and not told:
            self.complaints.append(f"console: {message.text} ({url})")

    def _asked(self, request: Any) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path: str, status: int = 200) -> None:
        """Go to an address of the site; a status from 400 on is expected by name."""
        if status >= 400:
            self._expected.add(self.address + path)
        answer = self.page.goto(self.address + path)
        assert answer.status == status, f"{path} answered {answer.status}"

    @property
    def heading(self) -> str:
        return str(self.page.locator("h1").first.inner_text())

    def faults(self) -> dict[str, list[str]]:
        """What breaks the rules that hold on every page: width, contrast, names, targets."""
        walks = {"wide": TOO_WIDE, "contrast": CONTRAST, "nameless": NAMELESS, "small": SMALL}
        found = {name: self.page.evaluate(walk) for name, walk in walks.items()}
        return {name: faults for name, faults in found.items() if faults}


Visit = Callable[..., Sight]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django takes any loop for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any, live_server: Any) -> Iterator[Visit]:
    """Open a window: ``visit(width=360, scheme="dark", language="en", scripts=True)``."""
    opened: list[tuple[Any, Sight]] = []

    def new(
        width: int = DESK, scheme: str = "light", language: str = "zh-CN", scripts: bool = True
    ) -> Sight:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=language,
            java_script_enabled=scripts,
        )
        sight = Sight(context.new_page(), live_server.url)
        opened.append((context, sight))
        return sight

    yield new
    for context, _sight in opened:
        context.close()
    assert [sight.complaints for _context, sight in opened if sight.complaints] == []


def sign_in(sight: Sight, account: Account) -> None:
    """Sign in as somebody by the form, as he would do it."""
    account.set_password(PASSWORD)
    account.password_set_at, account.must_change_password = timezone.now(), False
    account.save()
    sight.open("/accounts/login/")
    sight.page.fill("input[name=login]", account.username)
    sight.page.fill("input[name=password]", PASSWORD)
    sight.page.click("main button[type=submit]")
    sight.page.wait_for_url(lambda url: "/accounts/login/" not in url)
