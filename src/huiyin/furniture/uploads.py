"""Files that people hand in: kept outside the web's root, known by content, given out as downloads.

A file's name and the type that a browser claims prove nothing, so neither decides anything.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import FileResponse, HttpRequest, HttpResponse

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor, Place
from huiyin.furniture import acts
from huiyin.furniture.contents import MIME, SUFFIXES, kind_of
from huiyin.furniture.models import Upload
from huiyin.furniture.views import Request, page
from huiyin.problems import FILE_EMPTY, FILE_KIND, FILE_MISSING, FILE_TOO_LARGE, NOT_FOUND

MEGABYTE = 2**20
#: What one request may carry; more is not even received.
MOST_RECEIVED = 64 * MEGABYTE
#: What a file may have unless the room says otherwise.
MOST_BYTES = 20 * MEGABYTE
#: Signs that no file system and no header should meet: control, direction, separators, wildcards.
UNFIT = re.compile(r'[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff/\\:*?"<>|]')
LONGEST_NAME = 120


def handed_in(request: Request, name: str = "file") -> UploadedFile[Any]:
    """The file of a form's field.

    Raises:
        Problem: ``file-missing``, or ``file-too-large`` where :class:`RefuseLargeRequests` did not
            let it in.
    """
    file = request.FILES.get(name)
    if getattr(request, "upload_refused", False):
        raise FILE_TOO_LARGE(place=name, limit=MOST_RECEIVED // MEGABYTE)
    if not isinstance(file, UploadedFile):
        raise FILE_MISSING(place=name)
    return file


def say_if_refused(request: HttpRequest, form: forms.Form) -> None:
    """Say beside the field of a form that was sent that its file was too large to be let in.

    Without it, a file that need not be there would be taken for none.
    """
    if form.is_bound and getattr(request, "upload_refused", False):
        form.errors.pop("file", None)  # that it is missing is not what is wrong
        refused = FILE_TOO_LARGE(limit=MOST_RECEIVED // MEGABYTE)
        form.add_error("file" if "file" in form.fields else None, refused.message)


class RefuseLargeRequests(FileUploadHandler):
    """First in ``FILE_UPLOAD_HANDLERS``: files of a too large request are skipped, not stored."""

    refused = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self.refused = content_length > MOST_RECEIVED
        if self.request is not None:
            self.request.upload_refused = self.refused  # type: ignore[attr-defined]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.refused:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def store(
    actor: Actor, file: File[bytes], kinds: Sequence[str], max_bytes: int = MOST_BYTES
) -> Upload:
    """Keep a file that was handed in; leaves an event.

    Args:
        kinds: which of ``huiyin.furniture.contents.KINDS`` are taken.
        max_bytes: the most bytes taken.

    Raises:
        Problem: ``file-empty``, ``file-too-large``, ``file-kind`` (by content), or a refusal.
    """
    size = file.size or 0
    if not size:
        raise FILE_EMPTY(place="file")
    if size > max_bytes:
        raise FILE_TOO_LARGE(place="file", limit=max_bytes // MEGABYTE)
    kind = kind_of(file, kinds)
    if kind is None:
        raise FILE_KIND(place="file", kinds=", ".join(kinds))
    with performing(actor, acts.HAND_IN_FILE, Place(account=actor.account)) as changed:
        upload = Upload(account=actor.account, name=clean_name(file.name or "", kind), kind=kind)
        upload.size, upload.digest = size, _digest(file)
        upload.file.save(f"{secrets.token_hex(16)}.{kind}", file, save=False)
        upload.save()
        touched(changed, upload)
        changed.after = {"kind": kind, "size": size, "digest": upload.digest}
    return upload


def clean_name(name: str, kind: str) -> str:
    """A file name fit to be shown and given out again, with a suffix that fits its content."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    bare = UNFIT.sub("", unicodedata.normalize("NFC", bare)).strip(" .")
    stem, suffix = PurePosixPath(bare).stem, PurePosixPath(bare).suffix
    if suffix.lower() not in SUFFIXES[kind]:
        stem, suffix = bare, SUFFIXES[kind][0]
    return f"{stem[:LONGEST_NAME] or kind}{suffix.lower()}"


def _digest(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def own_upload(actor: Actor, upload: int) -> Upload:
    """A file that the actor handed in.

    Raises:
        Problem: ``not-found``: there is none, or somebody else's; which of both is not told.
    """
    found = Upload.objects.filter(pk=upload, account=actor.account).first()
    if found is None:
        raise NOT_FOUND()
    return found


def give_out(upload: Upload) -> FileResponse:
    """A stored file as a download that no browser opens as a page of ours.

    The caller has asked whether the actor may have it.
    """
    answer = FileResponse(
        upload.file.open("rb"),
        as_attachment=True,
        filename=upload.name,
        content_type=MIME[upload.kind],
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@page(acts.SEE_FILE)
def download(request: Request, upload: int) -> HttpResponse:
    """A file that the one who asks has handed in."""
    return give_out(own_upload(request.actor, upload))  # type: ignore[return-value]
