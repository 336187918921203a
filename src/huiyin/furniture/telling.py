"""How a page tells what is wrong, with the way out, and what has changed."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, DataError
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huiyin.audit.models import Event
from huiyin.problems import CONFLICT, INVALID, NOT_SIGNED_IN, OUR_FAULT, Problem

log = logging.getLogger(__name__)

#: What the page of a status is called.
TITLES: dict[int, str | Promise] = {
    400: _("The request cannot be understood"),
    401: _("Sign in first"),
    403: _("Not within your rights"),
    404: _("Nothing to be found here"),
    405: _("Not possible in this way"),
    409: _("Changed meanwhile"),
    410: _("No longer valid"),
    413: _("Too large"),
    422: _("This cannot be taken"),
    429: _("Too many attempts"),
    500: _("The program failed"),
    503: _("Out of service for a moment"),
}


#: What PostgreSQL calls it when two did the same, or waited for each other, at the same moment.
MEANWHILE = frozenset({"23505", "23P01", "40001", "40P01"})


def problem_of(wrong: BaseException) -> Problem | None:
    """What an exception means for whoever asked; None = a fault of ours.

    Acts look whether a name is free before they take it; who comes at the same moment is stopped by
    the database alone. And no text of a database holds a character 0, which JSON may.
    """
    if isinstance(wrong, Problem):
        return wrong
    if isinstance(wrong, DataError):
        log.warning("values that the database does not take", exc_info=wrong)
        return INVALID()
    if isinstance(wrong, DatabaseError):
        state = getattr(wrong.__cause__, "sqlstate", None)
        return CONFLICT() if state in MEANWHILE else None
    return None


class Way(NamedTuple):
    """A way out of a problem."""

    title: str | Promise
    url: str


def problem_page(request: HttpRequest, wrong: Problem) -> HttpResponse:
    """The page that tells a problem; a visitor who must sign in is taken there."""
    if wrong.kind is NOT_SIGNED_IN:
        return redirect_to_login(request.get_full_path())
    said = {
        "problem": wrong,
        "title": TITLES.get(wrong.status, TITLES[400]),
        "ways": ways_out(request, wrong.status),
    }
    return render(request, "furniture/problem.html", said, status=wrong.status)


def failure_page(request: HttpRequest) -> HttpResponse:
    """The page that tells a fault of ours, with a number that finds it in the log."""
    reference = secrets.token_hex(4)
    log.error("failed request", exc_info=True, extra={"reference": reference})
    return problem_page(request, OUR_FAULT(reference=reference))


def ways_out(request: HttpRequest, status: int) -> list[Way]:
    """Where somebody goes on from a problem: the page again, back, home."""
    ways = []
    if status in (409, 429, 500, 503) and request.method == "GET":
        ways.append(Way(_("Load it again"), request.get_full_path()))
    if back := _came_from(request):
        ways.append(Way(_("Back to the page before"), back))
    ways.append(Way(_("To the home page"), reverse("home")))
    return ways


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here; empty where it was none, or this very one."""
    before = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(before, {request.get_host()}, request.is_secure())
    path = urlsplit(before)._replace(scheme="", netloc="", fragment="").geturl()
    same = request.method == "GET" and path == request.get_full_path()
    return path if before and here and not same else ""


#: What events tell besides the fields of what they changed.
OTHER_WORDS: dict[str, str | Promise] = {
    "added": pgettext_lazy("in an event", "Added"),
    "by": pgettext_lazy("in an event", "Counted by"),
    "calling_hours": pgettext_lazy("in an event", "Calling hours"),
    "changed": pgettext_lazy("in an event", "Changed"),
    "columns": pgettext_lazy("in an event", "Columns"),
    "composites": pgettext_lazy("in an event", "Composites"),
    "count": pgettext_lazy("in an event", "Found"),
    "drawn": pgettext_lazy("in an event", "Drawn"),
    "draws": pgettext_lazy("in an event", "Draws"),
    "dropped": pgettext_lazy("in an event", "Taken back"),
    "ended": pgettext_lazy("in an event", "Sessions ended"),
    "erased": pgettext_lazy("in an event", "Erased"),
    "events": pgettext_lazy("in an event", "Events"),
    "failures": pgettext_lazy("in an event", "Failures"),
    "filters": pgettext_lazy("in an event", "Filters"),
    "followed_by": pgettext_lazy("in an event", "Followed by"),
    "format": pgettext_lazy("in an event", "Format"),
    "hash": pgettext_lazy("in an event", "Hash begins with"),
    "import": pgettext_lazy("in an event", "Import"),
    "indicators": pgettext_lazy("in an event", "Indicators"),
    "interviews": pgettext_lazy("in an event", "Interviews"),
    "key": pgettext_lazy("in an event", "Key"),
    "kinds": pgettext_lazy("in an event", "Kinds"),
    "left_out": pgettext_lazy("in an event", "Left out"),
    "method": pgettext_lazy("in an event", "Way of signing in"),
    "moved_along": pgettext_lazy("in an event", "Regions that moved along"),
    "parts": pgettext_lazy("in an event", "Parts and weights"),
    "posts": pgettext_lazy("in an event", "Posts"),
    "reason": pgettext_lazy("in an event", "Reason"),
    "regions": pgettext_lazy("in an event", "Regions"),
    "rejected": pgettext_lazy("in an event", "Rejected"),
    "resealed": pgettext_lazy("in an event", "Encrypted anew"),
    "rows": pgettext_lazy("in an event", "Rows"),
    "same": pgettext_lazy("in an event", "The draw is the same"),
    "shapes": pgettext_lazy("in an event", "Shapes"),
    "shown": pgettext_lazy("in an event", "Shown"),
    "staff": pgettext_lazy("in an event", "Staff"),
    "stored": pgettext_lazy("in an event", "As stored"),
    "strata": pgettext_lazy("in an event", "Strata"),
    "taken": pgettext_lazy("in an event", "Taken"),
    "there": pgettext_lazy("in an event", "There already"),
    "unchanged": pgettext_lazy("in an event", "Unchanged"),
    "what": pgettext_lazy("in an event", "What was done"),
    "why": pgettext_lazy("in an event", "Reason"),
}


class Change(NamedTuple):
    """One value that an event changed."""

    title: str
    before: str
    after: str


def changes_of(event: Event) -> list[Change]:
    """What an event changed, in the words of the model that it changed.

    A key that is no field of the model stands as it was recorded.
    """
    names = list(dict.fromkeys([*event.before, *event.after]))
    fields = {name: _field(event.kind, name) for name in names}
    return [
        Change(
            _title(name, fields[name]),
            _said(event.before.get(name), fields[name]),
            _said(event.after.get(name), fields[name]),
        )
        for name in names
    ]


def _field(kind: str, name: str) -> Field[Any, Any] | None:
    try:
        found = apps.get_model(kind)._meta.get_field(name.removesuffix("_id"))
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return found if isinstance(found, Field) else None


def _title(name: str, field: Field[Any, Any] | None) -> str:
    return capfirst(str(field.verbose_name)) if field else str(OTHER_WORDS.get(name, name))


def _said(value: Any, field: Field[Any, Any] | None) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "、".join(_said(each, field) for each in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    names = dict(field.flatchoices) if field else {}
    return str(names.get(value, value))
