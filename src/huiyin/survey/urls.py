"""The room's addresses, part by part."""

from __future__ import annotations

from django.urls import include, path

from huiyin.survey.views.home import home

app_name = "survey"
urlpatterns = [
    path("", home, name="home"),
    path("questionnaires/", include("huiyin.survey.questionnaire_urls")),
    path("indicators/", include("huiyin.survey.indicator_urls")),
    path("rounds/", include("huiyin.survey.round_urls")),
    path("frames/", include("huiyin.survey.frame_urls")),
    path("samples/", include("huiyin.survey.sample_urls")),
    path("planner/", include("huiyin.survey.plan_urls")),
]
