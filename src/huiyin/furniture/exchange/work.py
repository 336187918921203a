"""Large files are read, and their rows written, by jobs."""

from __future__ import annotations

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.furniture.exchange.preview import confirm, make_preview, told
from huiyin.furniture.exchange.sheet import Sheet
from huiyin.furniture.jobs import Progress, job
from huiyin.furniture.uploads import own_upload


def name_of(sheet: type[Sheet]) -> str:
    """Where a worker finds the sheet."""
    return f"{sheet.__module__}.{sheet.__qualname__}"


@job("furniture.read_import", title=gettext_lazy("Read a file for import"), resumable=True)
def read_import(progress: Progress, sheet: str, upload: int, url: str) -> dict[str, object]:
    """Read a file and keep the preview; ``url`` is the page that shows it."""
    progress(5, phase=_("Reading"))
    preview = make_preview(
        import_string(sheet)(), own_upload(progress.actor, upload), progress.actor
    )
    return {"url": url, **preview.counts}


@job("furniture.write_import", title=gettext_lazy("Write an import"), resumable=True)
def write_import(
    progress: Progress, sheet: str, upload: int, digest: str, leave_out: bool, url: str
) -> dict[str, object]:
    """Do what the preview said; all of it is one transaction, so it may be begun again."""
    progress(5, phase=_("Writing"))
    found = own_upload(progress.actor, upload)
    counts = confirm(import_string(sheet)(), found, progress.actor, digest, leave_out=leave_out)
    return {"url": url, "told": told(counts), **counts}
