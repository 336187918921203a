"""Samples: the list, drawing, one with its strata. Never a number in clear."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.audit.acts import Place
from huiyin.audit.queries import history
from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.tables import table_response
from huiyin.furniture.views import Request, page
from huiyin.organisation.permissions import reach
from huiyin.organisation.views.frames import allowed, found
from huiyin.problems import SAMPLE_EMPTY, SAMPLE_TOO_LARGE
from huiyin.survey import sample_actions as actions
from huiyin.survey import sample_acts as acts
from huiyin.survey import sample_queries as queries
from huiyin.survey.frame_tables import SampleTable
from huiyin.survey.models import Round, Sample
from huiyin.survey.numbers import normalise
from huiyin.survey.round_pages import confirm
from huiyin.survey.sample_forms import LARGEST_SEED, DrawForm, LookUpForm
from huiyin.survey.sample_queries import Part
from huiyin.survey.sample_rules import RETENTION


def sample_of(key: int) -> Sample:
    """A sample by its key.

    Raises:
        Problem: ``not-found``.
    """
    return found(Sample, key, *queries.RELATED)


def at_sample(sample: int) -> Place:
    return queries.place_of(sample_of(sample))


def _path() -> list[dict[str, Any]]:
    return [{"title": _("Samples"), "url": reverse("survey:samples")}]


@page(acts.SEE_SAMPLES)
def samples(request: Request) -> HttpResponse:
    """Every draw that the actor may see."""
    can = allowed(request.actor, None, acts.DRAW_SAMPLE, acts.LOOK_UP_NUMBER)
    return table_response(  # type: ignore[no-any-return]
        request, SampleTable(), template="survey/samples.html", context={"can": can}
    )


@page(acts.DRAW_SAMPLE)
def draw(request: Request) -> HttpResponse:
    """Say what is wanted, look at the strata, then draw."""
    within = reach(request.actor, acts.DRAW_SAMPLE).query(region="series__region__code")
    rounds = Round.objects.filter(within).select_related("series__region")
    form = DrawForm(request.POST or None, rounds=rounds, initial=_initial(request))
    parts: list[Part] = []
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            if "draw" in request.POST:
                return redirect(_drawn(request, form))
            parts = _looked_at(form)
    shown = {
        "form": form, "parts": parts, "path": _path(),
        "total": sum(part.stratum.wanted for part in parts),
    }  # fmt: skip
    return render(request, "survey/draw.html", shown, status=422 if form.errors else 200)


def _initial(request: Request) -> dict[str, Any]:
    chosen = {name: request.GET[name] for name in ("round", "mobile") if name in request.GET}
    round = Round.objects.filter(pk=chosen.get("round") or 0).first() if chosen else None
    return {**chosen, "table": round.table_id if round else None, "by": "numbers"}


def _looked_at(form: DrawForm) -> list[Part]:
    """The strata that would be drawn from.

    Raises:
        Problem: ``sample-empty``, ``sample-too-large``, ``frame-…``.
    """
    parts = queries.parts_of(form.cleaned_data["round"], form.wish())
    if not parts:
        raise SAMPLE_EMPTY(place="mobile")
    for part in parts:
        if part.stratum.wanted > part.stratum.size:
            raise SAMPLE_TOO_LARGE(
                stratum=part.stratum.key, wanted=part.stratum.wanted, left=part.stratum.size
            )
    return parts


def _drawn(request: Request, form: DrawForm) -> str:
    given = form.cleaned_data["seed"]
    seed = given if given is not None else secrets.randbelow(LARGEST_SEED)
    made = actions.draw_sample(
        request.actor, form.cleaned_data["round"], form.wish(), seed=seed, now=request.now
    )
    messages.success(request, _("The sample is drawn."))
    return reverse("survey:sample", args=[made.pk])


@page(acts.SEE_SAMPLES, at=at_sample)
def sample(request: Request, sample: int) -> HttpResponse:
    """How a sample was drawn: strata, seed, counts, digest."""
    shown_ = sample_of(sample)
    counts = queries.counts_of(shown_)
    can = allowed(request.actor, at_sample(sample), acts.CHECK_DRAW, acts.ERASE_NUMBERS)
    over = shown_.round.status not in actions.OPEN
    shown = {
        "sample": shown_,
        "facts": _facts(shown_, counts),
        "strata": shown_.strata.select_related("region").order_by("pk"),
        "drawn": counts["drawn"],
        "kept": counts["kept"],
        "can": can,
        "may_erase": can["erase_numbers"] and over and shown_.erased_at is None,
        "events": history("survey.sample", shown_.pk),
    }
    return render(request, "survey/sample.html", shown)


def _facts(sample: Sample, counts: dict[str, int]) -> list[tuple[str, Any]]:
    until = sample.round.field_until
    return [
        (_("Round"), str(sample.round)),
        (_("Numbers drawn"), f"{counts['drawn']:,}"),
        (_("Numbers still kept"), f"{counts['kept']:,}"),
        (_("Seed"), str(sample.seed)),
        (_("Digest of the draw"), sample.digest),
        (_("Segment table"), str(sample.table) if sample.table else ""),
        (_("List of numbers"), str(sample.listed) if sample.listed else ""),
        (_("Drawn at"), sample.drawn_at),
        (_("Numbers erased at"), sample.erased_at
         or (_("from {day} on").format(day=RETENTION.numbers_until(until)) if until else "")),
    ]  # fmt: skip


@page(acts.CHECK_DRAW, at=at_sample)
def check(request: Request, sample: int) -> HttpResponse:
    """Repeat the draw and say whether it gives the same numbers."""
    shown = sample_of(sample)
    back = reverse("survey:sample", args=[sample])
    if request.method == "POST":
        result = actions.check_draw(request.actor, shown)
        if result.same and result.stored:
            messages.success(request, _("The draw was repeated and gave the very same numbers."))
        elif result.same:
            messages.error(request, _("The numbers stored are not those that were drawn."))
        else:
            messages.error(
                request,
                _("The repeated draw gave other numbers. Its digest is {digest}.").format(
                    digest=result.digest
                ),
            )
        return redirect(back)
    return confirm(
        request, lambda: None, title=_("Repeat the draw"),
        consequence=_(
            "The numbers are drawn again from the seed and the frame as it was, and compared with"
            " what was recorded and what is stored. Nothing is changed; that it was done is"
            " recorded."
        ),
        submit=_("Repeat the draw"), back=back, to=back, done="", path=_path(),
    )  # fmt: skip


@page(acts.ERASE_NUMBERS, at=at_sample)
def erase(request: Request, sample: int) -> HttpResponse:
    """Erase the numbers of a sample before their time is over by itself."""
    back = reverse("survey:sample", args=[sample])
    return confirm(
        request, lambda: actions.erase_numbers(request.actor, sample_of(sample), request.now),
        title=_("Erase the numbers"),
        consequence=_(
            "Nobody of this sample can be called any more, not even to verify an interview. The"
            " hashes stay until the year ends, so that nobody is drawn twice."
        ),
        submit=_("Erase for good"), back=back, to=back, done=_("The numbers are erased."),
        path=_path(),
    )  # fmt: skip


@page(acts.LOOK_UP_NUMBER)
def look_up(request: Request) -> HttpResponse:
    """Whether a number was drawn, for somebody who asks why he was called."""
    form = LookUpForm(request.POST or None)
    result = None
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form, "number"):
            result = actions.look_up(request.actor, normalise(form.cleaned_data["number"]))
    shown = {"form": LookUpForm() if result else form, "result": result, "path": _path()}
    return render(request, "survey/look_up.html", shown, status=422 if form.errors else 200)
