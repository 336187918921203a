"""How a problem is told on a page: what is wrong, and the way out."""

from __future__ import annotations

import logging
import secrets

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huiyin.problems import NOT_SIGNED_IN, OUR_FAULT, Problem

log = logging.getLogger(__name__)


def problem_page(request: HttpRequest, wrong: Problem) -> HttpResponse:
    """The page that tells a problem; a visitor who must sign in is taken there."""
    if wrong.kind is NOT_SIGNED_IN:
        return redirect_to_login(request.get_full_path())
    return render(request, "furniture/problem.html", {"problem": wrong}, status=wrong.status)


def failure_page(request: HttpRequest) -> HttpResponse:
    """The page that tells a fault of ours, with a number that finds it in the log."""
    reference = secrets.token_hex(4)
    log.error("failed request", exc_info=True, extra={"reference": reference})
    return problem_page(request, OUR_FAULT(reference=reference))
