"""Addresses of the room's sample pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from huiyin.survey.views import samples

urlpatterns: list[URLPattern | URLResolver] = [
    path("", samples.samples, name="samples"),
    path("draw/", samples.draw, name="draw_sample"),
    path("look-up/", samples.look_up, name="look_up"),
    path("<int:sample>/", samples.sample, name="sample"),
    path("<int:sample>/check/", samples.check, name="check_draw"),
    path("<int:sample>/erase/", samples.erase, name="erase_numbers"),
]
