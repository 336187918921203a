"""Small questionnaires, and who writes and reads them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import openpyxl
from django.test import Client
from tests.survey.engine.forms import workbook

from huiyin.audit.acts import Actor, Held
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import Role
from huiyin.survey import engine
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey.models import Questionnaire
from huiyin.survey.questionnaire_reading import Reading

SURVEY = """
    type                | name    | label::中文 (zh)        | label::English (en)    | hint::中文 (zh) | relevant                  | required | constraint             | dont_know | refused
    integer             | age     | 您今年多大？            | How old are you?       |                 |                           | yes      | . >= 16 and . <= 110   |           | 999
    begin_group         | part    | 安全感                  | Safety                 |                 | ${age} >= 16              |          |                        |           |
    select_one safety   | safety  | 您觉得本地安全吗？      | Is it safe here?       | 逐项读出        |                           | yes      |                        | 98        | 99
    select_multiple why | why     | 为什么觉得不安全？      | Why is it not safe?    |                 | ${safety} = 'unsafe' or ${safety} = 'not_very' | |        |           |
    note                | sorry   | 感谢您告诉我们。        | Thank you for that.    |                 | selected(${why}, 'theft') |          |                        |           |
    end_group           |         |                         |                        |                 |                           |          |                        |           |
    text                | wish    | 您有什么建议？          | Any wishes?            |                 |                           |          |                        |           |
"""  # noqa: E501
CHOICES = """
    list_name | name     | label::中文 (zh) | label::English (en) | exclusive
    safety    | safe     | 安全             | Safe                |
    safety    | not_very | 不太安全         | Not very safe       |
    safety    | unsafe   | 不安全           | Unsafe              |
    why       | theft    | 盗窃             | Theft               |
    why       | traffic  | 交通             | Traffic             |
    why       | none     | 没有             | None                | yes
"""
SETTINGS = """
    form_title     | default_language
    群众安全感小卷 | 中文 (zh)
"""


def book(*changes: tuple[str, str], survey: str = SURVEY, choices: str = CHOICES) -> bytes:
    """The workbook, with pieces of its text replaced."""
    for before, after in changes:
        assert before in survey + choices, before
        survey, choices = survey.replace(before, after), choices.replace(before, after)
    return workbook(survey, choices, SETTINGS)


def reading(*changes: tuple[str, str]) -> Reading:
    return Reading(engine.compile(book(*changes)))


def designer() -> Actor:
    return Actor(7, "designer", held=(Held(Role.DESIGNER),))


def stored(name: str = "群众安全感小卷", *contents: bytes) -> Questionnaire:
    """A questionnaire with a version of each workbook; of the plain one without any."""
    made = actions.add_questionnaire(designer(), name)
    for content in contents or (book(),):
        actions.hand_in_version(designer(), made, content)
    return made


def client_of(role: Role = Role.DESIGNER) -> Client:
    account = Account.objects.create_user(f"me-{role.value}", name="陈思远")
    Holding.objects.create(account=account, role=role)
    client = Client()
    client.force_login(account)
    return client


def edited(content: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """A workbook after somebody changed it in Excel."""
    opened = openpyxl.load_workbook(BytesIO(content))
    change(opened)
    stream = BytesIO()
    opened.save(stream)
    return stream.getvalue()
