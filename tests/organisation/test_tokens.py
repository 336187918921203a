"""Tokens: limited to acts and days, shown once, ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.organisation.account_cast import TODAY, Cast, cast, refused

from huiyin.organisation import account_actions as actions
from huiyin.organisation import tokens
from huiyin.organisation.models import Account, Token
from huiyin.organisation.roles import Role

__all__ = ["cast"]


def made(cast: Cast, account: Account, *scopes: str, days: int = 30) -> tuple[str, Token]:
    return actions.make_token(
        cast.actor(account), account, name="台账", scopes=list(scopes), days=days,
        now=timezone.now(),
    )  # fmt: skip


def get(path: str, key: str):  # type: ignore[no-untyped-def]
    return Client().get(path, headers={"authorization": f"Bearer {key}"})


def test_a_token_does_what_it_was_made_for_and_nothing_else(cast: Cast) -> None:
    """P-35."""
    key, _token = made(cast, cast.root, "organisation.see_accounts")
    assert get("/api/v1/organisation/accounts", key).status_code == 200
    refused_to = get("/api/v1/openapi.json", key)
    assert (refused_to.status_code, refused_to.json()["code"]) == (403, "not-permitted")


def test_a_token_gives_nothing_that_its_owner_may_not(cast: Cast) -> None:
    zhang = cast.account("zhang", "张伟", cast.office, Role.LEADER)
    key, _token = made(cast, zhang, "organisation.see_accounts")
    assert get("/api/v1/organisation/accounts", key).status_code == 403


def test_a_token_loses_what_its_owner_loses(cast: Cast) -> None:
    key, _token = made(cast, cast.local, "organisation.see_accounts")
    assert get("/api/v1/organisation/accounts", key).status_code == 200
    cast.local.holdings.update(until=TODAY - timedelta(days=2))
    assert get("/api/v1/organisation/accounts", key).status_code == 403


@pytest.mark.parametrize("state", ["expired", "revoked", "unknown"])
def test_a_token_that_is_no_more_good_is_told_so(state: str, cast: Cast) -> None:
    key, token = made(cast, cast.root, "site.see_api")
    if state == "expired":
        Token.objects.update(expires_at=timezone.now())
    elif state == "revoked":
        actions.revoke_token(cast.actor(cast.root), token, timezone.now())
    else:
        key = "hy_unknown"
    answer = get("/api/v1/openapi.json", key)
    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_opens_no_page(cast: Cast) -> None:
    key, _token = made(cast, cast.root, "site.see_home")
    assert get("/", key).status_code == 302


def test_the_database_holds_no_key_of_a_token(cast: Cast) -> None:
    key, token = made(cast, cast.root, "site.see_api")
    assert key not in str(vars(token))
    assert token.digest == tokens.digest_of(key)


def test_the_last_use_is_noted_at_most_once_in_five_minutes(cast: Cast) -> None:
    _key, token = made(cast, cast.root, "site.see_api")
    now = timezone.now()
    for seconds, noted in ((0, 0), (299, 0), (301, 301)):
        tokens.note_use(token, now + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.used_at == now + timedelta(seconds=noted)


def test_a_token_is_good_for_a_year_at_most(cast: Cast) -> None:
    _key, token = made(cast, cast.root, "site.see_api", days=9999)
    assert token.expires_at - token.made_at == timedelta(days=365)


def test_one_revokes_only_tokens_of_ones_own(cast: Cast) -> None:
    _key, token = made(cast, cast.root, "site.see_api")
    with refused("not-permitted"):
        actions.revoke_token(cast.actor(cast.local), token, timezone.now())
    client = Client()
    client.force_login(cast.local)
    url = reverse("organisation:revoke_token", args=[token.pk])
    assert client.post(url).status_code == 404


def test_a_key_is_shown_once_and_works(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.root)
    url = reverse("organisation:make_token")
    given = {"name": "台账", "days": 30, "scopes": ["site.see_api"]}
    shown = client.post(url, given)
    key = shown.context["key"]
    assert get("/api/v1/openapi.json", key).status_code == 200
    assert key not in client.get(reverse("organisation:my_account")).content.decode()


def test_a_token_is_not_offered_acts_that_one_may_not_do(cast: Cast) -> None:
    zhang = cast.account("zhang", "张伟", cast.office, Role.LEADER)
    client = Client()
    client.force_login(zhang)
    given = {"name": "台账", "days": 30, "scopes": ["organisation.grant_role"]}
    assert client.post(reverse("organisation:make_token"), given).status_code == 422
    assert not Token.objects.exists()
