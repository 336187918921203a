"""The pages of an import: hand in, look at what would change, confirm; and its two files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from huiyin.furniture.exchange import blank, preview
from huiyin.furniture.exchange.sheet import OUTCOME_TITLES, Outcome, Sheet
from huiyin.furniture.exchange.showing import shown_page
from huiyin.furniture.tables.export import XLSX
from huiyin.furniture.uploads import MEGABYTE, handed_in, own_upload, store
from huiyin.furniture.views import Request, View, page
from huiyin.problems import Problem

#: A larger file is read by a job.
SMALL = MEGABYTE


def import_pages(prefix: str, sheet: type[Sheet], name: str) -> list[URLPattern]:
    """The addresses of an import, for a room's ``urlpatterns``.

    ``name`` is the page to hand a file in; ``name_form``, ``name_preview`` and ``name_rejected``
    are the others.
    """
    pages = _Pages(sheet, name)
    addresses: list[tuple[str, str, View]] = [
        ("", name, pages.hand_in),
        ("form/", f"{name}_form", pages.form),
        ("<int:upload>/", f"{name}_preview", pages.preview),
        ("<int:upload>/rejected/", f"{name}_rejected", pages.rejected),
    ]
    return [
        path(f"{prefix}{rest}", page(sheet.act)(view), name=each) for rest, each, view in addresses
    ]


class _Pages:
    """The views of one sheet; each is a request's answer and keeps nothing."""

    def __init__(self, sheet: type[Sheet], name: str) -> None:
        self.sheet, self.name = sheet(), name

    def url(self, request: Request, suffix: str = "", *args: object) -> str:
        assert request.resolver_match is not None
        space = request.resolver_match.namespace
        name = f"{self.name}_{suffix}" if suffix else self.name
        return reverse(f"{space}:{name}" if space else name, args=args)

    def hand_in(self, request: Request) -> HttpResponse:
        """The page to hand a file in; what is wrong with it is said beside the field."""
        if request.method != "POST":
            return self._page(request)
        try:
            return redirect(self._take(request))
        except Problem as wrong:
            return self._page(request, wrong)

    def _page(self, request: Request, wrong: Problem | None = None) -> HttpResponse:
        shown = {
            "sheet": self.sheet,
            "problem": wrong,
            "form_url": self.url(request, "form"),
            "back_url": reverse(self.sheet.back),
        }
        status = wrong.status if wrong else 200
        return render(request, "furniture/import_page.html", shown, status=status)

    def _take(self, request: Request) -> str:
        """Keep and read the file; where to go then."""
        upload = store(request.actor, handed_in(request), ("xlsx", "csv"), self.sheet.max_bytes)
        url = self.url(request, "preview", upload.pk)
        if upload.size <= SMALL:
            preview.make_preview(self.sheet, upload, request.actor)
            return url
        from huiyin.furniture.exchange import work

        return self._start(
            request, work.read_import, upload.name, sheet=self._path, upload=upload.pk, url=url
        )

    @property
    def _path(self) -> str:
        from huiyin.furniture.exchange.work import name_of

        return name_of(type(self.sheet))

    def _start(self, request: Request, task: Any, label: str, **arguments: Any) -> str:
        from huiyin.furniture.jobs import start

        job = start(request.actor, task, label, **arguments)
        return reverse("furniture:job", args=[job.pk])

    def form(self, request: Request) -> HttpResponse:
        """The blank form."""
        return _file(blank.blank_form(self.sheet), str(self.sheet.title))

    def rejected(self, request: Request, upload: int) -> HttpResponse:
        """The rejected rows with the reason in a last column."""
        found = preview.kept_preview(self.sheet, own_upload(request.actor, upload))
        bad = [entry for entry in found.entries if "cells" in entry]
        content = blank.rejected_file(self.sheet, found.head, bad)
        return _file(content, _("{title}, rejected rows").format(title=self.sheet.title))

    def preview(self, request: Request, upload: int) -> HttpResponse:
        """What would change; posted, it is done."""
        handed = own_upload(request.actor, upload)
        if request.method == "POST":
            return redirect(self._confirm(request, upload))
        found = preview.kept_preview(self.sheet, handed)
        shown = {
            "sheet": self.sheet,
            "upload": handed,
            "preview": found,
            "shown": shown_page(found, request.GET),
            "outcomes": OUTCOME_TITLES,
            "rejected": found.counts[Outcome.REJECTED],
            "rejected_url": self.url(request, "rejected", upload),
            "again_url": self.url(request),
        }
        return render(request, "furniture/import_preview.html", shown)

    def _confirm(self, request: Request, upload: int) -> str:
        handed = own_upload(request.actor, upload)
        digest, leave_out = request.POST.get("digest", ""), "leave_out" in request.POST
        found = preview.kept_preview(self.sheet, handed)
        back = reverse(self.sheet.back)
        if len(found.entries) > self.sheet.job_rows:
            from huiyin.furniture.exchange import work

            return self._start(
                request, work.write_import, handed.name, sheet=self._path, upload=upload,
                digest=digest, leave_out=leave_out, url=back,
            )  # fmt: skip
        counts = preview.confirm(self.sheet, handed, request.actor, digest, leave_out=leave_out)
        messages.success(request, preview.told(counts))
        return back


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    filename = get_valid_filename(f"{name}.xlsx")
    answer.headers["Content-Disposition"] = content_disposition_header(True, filename) or ""
    return answer
