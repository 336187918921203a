"""The room's lists."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.tables import (
    Choice,
    Column,
    DateRange,
    Empty,
    Flag,
    MultiChoice,
    RegionFilter,
    Search,
    Table,
)
from huiyin.organisation import acts, rules, unit_queries
from huiyin.organisation.models import (
    Decision,
    Deed,
    Engagement,
    Group,
    GroupKind,
    Holder,
    Meeting,
    MeetingKind,
    Pairing,
    Post,
    PostKind,
    ServiceKind,
    Street,
    StudyTopic,
    Unit,
    UnitKind,
    VillageService,
)
from huiyin.organisation.permissions import reach


def _to(name: str, *path: str) -> Any:
    """A link to the page of what a row holds at the end of a path."""

    def link(row: Any) -> str:
        for step in path:
            row = getattr(row, step)
            if row is None:
                return ""
        return reverse(f"organisation:{name}", args=[row.pk])

    return link


def _seat_link(post: Post) -> str:
    return post.seat.get_absolute_url()


def _holder_name(post: Post) -> Any:
    return post.now[0].name if post.now else _("Vacant")  # type: ignore[attr-defined]


class UnitTable(Table):
    """Every unit."""

    name = "organisation-units"
    title = _("Units")
    columns = (
        Column("name", _("Name"), field="name", link=_to("unit")),
        Column("short_name", _("Short name"), field="short_name", shown=False),
        Column("kind", _("Kind"), field="kind", value=lambda unit: unit.get_kind_display()),
        Column("region", _("Region"), field="region__code", value=lambda unit: unit.region.name),
        Column("code", _("Region's code"), value=lambda unit: unit.region.code, shown=False),
        Column(
            "parent", _("Superior unit"), field="parent__name", value=lambda unit: unit.parent,
            link=_to("unit", "parent"),
        ),
        Column("judged", _("Judged"), field="judged"),
        Column("valid_from", _("Valid from"), field="valid_from", shown=False),
        Column("valid_until", _("Valid until"), field="valid_until", shown=False),
    )  # fmt: skip
    filters = (
        Search("q", _("Name"), fields=("name", "short_name")),
        MultiChoice("kind", _("Kind"), field="kind", choices=UnitKind),
        RegionFilter("region", _("Region's code"), field="region__code"),
        Flag("judged", _("Judged"), field="judged"),
    )
    order = ("region__code", "pk")
    empty = Empty(
        _("No units yet"), _("Import them from Excel, or add the first one."),
        url_name="organisation:add_unit", action=_("Add a unit"), act=acts.MANAGE_UNITS,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Unit]:
        return Unit.objects.select_related("region", "parent")


class ReadinessTable(Table):
    """Units that lack something, and what."""

    name = "organisation-readiness"
    title = _("Units not ready")
    columns = (
        Column("name", _("Unit"), field="name", link=_to("unit")),
        Column("region", _("Region"), field="region__code", value=lambda unit: unit.region.name),
        Column("kind", _("Kind"), field="kind", value=lambda unit: unit.get_kind_display()),
        Column(
            "missing", _("Missing"),
            value=lambda unit: [rules.NEED_TITLES[need] for need in unit_queries.needs_of(unit)],
        ),
    )  # fmt: skip
    filters = (
        Search("q", _("Name"), fields=("name", "short_name")),
        MultiChoice("kind", _("Kind"), field="kind", choices=UnitKind),
        RegionFilter("region", _("Region's code"), field="region__code"),
        *(
            Flag(f"has_{need.value}", title, field=f"has_{need.value}")
            for need, title in rules.NEED_TITLES.items()
        ),
    )
    order = ("region__code", "pk")
    empty = Empty(
        _("Every unit is ready"),
        _("Each judged unit has named people and a budget line for this year."),
    )

    def rows(self, request: Any) -> QuerySet[Unit]:
        today = timezone.localdate(request.now)
        units = unit_queries.responsible_units(today).filter(
            reach(request.actor, acts.SEE_READINESS).query(region="region__code", unit="pk")
        )
        ready = unit_queries.with_readiness(units, today)
        return ready.exclude(unit_queries.READY).select_related("region")


class PostTable(Table):
    """Every post that is not abolished, with who holds it today."""

    name = "organisation-posts"
    title = _("Posts")
    columns = (
        Column("title", _("Post"), field="title", link=_to("post")),
        Column("kind", _("Kind"), field="kind", value=lambda post: post.get_kind_display()),
        Column("seat", _("Unit or group"), value=lambda post: post.seat, link=_seat_link),
        Column("region", _("Region"), value=lambda post: post.seat.region.name),
        Column(
            "holder", _("Holder"), value=_holder_name,
            tone=lambda post: "" if post.now else "due",
        ),
        Column("since", _("Since"), value=lambda post: post.now[0].since if post.now else None),
    )  # fmt: skip
    filters = (
        Search("q", _("Post or holder"), fields=("title", "holder_name")),
        MultiChoice("kind", _("Kind"), field="kind", choices=PostKind),
        RegionFilter("region", _("Region's code"), field="code"),
        Flag("vacant", _("Vacant"), field="vacant"),
    )
    order = ("code", "order", "pk")
    empty = Empty(_("No posts yet"), _("Open a unit or a group and add its posts there."))

    def rows(self, request: Any) -> QuerySet[Post]:
        today = timezone.localdate(request.now)
        return unit_queries.listed_posts(today)


class PairingTable(Table):
    """Who answers for which region."""

    name = "organisation-pairings"
    title = _("Leaders and their regions")
    columns = (
        Column("region", _("Region"), field="region__code", value=lambda row: row.region.name),
        Column("post", _("Post"), field="post__title", link=_to("post", "post")),
        Column("seat", _("Unit or group"), value=lambda row: row.post.seat),
        Column("holder", _("Holder"), value=lambda row: _holder_name(row.post)),
        Column(
            "load", _("Regions in all"), field="load", numeric=True,
            tone=lambda row: "near" if row.load > rules.USUAL_LOAD else "",
        ),
        Column("since", _("Since"), field="since"),
        Column("until", _("Until"), field="until"),
    )  # fmt: skip
    filters = (
        Search("q", _("Region, post or holder"),
               fields=("region__name", "post__title", "holder_name")),
        RegionFilter("region", _("Region's code"), field="region__code"),
        Flag("ended", _("Ended"), field="ended"),
    )  # fmt: skip
    order = ("region__code", "pk")
    empty = Empty(
        _("No leader answers for a region yet"), _("Open a post and pair it with its regions.")
    )

    def rows(self, request: Any) -> QuerySet[Pairing]:
        today = timezone.localdate(request.now)
        on_day = Holder.objects.filter(unit_queries.holds(today))
        return (
            unit_queries.with_load(Pairing.objects.all(), today)
            .select_related("region", "post__unit", "post__group")
            .prefetch_related(Prefetch("post__holders", on_day, to_attr="now"))
        )


class EngagementTable(Table):
    """What leaders did in person (003-33)."""

    name = "organisation-engagements"
    title = _("Done by leaders in person")
    columns = (
        Column("done_on", _("Day"), field="done_on"),
        Column("person", _("Person's name"), field="person"),
        Column("post", _("Post"), field="post__title", link=_to("post", "post")),
        Column("seat", _("Unit or group"), value=lambda row: row.post.seat),
        Column("deed", _("What was done in person"), field="deed",
               value=lambda row: row.get_deed_display()),
        Column("region", _("Region"), field="region__code",
               value=lambda row: row.region.name if row.region else None),
        Column("account_of_it", _("What happened")),
    )  # fmt: skip
    filters = (
        Search("q", _("Name or what happened"), fields=("person", "account_of_it")),
        MultiChoice("deed", _("What was done in person"), field="deed", choices=Deed),
        DateRange("day", _("Day"), field="done_on"),
    )
    order = ("-done_on", "-pk")
    empty = Empty(
        _("Nothing logged yet"), _("Open the post of a first-responsible person and log it there.")
    )

    def rows(self, request: Any) -> QuerySet[Engagement]:
        return Engagement.objects.select_related("post__unit", "post__group", "region")


class GroupTable(Table):
    """Every group."""

    name = "organisation-groups"
    title = _("Groups")
    columns = (
        Column("name", _("Name"), field="name", link=_to("group")),
        Column("kind", _("Kind"), field="kind", value=lambda group: group.get_kind_display()),
        Column("region", _("Region"), field="region__code", value=lambda group: group.region.name),
        Column("superior", _("Superior group"), field="superior__name",
               link=_to("group", "superior")),
        Column("lead_unit", _("Lead unit"), field="lead_unit__name", link=_to("unit", "lead_unit")),
        Column("founded_on", _("Founded on"), field="founded_on", shown=False),
        Column("dissolved_on", _("Dissolved on"), field="dissolved_on", shown=False),
    )  # fmt: skip
    filters = (
        Search("q", _("Name"), fields=("name",)),
        MultiChoice("kind", _("Kind"), field="kind", choices=GroupKind),
        RegionFilter("region", _("Region's code"), field="region__code"),
    )
    order = ("region__code", "pk")
    empty = Empty(
        _("No groups yet"), _("Lay out a whole structure from a template, or add one group."),
        url_name="organisation:templates", action=_("Choose a template"), act=acts.LAY_OUT,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Group]:
        return Group.objects.select_related("region", "superior", "lead_unit")


class MeetingTable(Table):
    """Every meeting."""

    name = "organisation-meetings"
    title = _("Meetings")
    columns = (
        Column("held_on", _("Held on"), field="held_on"),
        Column("group", _("Group"), field="group__name", link=_to("group", "group")),
        Column("kind", _("Kind"), field="kind", value=lambda row: row.get_kind_display()),
        Column("number", _("Number"), field="number", numeric=True, link=_to("meeting")),
        Column("chair", _("Chair"), field="chair"),
        Column("place", _("Place"), field="place"),
    )
    filters = (
        Search("q", _("Group, chair, place or minutes"),
               fields=("group__name", "chair", "place", "minutes")),
        MultiChoice("kind", _("Kind"), field="kind", choices=MeetingKind),
        DateRange("day", _("Held on"), field="held_on"),
        RegionFilter("region", _("Region's code"), field="group__region__code"),
    )  # fmt: skip
    order = ("-held_on", "-pk")
    empty = Empty(
        _("No meetings yet"), _("Open a group and record its first meeting."),
        url_name="organisation:groups", action=_("To the groups"), act=acts.SEE_GROUPS,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Meeting]:
        return Meeting.objects.select_related("group")


def decision_columns(request: Any) -> tuple[Column, ...]:
    """The columns of decisions as they stand today."""
    today = timezone.localdate(request.now)

    def stands(row: Decision) -> rules.Standing:
        return rules.standing(row.due_on, row.done_on, today)

    return (
        Column("text", _("Decision"), link=_to("meeting", "meeting")),
        Column("meeting", _("Meeting"), field="meeting__held_on"),
        Column("lead_unit", _("Lead unit"), field="lead_unit__name", link=_to("unit", "lead_unit")),
        Column("members", _("Member units"), value=lambda row: list(row.member_units.all())),
        Column("due_on", _("Due on"), field="due_on"),
        Column("state", _("State"), value=lambda row: rules.STANDING_TITLES[stands(row)],
               tone=lambda row: stands(row).value),
        Column("done_on", _("Done on"), field="done_on", shown=False),
        Column("outcome", _("Outcome"), shown=False),
    )  # fmt: skip


class DecisionTable(Table):
    """What meetings decided (000-04, 000-08)."""

    name = "organisation-decisions"
    title = _("Decisions")
    filters = (
        Search("q", _("Decision or unit"), fields=("text", "lead_unit__name")),
        Flag("open", _("Not yet done"), field="done_on", condition=Q(done_on=None)),
        DateRange("due", _("Due on"), field="due_on"),
        RegionFilter("region", _("Region's code"), field="meeting__group__region__code"),
    )
    order = ("due_on", "pk")
    empty = Empty(_("No decisions yet"), _("Open a meeting and record what it decided."))

    def __init__(self, request: Any) -> None:
        self.columns = decision_columns(request)

    def rows(self, request: Any) -> QuerySet[Decision]:
        return Decision.objects.select_related("meeting__group", "lead_unit").prefetch_related(
            "member_units"
        )


class StudyTable(Table):
    """What units studied, month by month (004-06)."""

    name = "organisation-study"
    title = _("Monthly study topics")
    columns = (
        Column("month", _("Month"), value=lambda row: f"{row.year}-{row.month:02}"),
        Column("unit", _("Unit"), field="unit__name", link=_to("unit", "unit")),
        Column("topic", _("Topic"), field="topic", link=_to("change_study")),
        Column("held_on", _("Held on"), field="held_on"),
        Column("speaker", _("Speaker"), field="speaker"),
        Column("people", _("People present"), field="people", numeric=True),
    )
    filters = (
        Search("q", _("Topic, unit or speaker"), fields=("topic", "unit__name", "speaker")),
        DateRange("day", _("Held on"), field="held_on"),
        RegionFilter("region", _("Region's code"), field="unit__region__code"),
    )
    order = ("-held_on", "-pk")
    empty = Empty(
        _("No topics yet"), _("Open a unit and record what it studied this month."),
        url_name="organisation:units", action=_("To the units"), act=acts.SEE_UNITS,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[StudyTopic]:
        return StudyTopic.objects.select_related("unit")


class ServiceTable(Table):
    """Advisers and auxiliary officers of villages (004-19)."""

    name = "organisation-services"
    title = _("Advisers and auxiliary officers")
    columns = (
        Column("village", _("Village"), field="region__code", value=lambda row: row.region.name),
        Column("town", _("Lies in"), value=lambda row: row.region.parent),
        Column("kind", _("Kind"), field="kind", value=lambda row: row.get_kind_display()),
        Column("name", _("Person's name"), field="name", link=_to("end_service")),
        Column("employer", _("Law firm or police station"), field="employer"),
        Column("since", _("Since"), field="since"),
        Column("until", _("Until"), field="until"),
    )
    filters = (
        Search("q", _("Village, name or employer"), fields=("region__name", "name", "employer")),
        Choice("kind", _("Kind"), field="kind", choices=ServiceKind),
        RegionFilter("region", _("Region's code"), field="region__code"),
    )
    order = ("region__code", "pk")
    empty = Empty(
        _("No adviser or officer yet"), _("Enter the first, village by village."),
        url_name="organisation:add_service", action=_("Enter one"), act=acts.RECORD_SERVICE,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[VillageService]:
        return VillageService.objects.select_related("region__parent")


class StreetTable(Table):
    """Responsibility streets (003-34)."""

    name = "organisation-streets"
    title = _("Responsibility streets")
    columns = (
        Column("name", _("Street"), field="name", link=_to("change_street")),
        Column("region", _("Region"), field="region__code", value=lambda row: row.region.name),
        Column("unit", _("Responsible unit"), field="unit__name", link=_to("unit", "unit")),
        Column("since", _("Since"), field="since"),
        Column("until", _("Until"), field="until"),
    )
    filters = (
        Search("q", _("Street or unit"), fields=("name", "unit__name")),
        RegionFilter("region", _("Region's code"), field="region__code"),
    )
    order = ("region__code", "pk")
    empty = Empty(
        _("No responsibility streets yet"), _("Say which unit answers for which street."),
        url_name="organisation:add_street", action=_("Assign a street"), act=acts.MANAGE_STREETS,
    )  # fmt: skip

    def rows(self, request: Any) -> QuerySet[Street]:
        return Street.objects.select_related("region", "unit")
