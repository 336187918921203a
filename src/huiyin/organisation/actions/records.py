"""Acts on the records that units keep: study topics, villages, streets, campaign types."""

from __future__ import annotations

from datetime import date

from huiyin.audit.actions import performing
from huiyin.audit.acts import ANYWHERE, Actor, require
from huiyin.furniture.models import Upload
from huiyin.organisation import acts, rules
from huiyin.organisation.actions.writing import place_in, place_of, write
from huiyin.organisation.models import CampaignType, Street, StudyTopic, Unit, VillageService
from huiyin.problems import HOLDING_ENDED, NAME_TAKEN, NOT_A_VILLAGE, STUDY_TWICE_A_MONTH
from huiyin.territory.models import Region
from huiyin.territory.rules import Level


def record_study(
    actor: Actor,
    unit: Unit,
    *,
    topic: str,
    held_on: date,
    people: int,
    today: date,
    speaker: str = "",
    notes: str = "",
    file: Upload | None = None,
) -> StudyTopic:
    """Record what a unit studied in the month of a day: one topic a month (一月一专题).

    Raises:
        Problem: not permitted; ``day-in-future``; ``study-twice-a-month``.
    """
    with performing(actor, acts.RECORD_STUDY, place_of(unit)) as changed:
        rules.check_past(held_on, today, place="held_on")
        Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
        there = unit.study_topics.filter(year=held_on.year, month=held_on.month).first()
        if there:
            raise STUDY_TWICE_A_MONTH(
                place="held_on", unit=unit, month=f"{held_on:%Y-%m}", topic=there.topic
            )
        study = StudyTopic()
        values = {
            "unit": unit, "year": held_on.year, "month": held_on.month, "topic": topic,
            "held_on": held_on, "speaker": speaker, "people": people, "notes": notes, "file": file,
        }  # fmt: skip
        write(changed, study, values)
    return study


def change_study(
    actor: Actor, study: StudyTopic, *, topic: str, people: int, speaker: str = "", notes: str = ""
) -> StudyTopic:
    """Correct a study topic; its month stays.

    Raises:
        Problem: not permitted.
    """
    with performing(actor, acts.RECORD_STUDY, place_of(study.unit)) as changed:
        values = {"topic": topic, "people": people, "speaker": speaker, "notes": notes}
        write(changed, study, values)
    return study


def record_service(
    actor: Actor,
    region: Region,
    *,
    kind: str,
    name: str,
    since: date,
    until: date | None = None,
    employer: str = "",
) -> VillageService:
    """Enter a village's legal adviser or auxiliary police officer (004-19).

    Raises:
        Problem: not permitted; ``not-a-village``; ``days-out-of-order``.
    """
    with performing(actor, acts.RECORD_SERVICE, place_in(region)) as changed:
        if region.level != Level.VILLAGE:
            raise NOT_A_VILLAGE(place="region", region=region)
        rules.check_days(since, until)
        service = VillageService()
        values = {
            "region": region, "kind": kind, "name": name, "employer": employer, "since": since,
            "until": until,
        }  # fmt: skip
        write(changed, service, values)
    return service


def end_service(actor: Actor, service: VillageService, *, until: date) -> VillageService:
    """End a village's adviser or officer on a day.

    Raises:
        Problem: not permitted; ``holding-ended``; ``days-out-of-order``.
    """
    with performing(actor, acts.RECORD_SERVICE, place_in(service.region)) as changed:
        service = VillageService.objects.select_for_update(of=("self",)).get(pk=service.pk)
        if service.until and service.until <= until:
            raise HOLDING_ENDED(day=service.until)
        rules.check_days(service.since, until)
        write(changed, service, {"until": until})
    return service


def assign_street(
    actor: Actor, *, name: str, region: Region, unit: Unit, since: date, until: date | None = None
) -> Street:
    """Make a unit answer for a street (责任街).

    Raises:
        Problem: not permitted; ``days-out-of-order``.
    """
    with performing(actor, acts.MANAGE_STREETS, place_in(region)) as changed:
        rules.check_days(since, until)
        street = Street()
        values = {"name": name, "region": region, "unit": unit, "since": since, "until": until}
        write(changed, street, values)
    return street


def change_street(
    actor: Actor, street: Street, *, name: str, region: Region, unit: Unit, since: date,
    until: date | None = None,
) -> Street:  # fmt: skip
    """Change a street, or who answers for it.

    Raises:
        Problem: not permitted; ``days-out-of-order``.
    """
    require(actor, acts.MANAGE_STREETS, place_in(region))
    with performing(actor, acts.MANAGE_STREETS, place_in(street.region)) as changed:
        rules.check_days(since, until)
        values = {"name": name, "region": region, "unit": unit, "since": since, "until": until}
        write(changed, street, values)
    return street


def save_campaign_type(
    actor: Actor, kind: CampaignType | None, *, name: str, purpose: str = "", in_use: bool = True
) -> CampaignType:
    """Add or change a type of campaign (三大活动; 000-05).

    Raises:
        Problem: not permitted; ``name-taken``.
    """
    with performing(actor, acts.MANAGE_CAMPAIGN_TYPES, ANYWHERE) as changed:
        stored = kind or CampaignType()
        if CampaignType.objects.filter(name=name).exclude(pk=stored.pk).exists():
            raise NAME_TAKEN(place="name", name=name, region="–")
        write(changed, stored, {"name": name, "purpose": purpose, "in_use": in_use})
    return stored
