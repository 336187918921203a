"""The interview engine: one compiled questionnaire for every place where it is asked.

    from huiyin.survey import engine

    questionnaire = engine.compile("safety.xlsx")
    interview = questionnaire.start(seed=1, now=now)
    interview.answer("age", 43)
    interview.state()

Pure Python, no database, no clock of its own.
"""

from __future__ import annotations

from huiyin.survey.engine.answers import Problem
from huiyin.survey.engine.choices import Choice
from huiyin.survey.engine.compiling import compile
from huiyin.survey.engine.context import NoMoment
from huiyin.survey.engine.findings import Finding, QuestionnaireError
from huiyin.survey.engine.interview import AnswerRefused, Interview
from huiyin.survey.engine.questionnaire import ChoiceRules, Questionnaire
from huiyin.survey.engine.state import QuestionState

__all__ = [
    "AnswerRefused",
    "Choice",
    "ChoiceRules",
    "Finding",
    "Interview",
    "NoMoment",
    "Problem",
    "QuestionState",
    "Questionnaire",
    "QuestionnaireError",
    "compile",
]
