"""Reads of questionnaires: compiled versions, their rounds, what indicators rest on."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import QuerySet

from huiyin.audit.models import Event
from huiyin.organisation.unit_queries import events_of
from huiyin.problems import NOT_FOUND
from huiyin.survey import engine
from huiyin.survey.models import Check, Indicator, Questionnaire, Round, Version
from huiyin.survey.questionnaire_reading import Reading

#: Compiled questionnaires that a process keeps; one of 200 questions takes a few megabytes.
KEPT = 16


def questionnaire_of(pk: int) -> Questionnaire:
    """A questionnaire by its key.

    Raises:
        Problem: ``not-found``.
    """
    found = Questionnaire.objects.filter(pk=pk).first()
    if found is None:
        raise NOT_FOUND()
    return found


def version_of(pk: int) -> Version:
    """A version, with its questionnaire and without its workbook.

    Raises:
        Problem: ``not-found``.
    """
    found = Version.objects.select_related("questionnaire").defer("workbook").filter(pk=pk).first()
    if found is None:
        raise NOT_FOUND()
    return found


def versions_of(questionnaire: Questionnaire) -> list[Version]:
    """The versions of a questionnaire, the latest first, with the rounds that use each."""
    return list(questionnaire.versions.defer("workbook").prefetch_related("rounds__series"))


def events_of_questionnaire(
    questionnaire: Questionnaire, versions: list[Version]
) -> QuerySet[Event]:
    """What happened to a questionnaire and its versions, the latest first."""
    return events_of(
        ("survey.questionnaire", [questionnaire.pk]),
        ("survey.version", [version.pk for version in versions]),
    )


def latest_of(questionnaire: Questionnaire) -> Version | None:
    return questionnaire.versions.defer("workbook").order_by("-number").first()


def check_of(pk: int, account: int | None) -> Check:
    """What was found in a workbook, for whoever handed it in.

    Raises:
        Problem: ``not-found``: there is none, or it is somebody else's; which is not told.
    """
    checks = Check.objects.select_related("questionnaire", "upload", "version")
    found = checks.defer("version__workbook").filter(pk=pk, account=account).first()
    if found is None:
        raise NOT_FOUND()
    return found


def compiled(version: Version) -> engine.Questionnaire:
    """What a version compiles to; kept, because a version is never changed."""
    return _reading(version.pk, version.digest).questionnaire


def reading_of(version: Version) -> Reading:
    """A version as it reads on paper; kept."""
    return _reading(version.pk, version.digest)


@lru_cache(maxsize=KEPT)
def _reading(key: int, digest: str) -> Reading:
    """The digest is part of the key of the cache, for databases that are laid in anew (tests)."""
    workbook = Version.objects.values_list("workbook", flat=True).get(pk=key)
    return Reading(engine.compile(bytes(workbook)))


def bound_questions() -> dict[str, list[str]]:
    """Questions on which indicators rest, with the names of the indicators."""
    bound: dict[str, list[str]] = {}
    rows = Indicator.objects.order_by("set", "order", "code").values_list("question", "name")
    for question, name in rows:
        names = bound.setdefault(question, [])
        if name not in names:
            names.append(name)
    return bound


def rounds_of(version: Version) -> list[Round]:
    """The rounds that ask this version."""
    return list(version.rounds.select_related("series"))
