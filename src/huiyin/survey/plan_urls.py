"""Addresses of the room's plan pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.survey.views import plans

urlpatterns: list[URLPattern | URLResolver] = [path("", plans.planner, name="planner")]
