"""The first page of the room."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from huiyin.audit.acts import may
from huiyin.furniture.views import Request, page
from huiyin.survey import acts
from huiyin.survey.parts import PARTS


@page(acts.SEE_SURVEY)
def home(request: Request) -> HttpResponse:
    """The parts of the room that the actor may open."""
    parts = [
        {"title": part.title, "text": part.text, "url": reverse(f"survey:{part.url_name}")}
        for part in PARTS
        if may(request.actor, part.act)
    ]
    return render(request, "survey/home.html", {"parts": parts})
