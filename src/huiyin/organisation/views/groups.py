"""Groups: their list and page, members, charters, commitments, meetings and decisions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor, may
from huiyin.furniture.uploads import give_out
from huiyin.furniture.views import Request, page
from huiyin.organisation import acts, rules, tables, unit_queries
from huiyin.organisation.actions import groups as actions
from huiyin.organisation.actions.writing import place_of
from huiyin.organisation.forms.groups import (
    CharterForm,
    CloseForm,
    CommitmentForm,
    DecisionForm,
    GroupForm,
    MeetingForm,
    MemberForm,
    MinutesForm,
)
from huiyin.organisation.models import (
    Charter,
    Commitment,
    Decision,
    Duty,
    Group,
    Meeting,
    Member,
    StudyTopic,
    Unit,
)
from huiyin.organisation.views.frames import (
    allowed,
    at_decision,
    at_group,
    at_meeting,
    at_member,
    bound,
    confirm,
    fill,
    found,
    listed,
    stem_of,
    today_of,
)
from huiyin.problems import NOT_FOUND

#: What is done in a group, as far as its duties go.
IN_GROUP = (
    acts.WRITE_CHARTER, acts.ATTACH_COMMITMENT, acts.HOLD_MEETING, acts.RECORD_DECISION,
    acts.CLOSE_DECISION, acts.SEE_GROUP_READINESS,
)  # fmt: skip
#: What a file can be attached to, by the word in its address.
ATTACHED: dict[str, Any] = {
    "charter": Charter,
    "commitment": Commitment,
    "meeting": Meeting,
    "study": StudyTopic,
}


@page(acts.SEE_GROUPS)
def groups(request: Request) -> HttpResponse:
    """Every group."""
    can = allowed(request.actor, None, acts.MANAGE_GROUPS, acts.LAY_OUT)
    return listed(
        request,
        tables.GroupTable(),
        {"can": can, "list_actions": "organisation/groups_actions.html"},
    )


@page(acts.SEE_GROUPS)
def meetings(request: Request) -> HttpResponse:
    """Every meeting."""
    return listed(request, tables.MeetingTable())


@page(acts.SEE_GROUPS)
def decisions(request: Request) -> HttpResponse:
    """What meetings decided, and how it stands."""
    return listed(request, tables.DecisionTable(request))


@page(acts.SEE_GROUPS)
def group(request: Request, group: int) -> HttpResponse:
    """Everything about one group."""
    shown = found(Group, group, "region", "superior", "lead_unit__region")
    today = today_of(request)
    can = _can_in(request.actor, shown)
    units = _units_of(shown)
    context = {
        "group": shown,
        "facts": _facts(shown),
        "posts": unit_queries.posts_on(shown, today),
        "subordinates": unit_queries.group_tree(unit_queries.below_group(shown)),
        "members": shown.members.select_related("unit__region"),
        "charters": shown.charters.select_related("file"),
        "commitments": shown.commitments.select_related("file"),
        "meetings": shown.meetings.all()[:20],
        "readiness": _readiness(units, today) if can["see_group_readiness"] else None,
        "can": can,
        "events": unit_queries.events_of_group(shown),
    }
    return render(request, "organisation/group.html", context)


def _can_in(actor: Actor, group: Group) -> dict[str, bool]:
    """What the actor may do in a group: what his roles permit and the group's duties hold."""
    place = place_of(group)
    can = allowed(actor, place, acts.MANAGE_GROUPS, acts.MANAGE_POSTS)
    held = rules.acts_of(group.duties)
    return can | {_short(act): act.name in held and may(actor, act, place) for act in IN_GROUP}


def _short(act: Act) -> str:
    return act.name.partition(".")[2]


def _facts(group: Group) -> list[tuple[Any, Any]]:
    return [
        (_("Kind"), group.get_kind_display()),
        (_("Region"), group.region.name),
        (_("Superior group"), group.superior),
        (_("Lead unit"), group.lead_unit),
        (_("Duties"), "、".join(str(Duty(duty).label) for duty in group.duties)),
        (_("Founded on"), group.founded_on),
        (_("Dissolved on"), group.dissolved_on),
    ]


def _units_of(group: Group) -> list[int]:
    lead = [group.lead_unit_id] if group.lead_unit_id else []
    return [*lead, *group.members.values_list("unit", flat=True)]


def _readiness(units: list[int], today: Any) -> list[tuple[Unit, list[Any]]]:
    """The group's units, and what each lacks."""
    listed = unit_queries.with_readiness(Unit.objects.filter(pk__in=units), today)
    return [
        (unit, [rules.NEED_TITLES[need] for need in unit_queries.needs_of(unit)])
        for unit in listed.order_by("region__code", "pk")
    ]


@page(acts.MANAGE_GROUPS)
def add_group(request: Request) -> HttpResponse:
    """Add a group."""
    form = bound(GroupForm, request, stem=stem_of(request.actor), initial={"duties": Duty.values})
    return fill(
        request, form, lambda values: actions.add_group(request.actor, **values),
        title=_("Add a group"), done=_("The group was added."), back=reverse("organisation:groups"),
        to=Group.get_absolute_url, submit=_("Add the group"),
    )  # fmt: skip


@page(acts.MANAGE_GROUPS, at=at_group)
def change_group(request: Request, group: int) -> HttpResponse:
    """Change a group."""
    stored = found(Group, group, "region", "superior__region", "lead_unit__region")
    names = GroupForm().fields
    initial = {name: getattr(stored, name) for name in names}
    form = bound(GroupForm, request, stem=stem_of(request.actor), initial=initial)
    return fill(
        request, form, lambda values: actions.change_group(request.actor, stored, **values),
        title=_("Change {group}").format(group=stored.name), done=_("The group was changed."),
        back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.MANAGE_GROUPS, at=at_group)
def set_member(request: Request, group: int) -> HttpResponse:
    """Take a unit into a group, or change what it does there."""
    stored = found(Group, group, "region")
    asked = request.GET.get("unit", "")
    member = stored.members.filter(unit=int(asked)).first() if asked.isdecimal() else None
    initial = {"unit": member.unit, "responsibility": member.responsibility} if member else {}
    form = bound(MemberForm, request, stem=stored.region.stem, initial=initial)
    return fill(
        request, form, lambda values: actions.set_member(request.actor, stored, **values),
        title=_("Member unit of {group}").format(group=stored.name),
        done=_("The member unit was entered."), back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.MANAGE_GROUPS, at=at_member)
def remove_member(request: Request, member: int) -> HttpResponse:
    """Let a unit leave a group."""
    stored = found(Member, member, "group", "unit")
    return confirm(
        request, lambda: actions.remove_member(request.actor, stored),
        title=_("{unit} leaves {group}").format(unit=stored.unit, group=stored.group),
        consequence=_("The unit is no longer a member. Decisions that name it stay as they are."),
        submit=_("Take the unit out"), back=stored.group.get_absolute_url(),
        done=_("The unit was taken out."),
    )  # fmt: skip


@page(acts.WRITE_CHARTER, at=at_group)
def adopt_charter(request: Request, group: int) -> HttpResponse:
    """Adopt a charter as the next edition (001-19)."""
    stored = found(Group, group, "region")
    last = stored.charters.first()
    initial = {"adopted_on": today_of(request), "text": last.text if last else ""}
    return fill(
        request, bound(CharterForm, request, initial=initial),
        lambda values: actions.adopt_charter(request.actor, stored, **values),
        title=_("Charter of {group}").format(group=stored.name), done=_("The charter was adopted."),
        back=stored.get_absolute_url(), submit=_("Adopt"),
        lead=_("How the group is made up, what it does, by which rules it works. "
               "The edition before stays as it is."),
    )  # fmt: skip


@page(acts.ATTACH_COMMITMENT, at=at_group)
def attach_commitment(request: Request, group: int) -> HttpResponse:
    """Attach a signed commitment (001-20)."""
    stored = found(Group, group, "region")
    return fill(
        request, bound(CommitmentForm, request, initial={"signed_on": today_of(request)}),
        lambda values: actions.attach_commitment(request.actor, stored, **values),
        title=_("Commitment of the head of {group}").format(group=stored.name),
        done=_("The commitment was attached."), back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.HOLD_MEETING, at=at_group)
def hold_meeting(request: Request, group: int) -> HttpResponse:
    """Record a meeting (000-04)."""
    stored, today = found(Group, group, "region"), today_of(request)
    units = Unit.objects.filter(pk__in=_units_of(stored)).select_related("region")
    form = bound(MeetingForm, request, group=stored, initial={"held_on": today, "units": units})
    return fill(
        request, form,
        lambda values: actions.hold_meeting(request.actor, stored, today=today, **values),
        title=_("Record a meeting of {group}").format(group=stored.name),
        done=_("The meeting was recorded. Now enter what it decided."),
        back=stored.get_absolute_url(), to=Meeting.get_absolute_url, submit=_("Record the meeting"),
    )  # fmt: skip


@page(acts.SEE_GROUPS)
def meeting(request: Request, meeting: int) -> HttpResponse:
    """One meeting: who was there, minutes, decisions."""
    shown = found(Meeting, meeting, "group__region", "file")
    today = today_of(request)
    decided = shown.decisions.select_related("lead_unit").prefetch_related("member_units")
    stands = [(each, rules.standing(each.due_on, each.done_on, today)) for each in decided]
    context = {
        "meeting": shown,
        "attendees": rules.names_in(shown.attendees),
        "facts": _meeting_facts(shown),
        "decisions": [
            (decision, stand.value, rules.STANDING_TITLES[stand]) for decision, stand in stands
        ],
        "can": _can_in(request.actor, shown.group),
        "events": unit_queries.events_of_meeting(shown),
    }
    return render(request, "organisation/meeting.html", context)


def _meeting_facts(meeting: Meeting) -> list[tuple[Any, Any]]:
    return [
        (_("Kind"), meeting.get_kind_display()),
        (_("Number"), meeting.number),
        (_("Held on"), meeting.held_on),
        (_("Place"), meeting.place),
        (_("Chair"), meeting.chair),
        (_("Units present"), "、".join(str(unit) for unit in meeting.units.all())),
        (_("Responsibility streets"), "、".join(str(each) for each in meeting.streets.all())),
    ]


@page(acts.HOLD_MEETING, at=at_meeting)
def write_minutes(request: Request, meeting: int) -> HttpResponse:
    """Write or correct minutes."""
    stored = found(Meeting, meeting, "group__region", "file")
    return fill(
        request, bound(MinutesForm, request, initial={"minutes": stored.minutes}),
        lambda values: actions.write_minutes(request.actor, stored, **values),
        title=_("Minutes of {meeting}").format(meeting=stored), done=_("The minutes were saved."),
        back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.RECORD_DECISION, at=at_meeting)
def record_decision(request: Request, meeting: int) -> HttpResponse:
    """Record what a meeting decided."""
    stored = found(Meeting, meeting, "group__region", "group__lead_unit__region")
    form = bound(
        DecisionForm, request, stem=stored.group.region.stem,
        initial={"lead_unit": stored.group.lead_unit},
    )  # fmt: skip
    return fill(
        request, form, lambda values: actions.record_decision(request.actor, stored, **values),
        title=_("What was decided?"), done=_("The decision was recorded."),
        back=stored.get_absolute_url(), lead=str(stored),
    )  # fmt: skip


@page(acts.CLOSE_DECISION, at=at_decision)
def close_decision(request: Request, decision: int) -> HttpResponse:
    """Report a decision done."""
    stored, today = found(Decision, decision, "meeting__group__region"), today_of(request)
    form = bound(CloseForm, request, initial={"done_on": today})
    return fill(
        request, form,
        lambda values: actions.close_decision(request.actor, stored, today=today, **values),
        title=_("Report the decision done"), done=_("The decision was reported done."),
        back=stored.meeting.get_absolute_url(), lead=stored.text,
    )  # fmt: skip


@page(acts.SEE_GROUPS)
def attachment(request: Request, kind: str, key: int) -> HttpResponse:
    """A file that is attached to a charter, a commitment, a meeting or a study topic."""
    if kind not in ATTACHED:
        raise NOT_FOUND()
    thing = found(ATTACHED[kind], key, "file")
    if thing.file is None:
        raise NOT_FOUND()
    return give_out(thing.file)  # type: ignore[return-value]
