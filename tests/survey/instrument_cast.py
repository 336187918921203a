"""The city of the tests, its instrument, and residents who answer it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from random import Random

from huiyin.survey import engine
from huiyin.survey.bank.standard import Area, Setting, standard

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=timezone(timedelta(hours=8)))
COUNTIES = (
    Area("430102000000", "城东区", "Chengdong", (
        Area("430102001000", "东门街道"), Area("430102002000", "河口镇"))),
    Area("430121000000", "石桥县", "Shiqiao", (Area("430121100000", "石桥镇"),)),
)  # fmt: skip
ANHE = Setting("安和市", COUNTIES, place_en="Anhe")
#: What is said by somebody who is called on a mobile phone and belongs to the population.
ON_A_MOBILE = {
    "reached_on": "mobile", "consent": "agreed", "age": 43, "residence": "from_12",
    "county": "430102000000", "township": "430102002000",
}  # fmt: skip


@cache
def instrument(setting: Setting = ANHE) -> engine.Questionnaire:
    return engine.compile(standard(setting))


def interview(
    answers: Mapping[str, object] = ON_A_MOBILE,
    *,
    seed: int = 1,
    questionnaire: engine.Questionnaire | None = None,
    language: str = "zh",
) -> engine.Interview:
    """An interview with these answers given."""
    begun = (questionnaire or instrument()).start(seed, language, now=NOON)
    for name, value in answers.items():
        begun.answer(name, value)
    return begun


def question(begun: engine.Interview, name: str) -> engine.QuestionState:
    return next(each for each in begun.state() if each.path.rpartition("/")[2] == name)


def asked(begun: engine.Interview) -> list[str]:
    """Names of the questions that are asked as things stand, notes left out."""
    return [
        each.path.rpartition("/")[2] for each in begun.state()
        if each.relevant and (each.required or each.value) and not each.readonly
    ]  # fmt: skip


def value(begun: engine.Interview, name: str) -> str:
    """An answer or a calculated value by its name; "" = none."""
    found = {path.rpartition("/")[2]: text for path, text in begun.values().items()}
    return found.get(name, "")


def answered(begun: engine.Interview, random: Random) -> engine.Interview:
    """The interview brought to its end by somebody who takes any answer on offer."""
    counts = {
        "adults": 3,
        "landlines": 1,
        "mobiles": 1,
        "sharing": 2,
        "list_short": 2,
        "list_long": 2,
    }
    for node in list(begun.questions()):
        name = node.path.rpartition("/")[2]
        at = question(begun, name)
        if not at.relevant or at.value or not at.required:
            continue
        if at.choices:
            begun.answer(name, random.choice(at.choices).value)
        else:
            begun.answer(name, counts.get(name, 40))
    return begun
