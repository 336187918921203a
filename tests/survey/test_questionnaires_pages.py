"""The pages and the API of questionnaires."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.survey.questionnaire_cast import book, client_of, designer, stored

from huiyin.audit.models import Event
from huiyin.organisation.roles import Role
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey.models import Check, Indicator, IndicatorSet, Questionnaire, Version

pytestmark = pytest.mark.django_db
API = "/api/v1/survey"


@pytest.fixture
def client() -> Client:
    return client_of()


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("问卷.xlsx", content)


def test_the_list_asks_as_many_queries_for_many_questionnaires_as_for_one(
    client: Client, django_assert_num_queries: Any
) -> None:
    stored("一")
    text_of(client, "/survey/questionnaires/")  # the first asks what is cached afterwards
    with CaptureQueriesContext(connection) as one:
        text_of(client, "/survey/questionnaires/")
    for number in range(12):
        stored(f"另 {number}", book(), book(("您有什么建议？", "建议？")))
    with django_assert_num_queries(len(one)):
        assert "另 11" in text_of(client, "/survey/questionnaires/")


def test_every_page_says_that_nobody_is_told_what_to_answer(client: Client) -> None:
    """004-17."""
    made = stored()
    for url in ("/survey/questionnaires/bank/", f"/survey/questionnaires/{made.pk}/"):
        assert "本系统不提供任何教群众如何作答的话术" in text_of(client, url)


@pytest.mark.parametrize("role", [Role.INTERVIEWER, Role.HANDLER, Role.HEAD, Role.LEADER])
def test_questionnaires_are_closed_to_whoever_is_judged_or_only_asks(role: Role) -> None:
    text_of(client_of(role), "/survey/questionnaires/", 403)


def test_an_office_reads_but_is_offered_no_change() -> None:
    made = stored()
    page = text_of(client_of(Role.OFFICE), f"/survey/questionnaires/{made.pk}/")
    assert "提交版本" not in page
    assert "v1" in page


def test_findings_are_shown_with_place_message_way_out_and_the_row(client: Client) -> None:
    """P-01."""
    made = actions.add_questionnaire(designer(), "一")
    wrong = book(("selected(${why}, 'theft')", "slected(${why}, 'theft')"))
    answer = client.post(
        f"/survey/questionnaires/{made.pk}/hand-in/", {"file": file(wrong)}, follow=True
    )
    page = answer.content.decode()
    for said in ("survey", ">6<", "relevant", "slected", "selected", "感谢您告诉我们。"):
        assert said in page, said
    marked = client.get(f"/survey/questionnaires/checks/{Check.objects.get().pk}/workbook/")
    assert marked.content[:2] == b"PK"
    assert not Version.objects.exists()


def test_findings_are_shown_to_whoever_handed_the_workbook_in_and_to_nobody_else(
    client: Client,
) -> None:
    made = actions.add_questionnaire(designer(), "一")
    wrong = book(("${age} >= 16", "${agee} >= 16"))
    client.post(f"/survey/questionnaires/{made.pk}/hand-in/", {"file": file(wrong)})
    check = Check.objects.get()
    Check.objects.update(account=check.account + 1)
    text_of(client, f"/survey/questionnaires/checks/{check.pk}/", 404)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_told_beside_the_field(client: Client, content: bytes) -> None:
    made = actions.add_questionnaire(designer(), "一")
    answer = client.post(
        f"/survey/questionnaires/{made.pk}/hand-in/", {"file": file(content)}, follow=True
    )
    assert answer.status_code in (200, 422)
    assert not Version.objects.exists()


def test_the_version_page_shows_choices_hints_and_conditions_in_both_languages(
    client: Client,
) -> None:
    version = stored().versions.get()
    page = text_of(client, f"/survey/questionnaires/versions/{version.pk}/")
    for said in ("您觉得本地安全吗？", "Is it safe here?", "逐项读出", "不太安全",
                 "提问条件：如果第 2 题选“不安全”或“不太安全”",
                 "Asked if question 2 is “Unsafe” or “Not very safe”"):  # fmt: skip
        assert said in page, said
    chinese = text_of(client, f"/survey/questionnaires/versions/{version.pk}/?language=zh")
    assert "Is it safe here?" not in chinese
    phone = text_of(client, f"/survey/questionnaires/versions/{version.pk}/?width=phone")
    assert "survey-phone" in phone


def test_the_paper_version_has_its_skips_in_the_language_chosen(client: Client) -> None:
    version = stored().versions.get()
    url = f"/survey/questionnaires/versions/{version.pk}/paper/"
    assert "则答本题；否则跳到第 4 题。" in text_of(client, url)
    english = text_of(client, f"{url}?language=en")
    assert "otherwise go to question 4." in english
    assert "☐ Not very safe" in english


def test_workbook_and_xform_are_given_out(client: Client) -> None:
    version = stored().versions.get()
    url = f"/survey/questionnaires/versions/{version.pk}"
    assert client.get(f"{url}/workbook/").content == bytes(version.workbook)
    assert b"<h:html" in client.get(f"{url}/xform/").content


def test_two_versions_are_compared_and_a_break_is_named_with_its_indicator(
    client: Client,
) -> None:
    """P-02, 003-28."""
    made = stored("一", book(), book(("您觉得本地安全吗？", "您住的地方安全吗？")))
    url = f"/survey/questionnaires/{made.pk}/compare/"
    assert "尚未设置以题目为依据的指标" in text_of(client, url)
    bound = IndicatorSet.objects.create(name="默认")
    Indicator.objects.create(
        set=bound, code="safety", name="群众安全感", question="safety", scoring="share",
        counts={"safe": 1},
    )  # fmt: skip
    page = text_of(client, url)
    for said in ("与旧版本不可比", "群众安全感", "题目措辞改变", "影响可比性"):
        assert said in page, said


# Walking through


def walk(client: Client, **posted: Any) -> str:
    version = Version.objects.order_by("-pk").first()
    assert version is not None
    url = f"/survey/questionnaires/versions/{version.pk}/walk/"
    answer = client.post(url, posted, follow=True) if posted else client.get(url)
    return answer.content.decode()


def test_a_walk_asks_question_by_question_and_follows_the_answers(client: Client) -> None:
    stored()
    assert "随机种子 5" in walk(client, do="begin", language="中文 (zh)", seed="5")
    assert "您觉得本地安全吗？" in walk(client, do="answer", answer="40")
    assert "为什么觉得不安全？" in walk(client, do="answer", answer="unsafe")
    assert "感谢您告诉我们。" in walk(client, do="answer", answer=["theft", "traffic"])
    assert "您有什么建议？" in walk(client, do="answer")
    end = walk(client, do="answer", answer="")
    assert "按这些回答，访问完整，没有问题。" in end
    assert "盗窃、交通" in end


def test_a_wrong_answer_is_told_and_one_may_go_on_with_it(client: Client) -> None:
    stored()
    walk(client, do="begin", language="中文 (zh)", seed="5")
    for answer, said in (("", "本题必须回答。"), ("abc", "整数"), ("12", "不符合要求")):
        page = walk(client, do="answer", answer=answer)
        assert said in page, page[:3000]
        assert "您今年多大？" in page
    onward = walk(client, do="anyway", answer="12")
    assert "您有什么建议？" in onward
    assert "尚有错误或未答" in onward


def test_one_goes_back_and_to_any_question_passed_and_begins_anew(client: Client) -> None:
    stored()
    walk(client, do="begin", language="English (en)", seed="5")
    walk(client, do="answer", answer="40")
    walk(client, do="answer", answer="safe")
    assert "Is it safe here?" in walk(client, do="back")
    assert "checked" in walk(client)
    assert "How old are you?" in walk(client, do="goto", to="/data/age")
    assert "How old are you?" in walk(client, do="goto", to="/data/nowhere")
    version = Version.objects.get()
    again = text_of(client, f"/survey/questionnaires/versions/{version.pk}/walk/?again=1")
    assert 'name="seed"' in again


def test_alone_and_not_alone_together_are_told(client: Client) -> None:
    stored()
    walk(client, do="begin", language="中文 (zh)", seed="5")
    walk(client, do="answer", answer="40")
    walk(client, do="answer", answer="unsafe")
    assert "不能与其他选项同时选择" in walk(client, do="answer", answer=["theft", "none"])


def test_nothing_of_a_walk_is_stored(client: Client) -> None:
    stored()
    before = Event.objects.count()
    walk(client, do="begin", language="中文 (zh)", seed="5")
    walk(client, do="answer", answer="40")
    assert Event.objects.count() == before


# API


def post(client: Client, url: str, body: Any) -> Any:
    return client.post(f"{API}{url}", json.dumps(body), "application/json")


def test_a_workbook_is_checked_over_http_and_not_stored(client: Client) -> None:
    """P-01."""
    fine = client.post(f"{API}/questionnaires/check", {"file": file(book())}).json()
    assert (fine["valid"], fine["questions"], fine["title"]) == (True, 4, "群众安全感小卷")
    wrong = client.post(
        f"{API}/questionnaires/check", {"file": file(book(("${age} >= 16", "${agee} >= 16")))}
    ).json()
    assert not wrong["valid"]
    assert [(each["sheet"], each["row"], each["column"]) for each in wrong["findings"]] == [
        ("survey", 3, "relevant")
    ]
    assert not Questionnaire.objects.exists()


def test_a_version_is_handed_in_over_http_or_refused_with_every_finding(client: Client) -> None:
    made = actions.add_questionnaire(designer(), "一")
    url = f"{API}/questionnaires/{made.pk}/versions"
    refused = client.post(url, {"file": file(book(("${age} >= 16", "${agee} >= 16")))})
    assert (refused.status_code, refused.json()["code"]) == (422, "questionnaire-wrong")
    assert refused.json()["errors"][0]["place"] == "survey!3 relevant"
    taken = client.post(url, {"file": file(book()), "note": "第一版"})
    assert (taken.json()["number"], taken.json()["note"]) == (1, "第一版")
    assert client.get(url).json()["results"][0]["questions"] == 4


def test_a_version_is_read_with_its_entries_in_words(client: Client) -> None:
    version = stored().versions.get()
    found = client.get(f"{API}/versions/{version.pk}").json()
    why = next(each for each in found["entries"] if each["name"] == "why")
    assert why["texts"][0]["asked_if"] == "第 2 题选“不安全”或“不太安全”"
    assert client.get(f"{API}/versions/{version.pk}/xform").content.startswith(b"<")
    assert client.get(f"{API}/versions/{version.pk}/workbook").content == bytes(version.workbook)


def test_an_interview_is_evaluated_without_being_kept(client: Client) -> None:
    version = stored().versions.get()
    answers = {"age": 40, "/data/part/safety": "unsafe", "why": ["theft"]}
    got = post(client, f"/versions/{version.pk}/evaluate", {"answers": answers, "seed": 3}).json()
    by_path = {each["path"]: each for each in got["questions"]}
    assert got["complete"]
    assert got["seed"] == 3
    assert by_path["/data/part/why"]["relevant"]
    assert by_path["/data/part/why"]["value"] == "theft"
    assert [each["label"] for each in by_path["/data/part/safety"]["choices"]] == [
        "安全", "不太安全", "不安全",
    ]  # fmt: skip
    assert got["values"]["/data/part/safety"] == "unsafe"


def test_a_wrong_answer_is_state_and_an_unknown_address_is_a_problem(client: Client) -> None:
    version = stored().versions.get()
    url = f"/versions/{version.pk}/evaluate"
    got = post(client, url, {"answers": {"age": "old"}, "language": "en"}).json()
    assert not got["complete"]
    assert ("/data/age", "not-a-whole-number") in [
        (each["path"], each["code"]) for each in got["problems"]
    ]
    nowhere = post(client, url, {"answers": {"nowhere": 1}})
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "answer-nowhere")
    naive = post(client, url, {"now": "2026-11-28T12:00:00"})
    assert naive.status_code == 422


def test_instances_of_a_repeat_are_added_and_taken_out_on_a_walk(client: Client) -> None:
    survey = """
        type         | name   | label::中文 (zh) | label::English (en)
        begin_repeat | person | 家庭成员         | Member of the household
        integer      | years  | 多大年纪？       | How old?
        end_repeat   |        |                  |
        rank order   | order  | 请排序           | Put in order
        acknowledge  | yes    | 请确认           | Please confirm
    """
    choices = """
        list_name | name | label::中文 (zh) | label::English (en)
        order     | a    | 治安             | Order
        order     | b    | 环境             | Environment
    """
    stored("户", book(survey=survey, choices=choices))
    walk(client, do="begin", language="中文 (zh)", seed="1")
    walk(client, do="answer", answer="40")
    added = walk(client, do="add", to="/data/person")
    assert "/data/person[2]/years" in added
    assert "填写 2 份" in added
    assert "填写 1 份" in walk(client, do="remove", to="/data/person")
    while "place-a" not in walk(client):
        walk(client, do="answer", answer="")
    walk(client, **{"do": "answer", "place-a": "2", "place-b": "1"})
    end = walk(client, do="answer", answer="OK")
    assert "环境、治安" in end
