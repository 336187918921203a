"""Pages in a real browser: they fit, can be read, reached and worked by keyboard, and are quiet."""

from __future__ import annotations

import pytest
from tests.site.browser import (  # noqa: F401  (fixtures)
    DESK,
    NEEDS_BROWSER,
    PHONE,
    Sight,
    Visit,
    browser,
    sign_in,
    visit,
)
from tests.site.people import office, somebody

from huiyin.organisation.roles import Role

pytestmark = NEEDS_BROWSER
#: The keyboard has left the last stop of a page.
AT_THE_END = "document.activeElement === document.body"
#: Pages for whoever has signed in, with their status.
PAGES = {
    "/": 200,
    "/style/": 200,
    "/accounts/password/change/": 200,
    "/accounts/2fa/": 200,
    "/accounts/reauthenticate/": 200,
    "/accounts/logout/": 200,
    "/no/such/page/": 404,
}


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "light"), (DESK, "dark")])
def test_every_page_fits_is_legible_and_names_all_that_can_be_used(
    visit: Visit,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    """P-33; WCAG 2.2 AA: 1.4.3, 1.4.10, 2.5.8, 3.3.2, 4.1.2."""
    sight = visit(width=width, scheme=scheme)
    sight.open("/accounts/login/")
    assert sight.faults() == {}
    sign_in(sight, somebody(unit=office()))
    for path, status in PAGES.items():
        sight.open(path, status)
        assert (path, sight.faults()) == (path, {})


def test_every_role_signs_in_by_the_form_and_is_told_what_needs_him_today(
    visit: Visit,  # noqa: F811
) -> None:
    for role in Role:
        sight = visit()
        sign_in(sight, somebody(role, username=role.value))
        assert sight.heading == "今天需要我做什么"


def test_a_wrong_password_says_so_and_takes_the_focus_there(visit: Visit) -> None:  # noqa: F811
    sight = visit(width=PHONE)
    sight.open("/accounts/login/")
    sight.page.fill("input[name=login]", "nobody")
    sight.page.fill("input[name=password]", "wrong")
    sight.page.click("main button[type=submit]")
    sight.page.wait_for_selector(".error-summary")
    assert sight.page.evaluate("document.activeElement.className").endswith("error-summary")
    assert sight.faults() == {}


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit: Visit) -> None:  # noqa: F811
    sight = visit()
    sign_in(sight, somebody())
    sight.open("/")
    sight.page.keyboard.press("Tab")
    link = sight.page.locator(".skip-link")
    assert link.evaluate("e => e === document.activeElement && e.getBoundingClientRect().top >= 0")
    sight.page.keyboard.press("Enter")
    assert sight.page.evaluate("document.activeElement.id") == "content"


def test_whatever_has_the_focus_shows_it(visit: Visit) -> None:  # noqa: F811
    """WCAG 2.2, 2.4.7 and 2.4.13: a ring of two pixels or more on every stop."""
    sight = visit()
    sign_in(sight, somebody())
    sight.open("/style/")
    stops = 0
    while sight.page.keyboard.press("Tab") or not sight.page.evaluate(AT_THE_END):
        stops += 1
        ring = sight.page.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.outerHTML.slice(0, 60), s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        assert ring[1] != "none", ring
        assert ring[2] >= 2, ring
    assert stops > 30


def test_a_slash_leads_to_the_search_of_the_page_but_can_be_written_in_a_field(
    visit: Visit,  # noqa: F811
) -> None:
    sight = visit()
    sign_in(sight, somebody())
    sight.open("/style/")
    sight.page.keyboard.press("/")
    assert sight.page.evaluate("document.activeElement.type") == "search"
    sight.page.keyboard.type("1/2")
    assert sight.page.input_value("input[type=search]") == "1/2"


def test_escape_closes_the_menu_of_the_account_and_gives_the_focus_back(
    visit: Visit,  # noqa: F811
) -> None:
    sight = visit()
    sign_in(sight, somebody())
    sight.page.click(".account-menu summary")
    assert sight.page.locator(".account-sheet").is_visible()
    sight.page.keyboard.press("Escape")
    assert not sight.page.locator(".account-sheet").is_visible()
    assert sight.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_signing_in_and_the_menu_of_a_phone_work_without_any_script(
    visit: Visit,  # noqa: F811
) -> None:
    sight = visit(width=PHONE, scripts=False)
    sign_in(sight, somebody(Role.ADMINISTRATOR))
    menu = sight.page.locator("#site-navigation")
    assert not menu.is_visible()
    sight.page.click(".menu-button")
    assert menu.is_visible()
    menu.locator("a").first.click()
    assert sight.page.locator("h1").first.is_visible()


def test_a_list_is_filtered_in_place_and_the_address_says_so(visit: Visit) -> None:  # noqa: F811
    sight = visit()
    sign_in(sight, somebody(unit=office()))
    sight.open("/style/")
    sight.page.evaluate("window.still = true")
    sight.page.fill("input[type=search]", "清河")
    sight.page.keyboard.press("Enter")
    sight.page.wait_for_url("**/style/?*q=*")
    assert sight.page.locator("#list tbody tr").count() == 2
    assert sight.page.evaluate("window.still")


def test_a_list_that_cannot_be_fetched_says_so(visit: Visit) -> None:  # noqa: F811
    sight = visit()
    sign_in(sight, somebody(unit=office()))
    sight.open("/style/")
    sight.page.context.set_offline(True)
    sight.page.fill("input[type=search]", "清河")
    sight.page.keyboard.press("Enter")
    sight.page.wait_for_selector("#announcements .notice.error")
    assert "检查网络" in sight.page.inner_text("#announcements")
    sight.complaints.clear()  # the browser says that it is offline


def test_on_paper_there_is_neither_navigation_nor_button(visit: Visit) -> None:  # noqa: F811
    sight = visit()
    sign_in(sight, somebody())
    sight.open("/style/")
    sight.page.emulate_media(media="print")
    for part in (".site-header", ".actions", ".table-filters", ".site-footer"):
        assert not sight.page.locator(part).first.is_visible()
    assert sight.page.locator("#facts").is_visible()


@pytest.mark.parametrize(
    "breach",
    [
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')",
        "fetch('https://elsewhere.invalid/x').catch(() => 0)",
        "console.error('wrong')",
        "setTimeout(() => { throw new Error('wrong') })",
    ],
)
def test_the_browser_of_the_tests_hears_every_breach(
    visit: Visit,  # noqa: F811
    breach: str,
) -> None:
    sight: Sight = visit()
    sight.open("/accounts/login/")
    assert sight.complaints == []
    sight.page.evaluate(f"() => {{ {breach} }}")
    sight.page.wait_for_timeout(200)
    assert sight.complaints != []
    sight.complaints.clear()


def test_on_a_phone_the_filters_of_a_list_are_folded_away(visit: Visit) -> None:  # noqa: F811
    """P-33: the list is seen first; without a script, and at a desk, the filters are open"""
    sight = visit(width=PHONE)
    sign_in(sight, somebody(unit=office()))
    sight.open("/style/")
    filters = sight.page.locator(".table-filters").first
    assert not filters.is_visible()
    sight.page.click(".table-narrow > summary")
    assert filters.is_visible()
    sight.page.fill("input[type=search]", "清河")
    sight.page.keyboard.press("Enter")
    sight.page.wait_for_url("**/style/?*q=*")
    summary = sight.page.locator(".table-narrow > summary").first
    summary.wait_for()
    assert "清河" in summary.inner_text()
    assert not filters.is_visible()
    sight.page.set_viewport_size({"width": DESK, "height": 800})
    filters.wait_for(state="visible")
