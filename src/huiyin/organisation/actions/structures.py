"""Acts on templates, and laying out a whole structure in one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from huiyin.audit.actions import performing
from huiyin.audit.acts import ANYWHERE, Actor
from huiyin.organisation import acts, layouts
from huiyin.organisation.actions.writing import place_in, write
from huiyin.organisation.models import Duty, Group, Post, StructureTemplate
from huiyin.organisation.unit_queries import posts_of_groups
from huiyin.problems import NAME_TAKEN
from huiyin.territory.models import Region


def save_template(
    actor: Actor, template: StructureTemplate | None, *, name: str, lines: str, note: str = ""
) -> StructureTemplate:
    """Add or change a template.

    Raises:
        Problem: not permitted; ``name-taken``; one of ``template-…``, naming the line.
    """
    with performing(actor, acts.MANAGE_TEMPLATES, ANYWHERE) as changed:
        lines = layouts.write_parts(layouts.read_parts(lines))
        stored = template or StructureTemplate()
        if StructureTemplate.objects.filter(name=name).exclude(pk=stored.pk).exists():
            raise NAME_TAKEN(place="name", name=name, region="–")
        write(changed, stored, {"name": name, "note": note, "lines": lines})
    return stored


@dataclass(frozen=True)
class LaidOut:
    """What laying out a structure made."""

    groups: int
    posts: int


def lay_out(actor: Actor, region: Region, lines: str, *, on: date) -> LaidOut:
    """Make every group and post of a structure that the region does not have yet, in one act.

    Doing it again changes nothing: what has the same name is left as it is.

    Raises:
        Problem: not permitted; one of ``template-…``, naming the line.
    """
    parts = layouts.read_parts(lines)
    with performing(actor, acts.LAY_OUT, place_in(region)) as changed:
        Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
        planned = layouts.plan(parts, region.name, posts_of_groups(region))
        groups = {group.name: group for group in region.groups.all()}
        made = [_make(each, region, groups, on) for each in planned if each.changes]
        changed.kind, changed.label = Group._meta.label_lower, str(region)
        changed.after = {
            "region": region.name,
            "name": [each.part.name for each in planned if not each.exists],
            "posts": sum(made),
        }
    return LaidOut(groups=sum(not each.exists for each in planned), posts=sum(made))


def _make(planned: layouts.Planned, region: Region, groups: dict[str, Group], on: date) -> int:
    """Make one group with its posts, or only its missing posts; how many posts."""
    part = planned.part
    if not planned.exists:
        groups[part.name] = Group.objects.create(
            name=part.name,
            kind=part.kind,
            region=region,
            superior=groups.get(part.superior),
            duties=list(part.duties or Duty.values),
            founded_on=on,
        )
    seats = layouts.seats_of(part.posts)
    Post.objects.bulk_create(
        Post(title=title, kind=kind, group=groups[part.name], order=order)
        for order, (title, kind) in enumerate(seats, 1)
        if title in planned.posts
    )
    return len(planned.posts)
