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
from pathlib import Path
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

#: What holds on every page, as functions that run in it: each gives the list of its breaches.
RULES = (Path(__file__).parent / "page_rules.js").read_text(encoding="utf-8")


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
        """What breaks the rules of every page: width, contrast, names, sizes of targets, ids."""
        found: dict[str, list[str]] = self.page.evaluate(f"(() => {{ {RULES} }})()")
        return {rule: breaches for rule, breaches in found.items() if breaches}


Visit = Callable[..., Sight]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a file."""
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
