"""The API: problems with codes, pages by the last row seen, one description of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.organisation.account_cast import Cast, cast

from huiyin.audit.models import Event
from huiyin.organisation.models import Account
from huiyin.organisation.roles import Role

__all__ = ["cast"]
ACCOUNTS = "/api/v1/organisation/accounts"


@pytest.fixture
def root(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.root)
    return client


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:huiyin:problem:{body['code']}"
    assert body["status"] == answer.status_code
    assert body["detail"]
    return answer.status_code, body["code"]


def test_a_visitor_is_told_to_sign_in_not_sent_to_a_page(db: None) -> None:
    answer = Client().get(ACCOUNTS)
    assert problem(answer) == (401, "not-signed-in")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_an_unknown_address_is_a_problem_too(root: Client) -> None:
    assert problem(root.get("/api/v1/nowhere")) == (404, "not-found")


def test_a_wrong_method_is_told_with_the_right_ones(root: Client) -> None:
    answer = root.put(ACCOUNTS)
    assert problem(answer) == (405, "method-not-allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_what_was_sent_wrong_is_told_by_place(root: Client) -> None:
    answer = root.post(ACCOUNTS, json.dumps({"username": "a b"}), "application/json")
    assert problem(answer) == (422, "invalid")
    places = {each["place"] for each in answer.json()["errors"]}
    assert places == {"body.body.username", "body.body.name"}


def test_a_body_that_is_no_json_is_told_so(root: Client) -> None:
    assert problem(root.post(ACCOUNTS, "{", "application/json")) == (400, "unreadable-request")


def test_a_fault_of_ours_shows_a_number_and_no_trace(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("huiyin.organisation.accounts_api.accounts_seen_by", broken)
    root.raise_request_exception = False
    answer = root.get(ACCOUNTS)
    assert problem(answer) == (500, "our-fault")
    assert "secret" not in answer.content.decode()


def test_a_change_by_session_needs_the_token_of_its_form(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.root)
    answer = client.post(ACCOUNTS, json.dumps({"username": "b", "name": "b"}), "application/json")
    assert problem(answer) == (403, "forged-request")


def test_permission_is_asked_before_the_body_is_read(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.account("zhang", "张伟", cast.office, Role.LEADER))
    assert problem(client.post(ACCOUNTS, "{", "application/json")) == (403, "not-permitted")


def test_what_lies_beyond_ones_reach_is_refused(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.local)
    assert problem(client.get(f"{ACCOUNTS}/{cast.root.pk}")) == (403, "not-permitted")
    assert client.get(f"{ACCOUNTS}/{cast.local.pk}").json()["username"] == "local"


def test_the_same_act_by_api_leaves_the_same_event(root: Client, cast: Cast) -> None:
    body = {"username": "zhang", "name": "张伟", "unit": cast.office.pk}
    made = root.post(ACCOUNTS, json.dumps(body), "application/json")
    assert made.status_code == 201
    key = made.json()["id"]
    role = {"role": "leader", "region": "439901000000"}
    granted = root.post(f"{ACCOUNTS}/{key}/roles", json.dumps(role), "application/json")
    assert (granted.status_code, granted.json()["region"]) == (201, "439901000000")
    assert root.delete(f"/api/v1/organisation/roles/{granted.json()['id']}").status_code == 204
    assert root.delete(f"{ACCOUNTS}/{key}").status_code == 204
    assert list(Event.objects.order_by("id").values_list("act", flat=True)) == [
        "organisation.create_account",
        "organisation.grant_role",
        "organisation.revoke_role",
        "organisation.end_account",
    ]


def test_pages_follow_one_another_without_loss_or_repetition(root: Client) -> None:
    Account.objects.bulk_create(Account(username=f"n{n:03}", name="n") for n in range(25))
    seen: list[int] = []
    url = f"{ACCOUNTS}?page_size=10"
    while url:
        page = root.get(url.removeprefix("http://testserver")).json()
        seen += [account["id"] for account in page["results"]]
        url = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == 27


@pytest.mark.parametrize("cursor", ["x", "bz0tMQ==", "cD1hYmM="])
def test_a_broken_cursor_is_told_so(cursor: str, root: Client) -> None:
    assert problem(root.get(ACCOUNTS, {"cursor": cursor}))[0] == 422


def test_a_page_is_never_larger_than_five_hundred(
    root: Client, django_assert_max_num_queries: Any
) -> None:
    Account.objects.bulk_create(Account(username=f"n{n:03}", name="n") for n in range(520))
    with django_assert_max_num_queries(9):
        assert len(root.get(ACCOUNTS, {"page_size": 9999}).json()["results"]) == 500


def test_one_may_ask_what_one_may_do(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.account("zhang", "张伟", cast.police, Role.LEADER))
    me = client.get("/api/v1/organisation/me").json()
    assert me["username"] == "zhang"
    assert me["judged"] is True
    assert "organisation.grant_role" not in me["acts"]
