"""Who asks, and how a problem is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from huiyin.audit.acts import VISITOR, Actor
from huiyin.furniture.telling import problem_page
from huiyin.furniture.views import Request
from huiyin.organisation.queries import actor_of
from huiyin.problems import Problem

Respond = Callable[[Any], HttpResponse]


class ActorMiddleware:
    """Gives every request its ``actor`` and its one *now*."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: Request) -> HttpResponse:
        request.now = timezone.now()
        request.actor = _actor(request)
        return self.respond(request)


def _actor(request: Request) -> Actor:
    if not request.user.is_authenticated:
        return VISITOR
    today = timezone.localdate(request.now)
    return actor_of(request.user, today, address=request.META.get("REMOTE_ADDR", ""))


class ProblemMiddleware:
    """Turns a :class:`Problem` into the page that tells it."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        return problem_page(request, wrong) if isinstance(wrong, Problem) else None
