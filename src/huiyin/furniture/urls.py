"""The furniture's own addresses: files handed in, jobs."""

from __future__ import annotations

from django.urls import path

from huiyin.furniture import uploads
from huiyin.furniture.jobs import views as jobs

app_name = "furniture"
urlpatterns = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job>/", jobs.show, name="job"),
    path("jobs/<int:job>/stop/", jobs.cancel, name="cancel_job"),
    path("uploads/<int:upload>/", uploads.download, name="upload"),
]
