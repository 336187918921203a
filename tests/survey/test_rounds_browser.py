"""An official brings a round to readiness in a real browser, told at each step what is missing."""

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
from tests.survey import round_cast

from huiyin.audit.acts import SYSTEM
from huiyin.organisation.models import Account, Holding, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.survey import round_actions as actions
from huiyin.survey.models import Round, RoundStatus, SegmentTable

pytestmark = NEEDS_BROWSER


def official(cast: round_cast.Cast) -> Account:
    """Somebody of the city's office."""
    unit = Unit.objects.create(
        name="安和市平安办", kind=UnitKind.OFFICE, region=cast.region, judged=False
    )
    account = Account.objects.create_user("office", name="李明", unit=unit)
    Holding.objects.create(account=account, role=Role.OFFICE, region=cast.region)
    return account


@pytest.fixture
def cast() -> round_cast.Cast:
    return round_cast.cast()


def missing(sight: Sight) -> list[str]:
    """What the checklist of the open page says is missing."""
    lines = sight.page.locator(".checklist li:has(.badge-due) b")
    return [str(text) for text in lines.all_inner_texts()]


def mend(sight: Sight, item: str) -> None:
    sight.page.locator(".checklist li", has_text=item).get_by_role("link").click()


def save(sight: Sight) -> None:
    sight.page.locator("main form button[type=submit]").first.click()


def test_an_office_creates_a_round_sees_what_is_missing_fills_it_and_makes_it_ready(
    visit: Visit,  # noqa: F811
    cast: round_cast.Cast,
) -> None:
    """000-13, 000-14, P-02."""
    version, _indicators = round_cast.version(), round_cast.indicators()
    SegmentTable.objects.create(name="虚构号段表", origin="演示", as_of=round_cast.TODAY)
    sight = visit()
    sign_in(sight, official(cast))
    sight.open("/survey/rounds/")
    sight.page.get_by_role("link", name="新增轮次").click()
    sight.page.fill("input[name=year]", "2026")
    sight.page.check("input[name=half][value=H2]")
    save(sight)
    assert sight.heading == "公众安全感满意度2026年下半年"
    assert missing(sight) == [
        "调查中心", "问卷版本", "指标与问卷相符", "样本框", "抽样设计已说明",
        "各地区目标样本量", "督导、访问员、复核员",
    ]  # fmt: skip

    mend(sight, "调查中心")
    assert sight.page.input_value("input[name=field_from]") == "2026-11-01"
    assert sight.page.input_value("input[name=field_until]") == "2026-12-31"
    sight.page.select_option("select[name=centre]", str(cast.centre.pk))
    save(sight)

    mend(sight, "问卷版本")
    sight.page.select_option("select[name=version]", str(version.pk))
    sight.page.select_option("select[name=indicators]", label="标准指标")
    sight.page.check("input[name=resident_months][value='12']")
    save(sight)

    mend(sight, "抽样设计已说明")
    sight.page.select_option("select[name=table]", label="虚构号段表")
    sight.page.fill("textarea[name=design]", "按运营商分层，层内等概率。")
    save(sight)
    assert missing(sight) == ["各地区目标样本量", "督导、访问员、复核员"]

    round = Round.objects.get()
    actions.set_allocation(SYSTEM, round, {round_cast.TOWN: 3})  # what the planner does
    staff_is_assigned(visit, cast, round)
    sight.open(round.get_absolute_url())
    assert missing(sight) == []
    sight.page.get_by_role("link", name="确认就绪").click()
    sight.page.get_by_role("button", name="确认就绪").click()
    sight.page.wait_for_url(f"**{round.get_absolute_url()}")
    round.refresh_from_db()
    assert (round.status, round.resident_months) == (RoundStatus.READY, 12)
    assert "样本已抽取" in missing(sight)
    assert sight.faults() == {}


def staff_is_assigned(
    visit: Visit,  # noqa: F811
    cast: round_cast.Cast,
    round: Round,
) -> None:
    """The supervisor ticks the people of the centre, on the phone."""
    sight = visit(width=PHONE)
    sign_in(sight, cast.people["supervisor"])
    sight.open(round.get_absolute_url())
    assert sight.faults() == {}
    mend(sight, "督导、访问员、复核员")
    for box in sight.page.locator("input[name=people]").all():
        box.check()
    assert sight.faults() == {}
    save(sight)
    sight.page.wait_for_selector("text=caller2")


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_the_pages_of_rounds_fit_and_are_legible(
    visit: Visit,  # noqa: F811
    cast: round_cast.Cast,
    width: int,
    scheme: str,
) -> None:
    """P-33."""
    round_cast.filled(cast, half="H1")
    asked = round_cast.version(round_cast.workbook("您感到安全吗？"), 2)
    made = round_cast.filled(cast, asks=asked)
    sight = visit(width=width, scheme=scheme)
    sign_in(sight, official(cast))
    url = made.get_absolute_url()
    for path in (
        "/survey/rounds/", url, f"{url}hours/", f"{url}content/", f"{url}quotas/", f"{url}staff/",
        f"{url}step/ready/", f"{url}break/", f"/survey/rounds/series/{cast.series.pk}/",
        "/survey/rounds/published/", "/territory/calendar/", "/territory/calendar/add/",
    ):  # fmt: skip
        sight.open(path)
        assert (path, sight.faults()) == (path, {})
