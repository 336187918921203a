"""Posts: who holds them, which regions they answer for, what their holders did in person."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import may
from huiyin.furniture.views import Request, page
from huiyin.organisation import acts, rules, tables, unit_queries
from huiyin.organisation.actions import posts as actions
from huiyin.organisation.forms.units import (
    AppointForm,
    EndForm,
    EngagementForm,
    PairForm,
    PostForm,
)
from huiyin.organisation.models import Deed, Group, Holder, Pairing, Post, Unit
from huiyin.organisation.views.frames import (
    allowed,
    at_group,
    at_holder,
    at_pairing,
    at_post,
    at_unit,
    bound,
    fill,
    found,
    listed,
    today_of,
)

SEAT = ("unit__region", "group__region")


@page(acts.SEE_UNITS)
def posts(request: Request) -> HttpResponse:
    """Every post, with who holds it; vacant ones are marked."""
    return listed(request, tables.PostTable())


@page(acts.SEE_UNITS)
def pairings(request: Request) -> HttpResponse:
    """Who answers for which region (000-10)."""
    return listed(request, tables.PairingTable())


@page(acts.SEE_GROUPS)
def engagements(request: Request) -> HttpResponse:
    """What leaders did in person (003-33)."""
    return listed(request, tables.EngagementTable())


@page(acts.SEE_UNITS)
def post(request: Request, post: int) -> HttpResponse:
    """One post: its holders one after another, its regions, what was done in person."""
    today, shown = today_of(request), found(Post, post, *SEAT)
    holders = list(shown.holders.select_related("account"))
    counts = unit_queries.engagement_counts([shown], today.year)[shown.pk]
    context = {
        "post": shown,
        "holders": holders,
        "holder": next(
            (each for each in holders if rules.is_current(each.since, each.until, today)), None
        ),
        "pairings": shown.pairings.select_related("region"),
        "today": today,
        "deeds": [(deed.label, counts[deed]) for deed in Deed],
        "engagements": shown.engagements.select_related("region")[:20],
        "sees_engagements": may(request.actor, acts.SEE_GROUPS),
        "can": allowed(
            request.actor, at_post(post), acts.MANAGE_POSTS, acts.PAIR_LEADERS, acts.LOG_ENGAGEMENT
        ),
        "events": unit_queries.events_of_post(shown),
    }
    return render(request, "organisation/post.html", context)


@page(acts.MANAGE_POSTS, at=at_unit)
def add_unit_post(request: Request, unit: int) -> HttpResponse:
    """Add a post to a unit."""
    return _add_post(request, found(Unit, unit, "region"))


@page(acts.MANAGE_POSTS, at=at_group)
def add_group_post(request: Request, group: int) -> HttpResponse:
    """Add a post to a group."""
    return _add_post(request, found(Group, group, "region"))


def _add_post(request: Request, seat: Unit | Group) -> HttpResponse:
    return fill(
        request, bound(PostForm, request),
        lambda values: actions.add_post(request.actor, seat, **values),
        title=_("Add a post to {seat}").format(seat=seat.name), done=_("The post was added."),
        back=seat.get_absolute_url(), to=Post.get_absolute_url, submit=_("Add the post"),
    )  # fmt: skip


@page(acts.MANAGE_POSTS, at=at_post)
def change_post(request: Request, post: int) -> HttpResponse:
    """Change a post's title, kind or order."""
    stored = found(Post, post, *SEAT)
    initial = {"title": stored.title, "kind": stored.kind, "order": stored.order}
    return fill(
        request, bound(PostForm, request, initial=initial),
        lambda values: actions.change_post(request.actor, stored, **values),
        title=_("Change {post}").format(post=stored.title), done=_("The post was changed."),
        back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.MANAGE_POSTS, at=at_post)
def appoint(request: Request, post: int) -> HttpResponse:
    """Put a person into a post."""
    stored = found(Post, post, *SEAT)
    form = bound(AppointForm, request, initial={"since": today_of(request)})
    return fill(
        request, form, lambda values: actions.appoint(request.actor, stored, **values),
        title=_("Who takes the post {post}?").format(post=stored.title),
        done=_("The post is filled."), back=stored.get_absolute_url(), submit=_("Fill the post"),
    )  # fmt: skip


@page(acts.MANAGE_POSTS, at=at_post)
def abolish(request: Request, post: int) -> HttpResponse:
    """Abolish a post."""
    stored = found(Post, post, *SEAT)
    form = bound(EndForm, request, initial={"until": today_of(request)})
    return fill(
        request, form,
        lambda values: actions.abolish_post(request.actor, stored, on=values["until"]),
        title=_("Abolish {post}").format(post=stored.title), done=_("The post was abolished."),
        back=stored.get_absolute_url(), submit=_("Abolish the post"),
        lead=_("Whoever holds the post ends with it. Its history stays."),
    )  # fmt: skip


@page(acts.MANAGE_POSTS, at=at_holder)
def release(request: Request, holder: int) -> HttpResponse:
    """End a holding."""
    stored = found(Holder, holder, *(f"post__{path}" for path in SEAT))
    form = bound(EndForm, request, initial={"until": today_of(request)})
    return fill(
        request, form,
        lambda values: actions.release(request.actor, stored, until=values["until"]),
        title=_("{name} leaves {post}").format(name=stored.name, post=stored.post.title),
        done=_("The last day was entered."), back=stored.post.get_absolute_url(),
        submit=_("Enter the last day"), lead=_("The post is vacant from the next day on."),
    )  # fmt: skip


@page(acts.PAIR_LEADERS, at=at_post)
def pair(request: Request, post: int) -> HttpResponse:
    """Let a post answer for a region (包保)."""
    stored = found(Post, post, *SEAT)
    form = bound(
        PairForm, request, stem=stored.seat.region.stem, initial={"since": today_of(request)}
    )
    return fill(
        request, form, lambda values: actions.pair(request.actor, stored, **values),
        title=_("For which region does {post} answer?").format(post=stored.title),
        done=_("The pairing was entered."), back=stored.get_absolute_url(),
    )  # fmt: skip


@page(acts.PAIR_LEADERS, at=at_pairing)
def end_pairing(request: Request, pairing: int) -> HttpResponse:
    """End a pairing."""
    stored = found(Pairing, pairing, "post", "region")
    form = bound(EndForm, request, initial={"until": today_of(request)})
    return fill(
        request, form,
        lambda values: actions.end_pairing(request.actor, stored, until=values["until"]),
        title=_("{post} answers no longer for {region}").format(
            post=stored.post.title, region=stored.region.name
        ),
        done=_("The last day was entered."), back=stored.post.get_absolute_url(),
        submit=_("Enter the last day"),
    )  # fmt: skip


@page(acts.LOG_ENGAGEMENT, at=at_post)
def log_engagement(request: Request, post: int) -> HttpResponse:
    """Log what the holder of a post did in person (四个亲自)."""
    stored, today = found(Post, post, *SEAT), today_of(request)
    form = bound(EngagementForm, request, stem=stored.seat.region.stem, initial={"done_on": today})
    return fill(
        request, form,
        lambda values: actions.log_engagement(request.actor, stored, today=today, **values),
        title=_("What did the holder of {post} do in person?").format(post=stored.title),
        done=_("It was logged."), back=stored.get_absolute_url(),
    )  # fmt: skip
