"""Reads of units, posts, groups and their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, Left

from huiyin.audit.models import Event
from huiyin.organisation import rules
from huiyin.organisation.models import (
    BudgetLine,
    Deed,
    Engagement,
    Group,
    Holder,
    Meeting,
    Pairing,
    Post,
    ServiceKind,
    Unit,
    VillageService,
)
from huiyin.organisation.rules import Need
from huiyin.territory.models import Region
from huiyin.territory.rules import STEM_LENGTH, Level


def holds(today: date, since: str = "since", until: str = "until") -> Q:
    """What holds on a day; both ends belong to a span, an open end is NULL."""
    begun = Q(**{since: None}) | Q(**{f"{since}__lte": today})
    return begun & (Q(**{until: None}) | Q(**{f"{until}__gte": today}))


def units_on(today: date) -> QuerySet[Unit]:
    """The units that exist on a day."""
    return Unit.objects.filter(holds(today, "valid_from", "valid_until"))


def with_readiness(units: QuerySet[Unit], today: date) -> QuerySet[Unit]:
    """Units with a flag ``has_…`` for each need, for :func:`needs_of`."""

    def held(kind: str) -> Exists:
        holders = Holder.objects.filter(
            holds(today), post__unit=OuterRef("pk"), post__kind=kind, post__abolished_on=None
        )
        return Exists(holders)

    flags = {f"has_{need.value}": held(kind) for need, kind in rules.NEEDED_POSTS.items()}
    budget = Exists(BudgetLine.objects.filter(unit=OuterRef("pk"), year=today.year))
    return units.annotate(**flags, has_budget=budget)


READY = Q(**{f"has_{need.value}": True for need in Need})


def needs_of(unit: Unit) -> tuple[Need, ...]:
    """What a unit of :func:`with_readiness` lacks."""
    held = [kind for need, kind in rules.NEEDED_POSTS.items() if getattr(unit, f"has_{need.value}")]
    return rules.missing(held, has_budget=unit.has_budget)  # type: ignore[attr-defined]


def responsible_units(today: date) -> QuerySet[Unit]:
    """The units that must be ready: those that are judged by the survey."""
    return units_on(today).filter(judged=True)


def posts_on(seat: Unit | Group, today: date) -> QuerySet[Post]:
    """The posts of a unit or group that are not abolished, each with ``now``: who holds it."""
    return with_holder(seat.posts.filter(Q(abolished_on=None) | Q(abolished_on__gte=today)), today)


def with_holder(posts: QuerySet[Post], today: date) -> QuerySet[Post]:
    """Posts with ``now``: a list of who holds them on a day, one or none."""
    on_day = Holder.objects.filter(holds(today)).select_related("account")
    return posts.prefetch_related(Prefetch("holders", on_day, to_attr="now"))


def vacant_posts(today: date) -> QuerySet[Post]:
    """Posts that are not abolished and that nobody holds on a day."""
    held = Holder.objects.filter(holds(today), post=OuterRef("pk"))
    return Post.objects.filter(
        ~Exists(held),
        Q(group=None) | Q(group__dissolved_on=None) | Q(group__dissolved_on__gte=today),
        abolished_on=None,
    )


def listed_posts(today: date) -> QuerySet[Post]:
    """Posts with ``code`` of their region, whether they are ``vacant``, and ``now`` (who holds)."""
    held = Holder.objects.filter(holds(today), post=OuterRef("pk"))
    posts = Post.objects.filter(Q(abolished_on=None) | Q(abolished_on__gte=today)).annotate(
        code=Coalesce("unit__region__code", "group__region__code"),
        holder_name=Subquery(held.values("name")[:1]),
        vacant=~Exists(held),
    )
    return with_holder(posts.select_related("unit__region", "group__region"), today)


def with_load(pairings: QuerySet[Pairing], today: date) -> QuerySet[Pairing]:
    """Pairings with ``load``: regions the post answers for today; ``ended``; ``holder_name``."""
    same = Pairing.objects.filter(holds(today), post=OuterRef("post")).order_by().values("post")
    load = Subquery(same.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    ended = Case(When(until__lt=today, then=True), default=False, output_field=BooleanField())
    held = Holder.objects.filter(holds(today), post=OuterRef("post"))
    name = Subquery(held.values("name")[:1])
    return pairings.annotate(load=Coalesce(load, 0), ended=ended, holder_name=name)


def pairings_on(today: date) -> QuerySet[Pairing]:
    """Who answers for which region on a day, with the post's holder in ``post.now``."""
    on_day = Holder.objects.filter(holds(today))
    return (
        Pairing.objects.filter(holds(today))
        .select_related("region", "post__unit", "post__group")
        .prefetch_related(Prefetch("post__holders", on_day, to_attr="now"))
    )


@dataclass(frozen=True)
class Branch:
    """A unit and the units below it, as a tree is printed."""

    unit: Unit
    part: str
    below: list[Branch]


def tree(units: Iterable[Unit]) -> list[Branch]:
    """Units by superior; those whose superior is not among them stand at the top (001-05)."""
    listed = list(units)
    keys = {unit.pk for unit in listed}
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in listed:
        below[unit.parent_id if unit.parent_id in keys else None].append(unit)

    def grow(unit: Unit) -> Branch:
        part = str(rules.PART_OF_LEVEL.get(unit.region.level, ""))
        return Branch(unit, part, [grow(each) for each in below[unit.pk]])

    return [grow(unit) for unit in below[None]]


@dataclass(frozen=True)
class GroupBranch:
    """A group and the groups below it."""

    group: Group
    below: list[GroupBranch]


def group_tree(groups: Iterable[Group]) -> list[GroupBranch]:
    """Groups by superior."""
    listed = list(groups)
    keys = {group.pk for group in listed}
    below: dict[int | None, list[Group]] = defaultdict(list)
    for group in listed:
        below[group.superior_id if group.superior_id in keys else None].append(group)

    def grow(group: Group) -> GroupBranch:
        return GroupBranch(group, [grow(each) for each in below[group.pk]])

    return [grow(group) for group in below[None]]


def posts_of_groups(region: Region) -> dict[str, list[str]]:
    """Name of each group of a region → titles of its posts that are not abolished."""
    titles: dict[str, list[str]] = {
        name: [] for name in region.groups.values_list("name", flat=True)
    }
    posts = Post.objects.filter(group__region=region, abolished_on=None)
    for name, title in posts.values_list("group__name", "title"):
        titles[name].append(title)
    return titles


def engagement_counts(posts: Iterable[Post], year: int) -> dict[int, dict[str, int]]:
    """Post → deed → how often in a year (003-33)."""
    counts: dict[int, dict[str, int]] = {post.pk: dict.fromkeys(Deed.values, 0) for post in posts}
    rows = (
        Engagement.objects.filter(post__in=counts, done_on__year=year)
        .values_list("post", "deed")
        .annotate(times=Count("pk"))
        .order_by()
    )
    for post, deed, times in rows:
        counts[post][deed] = times
    return counts


@dataclass(frozen=True)
class Coverage:
    """How many villages of a region have an adviser, and how many an auxiliary officer (004-19)."""

    region: Region
    villages: int
    adviser: int
    auxiliary: int

    @property
    def adviser_share(self) -> float | None:
        return rules.share(self.adviser, self.villages)

    @property
    def auxiliary_share(self) -> float | None:
        return rules.share(self.auxiliary, self.villages)


def coverage(regions: Iterable[Region], today: date) -> list[Coverage]:
    """Coverage of regions of one level, in three queries however many villages there are."""
    listed = list(regions)
    if not listed:
        return []
    length = STEM_LENGTH[listed[0].level]
    villages = Region.objects.filter(
        holds(today, "valid_from", "valid_until"), level=Level.VILLAGE
    ).order_by()
    whole = _by_stem(villages, "code", "pk", length)
    served = VillageService.objects.filter(holds(today), region__in=villages).order_by()
    part = {
        kind: _by_stem(served.filter(kind=kind), "region__code", "region", length)
        for kind in ServiceKind
    }
    return [
        Coverage(
            region,
            whole.get(region.stem, 0),
            part[ServiceKind.ADVISER].get(region.stem, 0),
            part[ServiceKind.AUXILIARY].get(region.stem, 0),
        )
        for region in listed
    ]


def _by_stem(rows: QuerySet[Any], code: str, counted: str, length: int) -> dict[str, int]:
    by_stem = rows.annotate(stem_of_code=Left(F(code), length)).values("stem_of_code")
    return dict(by_stem.annotate(n=Count(counted, distinct=True)).values_list("stem_of_code", "n"))


def events_of(*things: tuple[str, Iterable[Any]], limit: int = 30) -> QuerySet[Event]:
    """The latest events of stored things, given as their label and keys."""
    about = Q(pk__in=())
    for kind, keys in things:
        about |= Q(kind=kind, key__in=[str(key) for key in keys])
    return Event.objects.filter(about).order_by("-pk")[:limit]


def events_of_unit(unit: Unit) -> QuerySet[Event]:
    """What happened to a unit, its posts, their holders, its budget and its topics."""
    return events_of(
        ("organisation.unit", [unit.pk]),
        ("organisation.post", unit.posts.values_list("pk", flat=True)),
        (
            "organisation.holder",
            Holder.objects.filter(post__unit=unit).values_list("pk", flat=True),
        ),
        ("organisation.budgetline", unit.budget_lines.values_list("pk", flat=True)),
        ("organisation.studytopic", unit.study_topics.values_list("pk", flat=True)),
    )


def events_of_post(post: Post) -> QuerySet[Event]:
    """What happened to a post, its holders and its pairings."""
    return events_of(
        ("organisation.post", [post.pk]),
        ("organisation.holder", post.holders.values_list("pk", flat=True)),
        ("organisation.pairing", post.pairings.values_list("pk", flat=True)),
        ("organisation.engagement", post.engagements.values_list("pk", flat=True)),
    )


def events_of_group(group: Group) -> QuerySet[Event]:
    """What happened to a group, its members, posts, charters, commitments and meetings."""
    return events_of(
        ("organisation.group", [group.pk]),
        ("organisation.member", group.members.values_list("pk", flat=True)),
        ("organisation.post", group.posts.values_list("pk", flat=True)),
        ("organisation.charter", group.charters.values_list("pk", flat=True)),
        ("organisation.commitment", group.commitments.values_list("pk", flat=True)),
        ("organisation.meeting", group.meetings.values_list("pk", flat=True)),
    )


def events_of_meeting(meeting: Meeting) -> QuerySet[Event]:
    """What happened to a meeting and its decisions."""
    return events_of(
        ("organisation.meeting", [meeting.pk]),
        ("organisation.decision", meeting.decisions.values_list("pk", flat=True)),
    )


def below_group(group: Group) -> list[Group]:
    """All groups below a group, on every level; one query a level."""
    found: list[Group] = []
    front = [group.pk]
    while front:
        level = list(Group.objects.filter(superior__in=front).exclude(pk__in=[g.pk for g in found]))
        found += level
        front = [each.pk for each in level]
    return found


def total(rows: Iterable[Coverage]) -> tuple[int, int, int]:
    """Villages, those with an adviser, those with an auxiliary officer, of all regions together."""
    listed = list(rows)
    return (
        sum(row.villages for row in listed),
        sum(row.adviser for row in listed),
        sum(row.auxiliary for row in listed),
    )
