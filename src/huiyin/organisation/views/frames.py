"""What the room's views share: where a thing stands, forms, confirmations, what may be offered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise

from huiyin.audit.acts import Act, Actor, Place, may
from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.models import Upload
from huiyin.furniture.tables import Table, table_response
from huiyin.furniture.uploads import say_if_refused, store
from huiyin.furniture.views import Request
from huiyin.organisation.actions.writing import place_in, place_of
from huiyin.organisation.forms.fields import ATTACHED
from huiyin.organisation.models import (
    Decision,
    Group,
    Holder,
    Meeting,
    Member,
    Pairing,
    Post,
    Street,
    StudyTopic,
    Unit,
    VillageService,
)
from huiyin.problems import NOT_FOUND

Thing = TypeVar("Thing", bound=Model)


def found(model: type[Thing], key: int, *related: str) -> Thing:
    """A stored thing by its key.

    Raises:
        Problem: ``not-found``.
    """
    thing = model._default_manager.select_related(*related).filter(pk=key).first()
    if thing is None:
        raise NOT_FOUND()
    return thing


def today_of(request: Request) -> date:
    """The day on which the request is answered, in the zone of the site."""
    return timezone.localdate(request.now)


def allowed(actor: Actor, place: Place | None, *acts: Act) -> dict[str, bool]:
    """What a page may offer: the part of each act's name behind the dot → whether he may."""
    return {act.name.partition(".")[2]: may(actor, act, place) for act in acts}


def stem_of(actor: Actor) -> str:
    """The stem of the region in which the actor works, for suggestions; "" = everywhere."""
    stems = [held.region for held in actor.held]
    return min((stem for stem in stems if stem), key=len, default="") if None not in stems else ""


def fill(
    request: Request,
    form: forms.Form,
    do: Callable[[dict[str, Any]], Model],
    *,
    title: str | Promise,
    back: str,
    done: str | Promise,
    to: Callable[[Any], str] | None = None,
    submit: str | Promise = "",
    lead: str | Promise = "",
) -> HttpResponse:
    """Show a form; when it is sent, do what it says, or show beside each field what is wrong.

    Args:
        do: the act; it is given the form's values and gives back the thing.
        back: where to go afterwards, or without doing it.
        to: gives from the thing where to go instead.
        done: what is said afterwards.
    """
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            thing = do(with_upload(request.actor, form.cleaned_data))
            messages.success(request, str(done))
            return redirect(to(thing) if to else back)
    context = {"form": form, "title": title, "back": back, "submit": submit, "lead": lead}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "organisation/form.html", context, status=status)


def with_upload(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with a file that was attached stored."""
    file = values.get("file")
    if file is None or isinstance(file, Upload):
        return values
    return {**values, "file": store(actor, file, ATTACHED)}


def listed(request: Request, table: Table, context: dict[str, Any] | None = None) -> HttpResponse:
    """A list with the room's tabs; ``list_actions`` names the template of its buttons."""
    answer: HttpResponse = table_response(request, table, "organisation/list.html", context)
    return answer


def bound(form: type[forms.Form], request: Request, **options: Any) -> Any:
    """A form with what was sent, or with its initial values."""
    if request.method != "POST":
        return form(**options)
    sent = form(request.POST, request.FILES, **options)
    say_if_refused(request, sent)
    return sent


def confirm(
    request: Request,
    do: Callable[[], Any],
    *,
    title: str | Promise,
    consequence: str | Promise,
    submit: str | Promise,
    back: str,
    done: str | Promise,
) -> HttpResponse:
    """Ask before something is done that is not easily undone, and say what follows from it."""
    if request.method == "POST":
        do()
        messages.success(request, str(done))
        return redirect(back)
    context = {"title": title, "consequence": consequence, "submit": submit, "back": back}
    return render(request, "organisation/confirm.html", context)


def at_unit(unit: int) -> Place:
    return place_of(found(Unit, unit, "region"))


def at_group(group: int) -> Place:
    return place_of(found(Group, group, "region"))


def at_post(post: int) -> Place:
    return place_of(found(Post, post, "unit__region", "group__region").seat)


def at_holder(holder: int) -> Place:
    return place_of(found(Holder, holder, "post__unit__region", "post__group__region").post.seat)


def at_member(member: int) -> Place:
    return place_of(found(Member, member, "group__region").group)


def at_meeting(meeting: int) -> Place:
    return place_of(found(Meeting, meeting, "group__region").group)


def at_decision(decision: int) -> Place:
    return place_of(found(Decision, decision, "meeting__group__region").meeting.group)


def at_pairing(pairing: int) -> Place:
    return place_in(found(Pairing, pairing, "region").region)


def at_study(study: int) -> Place:
    return place_of(found(StudyTopic, study, "unit__region").unit)


def at_service(service: int) -> Place:
    return place_in(found(VillageService, service, "region").region)


def at_street(street: int) -> Place:
    return place_in(found(Street, street, "region").region)
