"""Every change to questionnaires: add, rename, copy, hand in a version, fill the bank."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

from django.db import transaction

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Actor
from huiyin.problems import (
    QUESTIONNAIRE_EMPTY,
    QUESTIONNAIRE_IN_BANK,
    QUESTIONNAIRE_NAME_TAKEN,
    QUESTIONNAIRE_UNCHANGED,
)
from huiyin.survey import engine
from huiyin.survey import questionnaire_acts as acts
from huiyin.survey import questionnaire_queries as queries
from huiyin.survey.models import Questionnaire, Version
from huiyin.survey.questionnaire_reading import Reading


def add_questionnaire(actor: Actor, name: str, note: str = "") -> Questionnaire:
    """Add a questionnaire, still without a version.

    Raises:
        Problem: ``questionnaire-name-taken``, or the actor may not.
    """
    with performing(actor, acts.ADD_QUESTIONNAIRE) as changed:
        made = _added(name, note)
        touched(changed, made)
        changed.after = {"name": made.name, "note": made.note}
    return made


def rename_questionnaire(
    actor: Actor, questionnaire: Questionnaire, name: str, note: str
) -> Questionnaire:
    """Give a questionnaire another name or note; its versions stay as they are.

    Raises:
        Problem: ``questionnaire-name-taken``, ``questionnaire-in-bank``, or the actor may not.
    """
    with performing(actor, acts.RENAME_QUESTIONNAIRE) as changed:
        found = _own(questionnaire)
        changed.before = {"name": found.name, "note": found.note}
        _check_name(name, found.pk)
        found.name, found.note = name.strip(), note
        found.save(update_fields=["name", "note"])
        touched(changed, found)
        changed.after = {"name": found.name, "note": found.note}
    return found


def hand_in_version(
    actor: Actor, questionnaire: Questionnaire, workbook: bytes, note: str = ""
) -> Version:
    """Add a version made of a workbook, if nothing in it is wrong; else nothing is stored.

    Args:
        workbook: content of an Excel workbook (.xlsx) with an XLSForm.
        note: what changed against the version before.

    Raises:
        QuestionnaireError: with everything that is wrong with the workbook.
        Problem: ``questionnaire-unchanged``, ``questionnaire-in-bank``, or the actor may not.
    """
    with performing(actor, acts.HAND_IN_VERSION) as changed:
        found = _own(questionnaire)
        version = _next_version(found, workbook, note, actor.account)
        touched(changed, version)
        changed.after = _facts(version)
    return version


def copy_questionnaire(actor: Actor, source: Version, name: str, note: str = "") -> Questionnaire:
    """Make a questionnaire of one's own that begins with a copy of a version.

    Raises:
        Problem: ``questionnaire-name-taken``, or the actor may not.
    """
    origin = f"{source.questionnaire} v{source.number}"
    workbook = Version.objects.values_list("workbook", flat=True).get(pk=source.pk)
    return make_questionnaire(actor, name, bytes(workbook), note, origin)


def make_questionnaire(
    actor: Actor, name: str, workbook: bytes, note: str = "", origin: str = ""
) -> Questionnaire:
    """Make a questionnaire with its first version in one go.

    Args:
        origin: what it is made of: a version, or the standard instrument.

    Raises:
        QuestionnaireError: with everything that is wrong with the workbook.
        Problem: ``questionnaire-name-taken``, or the actor may not.
    """
    with performing(actor, acts.COPY_QUESTIONNAIRE) as changed:
        made = _added(name, note)
        version = _next_version(made, workbook, origin, actor.account)
        touched(changed, version)
        changed.after = _facts(version)
    return made


def fill_bank(actor: Actor, name: str, workbook: bytes, note: str = "") -> Version:
    """Put an instrument into the question bank, or its next version if it changed.

    Raises:
        QuestionnaireError: with everything that is wrong with the workbook.
        Problem: ``questionnaire-name-taken`` by one of one's own, or the actor may not.
    """
    with performing(actor, acts.FILL_BANK) as changed:
        found = Questionnaire.objects.filter(name=name, in_bank=True).first()
        made = found or _added(name, note, in_bank=True)
        latest = queries.latest_of(made)
        same = latest is not None and latest.digest == _digest(workbook)
        version = latest if same else _next_version(made, workbook, note, actor.account)
        assert version is not None, "the same as one that is there, or made just now"
        touched(changed, version)
        changed.after = _facts(version)
    return version


def workbook_of(version: Version) -> bytes:
    """The workbook as it was handed in."""
    return bytes(Version.objects.values_list("workbook", flat=True).get(pk=version.pk))


def version_to_copy(questionnaire: Questionnaire) -> Version:
    """The latest version, to be copied.

    Raises:
        Problem: ``questionnaire-empty``.
    """
    latest = queries.latest_of(questionnaire)
    if latest is None:
        raise QUESTIONNAIRE_EMPTY(name=questionnaire.name)
    return latest


def _added(name: str, note: str, *, in_bank: bool = False) -> Questionnaire:
    _check_name(name)
    return Questionnaire.objects.create(name=name.strip(), note=note, in_bank=in_bank)


def _check_name(name: str, own: int = 0) -> None:
    if Questionnaire.objects.filter(name=name.strip()).exclude(pk=own).exists():
        raise QUESTIONNAIRE_NAME_TAKEN(place="name", name=name.strip())


def _own(questionnaire: Questionnaire) -> Questionnaire:
    """The questionnaire, locked; versions are numbered one after the other."""
    found = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if found.in_bank:
        raise QUESTIONNAIRE_IN_BANK(name=found.name)
    return found


def _next_version(
    questionnaire: Questionnaire, workbook: bytes, note: str, account: int | None
) -> Version:
    latest, digest = queries.latest_of(questionnaire), _digest(workbook)
    if latest is not None and latest.digest == digest:
        raise QUESTIONNAIRE_UNCHANGED(place="file", number=latest.number)
    reading = Reading(engine.compile(workbook))
    with transaction.atomic():
        return Version.objects.create(
            questionnaire=questionnaire,
            number=latest.number + 1 if latest else 1,
            title=reading.form.title[:200],
            note=note[:300],
            workbook=workbook,
            digest=digest,
            languages=[tongue.title for tongue in reading.tongues if tongue.title],
            questions=len(reading.numbers),
            warnings=[asdict(each) for each in reading.questionnaire.warnings],
            account=account,
        )


def _digest(workbook: bytes) -> str:
    return hashlib.sha256(workbook).hexdigest()


def _facts(version: Version) -> dict[str, object]:
    return {
        "number": version.number,
        "digest": version.digest,
        "questions": version.questions,
        "note": version.note,
    }
