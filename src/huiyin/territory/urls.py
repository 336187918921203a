"""The room's addresses."""

from __future__ import annotations

from django.urls import path

from huiyin.territory.views import browsing

app_name = "territory"
urlpatterns = [
    path("", browsing.tree, name="tree"),
    path("<str:code>/children/", browsing.children, name="children"),
]
