"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

from huiyin.furniture.views import open_to_all
from huiyin.site import health, views
from huiyin.site.api import api
from huiyin.site.metrics import metrics

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("style/", views.style, name="style"),
    path("language/", open_to_all(views.set_language), name="set_language"),
    path("accounts/", include("huiyin.site.account_urls")),
    path("api/v1/", api.urls),
    path("audit/", include("huiyin.auditor.urls")),
    path("furniture/", include("huiyin.furniture.urls")),
    path("territory/", include("huiyin.territory.urls")),
    path("organisation/", include("huiyin.organisation.urls")),
    path("survey/", include("huiyin.survey.urls")),
]
handler404 = "huiyin.site.views.not_found"
handler500 = "huiyin.site.views.failed"
