"""The room's addresses."""

from __future__ import annotations

from django.urls import path

from huiyin.auditor import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("<int:event>/", views.event, name="event"),
    path("chain/", views.chain, name="chain"),
    path("chain/head/", views.head, name="head"),
    path("chain/verify/", views.verify, name="verify"),
    path("chain/seal/", views.seal, name="seal"),
]
