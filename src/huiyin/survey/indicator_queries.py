"""Reads of indicators: sets with the rounds that hold them, versions to check against."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from huiyin.audit.models import Event
from huiyin.problems import NOT_FOUND
from huiyin.survey.models import Composite, Indicator, IndicatorSet, Round, RoundStatus, Version


def sets() -> QuerySet[IndicatorSet]:
    """Every set, with how much is in it."""
    return IndicatorSet.objects.annotate(
        indicator_count=Count("indicators", distinct=True),
        composite_count=Count("composites", distinct=True),
        round_count=Count("rounds", distinct=True),
    )


def set_of(key: int) -> IndicatorSet:
    """A set by its key.

    Raises:
        Problem: ``not-found``.
    """
    found = IndicatorSet.objects.filter(pk=key).first()
    if found is None:
        raise NOT_FOUND()
    return found


def indicator_of(indicator_set: IndicatorSet, key: int) -> Indicator:
    """An indicator of a set.

    Raises:
        Problem: ``not-found``.
    """
    found = indicator_set.indicators.filter(pk=key).first()
    if found is None:
        raise NOT_FOUND()
    return found


def composite_of(indicator_set: IndicatorSet, key: int) -> Composite:
    """A composite of a set.

    Raises:
        Problem: ``not-found``.
    """
    found = indicator_set.composites.filter(pk=key).first()
    if found is None:
        raise NOT_FOUND()
    return found


def rounds_of(indicator_set: IndicatorSet) -> list[Round]:
    """The rounds that are bound to a set, the latest first."""
    return list(indicator_set.rounds.select_related("series", "version__questionnaire"))


def holding(indicator_set: IndicatorSet) -> list[Round]:
    """The rounds past their draft, for which the set no longer changes."""
    return [each for each in rounds_of(indicator_set) if each.status != RoundStatus.DRAFT]


def versions() -> list[Version]:
    """Versions that a set can be held against, the latest of each questionnaire first."""
    found = Version.objects.select_related("questionnaire").defer("workbook", "warnings")
    return list(found.order_by("-questionnaire__in_bank", "questionnaire__name", "-number"))


def version_for(indicator_set: IndicatorSet, chosen: str = "") -> Version | None:
    """The version that a set is held against: chosen, its latest round's, or the bank's latest."""
    known = versions()
    if chosen.isdecimal():
        for version in known:
            if version.pk == int(chosen):
                return version
    bound = [each.version_id for each in rounds_of(indicator_set) if each.version_id]
    return next((each for each in known if each.pk in bound), known[0] if known else None)


def previous_set(indicator_set: IndicatorSet) -> tuple[Round, IndicatorSet] | None:
    """The set of the round before the earliest that this one is bound to, if it is another.

    A set that no round is bound to yet is compared with that of the latest round.
    """
    rounds = Round.objects.exclude(indicators=None).select_related("series", "indicators")
    own = rounds.filter(indicators=indicator_set).order_by("year", "half").first()
    others = rounds.exclude(indicators=indicator_set).order_by("-year", "-half")
    for round in others:
        if own is None:
            return (round, round.indicators) if round.indicators else None
        earlier = (round.year, round.half) < (own.year, own.half)
        if round.series_id == own.series_id and earlier and round.indicators:
            return round, round.indicators
    return None


def events_of(indicator_set: IndicatorSet) -> list[Event]:
    """What happened to a set and to what is in it, the latest first."""
    own = Q(kind="survey.indicatorset", key=str(indicator_set.pk))
    within = Q(
        kind__in=("survey.indicator", "survey.composite"), key__startswith=f"{indicator_set.pk}/"
    )
    return list(Event.objects.filter(own | within).order_by("-id")[:50])
