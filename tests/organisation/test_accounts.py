"""Accounts: passwords, locks, sessions, and who may look after whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.organisation.account_cast import GOOD, NOW, TODAY, Cast, cast, refused

from huiyin.audit.models import Event
from huiyin.organisation import account_actions as actions
from huiyin.organisation import account_rules as rules
from huiyin.organisation import account_signin as signin
from huiyin.organisation.accounts_table import state_of, tone_of
from huiyin.organisation.models import Account, Holding, SignInAttempt
from huiyin.organisation.queries import accounts_seen_by, place_of
from huiyin.organisation.roles import Role

__all__ = ["cast"]
LOGIN = "/accounts/login/"


def with_password(cast: Cast, username: str = "zhang", password: str = GOOD) -> Account:
    account = cast.account(username, "张伟", cast.office, Role.LEADER)
    account.set_password(password)
    account.password_set_at = timezone.now()
    account.save()
    return account


def sign_in(client: Client, password: str = GOOD, username: str = "zhang", **extra: str) -> bool:
    """Whether sign-in worked."""
    client.post(LOGIN, {"login": username, "password": password}, **extra)
    return "_auth_user_id" in client.session


# passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Aa1-Aa1-A", "password_too_short"),
        ("onlysmallletters", "password_too_plain"),
        ("smallanddigits12", "password_too_plain"),
        ("Zhangwei-2026", "password_holds_name"),
        ("weizhang-2026A", "password_holds_name"),
        ("A1-张伟-abcdef", "password_holds_name"),
        ("X-zw0001-2026", "password_holds_name"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    """P-35; GB/T 22239-2019, 8.1.4.1 a."""
    account = Account(username="zw0001", name="张伟")
    with pytest.raises(ValidationError) as told:
        validate_password(password, account)
    assert code in {each.code for each in told.value.error_list}


def test_a_common_password_is_refused_though_it_has_three_kinds() -> None:
    with pytest.raises(ValidationError) as told:
        validate_password("Password123", None)
    assert [each.code for each in told.value.error_list] == ["password_too_common"]


@pytest.mark.parametrize("password", ["abcdEF-1234"[:10], "小城故事多Aa-1234"])
def test_ten_characters_of_three_kinds_are_enough(password: str) -> None:
    validate_password(password, Account(username="zw0001", name="张伟"))


@pytest.mark.django_db
def test_none_of_the_last_five_passwords_is_used_again(cast: Cast) -> None:
    account = with_password(cast)
    used = [f"Qingxi-Town-{number}" for number in range(2020, 2026)]
    for password in used:
        account.set_password(password)
        account.save()
    for password in used[-rules.PASSWORD_HISTORY :]:
        with pytest.raises(ValidationError) as told:
            validate_password(password, account)
        assert [each.code for each in told.value.error_list] == ["password_used_before"]
    validate_password(used[0], account)


@pytest.mark.parametrize(("days", "seconds", "expired"), [(90, 0, False), (90, 1, True)])
def test_a_password_is_good_for_ninety_days(days: int, seconds: int, expired: bool) -> None:
    set_at = NOW - timedelta(days=days, seconds=seconds)
    assert rules.password_expired(set_at, NOW) is expired


@pytest.mark.django_db
def test_whose_password_expired_may_only_change_it(cast: Cast) -> None:
    account = with_password(cast)
    account.password_set_at = timezone.now() - timedelta(days=91)
    account.save()
    client = Client()
    client.force_login(account)
    answer = client.get(reverse("organisation:my_account"))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/change/")
    told = client.get("/api/v1/openapi.json")
    assert (told.status_code, told.json()["code"]) == (403, "password-expired")
    new = "Qingxi-Town-2027"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": GOOD, "password1": new, "password2": new},
    )
    assert client.get(reverse("organisation:my_account")).status_code == 200


@pytest.mark.django_db
def test_a_first_password_given_by_others_must_be_changed(cast: Cast) -> None:
    account = with_password(cast)
    account.must_change_password = True
    account.save()
    client = Client()
    assert sign_in(client)
    assert client.get("/")["Location"] == "/accounts/password/change/"


# locks


@pytest.mark.django_db
def test_after_five_failures_even_the_right_password_is_not_looked_at(cast: Cast) -> None:
    """P-35; GB/T 22239-2019, 8.1.4.1 b."""
    with_password(cast)
    client = Client()
    assert not any(sign_in(client, "wrong") for _each in range(5))
    assert not sign_in(client)
    assert Event.objects.filter(act="organisation.fail_to_sign_in").count() == 5
    assert Event.objects.get(act="organisation.lock_sign_in").after == {"by": "name"}


@pytest.mark.django_db
def test_after_four_failures_the_right_password_still_opens_and_forgives(cast: Cast) -> None:
    with_password(cast)
    client = Client()
    assert not any(sign_in(client, "wrong") for _each in range(4))
    assert sign_in(client)
    other = Client()
    assert not any(sign_in(other, "wrong") for _each in range(4))
    assert sign_in(other)


@pytest.mark.parametrize(("minutes", "locked"), [(29, True), (30, False), (31, False)])
def test_a_lock_lasts_thirty_minutes(minutes: int, locked: bool) -> None:
    wait = rules.locked_for(NOW, NOW + timedelta(minutes=minutes))
    assert (wait is not None) is locked


@pytest.mark.django_db
def test_a_lock_ends_by_itself_after_half_an_hour(cast: Cast) -> None:
    for _each in range(5):
        attempt, _wait = signin.begin("zhang", "10.0.0.1", NOW)
        assert attempt is not None
        signin.fail(attempt, "zhang")
    assert signin.begin("zhang", "10.0.0.9", NOW + timedelta(minutes=29))[0] is None
    assert signin.begin("zhang", "10.0.0.9", NOW + timedelta(minutes=30))[0] is not None


@pytest.mark.django_db
def test_a_name_that_does_not_exist_is_locked_in_the_same_words(cast: Cast) -> None:
    """Nobody learns by trying which names exist."""
    with_password(cast)
    told = []
    for name in ("zhang", "nobody"):
        client, said = Client(), []
        for _each in range(6):
            answer = client.post(LOGIN, {"login": name, "password": "wrong"})
            said.append(str(answer.context["form"].non_field_errors()))
        told.append(said)
    assert told[0] == told[1]
    assert told[0][4] != told[0][5]


@pytest.mark.django_db
def test_a_name_is_the_same_in_capitals_and_full_width(cast: Cast) -> None:
    assert signin.digest_of("Zhang ") == signin.digest_of("ｚｈａｎｇ")


@pytest.mark.django_db
def test_one_address_that_tries_many_names_is_locked_too(cast: Cast) -> None:
    for number in range(rules.ADDRESS_FAILURES):
        attempt, _wait = signin.begin(f"name{number}", "10.0.0.1", NOW)
        assert attempt is not None
        signin.fail(attempt, f"name{number}")
    assert signin.begin("root", "10.0.0.1", NOW)[0] is None
    assert signin.begin("root", "10.0.0.2", NOW)[0] is not None


@pytest.mark.django_db
def test_attempts_made_at_the_same_moment_pass_the_limit_no_oftener(cast: Cast) -> None:
    """All are stored before any password is looked at."""
    begun = [signin.begin("zhang", "10.0.0.1", NOW)[0] for _each in range(9)]
    assert sum(attempt is not None for attempt in begun) == rules.NAME_FAILURES


@pytest.mark.django_db
def test_what_was_typed_as_a_name_is_not_kept(cast: Cast) -> None:
    Client().post(LOGIN, {"login": "My-Secret-1", "password": "x"})
    assert not SignInAttempt.objects.filter(name__icontains="secret").exists()
    assert Event.objects.get(act="organisation.fail_to_sign_in").actor_name == ""


@pytest.mark.django_db
def test_an_administrator_lifts_a_lock(cast: Cast) -> None:
    account = with_password(cast)
    client = Client()
    for _each in range(5):
        sign_in(client, "wrong")
    assert signin.is_locked("zhang", timezone.now())
    actions.unlock_account(cast.actor(cast.root), account, TODAY)
    assert sign_in(client)


# sessions


@pytest.mark.parametrize(
    ("begun", "seen", "over"),
    [(1, 29, False), (1, 30, True), (12 * 60, 1, True), (12 * 60 - 1, 1, False)],
)
def test_a_session_ends_after_half_an_hour_of_nothing_or_twelve_hours(
    begun: int, seen: int, over: bool
) -> None:
    minute = timedelta(minutes=1)
    ended = rules.session_ended(NOW - max(begun, seen) * minute, NOW - seen * minute, NOW)
    assert ended is over


@pytest.mark.django_db
def test_an_idle_session_is_ended_with_an_event_and_the_page_is_come_back_to(cast: Cast) -> None:
    with_password(cast)
    client = Client()
    sign_in(client)
    session = client.session
    session["seen"] -= 31 * 60
    session.save()
    answer = client.get("/organisation/")
    assert answer["Location"] == "/accounts/login/?next=/organisation/"
    assert Event.objects.get(act="organisation.sign_out").after == {"why": "session ended"}


@pytest.mark.django_db
def test_signing_in_and_out_is_recorded_with_its_way(cast: Cast) -> None:
    with_password(cast)
    client = Client()
    sign_in(client, REMOTE_ADDR="10.1.2.3")
    client.post("/accounts/logout/")
    event = Event.objects.get(act="organisation.sign_in")
    assert (event.actor_name, event.address, event.after) == (
        "zhang", "10.1.2.3", {"method": "password"},
    )  # fmt: skip
    assert Event.objects.get(act="organisation.sign_out").after == {"why": "asked"}


@pytest.mark.django_db
def test_one_ends_all_other_sessions_of_ones_own(cast: Cast) -> None:
    with_password(cast)
    here, there = Client(), Client()
    assert sign_in(here)
    assert sign_in(there)
    assert here.get(reverse("organisation:my_account")).context["sessions"][0]["current"]
    here.post(reverse("organisation:end_other_sessions"))
    assert here.get(reverse("organisation:my_account")).status_code == 200
    assert there.get(reverse("organisation:my_account")).status_code == 302


@pytest.mark.django_db
def test_a_closed_account_is_out_at_once(cast: Cast) -> None:
    account = with_password(cast)
    client = Client()
    sign_in(client)
    key, token = actions.make_token(
        cast.actor(account), account, name="t", scopes=["site.see_api"], days=9, now=NOW
    )
    actions.end_account(cast.actor(cast.root), account, timezone.now(), TODAY)
    assert client.get("/")["Location"].startswith(LOGIN)
    answer = Client().get("/api/v1/openapi.json", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert not sign_in(Client())
    assert not UserSession.objects.filter(user=account).exists()
    token.refresh_from_db()
    assert token.revoked_at


@pytest.mark.django_db
def test_a_reopened_account_has_neither_roles_nor_password(cast: Cast) -> None:
    account, root = with_password(cast), cast.actor(cast.root)
    actions.end_account(root, account, NOW, TODAY)
    actions.reopen_account(root, account, TODAY)
    assert not sign_in(Client())
    assert cast.actor(account).held == ()


@pytest.mark.django_db
def test_the_last_administrator_is_not_closed(cast: Cast) -> None:
    with refused("last-administrator"):
        actions.end_account(cast.actor(cast.root), cast.root, NOW, TODAY)
    cast.root.refresh_from_db()
    assert cast.root.is_active


# who looks after whom


@pytest.mark.django_db
def test_a_name_is_taken_in_any_case(cast: Cast) -> None:
    with refused("username-taken") as told:
        actions.create_account(cast.actor(cast.root), username="ROOT", name="某", unit=cast.office)
    assert told.value.place == "username"


@pytest.mark.django_db
def test_an_administrator_of_a_county_makes_accounts_there_only(cast: Cast) -> None:
    local = cast.actor(cast.local)
    actions.create_account(local, username="li", name="李四", unit=cast.police)
    for beyond in (cast.office, None):
        with refused("not-permitted"):
            actions.create_account(local, username="wu", name="吴五", unit=beyond)


@pytest.mark.django_db
def test_an_account_that_reaches_further_than_its_keeper_is_not_kept_by_him(cast: Cast) -> None:
    """Whoever makes a sign-in link can act as its owner."""
    strong = cast.account("strong", "赵强", cast.county_office, Role.ADMINISTRATOR)
    assert place_of(strong, TODAY).region == ""
    with refused("not-permitted"):
        actions.invite(cast.actor(cast.local), strong, NOW, TODAY)
    seen = accounts_seen_by(cast.actor(cast.local), TODAY)
    assert set(seen) == {cast.local}


@pytest.mark.django_db
def test_a_list_shows_an_administrator_the_accounts_of_his_region(cast: Cast) -> None:
    near = cast.account("near", unit=cast.police)
    cast.account("far", unit=cast.office)
    assert set(accounts_seen_by(cast.actor(cast.local), TODAY)) == {cast.local, near}
    assert cast.root in accounts_seen_by(cast.actor(cast.root), TODAY)


@pytest.mark.django_db
def test_the_list_of_accounts_asks_as_many_queries_for_forty_as_for_four(
    cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(40):
        cast.account(f"n{number}", unit=cast.police)
    client = Client()
    client.force_login(cast.root)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        answer = client.get(reverse("organisation:accounts"))
    assert answer.status_code == 200


def test_whoever_never_signed_in_is_said_so_and_marked_and_others_are_open(cast: Cast) -> None:
    """site: a mark says what its words say"""
    new = cast.account("new")
    assert (str(state_of(new)), tone_of(new)) == ("从未登录", "near")
    new.last_login = NOW
    assert (str(state_of(new)), tone_of(new)) == ("正常", "good")
    new.is_active = False
    assert (str(state_of(new)), tone_of(new)) == ("已停用", "neutral")


def test_a_page_of_an_account_asks_no_more_queries_the_more_roles_it_had(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(cast.root)
    zhang = cast.account("zhang", unit=cast.police)
    url = reverse("organisation:account", args=[zhang.pk])
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _each in range(12):
        held = cast.hold(zhang, Role.HANDLER, unit=cast.police)
        Holding.objects.filter(pk=held.pk).update(until=TODAY.replace(year=2020))
    with django_assert_max_num_queries(len(few) + 1):
        page = client.get(url).content.decode()
    assert "/revoke/" not in page  # what has ended is revoked no more
