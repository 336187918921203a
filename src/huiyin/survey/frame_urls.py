"""Addresses of the room's frame pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.furniture.exchange import import_pages
from huiyin.survey.frame_imports import ExchangeImport
from huiyin.survey.views import frames, never

urlpatterns: list[URLPattern | URLResolver] = [
    path("", frames.frames, name="frames"),
    path("segments/", frames.segment_tables, name="segment_tables"),
    path("segments/<int:pk>/", frames.segment_table, name="segment_table"),
    path("segments/import/", frames.import_segments, name="import_segments"),
    path("segments/imports/", frames.segment_imports, name="segment_imports"),
    path("segments/imports/<int:pk>/", frames.segment_import, name="segment_import"),
    path("exchanges/", frames.exchanges, name="exchanges"),
    *import_pages("exchanges/import/", ExchangeImport, "import_exchanges"),
    path("lists/", frames.lists, name="lists"),
    path("lists/hand-in/", frames.hand_in_list, name="hand_in_list"),
    path("users/<str:code>/", frames.users, name="users"),
    path("do-not-call/", never.do_not_call, name="do_not_call"),
    path("do-not-call/add/", never.add, name="add_do_not_call"),
    path("do-not-call/file/", never.add_file, name="add_do_not_call_file"),
    path("do-not-call/<int:pk>/lift/", never.lift, name="lift_do_not_call"),
]
