"""Acts on groups: founding them, their charters, commitments, meetings and decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db.models import Max

from huiyin.audit.actions import performing, touched
from huiyin.audit.acts import Act, Actor, Changed, require
from huiyin.furniture.models import Upload
from huiyin.furniture.turns import in_turn
from huiyin.organisation import acts, rules
from huiyin.organisation.actions.writing import place_in, place_of, plain, write
from huiyin.organisation.events import decision_closed, decision_recorded
from huiyin.organisation.models import (
    Charter,
    Commitment,
    Decision,
    Duty,
    Group,
    Meeting,
    Member,
    Street,
    Unit,
)
from huiyin.problems import (
    DECISION_DONE,
    DUTY_MISSING,
    LEAD_AND_MEMBER,
    NAME_TAKEN,
    SUPERIOR_CIRCLE,
)
from huiyin.territory.models import Region


def add_group(
    actor: Actor,
    *,
    name: str,
    kind: str,
    region: Region,
    superior: Group | None = None,
    lead_unit: Unit | None = None,
    duties: Iterable[str] | None = None,
    founded_on: date | None = None,
    dissolved_on: date | None = None,
) -> Group:
    """Found a group.

    Args:
        duties: None = all five.

    Raises:
        Problem: not permitted; ``days-out-of-order``; ``name-taken``.
    """
    values = {
        "name": name, "kind": kind, "region": region, "superior": superior,
        "lead_unit": lead_unit, "duties": list(Duty.values if duties is None else duties),
        "founded_on": founded_on, "dissolved_on": dissolved_on,
    }  # fmt: skip
    with performing(actor, acts.MANAGE_GROUPS, place_in(region)) as changed:
        group = Group()
        _check(group, values)
        write(changed, group, values)
    return group


def change_group(actor: Actor, group: Group, **values: Any) -> Group:
    """Change a group; takes the names of :func:`add_group`.

    Raises:
        Problem: not permitted, where it is or where it is to be; ``days-out-of-order``;
            ``name-taken``; ``superior-circle``; ``lead-and-member``.
    """
    with performing(actor, acts.MANAGE_GROUPS, place_of(group)) as changed:
        if "superior" in values:
            in_turn("organisation-groups")  # else two changes, each sound alone, close a circle
        if "region" in values:
            require(actor, acts.MANAGE_GROUPS, place_in(values["region"]))
        group = Group.objects.select_for_update(of=("self",)).get(pk=group.pk)
        _check(group, values)
        write(changed, group, values)
    return group


def _check(group: Group, values: Mapping[str, Any]) -> None:
    def now(name: str) -> Any:
        return values[name] if name in values else getattr(group, name)

    rules.check_days(now("founded_on"), now("dissolved_on"), place="dissolved_on")
    same = Group.objects.filter(region=now("region"), name=now("name")).exclude(pk=group.pk)
    if same.exists():
        raise NAME_TAKEN(place="name", name=now("name"), region=now("region"))
    superior, lead = now("superior"), now("lead_unit")
    if group.pk and superior:
        superiors = dict(Group.objects.values_list("pk", "superior"))
        if rules.would_circle(group.pk, superior.pk, superiors):
            raise SUPERIOR_CIRCLE(place="superior", name=superior)
    if group.pk and lead and group.members.filter(unit=lead).exists():
        raise LEAD_AND_MEMBER(place="lead_unit", unit=lead)


def set_member(actor: Actor, group: Group, unit: Unit, *, responsibility: str = "") -> Member:
    """Take a unit into a group, or change what it is responsible for in it.

    Raises:
        Problem: not permitted; ``lead-and-member``.
    """
    with performing(actor, acts.MANAGE_GROUPS, place_of(group)) as changed:
        if unit.pk == group.lead_unit_id:
            raise LEAD_AND_MEMBER(place="unit", unit=unit)
        member = group.members.filter(unit=unit).first() or Member()
        write(changed, member, {"group": group, "unit": unit, "responsibility": responsibility})
    return member


def remove_member(actor: Actor, member: Member) -> None:
    """Let a unit leave a group; the audit keeps that it was in it.

    Raises:
        Problem: not permitted.
    """
    with performing(actor, acts.MANAGE_GROUPS, place_of(member.group)) as changed:
        touched(changed, member)
        changed.before = {
            "group": str(member.group), "unit": str(member.unit),
            "responsibility": member.responsibility,
        }  # fmt: skip
        member.delete()


@contextmanager
def performing_in(actor: Actor, act: Act, group: Group) -> Iterator[tuple[Changed, Group]]:
    """Perform an act in a group: the actor must be permitted and the group have the duty (001-09).

    Yields the event to fill and the group, locked, so that numbers in it follow one another.

    Raises:
        Problem: not permitted; ``duty-missing``.
    """
    with performing(actor, act, place_of(group)) as changed:
        group = Group.objects.select_for_update(of=("self",)).get(pk=group.pk)
        check_duty(group, act)
        yield changed, group


def check_duty(group: Group, act: Act) -> None:
    """Go on only if the group has the duty that the act needs.

    Raises:
        Problem: ``duty-missing``.
    """
    duty = rules.duty_for(act.name)
    if duty and duty not in group.duties:
        raise DUTY_MISSING(group=group, duty=duty.label, act=act.title)


def adopt_charter(
    actor: Actor, group: Group, *, adopted_on: date, text: str = "", file: Upload | None = None
) -> Charter:
    """Adopt a charter as the next edition; earlier editions stay as they are (001-19).

    Raises:
        Problem: not permitted; ``duty-missing``.
    """
    with performing_in(actor, acts.WRITE_CHARTER, group) as (changed, group):
        last = group.charters.aggregate(last=Max("number"))["last"] or 0
        values = {
            "group": group, "number": last + 1, "adopted_on": adopted_on, "text": text,
            "file": file,
        }  # fmt: skip
        charter = Charter()
        write(changed, charter, values)
    return charter


def attach_commitment(
    actor: Actor,
    group: Group,
    *,
    signed_by: str,
    signed_on: date,
    title: str = "",
    text: str = "",
    file: Upload | None = None,
) -> Commitment:
    """Attach what the head of a group signed (001-20).

    Raises:
        Problem: not permitted; ``duty-missing``.
    """
    with performing_in(actor, acts.ATTACH_COMMITMENT, group) as (changed, group):
        values = {
            "group": group, "signed_by": signed_by, "signed_on": signed_on, "title": title,
            "text": text, "file": file,
        }  # fmt: skip
        commitment = Commitment()
        write(changed, commitment, values)
    return commitment


def hold_meeting(
    actor: Actor,
    group: Group,
    *,
    kind: str,
    held_on: date,
    chair: str,
    attendees: str,
    today: date,
    number: int | None = None,
    place: str = "",
    minutes: str = "",
    units: Iterable[Unit] = (),
    streets: Iterable[Street] = (),
    file: Upload | None = None,
) -> Meeting:
    """Record a meeting that was held; it gets the next number of its series (000-04, 003-34).

    Args:
        number: only for the first meeting of a series that is entered.

    Raises:
        Problem: not permitted; ``duty-missing``; ``day-in-future``; ``meeting-out-of-order``;
            ``meeting-number-follows``.
    """
    with performing_in(actor, acts.HOLD_MEETING, group) as (changed, group):
        rules.check_past(held_on, today, place="held_on")
        series = group.meetings.filter(kind=kind).values_list("number", "held_on")
        values = {
            "group": group, "kind": kind, "number": rules.next_number(series, held_on, number),
            "held_on": held_on, "place": place, "chair": chair,
            "attendees": "\n".join(rules.names_in(attendees)), "minutes": minutes, "file": file,
        }  # fmt: skip
        meeting = Meeting()
        write(changed, meeting, values)
        meeting.units.set(units)
        meeting.streets.set(streets)
        changed.after["units"] = plain(meeting.units.all())
    return meeting


def write_minutes(
    actor: Actor, meeting: Meeting, *, minutes: str, file: Upload | None = None
) -> Meeting:
    """Write or correct a meeting's minutes.

    Raises:
        Problem: not permitted; ``duty-missing``.
    """
    with performing_in(actor, acts.HOLD_MEETING, meeting.group) as (changed, _group):
        write(changed, meeting, {"minutes": minutes, "file": file or meeting.file})
    return meeting


def record_decision(
    actor: Actor,
    meeting: Meeting,
    *,
    text: str,
    lead_unit: Unit,
    due_on: date,
    member_units: Iterable[Unit] = (),
) -> Decision:
    """Record what a meeting decided; higher rooms make assignments of it (``events``).

    Raises:
        Problem: not permitted; ``duty-missing``; ``due-before-meeting``; ``lead-and-member``.
    """
    with performing_in(actor, acts.RECORD_DECISION, meeting.group) as (changed, _group):
        rules.check_due(due_on, meeting.held_on)
        members = list(member_units)
        if lead_unit in members:
            raise LEAD_AND_MEMBER(place="member_units", unit=lead_unit)
        last = meeting.decisions.aggregate(last=Max("number"))["last"] or 0
        values = {
            "meeting": meeting, "number": last + 1, "text": text, "lead_unit": lead_unit,
            "due_on": due_on,
        }  # fmt: skip
        decision = Decision()
        write(changed, decision, values)
        decision.member_units.set(members)
        changed.after["member_units"] = plain(members)
        decision_recorded.send(sender=Decision, decision=decision, actor=actor)
    return decision


def close_decision(
    actor: Actor, decision: Decision, *, done_on: date, outcome: str, today: date
) -> Decision:
    """Report a decision done, with what came of it.

    Raises:
        Problem: not permitted; ``duty-missing``; ``day-in-future``; ``decision-done``.
    """
    with performing_in(actor, acts.CLOSE_DECISION, decision.meeting.group) as (changed, _group):
        decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
        if decision.done_on:
            raise DECISION_DONE(day=decision.done_on)
        rules.check_past(done_on, today, place="done_on")
        write(changed, decision, {"done_on": done_on, "outcome": outcome})
        decision_closed.send(sender=Decision, decision=decision, actor=actor)
    return decision
