"""Pages: what stands on each of them, and what may stand on none."""

from __future__ import annotations

import logging
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.site.people import office, somebody

import huiyin
from huiyin.furniture import home, navigation
from huiyin.furniture.home import Task
from huiyin.furniture.navigation import Entry, sections_for
from huiyin.organisation.queries import actor_of
from huiyin.organisation.roles import Role
from huiyin.site.acts import SEE_HOME

pytestmark = pytest.mark.django_db
PACKAGE = Path(huiyin.__file__).parent
TEMPLATES = sorted(
    file for file in PACKAGE.glob("*/templates/**/*.html") if "measure" not in file.parts
)
ASSETS = sorted(file for file in PACKAGE.glob("*/static/**/*") if file.suffix in (".css", ".js"))
#: What a strict content security policy refuses, and what would refuse to be strict.
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on|<script(?![^>]*\ssrc=)(?![^>]*json)", re.I
)
ELSEWHERE = re.compile(r"""(src|href|action|url\()\s*=?\s*["']?\s*(https?:)?//""", re.I)


def signed_in(role: Role = Role.OFFICE) -> Client:
    client = Client()
    client.force_login(somebody(role))
    return client


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_no_template_holds_a_script_a_style_or_an_address_of_another_host(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("file", ASSETS, ids=name_of)
def test_no_style_sheet_or_script_loads_from_another_host_or_evaluates_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|\beval\(|new Function|innerHTML|document\.write", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


def test_the_policy_permits_no_inline_script_and_no_inline_style() -> None:
    told = Client().get("/accounts/login/")["Content-Security-Policy"]
    assert "unsafe" not in told
    assert "default-src 'self'" in told


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_home_page_in_at_most_thirty_queries(
    role: Role, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(role)
    with django_assert_max_num_queries(30):
        answer = client.get("/")
    assert answer.status_code == 200
    assert "今天需要我做什么" in answer.content.decode()


def test_home_says_so_when_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_PROVIDERS", [])
    assert "目前没有待办事项" in signed_in().get("/").content.decode()


def test_home_shows_the_most_urgent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [Task("普通", "/"), Task("临近", "/", tone="near"), Task("超期", "/", 2, "overdue"),
             Task("当日", "/", tone="due")]  # fmt: skip
    monkeypatch.setattr(home, "_PROVIDERS", [lambda actor, now: tasks])
    page = signed_in().get("/").content.decode()
    told = re.findall(r'class="task-title">([^<]+)', page)
    assert told == ["超期", "当日", "临近", "普通"]


def test_the_urgency_of_a_task_is_said_in_words_and_not_only_in_colour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(home, "_PROVIDERS", [lambda a, n: [Task("超期", "/", 2, "overdue")]])
    assert (
        '<span class="badge badge-overdue">已超期</span>' in signed_in().get("/").content.decode()
    )


def test_the_navigation_lights_up_the_entry_that_says_most_of_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [Entry("样式", "style", SEE_HOME), Entry("首页", "home", SEE_HOME)]
    monkeypatch.setattr(navigation, "_ENTRIES", entries)
    actor = actor_of(somebody(), date(2026, 11, 28))
    current = {each["title"]: each["current"] for each in sections_for(actor, "/style/")}
    assert current == {"样式": True, "首页": False}


def test_the_header_names_the_person_and_the_unit() -> None:
    client = Client()
    client.force_login(somebody(unit=office()))
    page = client.get("/").content.decode()
    assert "李明" in page
    assert "市委政法委" in page
    assert "/accounts/password/change/" in page


def test_a_visitor_sees_neither_navigation_nor_account_menu() -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert "site-navigation" not in page
    assert "account-menu" not in page


def test_chinese_is_spoken_first_and_english_after_the_switch() -> None:
    client = signed_in()
    assert '<html lang="zh-Hans">' in client.get("/").content.decode()
    back = client.post("/language/", {"language": "en", "next": "/style/"})
    assert back["Location"] == "/style/"
    page = client.get("/style/").content.decode()
    assert '<html lang="en">' in page
    assert "Furniture of pages" in page


def test_the_language_switch_leads_to_no_other_host() -> None:
    back = signed_in().post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert back["Location"] == "/"


def test_the_style_page_shows_every_template_of_the_furniture() -> None:
    page = signed_in().get("/style/").content.decode()
    shown = ("notice", "badge", "progress", "facts", "history", "tabs", "table-list", "empty",
             "field-wrong", "error-summary", "chart", "tile", "task", "button danger")  # fmt: skip
    assert [piece for piece in shown if f'class="{piece}' not in page and piece not in page] == []


def test_a_failure_shows_a_number_that_stands_in_the_log_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("huiyin.site.views.tasks_for", fail)
    client = signed_in()
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "secret of the house" not in page
    assert "Traceback" not in page
    number = re.search(r"编号 ([0-9a-f]{8})", page)
    assert number is not None
    assert any(getattr(each, "reference", "") == number[1] for each in caplog.records)


def test_an_unknown_address_says_what_to_do_and_leads_home() -> None:
    answer = signed_in().get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "请核对网址" in page
    assert 'href="/"' in page


def test_a_problem_leads_back_to_the_page_of_ours_that_led_to_it_and_to_no_other() -> None:
    client = signed_in()
    ours = client.get("/no/", headers={"referer": "http://testserver/style/?q=1"})
    theirs = client.get("/no/", headers={"referer": "https://evil.example/style/"})
    assert 'href="/style/?q=1"' in ours.content.decode()
    assert "evil.example" not in theirs.content.decode()


def test_htmx_keeps_no_page_evaluates_no_text_and_injects_no_style() -> None:
    page = signed_in().get("/").content.decode()
    for said in ('"historyCacheSize": 0', '"allowEval": false', '"includeIndicatorStyles": false'):
        assert said in page


def test_no_page_of_ours_names_another_language_than_it_speaks() -> None:
    assert {code for code, _name in settings.LANGUAGES} == {"zh-hans", "en"}
