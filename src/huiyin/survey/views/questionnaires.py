"""Questionnaires: the list and the bank."""

from __future__ import annotations

from django.http import HttpResponse

from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey.questionnaire_tables import BankTable, QuestionnaireTable


@page(acts.SEE_QUESTIONNAIRES)
def questionnaires(request: Request) -> HttpResponse:
    """All questionnaires of one's own."""
    return table_response(  # type: ignore[no-any-return]
        request, QuestionnaireTable(), template="survey/questionnaires.html"
    )


@page(acts.SEE_QUESTIONNAIRES)
def bank(request: Request) -> HttpResponse:
    """The standard instruments, to copy from."""
    return table_response(  # type: ignore[no-any-return]
        request, BankTable(), template="survey/questionnaire_bank.html"
    )
