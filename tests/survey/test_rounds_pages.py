"""The pages and the API of rounds: what each shows to whom, and what a wrong entry is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from tests.survey import round_cast
from tests.survey.round_cast import NOW, OFFICE, TODAY, TOWN, Cast, workbook

from huiyin.audit.acts import Actor, Held
from huiyin.organisation.models import Account, Holding, Unit
from huiyin.organisation.roles import Role
from huiyin.survey import round_actions as actions
from huiyin.survey import round_home
from huiyin.survey.models import Round, RoundStatus, Series
from huiyin.survey.round_rules import Step

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is answered on a day on which the field of 2026H2 is on."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def cast() -> Cast:
    return round_cast.cast()


@pytest.fixture
def sign_in() -> SignIn:
    def go(role: Role, unit: Unit | None = None) -> Client:
        account = Account.objects.create_user(f"me-{role.value}", name="试", unit=unit)
        Holding.objects.create(account=account, role=role, unit=unit)
        client = Client()
        client.force_login(account)
        return client

    return go


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def test_without_rounds_the_list_says_what_to_do_next(cast: Cast, sign_in: SignIn) -> None:
    page = text_of(sign_in(Role.OFFICE), "/survey/rounds/")
    assert "还没有轮次" in page
    assert "/survey/rounds/series/add/" in page


def test_an_office_adds_a_series_and_its_first_round(cast: Cast, sign_in: SignIn) -> None:
    """000-13."""
    client = sign_in(Role.OFFICE)
    data = {"name": "平安满意度", "region": "991100000000", "annual": "mean", "note": ""}
    answer = client.post("/survey/rounds/series/add/", data)
    made = Series.objects.get(name="平安满意度")
    assert answer["Location"] == f"/survey/rounds/series/{made.pk}/"
    again = client.post("/survey/rounds/series/add/", data)
    assert again.status_code == 422
    assert "已有同名调查项目" in again.content.decode()
    form = text_of(client, f"/survey/rounds/add/?series={made.pk}")
    assert '<input type="radio" name="half" value="H2"' in form
    data = {"series": made.pk, "year": 2026, "half": "H2"}
    answer = client.post("/survey/rounds/add/", data)
    round = Round.objects.get(series=made)
    assert answer["Location"] == f"/survey/rounds/{round.pk}/"
    twice = client.post("/survey/rounds/add/", data)
    assert twice.status_code == 422
    page = text_of(client, f"/survey/rounds/series/{made.pk}/")
    assert "须有上、下两个半年" in page


def test_the_page_of_a_draft_names_what_is_missing_and_leads_there(
    cast: Cast, sign_in: SignIn
) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    page = text_of(sign_in(Role.OFFICE), made.get_absolute_url())
    assert "未绑定问卷版本" in page
    assert f"/survey/rounds/{made.pk}/content/" in page
    assert "12340" in page
    assert f"/survey/rounds/{made.pk}/staff/add/" not in page  # a supervisor's work
    step = text_of(sign_in(Role.SUPERVISOR), made.get_absolute_url())
    assert f"/survey/rounds/{made.pk}/staff/add/" in step


def test_forms_fill_a_round_until_it_can_be_made_ready(cast: Cast, sign_in: SignIn) -> None:
    """P-02: a round is bound to one version."""
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    asks, bound = round_cast.version(), round_cast.indicators()
    client, url = sign_in(Role.OFFICE), made.get_absolute_url()
    dates = {"centre": cast.centre.pk, "field_from": "2026-11-01", "field_until": "2026-12-20"}
    late = client.post(f"{url}dates/", {**dates, "field_until": "2027-01-05"})
    assert late.status_code == 422
    assert "日期须在" in late.content.decode()
    assert client.post(f"{url}dates/", dates).status_code == 302
    content = {
        "version": asks.pk, "indicators": bound.pk, "modes": ["telephone"], "least_age": 16,
        "resident_months": 12,
    }  # fmt: skip
    young = client.post(f"{url}content/", {**content, "least_age": 15})
    assert young.status_code == 422
    assert client.post(f"{url}content/", content).status_code == 302
    sample = {"frames": ["landline"], "table": "", "design": "按局号分层。"}
    assert client.post(f"{url}sample/", sample).status_code == 302
    actions.set_allocation(OFFICE, made, {TOWN: 3})
    staff = sign_in(Role.SUPERVISOR)
    people = [f"{a.pk}:{a.holdings.get().role}" for a in cast.people.values()]
    assert staff.post(f"{url}staff/add/", {"people": people}).status_code == 302
    assert "caller1" in text_of(staff, f"{url}staff/")
    page = text_of(client, f"{url}step/ready/")
    assert "尚缺" not in page
    assert client.post(f"{url}step/ready/").status_code == 302
    made.refresh_from_db()
    assert (made.status, made.version, made.resident_months) == (RoundStatus.READY, asks, 12)


def test_a_step_that_cannot_be_taken_says_why_and_offers_no_button(
    cast: Cast, sign_in: SignIn
) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    client, url = sign_in(Role.OFFICE), f"{made.get_absolute_url()}step/ready/"
    page = text_of(client, url)
    assert "条件尚未全部具备" in page
    assert 'class="form confirm' not in page
    answer = client.post(url)
    assert answer.status_code == 409
    assert "未绑定问卷版本" in answer.content.decode()


def test_a_round_steps_back_with_a_reason_that_its_history_tells(
    cast: Cast, sign_in: SignIn
) -> None:
    made = round_cast.filled(cast)
    actions.take_step(OFFICE, made, Step.READY, now=NOW)
    client, url = sign_in(Role.OFFICE), made.get_absolute_url()
    assert client.post(f"{url}step/back/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}step/back/", {"reason": "问卷有误"}).status_code == 302
    assert "问卷有误" in text_of(client, url)


def test_what_is_frozen_is_told_as_such(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    actions.take_step(OFFICE, made, Step.READY, now=NOW)
    client, url = sign_in(Role.OFFICE), made.get_absolute_url()
    assert f'href="{url}content/"' not in text_of(client, url)
    answer = client.post(f"{url}sample/", {"frames": ["mobile"], "table": "", "design": "另"})
    assert answer.status_code == 422
    assert "请先退回草稿" in answer.content.decode()


def test_calling_hours_are_written_as_people_write_them(cast: Cast, sign_in: SignIn) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    client, url = sign_in(Role.OFFICE), f"{made.get_absolute_url()}hours/"
    assert "09:00-12:00、14:00-20:30" in text_of(client, url)
    wrong = client.post(url, {"day_0": "9点到12点", "day_7": "7:00-9:00"})
    assert wrong.status_code == 422
    assert "不是拨打时间" in wrong.content.decode()
    night = client.post(url, {"day_7": "7:00-9:00"})
    assert "过早或过晚" in night.content.decode()
    assert client.post(url, {"day_0": "9:00-12:00，14:00-17:00"}).status_code == 302
    assert made.calling_hours.count() == 2


def test_a_field_that_is_on_says_whether_calls_may_be_made_now(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    round_cast.drawn(made)
    for step in (Step.READY, Step.OPEN):
        actions.take_step(OFFICE, made, step, now=NOW)
    page = text_of(sign_in(Role.OFFICE), made.get_absolute_url())
    assert "现在可以拨打" in page  # a Saturday, ten in the morning
    assert "系统尚无访问模块" in page


def test_quotas_are_set_listed_and_exported_as_they_are_imported(
    cast: Cast, sign_in: SignIn
) -> None:
    made = round_cast.filled(cast)
    client, url = sign_in(Role.DESIGNER), f"{made.get_absolute_url()}quotas/"
    data = {"region": TOWN, "sex": "male", "ages": "16-39", "target": 2}
    assert client.post(f"{url}add/", {**data, "ages": "老年"}).status_code == 422
    assert client.post(f"{url}add/", data).status_code == 302
    assert "16-39" in text_of(client, url)
    exported = b"".join(client.get(f"{url}?export=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    head, row = exported.splitlines()[:2]
    assert head.split(",")[:2] == ["轮次", "区划代码"]
    assert row.split(",")[:4] == ["2026H2", TOWN, "清河镇", "男"]


def test_the_page_lists_changes_and_marks_and_lifts_a_break(cast: Cast, sign_in: SignIn) -> None:
    """003-28, P-02."""
    round_cast.filled(cast, half="H1")
    made = round_cast.filled(cast, asks=round_cast.version(workbook("您感到安全吗？"), 2))
    client, url = sign_in(Role.OFFICE), made.get_absolute_url()
    page = text_of(client, url)
    assert "您感到安全吗？" in page
    assert "可能影响可比性" in page
    form = text_of(client, f"{url}break/")
    assert "safety" in form  # the suggestion, to be edited
    assert client.post(f"{url}break/", {"reason": "题目改写"}).status_code == 302
    assert "题目改写" in text_of(client, url)
    assert client.post(f"{url}break/lift/").status_code == 302
    made.refresh_from_db()
    assert made.break_reason == ""


@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD])
def test_whoever_is_judged_is_turned_away_and_sees_only_published_rounds(
    cast: Cast, sign_in: SignIn, role: Role
) -> None:
    made = round_cast.filled(cast)
    unit = Unit.objects.create(name="清河镇政府", kind="town", region=cast.region, judged=True)
    client = sign_in(role, unit)
    assert client.get("/survey/rounds/").status_code == 403
    assert client.get(made.get_absolute_url()).status_code == 403
    assert client.get(f"/api/v1/survey/rounds/{made.pk}").status_code == 403
    assert "2026年下半年" not in text_of(client, "/survey/rounds/published/")
    assert "2026年下半年" not in text_of(client, "/territory/991100000000/")
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.PUBLISHED)
    assert "2026年下半年" in text_of(client, "/survey/rounds/published/")
    region = text_of(client, "/territory/991101001000/")
    assert "2026年下半年" in region
    assert made.get_absolute_url() not in region


def test_an_office_finds_the_rounds_on_the_page_of_a_region(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    page = text_of(sign_in(Role.OFFICE), f"/territory/{TOWN}/")
    assert made.get_absolute_url() in page
    assert "目标样本量3" in page


def test_a_leader_sees_states_and_changes_nothing(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    client, url = sign_in(Role.LEADER), made.get_absolute_url()
    assert "草稿" in text_of(client, url)
    assert client.get(f"{url}dates/").status_code == 403
    assert client.post(f"{url}step/ready/").status_code == 403


def test_a_draft_is_removed_after_saying_what_that_means(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    client, url = sign_in(Role.OFFICE), f"{made.get_absolute_url()}remove/"
    assert "操作记录保留" in text_of(client, url)
    assert client.post(url).status_code == 302
    assert not Round.objects.filter(pk=made.pk).exists()


def test_somebody_is_taken_off_a_round(cast: Cast, sign_in: SignIn) -> None:
    made = round_cast.filled(cast)
    staff = made.staff.first()
    assert staff is not None
    client = sign_in(Role.SUPERVISOR)
    assert client.post(f"/survey/rounds/staff/{staff.pk}/remove/").status_code == 302
    assert not made.staff.filter(pk=staff.pk).exists()


@pytest.mark.parametrize(
    ("now", "tone"),
    [
        ("2026-10-17T09:00", None),  # fifteen days before
        ("2026-10-18T09:00", "near"),
        ("2026-10-31T09:00", "near"),
        ("2026-11-01T09:00", "due"),
        ("2026-11-02T09:00", "overdue"),
    ],
)
def test_a_round_that_begins_soon_and_is_not_ready_is_a_task(
    cast: Cast, now: str, tone: str | None
) -> None:
    made = actions.add_round(OFFICE, cast.series, year=2026, half="H2")
    moment = datetime.fromisoformat(f"{now}+08:00")
    tasks = list(round_home.tasks(OFFICE, moment))
    assert [task.tone for task in tasks] == ([tone] if tone else [])
    if tasks:
        assert tasks[0].url == made.get_absolute_url()
        assert "问卷版本" in str(tasks[0].detail)
    assert list(round_home.tasks(Actor(9, "leader", held=(Held(Role.LEADER),)), moment)) == []


@pytest.mark.parametrize(("today", "count"), [(date(2026, 12, 31), 0), (date(2027, 1, 1), 1)])
def test_a_field_whose_last_day_is_over_is_overdue_to_be_closed(
    cast: Cast, today: date, count: int
) -> None:
    made = round_cast.filled(cast)
    Round.objects.filter(pk=made.pk).update(status=RoundStatus.FIELDING)
    moment = datetime.fromisoformat(f"{today}T09:00:00+08:00")
    tasks = list(round_home.tasks(OFFICE, moment))
    assert [task.tone for task in tasks] == ["overdue"] * count


def test_the_api_lists_reads_checks_and_moves_rounds(cast: Cast, sign_in: SignIn) -> None:
    round_cast.filled(cast, half="H1")
    made = round_cast.filled(cast, asks=round_cast.version(workbook("您感到安全吗？"), 2))
    client, base = sign_in(Role.OFFICE), "/api/v1/survey/rounds"
    listed = client.get(base).json()["results"]
    assert [each["half"] for each in listed] == ["H2", "H1"]
    read = client.get(f"{base}/{made.pk}").json()
    assert (read["caller_id"], read["annual"]) == ("12340", "pooled")
    assert read["staff"] == {"supervisor": 1, "interviewer": 2, "verifier": 1}
    assert {"weekday": 7, "begins": "10:00", "ends": "12:00"} in read["calling_hours"]
    checked = client.get(f"{base}/{made.pk}/checklist").json()
    assert (checked["step"], all(item["holds"] for item in checked["items"])) == ("ready", True)
    changes = client.get(f"{base}/{made.pk}/changes").json()
    assert [each["touches"] for each in changes] == [["安全感"]]

    def post(step: str, **body: Any) -> Any:
        return client.post(f"{base}/{made.pk}/{step}", body, content_type="application/json")

    assert post("open").json()["code"] == "round-step-impossible"
    assert post("ready").json()["status"] == "ready"
    assert post("back").json()["code"] == "round-reason-missing"
    assert post("back", reason="改").json()["status"] == "draft"
    assert post("break", reason="题目改写").json()["break_reason"] == "题目改写"
    body = {"series": cast.series.pk, "year": 2027, "half": "H1"}
    added = client.post(base, body, content_type="application/json").json()
    assert added["field_until"] == "2027-07-31"
    assert client.get(f"{base}/0").status_code == 404


def test_lists_and_pages_cost_a_fixed_number_of_queries(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    made = round_cast.filled(cast)
    for year in range(2020, 2026):
        actions.add_round(OFFICE, cast.series, year=year, half="H1")
    client = sign_in(Role.OFFICE)
    client.get(made.get_absolute_url())  # the questionnaire is compiled once
    with django_assert_max_num_queries(20):
        client.get("/survey/rounds/")
    with django_assert_max_num_queries(50):
        client.get(made.get_absolute_url())


def test_the_day_of_these_tests_lies_in_the_field() -> None:
    assert NOW.date() == TODAY
