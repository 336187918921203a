"""Addresses of the room's questionnaire pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.survey.views import questionnaire_versions as versions
from huiyin.survey.views import questionnaires
from huiyin.survey.views.questionnaire_walk import walk

urlpatterns: list[URLPattern | URLResolver] = [
    path("", questionnaires.questionnaires, name="questionnaires"),
    path("add/", questionnaires.add, name="add_questionnaire"),
    path("bank/", questionnaires.bank, name="bank"),
    path("bank/take/", questionnaires.from_instrument, name="take_from_bank"),
    path("checks/<int:pk>/", questionnaires.check, name="questionnaire_check"),
    path("checks/<int:pk>/workbook/", questionnaires.check_workbook, name="check_workbook"),
    path("versions/<int:pk>/", versions.version, name="questionnaire_version"),
    path("versions/<int:pk>/paper/", versions.paper, name="paper"),
    path("versions/<int:pk>/workbook/", versions.workbook, name="version_workbook"),
    path("versions/<int:pk>/xform/", versions.xform, name="version_xform"),
    path("versions/<int:pk>/walk/", walk, name="walk"),
    path("<int:pk>/", questionnaires.questionnaire, name="questionnaire"),
    path("<int:pk>/rename/", questionnaires.rename, name="rename_questionnaire"),
    path("<int:pk>/copy/", questionnaires.copy, name="copy_questionnaire"),
    path("<int:pk>/hand-in/", questionnaires.hand_in, name="hand_in_version"),
    path("<int:pk>/compare/", versions.compare, name="compare_versions"),
]
