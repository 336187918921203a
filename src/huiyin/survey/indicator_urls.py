"""Addresses of the room's indicator pages, and of what fills the question bank."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.furniture.exchange import import_pages
from huiyin.survey.indicator_sheets import IndicatorImport
from huiyin.survey.views import indicators as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.indicator_sets, name="indicator_sets"),
    path("add/", views.add_indicator_set, name="add_indicator_set"),
    path("bank/install/", views.install_bank, name="install_bank"),
    *import_pages("import/", IndicatorImport, "import_indicators"),
    path("<int:indicator_set>/", views.indicator_set, name="indicator_set"),
    path("<int:indicator_set>/list/", views.indicator_list, name="indicator_list"),
    path("<int:indicator_set>/survey.toml", views.survey_file, name="indicator_survey_file"),
    path("<int:indicator_set>/copy/", views.copy_indicator_set, name="copy_indicator_set"),
    path("<int:indicator_set>/change/", views.change_indicator_set, name="change_indicator_set"),
    path("<int:indicator_set>/remove/", views.remove_indicator_set, name="remove_indicator_set"),
    path("<int:indicator_set>/indicator/", views.add_indicator, name="add_indicator"),
    path(
        "<int:indicator_set>/indicator/<int:indicator>/",
        views.change_indicator,
        name="change_indicator",
    ),
    path(
        "<int:indicator_set>/indicator/<int:indicator>/remove/",
        views.remove_indicator,
        name="remove_indicator",
    ),
    path("<int:indicator_set>/composite/", views.add_composite, name="add_composite"),
    path(
        "<int:indicator_set>/composite/<int:composite>/",
        views.change_composite,
        name="change_composite",
    ),
    path(
        "<int:indicator_set>/composite/<int:composite>/remove/",
        views.remove_composite,
        name="remove_composite",
    ),
]
