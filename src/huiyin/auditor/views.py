"""The list of events, one event, the chain."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huiyin.audit import actions
from huiyin.audit.acts import SEAL_CHAIN, SEE_EVENTS, VERIFY_CHAIN
from huiyin.audit.models import Event
from huiyin.audit.queries import Verdict, last_seal, neighbours, verdict_on
from huiyin.audit.rules import head_hash
from huiyin.audit.verification import head_as_dict, heads_now, unguarded
from huiyin.auditor import queries
from huiyin.auditor.jobs import verify_now
from huiyin.auditor.tables import EventTable, title_of_act, title_of_kind
from huiyin.furniture.jobs import start
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.problems import NOT_FOUND


@require_safe
@page(SEE_EVENTS)
def events(request: Request) -> HttpResponse:
    """Everything that was done: to filter, to sort, to export."""
    listed: HttpResponse = table_response(request, EventTable(), template="auditor/events.html")
    return listed


@require_safe
@page(SEE_EVENTS)
def event(request: Request, event: int) -> HttpResponse:
    """One event: what changed, where it stands in the chain, and whether it still stands."""
    found = Event.objects.filter(pk=event).first()
    if found is None:
        raise NOT_FOUND()
    before, after = neighbours(found)
    shown = {
        "event": found,
        "title": title_of_act(found.act),
        "facts": _facts(found),
        "more": _more(found),
        "before": before,
        "after": after,
        "verdict": _told(verdict_on(found)),
        "findings": queries.findings_of(found) if found.act == VERIFY_CHAIN.name else None,
    }
    return render(request, "auditor/event.html", shown)


def _facts(event: Event) -> list[tuple[str, Any]]:
    moment = timezone.localtime(event.at)
    return [
        (_("When"), f"{moment:%Y-%m-%d %H:%M:%S.%f %z}"),
        (_("Who"), event.actor_name),
        (_("Account"), event.actor),
        (_("From"), event.address),
        (_("Act"), f"{title_of_act(event.act)} ({event.act})"),
        (_("Kind of object"), title_of_kind(event.kind)),
        (_("Object"), event.label),
        (_("Key"), event.key),
        (_("Region"), event.region),
    ]


def _more(event: Event) -> list[tuple[str, str]]:
    """Where to look on: titles and addresses of lists that hold this event too."""
    lists = [(_("All of this object"), {"kind": event.kind, "key": event.key})]
    if event.actor_name:
        lists.append((_("All of this person"), {"who": event.actor_name}))
    if event.address:
        lists.append((_("All from this address"), {"address": event.address}))
    return [(title, f"{reverse('audit:events')}?{urlencode(asked)}") for title, asked in lists]


def _told(verdict: Verdict) -> list[tuple[str, str, str]]:
    """A verdict as lines of what was verified, the word for it, and its tone."""
    words = {
        True: (_("holds"), "good"),
        False: (_("broken"), "overdue"),
        None: (_("missing"), "overdue"),
    }
    return [
        (_("Its content has its hash"), *words[verdict.content]),
        (_("It follows the event before it"), *words[verdict.before]),
        (_("What comes after follows it"), *words[verdict.after]),
    ]


@require_safe
@page(SEE_EVENTS)
def chain(request: Request) -> HttpResponse:
    """How far every lane has come, when it was last sealed and verified, what guards it."""
    heads = heads_now()
    shown = {
        "lanes": queries.lanes(),
        "head": head_hash(heads),
        "events": sum(head.length for head in heads),
        "empty": sum(not head.length for head in heads),
        "sealed": last_seal(),
        "verified": queries.last_verification(),
        "unguarded": unguarded(),
    }
    return render(request, "auditor/chain.html", shown)


@require_safe
@page(SEE_EVENTS)
def head(request: Request) -> HttpResponse:
    """The head of the chain as a file, to be kept outside."""
    content = json.dumps(head_as_dict(heads_now(), request.now), indent=1)
    name = f"huiyin-audit-head-{timezone.localtime(request.now):%Y%m%d-%H%M}.json"
    return HttpResponse(
        content,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@page(VERIFY_CHAIN)
def verify(request: Request) -> HttpResponse:
    """Begin to verify the whole chain."""
    return redirect("furniture:job", job=start(request.actor, verify_now).pk)


@require_POST
@page(SEAL_CHAIN)
def seal(request: Request) -> HttpResponse:
    """Write a checkpoint."""
    sealed = actions.seal(request.actor)
    said = _("Sealed. Keep this hash outside: {head}").format(head=sealed.after["head"])
    messages.success(_plain(request), said)
    return redirect("audit:chain")


def _plain(request: Request) -> HttpRequest:
    return request
