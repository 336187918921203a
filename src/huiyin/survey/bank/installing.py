"""The standard instrument for the regions that are recorded here, put into the question bank."""

from __future__ import annotations

from django.db import transaction

from huiyin.audit.acts import Actor
from huiyin.problems import BANK_WITHOUT_REGIONS
from huiyin.survey import indicator_actions, questionnaire_actions
from huiyin.survey.bank.indicators import SETS
from huiyin.survey.bank.standard import Area, Setting, standard
from huiyin.survey.models import IndicatorSet, Version
from huiyin.territory.models import Region
from huiyin.territory.rules import Level

#: The name under which the instrument stands in the bank.
NAME = "群众安全感满意度标准问卷"


def install(actor: Actor, city: Region | None = None) -> Version:
    """Put the standard instrument and its indicators into the bank.

    Run again, it adds a version if regions or wording changed, and leaves indicator sets that are
    there as they are: they may have been adapted.

    Args:
        city: whose counties and townships are offered; None = the only or first city recorded.

    Raises:
        Problem: ``bank-without-regions``, or the actor may not.
    """
    workbook = standard(setting_of(city))
    with transaction.atomic():
        version = questionnaire_actions.fill_bank(actor, NAME, workbook)
        for name, content in SETS.items():
            if not IndicatorSet.objects.filter(name=name).exists():
                indicator_actions.store_set(actor, name, content)
    return version


def setting_of(city: Region | None = None) -> Setting:
    """Where the instrument is used: the city, with its counties and townships in force.

    Raises:
        Problem: ``bank-without-regions``: there is none, or it has no townships.
    """
    living = Region.objects.filter(valid_until=None)
    chosen = city or living.filter(level=Level.CITY).order_by("code").first()
    if chosen is None:
        raise BANK_WITHOUT_REGIONS(region="—")
    counties = living.filter(level=Level.COUNTY, parent=chosen).order_by("code")
    towns = living.filter(level=Level.TOWN, parent__in=counties).order_by("code")
    below: dict[int, list[Area]] = {}
    for town in towns:
        below.setdefault(town.parent_id or 0, []).append(Area(town.code, town.name))
    if not below:
        raise BANK_WITHOUT_REGIONS(region=chosen.name)
    areas = (Area(each.code, each.name, parts=tuple(below.get(each.pk, ()))) for each in counties)
    return Setting(chosen.name, tuple(area for area in areas if area.parts))
