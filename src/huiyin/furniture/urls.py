"""The furniture's own addresses: files handed in, jobs."""

from __future__ import annotations

from django.urls import path

from huiyin.furniture import uploads

app_name = "furniture"
urlpatterns = [
    path("uploads/<int:upload>/", uploads.download, name="upload"),
]
