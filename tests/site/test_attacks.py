"""What somebody may try at the doors of the house, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from tests.organisation.account_cast import GOOD, NOW, TODAY, Cast, cast, refused
from tests.site.people import office, somebody

from huiyin.audit.models import Event
from huiyin.furniture import uploads
from huiyin.furniture.models import Upload
from huiyin.organisation import account_actions as actions
from huiyin.organisation import tokens
from huiyin.organisation.actions import posts, units
from huiyin.organisation.models import Post, PostKind, StudyTopic, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.problems import CONFLICT

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def root(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.root)
    return client


# Who, when and from where


def test_a_password_set_by_a_link_is_recorded_with_the_address_it_came_from(cast: Cast) -> None:
    """audit: who, when, from where; also of one who has not signed in yet"""
    account = actions.create_account(
        cast.actor(cast.root), username="zhang", name="张伟", unit=cast.office
    )
    key, _invitation = actions.invite(cast.actor(cast.root), account, timezone.now(), TODAY)
    sent = {"password": GOOD, "again": GOOD}
    url = reverse("organisation:accept_invitation", args=[key])
    answer = Client(REMOTE_ADDR="10.9.8.7").post(url, sent)
    assert answer.status_code == 302
    event = Event.objects.filter(act="organisation.change_password").latest("id")
    assert (event.address, event.key) == ("10.9.8.7", str(account.pk))


def test_a_page_of_the_api_asked_by_token_is_kept_by_no_proxy(cast: Cast) -> None:
    """site: no copy of what somebody was shown stays on the way"""
    key, _token = actions.make_token(
        cast.actor(cast.root), cast.root, name="x", scopes=["organisation.see_units"], days=1,
        now=timezone.now(),
    )  # fmt: skip
    answer = Client().get("/api/v1/organisation/units", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


# Two at the same moment


def test_a_link_used_while_the_account_is_closed_does_not_open_it_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """organisation: a closed account stays closed, whatever was read before"""
    account = actions.create_account(
        cast.actor(cast.root), username="zhang", name="张伟", unit=cast.office
    )
    key, _invitation = actions.invite(cast.actor(cast.root), account, NOW, TODAY)
    found = tokens.invitation_of(key, NOW)
    assert found is not None
    actions.end_account(cast.actor(cast.root), account, NOW, TODAY)
    monkeypatch.setattr(tokens, "invitation_of", lambda *_asked: found)  # read before it was closed
    with refused("link-invalid"):
        actions.accept_invitation(key, GOOD, NOW, "")
    account.refresh_from_db()
    assert not account.is_active


def test_a_change_writes_only_what_it_changes_and_keeps_what_others_did_meanwhile(
    cast: Cast,
) -> None:
    """organisation: no change is lost to one that was read earlier"""
    actor = cast.actor(cast.root)
    post = posts.add_post(actor, cast.police, title="局长", kind=PostKind.FIRST)
    read_earlier = Post.objects.get(pk=post.pk)
    posts.abolish_post(actor, post, on=TODAY)
    posts.change_post(actor, read_earlier, title="党委书记、局长", kind=PostKind.FIRST, order=1)
    post.refresh_from_db()
    assert (post.title, post.abolished_on) == ("党委书记、局长", TODAY)


def test_who_takes_a_name_at_the_same_moment_is_told_and_nothing_fails(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """site: no traceback ever reaches a user; 409 says what to do"""
    monkeypatch.setattr(units, "_check", lambda *_asked: None)  # both looked before either wrote
    sent = {
        "name": cast.police.name, "kind": UnitKind.POLICE, "region": cast.county.code,
        "judged": "yes",
    }  # fmt: skip
    page = root.post(reverse("organisation:add_unit"), sent)
    assert page.status_code == 409
    with translation.override("zh-hans"):
        assert CONFLICT().message in page.content.decode()
    body = {"name": cast.police.name, "kind": "police", "region": cast.county.code}
    told = root.post("/api/v1/organisation/units", body, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (409, "changed-meanwhile")
    assert Unit.objects.filter(name=cast.police.name).count() == 1


# What no field should hold


def test_a_character_0_in_a_body_is_refused_and_no_fault_of_ours(root: Client, cast: Cast) -> None:
    """site: bad input gets a clear message"""
    body = {"name": "公安\u0000局", "kind": "police", "region": cast.county.code}
    told = root.post("/api/v1/organisation/units", body, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "url",
    [
        "/territory/?q=%00", "/territory/?open=%00", "/territory/list/?q=%00&in=%00",
        "/organisation/?q=%00&region=%00", "/organisation/?after=%00", "/audit/?key=%00",
        "/api/v1/territory/regions/search?q=%00", "/api/v1/organisation/units?region=%00",
        "/api/v1/territory/regions/%00", "/organisation/units/99999999999999999999999/",
        "/api/v1/organisation/units/99999999999999999999999",
        "/api/v1/organisation/posts?unit=99999999999999999999999",
        "/organisation/?size=99999&sort=-name,evil__password", "/organisation/invitation/%00/",
        "/organisation/groups/1/members/set/?unit=999999999999999999999",
        "/territory/990000000000/?people=%00", "/organisation/permissions/?role=%00",
        "/organisation/coverage/?region=%00", "/furniture/jobs/?status=%00",
    ],
)  # fmt: skip
def test_what_stands_in_an_address_never_breaks_a_page(url: str) -> None:
    """site: no traceback ever reaches a user"""
    client = Client(raise_request_exception=True)
    client.force_login(somebody(Role.OFFICE, unit=office()))
    assert client.get(url).status_code < 500


# Files


def test_a_request_too_large_is_told_beside_the_field_and_nothing_of_it_is_kept(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """site: a 200 MB upload gets a clear message"""
    monkeypatch.setattr(uploads, "MOST_RECEIVED", 100)
    for name in ("organisation:import_units", "territory:import_populations"):
        page = root.post(reverse(name), {"file": _file()})
        assert page.status_code == 413
        assert "文件超过" in page.content.decode()
    assert not Upload.objects.exists()


def test_an_attachment_too_large_to_be_let_in_is_not_taken_for_none(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """site: nothing is stored without the file that belongs to it"""
    handler = cast.account("mei", unit=cast.police)
    cast.hold(handler, Role.HANDLER, unit=cast.police)
    client = Client()
    client.force_login(handler)
    monkeypatch.setattr(uploads, "MOST_RECEIVED", 100)
    sent = {"topic": "反诈", "held_on": "2026-11-02", "people": "20", "file": _file()}
    page = client.post(reverse("organisation:record_study", args=[cast.police.pk]), sent)
    assert page.status_code == 422
    assert "文件超过" in page.content.decode()
    assert not StudyTopic.objects.exists()


def _file() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("a.csv", "名称\n公安局\n".encode() * 50)


# Language


def test_a_browser_set_to_english_is_answered_in_chinese_until_english_is_chosen() -> None:
    """site: Chinese by default, English by switch"""
    client = Client(headers={"Accept-Language": "en-US,en;q=0.9"})
    page = client.get("/accounts/login/")
    assert '<html lang="zh-Hans">' in page.content.decode()
    assert page["Content-Language"] == "zh-hans"
    client.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


def test_a_language_that_is_none_of_ours_is_chinese() -> None:
    client = Client()
    client.cookies["django_language"] = "xx"
    assert '<html lang="zh-Hans">' in client.get("/accounts/login/").content.decode()
