"""Indicators over HTTP: read sets, how each answer counts, and the check against a version."""
# no postponed annotations here: ninja's pagination reads them outside of this module

from typing import Any

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from huiyin.furniture.api import Paged, operation
from huiyin.furniture.views import Request
from huiyin.survey import indicator_acts as acts
from huiyin.survey import indicator_queries as queries
from huiyin.survey import indicator_rules as rules
from huiyin.survey.indicator_content import asked_in, content_of
from huiyin.survey.models import IndicatorSet
from huiyin.survey.models.indicators import Direction, Scoring
from huiyin.survey.questionnaire_queries import version_of

router = Router(tags=["survey"])


class IndicatorSetOut(Schema):
    """A set as a list gives it."""

    id: int
    name: str
    note: str


class IndicatorOut(Schema):
    """An indicator: counts 0 or 1 of a share, 0 to 100 of a score; missing is left out."""

    code: str
    name: str
    name_en: str
    question: str
    scoring: Scoring
    counts: dict[str, float]
    missing: list[str]
    direction: Direction


class CompositeOut(Schema):
    """A composite: the weight of each part by the code of an indicator or another composite."""

    code: str
    name: str
    name_en: str
    is_total: bool
    parts: dict[str, float]


class IndicatorSetContent(IndicatorSetOut):
    """A set with all that is in it."""

    indicators: list[IndicatorOut]
    composites: list[CompositeOut]


class FindingOut(Schema):
    """What keeps an indicator or a composite from being measured."""

    code: str
    place: str
    message: str


@router.get("/indicator-sets", response=list[IndicatorSetOut])
@operation(acts.SEE_INDICATORS)
@paginate(Paged, ordering=("id",))
def indicator_sets(request: Request) -> QuerySet[IndicatorSet]:
    """Every set of indicators."""
    return IndicatorSet.objects.all()


@router.get("/indicator-sets/{indicator_set}", response=IndicatorSetContent)
@operation(acts.SEE_INDICATORS)
def indicator_set(request: Request, indicator_set: int) -> dict[str, Any]:
    """One set: how each answer counts, and the weights."""
    found = queries.set_of(indicator_set)
    content = content_of(found)
    return {
        "id": found.pk, "name": found.name, "note": found.note,
        "indicators": [vars(each) | {"missing": list(each.missing)} for each in content.indicators],
        "composites": [vars(each) for each in content.composites],
    }  # fmt: skip


@router.get("/indicator-sets/{indicator_set}/check", response=list[FindingOut])
@operation(acts.SEE_INDICATORS)
def check_indicator_set(request: Request, indicator_set: int, version: int) -> list[dict[str, str]]:
    """What keeps a set from being measured with a questionnaire's version; empty = nothing."""
    content = content_of(queries.set_of(indicator_set))
    found = rules.findings(content, asked_in(version_of(version)))
    return [
        {"code": each.code, "place": each.place, "message": each.message} for each in found
    ]  # fmt: skip
