"""Frames: what there is of a city, segment tables, exchanges, lists, users of carriers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.audit.acts import Place
from huiyin.audit.queries import history
from huiyin.furniture.forms import refusals_beside
from huiyin.furniture.jobs import start
from huiyin.furniture.tables import table_response
from huiyin.furniture.uploads import MEGABYTE, store
from huiyin.furniture.views import Request, page
from huiyin.organisation.views.frames import allowed, found, stem_of, today_of
from huiyin.problems import NOT_FOUND, Problem
from huiyin.survey import frame_actions as actions
from huiyin.survey import frame_acts as acts
from huiyin.survey import frame_forms as forms
from huiyin.survey import frame_queries as queries
from huiyin.survey import frame_rules as rules
from huiyin.survey import frame_showing as showing
from huiyin.survey.frame_imports import keep_plan, read_numbers
from huiyin.survey.frame_jobs import read_segment_table, take_segment_table
from huiyin.survey.frame_tables import (
    ExchangeTable,
    NumberListTable,
    SegmentImportTable,
    SegmentTableTable,
)
from huiyin.survey.models import ImportState, SegmentImport, SegmentKind, SegmentTable
from huiyin.survey.round_pages import fill
from huiyin.territory.models import Region

#: A larger file is read, and its segments are written, by a job.
SMALL = MEGABYTE
MOST_BYTES = 60 * MEGABYTE
#: As many findings are shown on a page.
SHOWN = 200
_OFFERED = (
    acts.IMPORT_SEGMENTS, acts.IMPORT_EXCHANGES, acts.HAND_IN_LIST, acts.RECORD_USERS,
    acts.SEE_DO_NOT_CALL,
)  # fmt: skip


def at_city(code: str) -> Place:
    return Place(region=code)


def _city(request: Request, code: str = "") -> Region | None:
    """The city that is asked for; else one where the actor works."""
    wanted = code or request.GET.get("city", "")
    cities = list(queries.cities())
    stem = stem_of(request.actor)[:4]
    chosen = [each for each in cities if each.code == wanted]
    own = [each for each in cities if stem and each.code.startswith(stem)]
    if wanted and not chosen:
        raise NOT_FOUND()
    return next(iter([*chosen, *own, *cities]), None)


@page(acts.SEE_FRAMES)
def frames(request: Request) -> HttpResponse:
    """What can be drawn from in a city."""
    city = _city(request)
    table = queries.latest_table(city)
    place = Place(region=city.code) if city else None
    shown: dict[str, Any] = {
        "city": city,
        "cities": list(queries.cities()) if city else [],
        "table": table,
        "can": allowed(request.actor, place, *_OFFERED),
        "lists": queries.lists()[:10],
    }
    if city:
        shown |= _of_city(request, city, table)
    return render(request, "survey/frames.html", shown)


def _of_city(request: Request, city: Region, table: SegmentTable | None) -> dict[str, Any]:
    groups = queries.groups_of(table, city) if table else []
    exchanges = queries.exchanges_of(city)
    return {
        "matrix": showing.matrix(groups),
        "chart": showing.chart(groups) if groups else None,
        "warnings": _warnings(request, table, groups, city) if table else [],
        "users": queries.users_of(city),
        "exchanges": len(exchanges),
        "landlines": queries.numbers_of(exchanges),
    }


def _warnings(
    request: Request, table: SegmentTable, groups: list[rules.Group], city: Region
) -> list[str]:
    found_ = rules.warnings(groups, table.as_of, today_of(request))
    return [showing.sentence(code, what, city.name) for code, what in found_]


@page(acts.RECORD_USERS, at=at_city)
def users(request: Request, code: str) -> HttpResponse:
    """How many users each carrier has in a city."""
    city = _city(request, code)
    assert city is not None
    form = forms.UsersForm(request.POST or None, initial=forms.UsersForm.known(city))
    back = f"{reverse('survey:frames')}?city={city.code}"
    return fill(
        request, form,
        lambda data: actions.record_users(
            request.actor, city, form.users(), data["as_of"], data["source"]
        ),
        title=_("Users of carriers in {city}").format(city=city.name), back=back,
        done=_("The users are recorded."), path=_path(),
    )  # fmt: skip


def _path() -> list[dict[str, Any]]:
    return [{"title": _("Frames"), "url": reverse("survey:frames")}]


# segment tables


@page(acts.SEE_FRAMES)
def segment_tables(request: Request) -> HttpResponse:
    """Every segment table."""
    return table_response(  # type: ignore[no-any-return]
        request, SegmentTableTable(), template="survey/frame_table_page.html",
        context={"add": _add(request, acts.IMPORT_SEGMENTS, "import_segments")},
    )  # fmt: skip


def _add(request: Request, act: Any, name: str) -> dict[str, str] | None:
    """The button beside the heading, if the actor may do its act."""
    may_ = allowed(request.actor, None, act)[act.name.partition(".")[2]]
    return {"title": str(act.title), "url": reverse(f"survey:{name}")} if may_ else None


@page(acts.SEE_FRAMES)
def segment_table(request: Request, pk: int) -> HttpResponse:
    """One table: its origin, and what it has of a city."""
    table = found(SegmentTable, pk)
    city = _city(request)
    groups = queries.groups_of(table, city) if city else []
    shown = {
        "table": table,
        "city": city,
        "cities": list(queries.cities()),
        "facts": _facts(table),
        "matrix": showing.matrix(groups),
        "chart": showing.chart(groups) if groups else None,
        "warnings": _warnings(request, table, groups, city) if city else [],
        "events": history("survey.segmenttable", table.pk),
    }
    return render(request, "survey/segment_table.html", shown)


def _facts(table: SegmentTable) -> list[tuple[str, Any]]:
    return [
        (_("As of"), table.as_of),
        (_("Origin"), table.origin),
        (pgettext("of a frame", "City"), table.city or _("all")),
        (_("Segments"), f"{table.segments:,}"),
        (_("Numbers"), f"{table.segments * rules.OF_A_SEGMENT:,}"),
    ]


@page(acts.IMPORT_SEGMENTS)
def import_segments(request: Request) -> HttpResponse:
    """Hand in a table; what is found in it is shown before anything is taken."""
    form = forms.SegmentsForm(
        request.POST or None, request.FILES or None, initial={"as_of": today_of(request)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_take(request, form.cleaned_data))
        except Problem as wrong:
            form.add_error("file", str(wrong))
    shown = {
        "form": form, "title": _("Import mobile segments"), "path": _path(),
        "back": reverse("survey:segment_tables"), "submit": _("Check the table"),
    }  # fmt: skip
    return render(request, "survey/form_page.html", shown, status=422 if form.errors else 200)


def _take(request: Request, data: dict[str, Any]) -> str:
    """Keep the file and check it, a large one by a job; where to go then."""
    upload = store(request.actor, data.pop("file"), ("xlsx", "csv"), MOST_BYTES)
    handed = SegmentImport.objects.create(
        account=request.actor.account, upload=upload.pk, file=upload.name, **data
    )
    if upload.size <= SMALL:
        keep_plan(handed)
        return reverse("survey:segment_import", args=[handed.pk])
    with transaction.atomic():
        job = start(request.actor, read_segment_table, upload.name, handed=handed.pk)
        handed.job = job.pk
        handed.save(update_fields=["job"])
    return reverse("furniture:job", args=[job.pk])


@page(acts.IMPORT_SEGMENTS)
def segment_imports(request: Request) -> HttpResponse:
    """What was handed in."""
    return table_response(  # type: ignore[no-any-return]
        request, SegmentImportTable(), template="survey/frame_table_page.html",
        context={"add": _add(request, acts.IMPORT_SEGMENTS, "import_segments")},
    )  # fmt: skip


@page(acts.IMPORT_SEGMENTS)
def segment_import(request: Request, pk: int) -> HttpResponse:
    """What was found in a table; posted, it is taken by a job."""
    handed = found(SegmentImport, pk, "table")
    if request.method == "POST" and handed.status == ImportState.PLANNED:
        return redirect(_confirmed(request, handed))
    kinds = [key for key in ("mobile", "virtual", "data", "special") if key in handed.counts]
    shown = {
        "handed": handed,
        "kinds": [(SegmentKind(key).label, handed.counts[key]) for key in kinds],
        "findings": handed.findings[:SHOWN],
        "more": max(0, handed.counts.get("rejected", 0) - SHOWN),
        "job_url": reverse("furniture:job", args=[handed.job]) if handed.job else "",
    }
    return render(request, "survey/segment_import.html", shown)


def _confirmed(request: Request, handed: SegmentImport) -> str:
    leave_out = "leave_out" in request.POST
    if handed.counts.get("rejected") and not leave_out:
        messages.error(request, _("Tick that rows with findings are left out, or mend the file."))
        return reverse("survey:segment_import", args=[handed.pk])
    with transaction.atomic():
        job = start(
            request.actor, take_segment_table, handed.file, handed=handed.pk,
            digest=request.POST.get("digest", ""), leave_out=leave_out,
        )  # fmt: skip
        handed.job = job.pk
        handed.save(update_fields=["job"])
    return reverse("furniture:job", args=[job.pk])


# exchanges and lists


@page(acts.SEE_FRAMES)
def exchanges(request: Request) -> HttpResponse:
    """Landline exchanges."""
    return table_response(  # type: ignore[no-any-return]
        request, ExchangeTable(), template="survey/frame_table_page.html",
        context={"add": _add(request, acts.IMPORT_EXCHANGES, "import_exchanges")},
    )  # fmt: skip


@page(acts.SEE_FRAMES)
def lists(request: Request) -> HttpResponse:
    """Lists of numbers."""
    return table_response(  # type: ignore[no-any-return]
        request, NumberListTable(), template="survey/frame_table_page.html",
        context={"add": _add(request, acts.HAND_IN_LIST, "hand_in_list")},
    )  # fmt: skip


@page(acts.HAND_IN_LIST)
def hand_in_list(request: Request) -> HttpResponse:
    """Hand in a list; a row that cannot be taken is named, and what it holds is not repeated."""
    form = forms.ListForm(request.POST or None, request.FILES or None)

    def take(data: dict[str, Any], entries: list[actions.Entry]) -> str:
        made = actions.hand_in_list(
            request.actor, data["name"], data["origin"], entries, leave_out=data["leave_out"]
        )
        return _("{count:,} numbers were taken.").format(count=made.numbers)

    return numbers_page(
        request, form, take, title=_("Hand in a list of numbers"), back=reverse("survey:lists"),
        path=[*_path(), {"title": _("Lists of numbers"), "url": reverse("survey:lists")}],
    )  # fmt: skip


def numbers_page(
    request: Request, form: Any, take: Any, *, title: str, back: str, path: list[dict[str, Any]]
) -> HttpResponse:
    """A page to hand in a file of numbers; all findings are shown at once."""
    findings: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_beside(form, "file"):
            entries = read_numbers(data["file"], data["area_code"])
            findings = _findings(entries)
            messages.success(request, take(data, entries))
            return redirect(back)
    shown = {
        "form": form, "title": title, "back": back, "path": path, "submit": _("Hand in"),
        "findings": findings[:SHOWN], "more": max(0, len(findings) - SHOWN),
    }  # fmt: skip
    return render(request, "survey/numbers_page.html", shown, status=422 if form.errors else 200)


def _findings(entries: list[actions.Entry]) -> list[tuple[int, str]]:
    _good, bad = actions.sorted_out(entries)
    return [(row, problem.message) for row, problem in bad]
