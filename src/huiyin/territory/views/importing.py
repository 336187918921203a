"""Division files: hand in, look at the plan, confirm."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor
from huiyin.furniture.jobs import start
from huiyin.furniture.tables import table_response
from huiyin.furniture.uploads import MEGABYTE, say_if_refused, store
from huiyin.furniture.views import Request, page
from huiyin.problems import NOT_FOUND, TOO_MANY_FILES
from huiyin.territory import acts, forms, queries
from huiyin.territory.jobs import import_divisions, plan_divisions
from huiyin.territory.models import DivisionImport, ImportStatus
from huiyin.territory.reading import KINDS
from huiyin.territory.tables import ImportTable
from huiyin.territory.telling import KINDS as OUTCOMES

MOST_FILES = 40
MOST_BYTES = 60 * MEGABYTE
#: What is wrong stands before what is well.
TONES = {"without_parent": "overdue", "conflicting": "overdue", "ended": "due", "added": "good",
         "duplicate": "neutral", "unchanged": "neutral"}  # fmt: skip


@page(acts.IMPORT_DIVISIONS)
def imports(request: Request) -> HttpResponse:
    """All imports."""
    return table_response(request, ImportTable(), template="territory/imports.html")  # type: ignore[no-any-return]


@page(acts.IMPORT_DIVISIONS)
def hand_in(request: Request) -> HttpResponse:
    """Hand in division files; a job reads them."""
    today = timezone.localdate(request.now)
    form = forms.HandInForm(request.POST or None, request.FILES or None, initial={"on": today})
    say_if_refused(request, form)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        job = forms.done(form, lambda: _take(request.actor, asked["file"], asked["on"]))
        if job:
            return redirect("furniture:job", job=job)
    shown = {"form": form}
    return render(request, "territory/hand_in.html", shown, status=422 if form.errors else 200)


def _take(actor: Actor, files: list[Any], on: date) -> int:
    """Keep the files and queue the job that reads them; the key of the job."""
    if len(files) > MOST_FILES:
        raise TOO_MANY_FILES(place="file", limit=MOST_FILES)
    with transaction.atomic():
        uploads = [store(actor, file, KINDS, MOST_BYTES) for file in files]
        names = [upload.name for upload in uploads]
        handed = DivisionImport.objects.create(
            account=actor.account, files=names, uploads=[upload.pk for upload in uploads], on=on
        )
        job = start(actor, plan_divisions, ", ".join(names), handed=handed.pk)
        handed.job = job.pk
        handed.save(update_fields=["job"])
    return job.pk


@page(acts.IMPORT_DIVISIONS)
def show(request: Request, pk: int) -> HttpResponse:
    """What files would change; posted, it is done by a job."""
    found = get_object_or_404(queries.imports_of(request.actor), pk=pk)
    if request.method == "POST" and found.status == ImportStatus.PLANNED:
        return _confirm(request, found)
    counts = [
        (OUTCOMES.get(kind, _("Unchanged")), count, TONES.get(kind, "info"))
        for kind, count in found.counts.items()
        if count
    ]
    rejected = sum(found.counts.get(kind, 0) for kind in ("without_parent", "conflicting"))
    quiet = ("unchanged", "duplicate", "without_parent", "conflicting")
    shown = {
        "handed": found,
        "counts": counts,
        "rejected": rejected,
        "changes": sum(n for kind, n in found.counts.items() if kind not in quiet),
        "parts": [(OUTCOMES[k], found.counts.get(k, 0), found.examples[k]) for k in OUTCOMES
                  if found.examples.get(k)],
        "job_url": reverse("furniture:job", args=[found.job]) if found.job else "",
    }  # fmt: skip
    return render(request, "territory/import.html", shown)


def _confirm(request: Request, found: DivisionImport) -> HttpResponse:
    if request.POST.get("digest") != found.digest:
        messages.warning(request, _("The preview was made anew. Look at it, then confirm."))
        return redirect("territory:import", pk=found.pk)
    leave_out = "leave_out" in request.POST
    with transaction.atomic():
        job = start(
            request.actor, import_divisions, ", ".join(found.files),
            handed=found.pk, leave_out=leave_out,
        )  # fmt: skip
        found.job = job.pk
        found.save(update_fields=["job"])
    return redirect("furniture:job", job=job.pk)


@page(acts.IMPORT_DIVISIONS)
def listing(request: Request, pk: int) -> HttpResponse:
    """The whole plan as a file; what is wrong with a row stands in the last column."""
    found = get_object_or_404(queries.imports_of(request.actor), pk=pk)
    if not found.listing.name or not found.listing.storage.exists(found.listing.name):
        raise NOT_FOUND()
    name = f"{_('Plan of the import')}-{found.pk}.csv"
    answer = FileResponse(
        found.listing.open("rb"), as_attachment=True, filename=name, content_type="text/csv"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[return-value]
