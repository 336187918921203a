"""The home page, the style page, and what the site says when something fails."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.i18n import set_language

from huiyin.furniture.home import tasks_for
from huiyin.furniture.navigation import sections_for
from huiyin.furniture.tables import table_response
from huiyin.furniture.telling import failure_page, problem_page
from huiyin.furniture.views import Request, page
from huiyin.problems import NOT_FOUND
from huiyin.site import acts
from huiyin.site.showroom import ShownTable, showroom

__all__ = ["failed", "home", "not_found", "set_language", "style"]


@page(acts.SEE_HOME)
def home(request: Request) -> HttpResponse:
    """What needs me today."""
    shown = {
        "tasks": tasks_for(request.actor, request.now),
        "rooms": sections_for(request.actor, request.path),
    }
    return render(request, "site/home.html", shown)


@page(acts.SEE_STYLE)
def style(request: Request) -> Any:
    """Every piece of furniture, to look at."""
    table = ShownTable()
    return table_response(request, table, "site/style.html", showroom(request.now))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, NOT_FOUND())


def failed(request: HttpRequest) -> HttpResponse:
    return failure_page(request)
