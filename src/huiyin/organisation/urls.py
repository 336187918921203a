"""The room's addresses."""

from __future__ import annotations

from django.urls import include, path

app_name = "organisation"
urlpatterns = [
    path("", include("huiyin.organisation.units_urls")),
    path("", include("huiyin.organisation.accounts_urls")),
]
