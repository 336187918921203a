"""The room's addresses."""

from __future__ import annotations

from django.urls import path

from huiyin.furniture.exchange import import_pages
from huiyin.territory.calendar_import import CalendarImport
from huiyin.territory.populations import PopulationImport
from huiyin.territory.views import (
    browsing,
    calendar,
    editing,
    importing,
    maps,
    populations,
    regions,
)

app_name = "territory"
urlpatterns = [
    path("", browsing.tree, name="tree"),
    path("list/", browsing.regions, name="regions"),
    path("add/", editing.add, name="add"),
    path("imports/", importing.imports, name="imports"),
    path("imports/new/", importing.hand_in, name="hand_in"),
    path("imports/<int:pk>/", importing.show, name="import"),
    path("imports/<int:pk>/plan/", importing.listing, name="listing"),
    path("maps/", maps.maps, name="maps"),
    path("maps/attach/", maps.attach, name="attach_map"),
    path("maps/<int:pk>/", maps.show, name="map"),
    path("maps/<int:pk>/remove/", maps.remove, name="remove_map"),
    path("populations/", populations.populations, name="populations"),
    *import_pages("populations/import/", PopulationImport, "import_populations"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/add/", calendar.add_day, name="add_day"),
    path("calendar/shipped/", calendar.take_in, name="take_in_days"),
    path("calendar/<int:pk>/", calendar.change_day, name="change_day"),
    path("calendar/<int:pk>/remove/", calendar.remove_day, name="remove_day"),
    *import_pages("calendar/import/", CalendarImport, "import_calendar"),
    path("<str:code>/", regions.region, name="region"),
    path("<str:code>/children/", browsing.children, name="children"),
    path("<str:code>/rename/", editing.rename, name="rename"),
    path("<str:code>/succeed/", editing.succeed, name="succeed"),
    path("<str:code>/end/", editing.end, name="end"),
]
