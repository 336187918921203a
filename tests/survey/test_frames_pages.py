"""Screens of frames and samples: what each shows, never a number, and nothing to the judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.survey import frames_cast as cast

from huiyin.audit.acts import SYSTEM
from huiyin.furniture.jobs import Progress
from huiyin.organisation.models import Account, Holding, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.survey import frame_actions, frame_jobs, sample_actions
from huiyin.survey.models import DoNotCall, Sample, SegmentImport, SegmentTable
from huiyin.survey.numbers import unseal
from huiyin.survey.sample_queries import Wish
from huiyin.territory.models import Region

pytestmark = pytest.mark.django_db
PAGES = (
    "/survey/frames/", "/survey/frames/segments/", "/survey/frames/segments/import/",
    "/survey/frames/segments/imports/", "/survey/frames/exchanges/",
    "/survey/frames/exchanges/import/", "/survey/frames/lists/", "/survey/frames/lists/hand-in/",
    "/survey/frames/do-not-call/", "/survey/frames/do-not-call/add/",
    "/survey/frames/do-not-call/file/", "/survey/frames/users/991100000000/", "/survey/samples/",
    "/survey/samples/draw/", "/survey/samples/look-up/",
)  # fmt: skip
SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    if not Region.objects.exists():
        cast.city()

    def go(role: Role, unit: Unit | None = None) -> Client:
        account = Account.objects.create_user(role.value, name="试", unit=unit)
        Holding.objects.create(account=account, role=role, unit=unit)
        client.force_login(account)
        return client

    return go


@pytest.fixture
def supervisor(sign_in: SignIn) -> Client:
    return sign_in(Role.SUPERVISOR)


def text_of(client: Client, url: str, status: int = 200, **options: Any) -> str:
    answer = client.get(url, **options)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def sample() -> Sample:
    round = cast.round_of(Region.objects.get(level=2))
    wish = Wish(table=cast.table(), mobile=60)
    return sample_actions.draw_sample(SYSTEM, round, wish, seed=7, now=cast.NOW)


def csv(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("号段.csv", text.encode("gbk"))


@pytest.mark.parametrize("url", PAGES)
def test_a_supervisor_sees_every_page_even_while_there_is_nothing(
    supervisor: Client, url: str
) -> None:
    text_of(supervisor, url)


@pytest.mark.parametrize("url", PAGES)
def test_an_interviewer_sees_none_of_them(sign_in: SignIn, url: str) -> None:
    text_of(sign_in(Role.INTERVIEWER), url, status=403)


@pytest.mark.parametrize(
    "url",
    [
        *PAGES, "/survey/planner/", "/api/v1/survey/samples",
        "/api/v1/survey/frames/991100000000",
    ],
)  # fmt: skip
def test_whoever_belongs_to_a_judged_unit_sees_none_whatever_his_role(
    sign_in: SignIn, url: str
) -> None:
    judged = Unit.objects.create(
        name="清河县公安局", short_name="县公安局", kind=UnitKind.DEPARTMENT, judged=True,
        region=Region.objects.get(level=2),
    )  # fmt: skip
    text_of(sign_in(Role.SUPERVISOR, judged), url, status=403)


def test_the_frame_page_shows_numbers_by_carrier_users_and_warnings(supervisor: Client) -> None:
    city = Region.objects.get(level=2)
    rows = cast.lines({"移动": ("138", 30), "联通": ("171", 5)})
    cast.table(rows, as_of=cast.date(2024, 1, 1))
    told = {"移动": 360_000, "联通": 240_000, "电信": 58_000}
    frame_actions.record_users(SYSTEM, city, told, cast.TODAY, "上报")
    page = text_of(supervisor, "/survey/frames/?city=991100000000")
    for shown in ("300,000", "658,000", "缺少电信号段", "缺少联通号段", "54.7%", "个月"):
        assert shown in page, shown


def test_a_table_is_handed_in_looked_at_and_taken(supervisor: Client) -> None:
    given = {"name": "新号段", "origin": "通管局", "as_of": "2026-10-01", "city": "安和市"}
    rows = ("号段,省份,城市,运营商", "1380001,江南,安和,移动", "138,江南,安和,移动",
            "1990001,湖南,湘潭,电信")  # fmt: skip
    text = "\n".join(rows)
    answer = supervisor.post("/survey/frames/segments/import/", given | {"file": csv(text)})
    handed = SegmentImport.objects.get()
    assert answer.headers["Location"] == f"/survey/frames/segments/imports/{handed.pk}/"
    page = text_of(supervisor, answer.headers["Location"])
    for shown in ("此处为 3 位", "属于湘潭", "A “号段”", "C “城市”", "跳过有问题的行"):
        assert shown in page, shown
    refused = supervisor.post(answer.headers["Location"], {"digest": handed.digest})
    assert refused.headers["Location"] == answer.headers["Location"]
    answer = supervisor.post(
        answer.headers["Location"], {"digest": handed.digest, "leave_out": "on"}
    )
    assert "/furniture/jobs/" in answer.headers["Location"]
    frame_jobs.take_segment_table(Progress(SYSTEM), handed.pk, handed.digest, True)
    assert SegmentTable.objects.get().segments == 1
    text_of(supervisor, f"/survey/frames/segments/{SegmentTable.objects.get().pk}/")


def test_a_file_that_is_no_table_is_refused_beside_the_field(supervisor: Client) -> None:
    given = {"name": "新号段", "origin": "通管局", "as_of": "2026-10-01"}
    answer = supervisor.post(
        "/survey/frames/segments/import/", given | {"file": csv("甲,乙\n1,2\n")}
    )
    assert answer.status_code == 422
    assert "号段" in answer.content.decode()


def test_a_list_with_findings_names_rows_and_repeats_no_number(supervisor: Client) -> None:
    file = csv("号码\n13812345678\n1381234567\n")
    given = {"name": "窗口", "origin": "政务中心", "file": file, "area_code": ""}
    answer = supervisor.post("/survey/frames/lists/hand-in/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "手机号码应为 11 位" in page
    assert "1381234567" not in page


def test_the_do_not_call_list_shows_hashes_only(supervisor: Client) -> None:
    given = {"number": "138 1234 5678", "reason": "本人要求"}
    supervisor.post("/survey/frames/do-not-call/add/", given)
    page = text_of(supervisor, "/survey/frames/do-not-call/")
    assert cast.number().digest().hex()[:8] in page
    assert "5678" not in page
    again = supervisor.post("/survey/frames/do-not-call/add/", given)
    assert "已在免访名单" in again.content.decode()
    supervisor.post(f"/survey/frames/do-not-call/{DoNotCall.objects.get().pk}/lift/")
    assert DoNotCall.objects.get().until is not None


def test_a_sample_is_drawn_on_the_screen_and_shows_no_number(supervisor: Client) -> None:
    round = cast.round_of(Region.objects.get(level=2))
    given = {"round": round.pk, "table": cast.table().pk, "mobile": 60, "by": "numbers",
             "seed": "7"}  # fmt: skip
    page = supervisor.post("/survey/samples/draw/", given | {"look": ""}).content.decode()
    assert "手机 移动" in page
    assert not Sample.objects.exists()
    answer = supervisor.post("/survey/samples/draw/", given | {"draw": ""})
    made = Sample.objects.get()
    page = text_of(supervisor, answer.headers["Location"])
    assert made.digest in page
    assert "1000" in page
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", page)
    text_of(supervisor, "/survey/samples/")


def test_an_auditor_has_a_draw_repeated(sign_in: SignIn) -> None:
    made = sample()
    auditor = sign_in(Role.AUDITOR)
    text_of(auditor, f"/survey/samples/{made.pk}/check/")
    answer = auditor.post(f"/survey/samples/{made.pk}/check/", follow=True)
    assert "完全一致" in answer.content.decode()
    assert auditor.get("/survey/samples/draw/").status_code == 403


def test_a_number_is_looked_up_and_shown_masked(supervisor: Client) -> None:
    row = sample().numbers.first()
    assert row is not None
    number = unseal(bytes(row.number or b""), bytes(row.digest or b""))
    answer = supervisor.post("/survey/samples/look-up/", {"number": number.national})
    page = answer.content.decode()
    assert number.masked() in page
    assert number.national not in page


def test_numbers_are_erased_on_the_screen_only_after_the_field(supervisor: Client) -> None:
    made = sample()
    answer = supervisor.post(f"/survey/samples/{made.pk}/erase/")
    assert answer.status_code == 409
    assert "清除号码" not in text_of(supervisor, f"/survey/samples/{made.pk}/")


def test_frames_and_samples_are_read_over_http(supervisor: Client) -> None:
    made = sample()
    frame = supervisor.get("/api/v1/survey/frames/991100000000").json()
    assert frame["groups"][0] == {"carrier": "移动", "kind": "mobile", "segments": 30,
                                  "numbers": 300_000}  # fmt: skip
    listed = supervisor.get("/api/v1/survey/samples").json()["results"]
    assert [each["id"] for each in listed] == [made.pk]
    told = supervisor.get(f"/api/v1/survey/samples/{made.pk}").json()
    assert told["digest"] == made.digest
    assert [each["probability"] for each in told["strata"]] == [1e-4] * 3
    assert supervisor.get("/api/v1/survey/segment-tables").json()["results"][0]["segments"] == 60


def test_the_list_of_samples_asks_no_more_queries_for_more_rows(
    supervisor: Client, django_assert_max_num_queries: Any
) -> None:
    first = sample()
    for seed in range(5):
        wish = Wish(table=first.table, mobile=10)
        sample_actions.draw_sample(SYSTEM, first.round, wish, seed=seed, now=cast.NOW)
    with django_assert_max_num_queries(25):
        text_of(supervisor, "/survey/samples/")
