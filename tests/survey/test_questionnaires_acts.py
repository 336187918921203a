"""Acts on questionnaires: a version is taken whole or not at all, and never changed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from tests.survey.questionnaire_cast import book, designer, stored

from huiyin.audit.acts import Actor, Held
from huiyin.audit.models import Event
from huiyin.furniture.jobs import Progress
from huiyin.organisation.roles import Role
from huiyin.problems import Problem
from huiyin.survey import engine, questionnaire_checks
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey.models import Check, Questionnaire, Version
from huiyin.survey.questionnaire_checks import parted
from huiyin.survey.questionnaire_workbooks import MARKS, marked

pytestmark = pytest.mark.django_db


def refused(code: str) -> Any:
    return pytest.raises(Problem, check=lambda wrong: wrong.code == code)


def test_a_version_keeps_the_workbook_byte_by_byte_and_says_what_it_holds() -> None:
    """P-01, P-02."""
    content = book()
    version = stored("一", content).versions.get()
    assert actions.workbook_of(version) == content
    assert (version.number, version.questions, version.title) == (1, 4, "群众安全感小卷")
    assert version.languages == ["中文", "English"]


def test_a_workbook_with_a_mistake_stores_nothing() -> None:
    """P-01."""
    made = actions.add_questionnaire(designer(), "一")
    with pytest.raises(engine.QuestionnaireError) as wrong:
        actions.hand_in_version(designer(), made, book(("${age} >= 16", "${agee} >= 16")))
    assert [(each.sheet, each.row, each.column) for each in wrong.value.findings] == [
        ("survey", 3, "relevant")
    ]
    assert not Version.objects.exists()
    assert not Event.objects.filter(act="survey.hand_in_version").exists()


@pytest.mark.parametrize(
    "change", ["number = 9", "workbook = 'x'::bytea", "title = 'x'", "note = 'x'"]
)
def test_the_database_itself_refuses_to_change_a_version(change: str) -> None:
    """P-02: what residents were asked stays as it was."""
    stored()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        connection.cursor().execute(f"UPDATE survey_version SET {change}")


def test_the_database_itself_refuses_to_delete_a_version() -> None:
    stored()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Version.objects.all().delete()


def test_the_same_workbook_is_not_taken_twice_in_a_row() -> None:
    made = stored()
    with refused("questionnaire-unchanged"):
        actions.hand_in_version(designer(), made, bytes(made.versions.get().workbook))


def test_two_questionnaires_do_not_share_a_name() -> None:
    stored("一")
    with refused("questionnaire-name-taken"):
        actions.add_questionnaire(designer(), " 一 ")
    other = actions.add_questionnaire(designer(), "二")
    with refused("questionnaire-name-taken"):
        actions.rename_questionnaire(designer(), other, "一", "")
    assert actions.rename_questionnaire(designer(), other, "二", "新").note == "新"


def test_what_is_in_the_bank_is_copied_and_not_changed() -> None:
    """P-02."""
    version = actions.fill_bank(designer(), "标准", book())
    standard = version.questionnaire
    with refused("questionnaire-in-bank"):
        actions.hand_in_version(designer(), standard, book(("您有什么建议？", "建议？")))
    with refused("questionnaire-in-bank"):
        actions.rename_questionnaire(designer(), standard, "别的", "")
    copy = actions.copy_questionnaire(designer(), version, "我们的")
    assert not copy.in_bank
    assert copy.versions.get().digest == version.digest


def test_filling_the_bank_again_adds_a_version_only_if_something_changed() -> None:
    content = book()
    actions.fill_bank(designer(), "标准", content)
    actions.fill_bank(designer(), "标准", content)
    assert Version.objects.count() == 1
    actions.fill_bank(designer(), "标准", book(("您有什么建议？", "建议？")))
    assert [each.number for each in Version.objects.order_by("number")] == [1, 2]


@pytest.mark.parametrize("role", [Role.OFFICE, Role.SUPERVISOR, Role.AUDITOR, Role.HEAD])
def test_only_designers_write_questionnaires(role: Role) -> None:
    with refused("not-permitted"):
        actions.add_questionnaire(Actor(8, "x", held=(Held(role),)), "一")


def test_every_act_leaves_one_event_with_what_it_changed() -> None:
    made = stored("一")
    actions.rename_questionnaire(designer(), made, "二", "")
    events = Event.objects.order_by("pk").values_list("act", flat=True)
    assert list(events) == [
        "survey.add_questionnaire", "survey.hand_in_version", "survey.rename_questionnaire",
    ]  # fmt: skip
    assert Event.objects.get(act="survey.rename_questionnaire").before["name"] == "一"


# Workbooks handed in on a page


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("问卷.xlsx", content)


def test_a_small_workbook_is_checked_at_once_and_its_findings_kept() -> None:
    made = actions.add_questionnaire(designer(), "一")
    url = questionnaire_checks.hand_in(
        designer(), made, file(book(("${age} >= 16", "${agee} ＞ 16"))), ""
    )
    check = Check.objects.get()
    assert url == f"/survey/questionnaires/checks/{check.pk}/"
    assert check.version is None
    assert {each["row"] for each in check.findings} == {3}


def test_a_large_workbook_is_checked_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questionnaire_checks, "SMALL", 10)
    made = actions.add_questionnaire(designer(), "一")
    assert "/furniture/jobs/" in questionnaire_checks.hand_in(designer(), made, file(book()), "")
    assert not Version.objects.exists()
    check = Check.objects.get()
    result = questionnaire_checks.check_questionnaire(Progress(designer()), check=check.pk)
    version = Version.objects.get()
    assert result == {"url": f"/survey/questionnaires/versions/{version.pk}/", "findings": 0}
    again = questionnaire_checks.check_questionnaire(Progress(designer()), check=check.pk)
    assert again is not None
    assert Version.objects.count() == 1


def test_the_findings_are_marked_in_a_copy_of_the_workbook() -> None:
    """P-01."""
    content = book(("${age} >= 16", "${agee} >= 16"), ("| theft    | 盗窃", "| the ft   | 盗窃"))
    with pytest.raises(engine.QuestionnaireError) as wrong:
        engine.compile(content)
    findings = [vars(each) for each in wrong.value.findings]
    copy = openpyxl.load_workbook(BytesIO(marked(content, findings)))
    survey = copy["survey"]
    last = survey.max_column
    assert survey.cell(1, last).value == MARKS
    assert "agee" in survey.cell(3, last).value
    relevant = [cell.value for cell in survey[1]].index("relevant") + 1
    assert survey.cell(3, relevant).fill.start_color.rgb == "FFF8CBAD"
    assert copy["choices"].cell(5, copy["choices"].max_column).value


def test_marks_of_an_earlier_copy_are_taken_out_before_new_ones_are_written() -> None:
    content = book(("${age} >= 16", "${agee} >= 16"))
    finding = {"sheet": "survey", "row": 3, "column": "relevant", "severity": "error",
               "message_zh": "旧"}  # fmt: skip
    once = marked(content, [finding])
    twice = openpyxl.load_workbook(BytesIO(marked(once, [{**finding, "row": 5}])))["survey"]
    assert [cell.value for cell in twice[1]].count(MARKS) == 1
    assert twice.cell(3, twice.max_column).value is None
    assert twice.cell(5, twice.max_column).value == "旧"


@pytest.mark.parametrize(
    ("message", "wrong", "instead"),
    [
        ("“；”是全角符号；请改为半角“;”", "“；”是全角符号", "请改为半角“;”"),
        ("“＝” is a full-width sign; write “=”", "“＝” is a full-width sign", "write “=”"),
        ("表达式是空的", "表达式是空的", ""),
    ],
)
def test_a_message_is_parted_into_what_is_wrong_and_what_to_write(
    message: str, wrong: str, instead: str
) -> None:
    assert parted(message) == (wrong, instead)


def test_a_questionnaire_without_a_version_is_not_copied() -> None:
    made = actions.add_questionnaire(designer(), "一")
    with refused("questionnaire-empty"):
        actions.version_to_copy(made)
    assert Questionnaire.objects.count() == 1
