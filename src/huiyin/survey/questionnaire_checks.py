"""Workbooks handed in on a page: checked at once if small, else by a job."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Actor, require
from huiyin.furniture.jobs import Progress, job, start
from huiyin.furniture.models import Upload
from huiyin.furniture.uploads import MEGABYTE, store
from huiyin.survey import engine
from huiyin.survey import questionnaire_actions as actions
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey.models import Check, Questionnaire, Version

#: A workbook of up to this many bytes is checked while its author waits: a second or so.
SMALL = 256 * 1024
MOST_BYTES = 10 * MEGABYTE


def hand_in(actor: Actor, questionnaire: Questionnaire, file: Any, note: str) -> str:
    """Take a workbook, check it or have it checked; the address of the page to go on with.

    Raises:
        Problem: the file cannot be taken, is the same as the last version, or the actor may not.
    """
    require(actor, acts.HAND_IN_VERSION)
    with transaction.atomic():
        upload = store(actor, file, ("xlsx",), MOST_BYTES)
        check = Check.objects.create(
            questionnaire=questionnaire, upload=upload, note=note, account=actor.account
        )
        if upload.size <= SMALL:
            return look_through(actor, check)
        started = start(actor, check_questionnaire, upload.name, check=check.pk)
        return reverse("furniture:job", args=[started.pk])


def look_through(actor: Actor, check: Check) -> str:
    """Check a workbook; if nothing is wrong it is the next version. The address of its page.

    Raises:
        Problem: it is the same as the last version, or the actor may not.
    """
    content = content_of(check.upload)
    try:
        version = actions.hand_in_version(actor, check.questionnaire, content, check.note)
    except engine.QuestionnaireError as wrong:
        _keep(check, wrong.findings, None)
        return reverse("survey:questionnaire_check", args=[check.pk])
    _keep(check, engine.compile(content).warnings, version)
    return reverse("survey:questionnaire_version", args=[version.pk])


@job("survey.check_questionnaire", title=_("Check a questionnaire"), resumable=True)
def check_questionnaire(progress: Progress, check: int) -> dict[str, object]:
    """Check a large workbook; all of it is one transaction, so it may be begun again."""
    found = Check.objects.select_related("questionnaire", "upload").get(pk=check)
    progress(10, phase=_("Checking"))
    if found.findings is not None:
        page = reverse("survey:questionnaire_check", args=[check])
        return {"url": page, "findings": len(found.findings)}
    with transaction.atomic():
        url = look_through(progress.actor, found)
    return {"url": url, "findings": len(found.findings or ())}


def content_of(upload: Upload) -> bytes:
    with upload.file.open("rb") as stream:
        content: bytes = stream.read()
    return content


def _keep(check: Check, findings: Any, version: Version | None) -> None:
    check.findings, check.version = [asdict(each) for each in findings], version
    check.save(update_fields=["findings", "version"])


def parted(message: str) -> tuple[str, str]:
    """What is wrong, and what to write instead; findings put a semicolon between the two."""
    for sign in ("；", "; "):
        wrong, found, instead = message.rpartition(sign)
        if found:
            return wrong, instead
    return message, ""
