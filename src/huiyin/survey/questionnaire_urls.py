"""Addresses of the room's questionnaire pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.survey.views import questionnaires

urlpatterns: list[URLPattern | URLResolver] = [
    path("", questionnaires.questionnaires, name="questionnaires"),
    path("bank/", questionnaires.bank, name="bank"),
]
