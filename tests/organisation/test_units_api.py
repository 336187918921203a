"""The same acts over HTTP: every requirement that a screen meets, the API meets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.organisation.structure_cast import Place, place

from huiyin.organisation.models import Account, Group, Holding, StructureTemplate
from huiyin.organisation.roles import Role

__all__ = ["place"]

Call = Callable[..., Any]


@pytest.fixture
def call(place: Place) -> Call:
    """``call("post", "/units", {...})`` by somebody of the office; other roles by name."""
    clients: dict[Role, Client] = {}

    def calling(
        method: str, path: str, data: Any = None, role: Role = Role.OFFICE, status: int = 0
    ) -> Any:
        if role not in clients:
            account = Account.objects.create_user(role.value, name="李明")
            Holding.objects.create(account=account, role=role)
            clients[role] = Client()
            clients[role].force_login(account)
        send = getattr(clients[role], method)
        sent = {} if method == "get" else {"data": json.dumps(data), "content_type": JSON}
        answer = send(f"/api/v1/organisation{path}", **sent)
        due = status or {"post": 201, "delete": 204}.get(method, 200)
        assert answer.status_code == due, answer.content.decode()
        return answer.json() if answer.content else None

    return calling


JSON = "application/json"


def test_units_over_http(place: Place, call: Call) -> None:
    """001-05: add, list, change; a unit below itself is refused as a problem."""
    sent = {"name": "云山县司法局", "kind": "justice", "region": "439901000000"}
    made = call("post", "/units", {**sent, "parent": place.office.pk})
    assert made["judged"] is True
    listed = call("get", "/units?region=439901&kind=justice")["results"]
    assert [each["name"] for each in listed] == ["云山县司法局"]
    wrong = call("put", f"/units/{made['id']}", {**sent, "parent": made["id"]}, status=422)
    assert (wrong["code"], wrong["place"]) == ("superior-circle", "parent")
    assert call("post", "/units", sent, status=409)["code"] == "name-taken"


def test_posts_holders_and_vacancies_over_http(place: Place, call: Call) -> None:
    """001-06, 001-07, 003-33."""
    post = call("post", f"/units/{place.police.pk}/posts", {"title": "局长", "kind": "first"})["id"]
    assert call("get", "/posts?vacant=true")["results"][0]["id"] == post
    since = {"name": "王建国", "since": "2024-01-01"}
    holder = call("post", f"/posts/{post}/holders", since)
    wrong = call("post", f"/posts/{post}/holders", {**since, "name": "赵刚"}, status=409)
    assert wrong["code"] == "post-held"
    deed = {"deed": "solve", "done_on": "2026-01-05", "account_of_it": "现场解决路灯问题"}
    assert call("post", f"/posts/{post}/engagements", deed)["person"] == "王建国"
    assert len(call("get", f"/engagements?post={post}")["results"]) == 1
    call("post", f"/holders/{holder['id']}/release", {"on": "2026-01-31"}, status=200)
    assert call("get", f"/posts/{post}/holders")[0]["until"] == "2026-01-31"


def test_pairings_over_http(place: Place, call: Call) -> None:
    """000-10."""
    post = call("post", f"/units/{place.police.pk}/posts", {"title": "副县长", "kind": "other"})
    sent = {"region": "439901100000", "since": "2026-01-01"}
    made = call("post", f"/posts/{post['id']}/pairings", sent)
    call("post", f"/pairings/{made['id']}/end", {"on": "2026-05-31"}, status=200)
    assert call("get", "/pairings?on=2026-05-31")["results"][0]["region"] == "439901100000"
    assert call("get", "/pairings?on=2026-06-01")["results"] == []


def test_readiness_and_budget_over_http(place: Place, call: Call) -> None:
    """002-04, 002-17."""
    rows = {row["unit"]: row["missing"] for row in call("get", "/readiness")}
    assert rows[place.police.pk] == ["first", "direct", "liaison", "budget"]
    assert place.office.pk not in rows
    sent = {"amount": "50000.00", "source": "平安建设专项经费"}
    assert call("put", f"/units/{place.police.pk}/budget/2026", sent)["year"] == 2026
    call("put", f"/units/{place.police.pk}/budget/2026", {"amount": "0"}, status=422)


def test_groups_charters_meetings_and_decisions_over_http(place: Place, call: Call) -> None:
    """000-04, 000-08, 001-09, 001-19, 001-20, 003-34."""
    sent = {"name": "云山县反电诈专班", "kind": "task_force", "region": "439901000000",
            "lead_unit": place.police.pk, "duties": ["guide", "coordinate", "advance"]}  # fmt: skip
    group = call("post", "/groups", sent)["id"]
    call("put", f"/groups/{group}/members", {"unit": place.government.pk, "responsibility": "宣传"})
    charter = {"adopted_on": "2026-01-01", "text": "工作规则"}
    assert call("post", f"/groups/{group}/charters", charter)["number"] == 1
    signed = {"signed_by": "王建国", "signed_on": "2026-01-02", "text": "郑重承诺"}
    call("post", f"/groups/{group}/commitments", signed)
    held = {"kind": "on_site", "held_on": "2026-01-05", "chair": "王建国", "attendees": "李明"}
    meeting = call("post", f"/groups/{group}/meetings", held)
    assert meeting["number"] == 1
    decided = {"text": "修复路灯", "lead_unit": place.police.pk, "due_on": "2026-02-01",
               "member_units": [place.government.pk]}  # fmt: skip
    decision = call("post", f"/meetings/{meeting['id']}/decisions", decided)
    assert decision["member_units"] == [place.government.pk]
    done = {"done_on": "2026-01-20", "outcome": "已修复"}
    refused = call("post", f"/decisions/{decision['id']}/close", done, status=409)
    assert refused["code"] == "duty-missing"
    call("put", f"/groups/{group}", {**sent, "duties": ["urge"]})
    call("post", f"/decisions/{decision['id']}/close", done, status=200)
    assert call("get", "/decisions?open=false")["results"][0]["outcome"] == "已修复"


def test_a_structure_is_planned_then_laid_out_over_http(place: Place, call: Call) -> None:
    """002-16, 004-01, 004-02: planning makes nothing; laying out twice makes it once."""
    lines = next(t for t in call("get", "/templates") if t["name"] == "一办两组六专班")["lines"]
    sent = {"region": "439901000000", "lines": lines, "only_plan": True}
    assert len(call("post", "/lay-out", sent, status=200)) == 10
    assert not Group.objects.exists()
    for exists in (False, True):
        made = call("post", "/lay-out", {**sent, "only_plan": False}, status=200)
        assert {each["exists"] for each in made} == {exists}
    assert Group.objects.count() == 10
    call("post", "/templates", {"name": "新", "lines": "小队 | 甲"}, status=422)
    assert StructureTemplate.objects.count() == 3


def test_records_over_http(place: Place, call: Call) -> None:
    """000-05, 003-34, 004-06, 004-19."""
    study = {"topic": "反有组织犯罪法", "held_on": "2026-03-05", "people": 30}
    call("post", f"/units/{place.police.pk}/study", study)
    again = call("post", f"/units/{place.police.pk}/study", study, status=409)
    assert again["code"] == "study-twice-a-month"
    sent = {"region": "439901100201", "kind": "adviser", "name": "张律师", "since": "2026-01-01"}
    call("post", "/services", sent)
    (row,) = call("get", "/coverage?region=439901000000")
    assert (row["villages"], row["adviser"], row["adviser_share"]) == (2, 1, 50.0)
    street = {"name": "人民路", "region": "439901000000", "unit": place.police.pk,
              "since": "2026-01-01"}  # fmt: skip
    assert call("post", "/streets", street)["unit"] == place.police.pk
    names = [each["name"] for each in call("get", "/campaign-types")]
    assert names == ["大学习", "大调研", "大宣讲"]
    call("post", "/campaign-types", {"name": "大走访"})


@pytest.mark.parametrize("path", ["/groups", "/study", "/decisions", "/coverage"])
def test_an_interviewer_is_refused_what_is_not_his(place: Place, call: Call, path: str) -> None:
    assert call("get", path, role=Role.INTERVIEWER, status=403)["code"] == "not-permitted"


def test_what_does_not_exist_is_a_problem_not_a_fault(place: Place, call: Call) -> None:
    assert call("get", "/units/999999", status=404)["code"] == "not-found"
    sent = {"title": "局长", "kind": "king"}
    wrong = call("post", f"/units/{place.police.pk}/posts", sent, status=422)
    assert wrong["code"] == "invalid"
