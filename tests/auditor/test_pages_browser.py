"""The auditor's pages in a real browser, at desk and phone width."""

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
from tests.site.people import somebody

from huiyin.audit.actions import record, seal
from huiyin.audit.acts import SYSTEM, Act, Actor, Changed, Place
from huiyin.audit.models import Event
from huiyin.auditor.jobs import verify_nightly
from huiyin.furniture.jobs import Progress
from huiyin.organisation.roles import Role

pytestmark = NEEDS_BROWSER
TRY = Act("trial.try", "try", changes=True)


def some_history() -> Event:
    """A few events of two people, a checkpoint and a verification."""
    person = Actor(7, "li.ming", "10.1.2.3", is_system=True)
    for turn in range(60):
        changed = Changed("territory.region", "991101001000", f"清河镇第{turn}村", {"people": turn})
        changed.after = {"people": turn + 1, "name": f"清河镇第{turn}村"}
        event = record(person, TRY, changed, Place(region="991101001000"))
    seal(SYSTEM)
    verify_nightly(Progress())
    return event


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "light"), (DESK, "dark")])
def test_events_an_event_and_the_chain_fit_and_are_legible(
    visit: Visit,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    """P-33, P-34"""
    event = some_history()
    sight = visit(width=width, scheme=scheme)
    sign_in(sight, somebody(Role.AUDITOR))
    report = Event.objects.get(act="audit.verify_chain").pk
    for path in ("/audit/", f"/audit/{event.pk}/", f"/audit/{report}/", "/audit/chain/"):
        sight.open(path)
        assert (path, sight.faults()) == (path, {})


def test_an_auditor_goes_from_the_navigation_to_an_event_and_on_along_its_lane(
    visit: Visit,  # noqa: F811
) -> None:
    """P-34"""
    some_history()
    sight = visit()
    sign_in(sight, somebody(Role.AUDITOR))
    sight.page.get_by_role("link", name="审计", exact=True).first.click()
    sight.page.fill("input[name=q]", "清河镇第30村")
    sight.page.get_by_role("button", name="筛选").click()
    sight.page.wait_for_url("**q=**")
    sight.page.locator(".table tbody a").first.click()
    assert "清河镇第30村" in sight.page.inner_text("main")
    sight.page.click("a[rel=next]")
    assert "清河镇第31村" in sight.page.inner_text("main")
