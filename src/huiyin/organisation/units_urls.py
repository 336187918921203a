"""Addresses of units, posts and groups."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
