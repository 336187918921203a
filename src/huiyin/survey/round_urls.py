"""Addresses of the room's round pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.furniture.exchange import import_pages
from huiyin.survey.round_sheets import QuotaImport, StaffImport
from huiyin.survey.views import rounds, rounds_parts

urlpatterns: list[URLPattern | URLResolver] = [
    path("", rounds.rounds, name="rounds"),
    path("published/", rounds.published_rounds, name="published_rounds"),
    path("add/", rounds.add_round, name="add_round"),
    path("series/add/", rounds.add_series, name="add_series"),
    path("series/<int:series>/", rounds.series, name="series"),
    path("series/<int:series>/change/", rounds.change_series, name="change_series"),
    *import_pages("quotas/import/", QuotaImport, "import_quotas"),
    *import_pages("staff/import/", StaffImport, "import_staff"),
    path("staff/<int:staff>/remove/", rounds_parts.remove_staff, name="remove_staff"),
    path("<int:round>/", rounds.round, name="round"),
    path("<int:round>/remove/", rounds.remove_round, name="remove_round"),
    path("<int:round>/dates/", rounds_parts.dates, name="round_dates"),
    path("<int:round>/content/", rounds_parts.content, name="round_content"),
    path("<int:round>/sample/", rounds_parts.sample, name="round_sample"),
    path("<int:round>/hours/", rounds_parts.hours, name="round_hours"),
    path("<int:round>/quotas/", rounds_parts.quotas, name="round_quotas"),
    path("<int:round>/quotas/add/", rounds_parts.add_quota, name="add_quota"),
    path("<int:round>/staff/", rounds_parts.staff, name="round_staff"),
    path("<int:round>/staff/add/", rounds_parts.add_staff, name="add_staff"),
    path("<int:round>/break/", rounds.mark_break, name="mark_break"),
    path("<int:round>/break/lift/", rounds.lift_break, name="lift_break"),
    *(
        path(f"<int:round>/step/{step}/", view, name=f"round_step_{step}")
        for step, view in rounds.STEP_PAGES.items()
    ),
]
