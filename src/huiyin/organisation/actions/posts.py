"""Acts on posts: who holds them, which regions they answer for, what leaders did in person."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from huiyin.audit.actions import performing
from huiyin.audit.acts import Actor, require
from huiyin.organisation import acts, rules
from huiyin.organisation.actions.writing import place_in, place_of, write
from huiyin.organisation.models import (
    Account,
    Engagement,
    Group,
    Holder,
    Pairing,
    Post,
    Unit,
)
from huiyin.problems import (
    HOLDING_ENDED,
    PAIRED_ALREADY,
    POST_ABOLISHED,
    POST_HELD,
    POST_VACANT,
)
from huiyin.territory.models import Region


def add_post(actor: Actor, seat: Unit | Group, *, title: str, kind: str, order: int = 0) -> Post:
    """Add a post to a unit or a group.

    Raises:
        Problem: not permitted.
    """
    with performing(actor, acts.MANAGE_POSTS, place_of(seat)) as changed:
        where = {"unit": seat} if isinstance(seat, Unit) else {"group": seat}
        post = Post()
        write(changed, post, {**where, "title": title, "kind": kind, "order": order})
    return post


def change_post(actor: Actor, post: Post, *, title: str, kind: str, order: int) -> Post:
    """Change title, kind or order of a post.

    Raises:
        Problem: not permitted.
    """
    with performing(actor, acts.MANAGE_POSTS, place_of(post.seat)) as changed:
        write(changed, post, {"title": title, "kind": kind, "order": order})
    return post


def abolish_post(actor: Actor, post: Post, *, on: date) -> Post:
    """Abolish a post; whoever holds it on that day ends with it. Its history stays.

    Raises:
        Problem: not permitted; ``post-abolished``; ``post-held``: somebody is to hold it later.
    """
    with performing(actor, acts.MANAGE_POSTS, place_of(post.seat)) as changed:
        post = _locked(post)
        later = post.holders.filter(since__gt=on).first()
        if later:
            raise _held(later)
        for holder in post.holders.filter(since__lte=on).exclude(until__lte=on):
            holder.until = on
            holder.save(update_fields=("until",))
        write(changed, post, {"abolished_on": on})
    return post


def appoint(
    actor: Actor,
    post: Post,
    *,
    name: str,
    since: date,
    until: date | None = None,
    account: Account | None = None,
    succeeds: bool = False,
) -> Holder:
    """Put a person into a post.

    Args:
        succeeds: the person in the post until now ends on the day before.

    Raises:
        Problem: not permitted; ``days-out-of-order``; ``post-abolished``; ``post-held``.
    """
    with performing(actor, acts.MANAGE_POSTS, place_of(post.seat)) as changed:
        post = _locked(post)
        rules.check_days(since, until)
        if succeeds:
            _end_open(post, since - timedelta(days=1))
        _check_free(post, since, until)
        holder = Holder()
        values = {"post": post, "name": name, "account": account, "since": since, "until": until}
        write(changed, holder, values)
    return holder


def _locked(post: Post) -> Post:
    locked = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    if locked.abolished_on:
        raise POST_ABOLISHED(post=post, day=locked.abolished_on)
    return locked


def _end_open(post: Post, last_day: date) -> None:
    holder = post.holders.filter(until=None, since__lte=last_day).first()
    if holder:
        holder.until = last_day
        holder.save(update_fields=("until",))


def _check_free(post: Post, since: date, until: date | None) -> None:
    for holder in post.holders.all():
        if rules.overlap((since, until), (holder.since, holder.until)):
            raise _held(holder)


def _held(holder: Holder) -> Exception:
    return POST_HELD(
        place="since", post=holder.post, name=holder.name, since=holder.since,
        until=holder.until or _("until further notice"),
    )  # fmt: skip


def release(actor: Actor, holder: Holder, *, until: date) -> Holder:
    """End a holding on a day; the post is vacant from the next.

    Raises:
        Problem: not permitted; ``days-out-of-order``; ``holding-ended``.
    """
    with performing(actor, acts.MANAGE_POSTS, place_of(holder.post.seat)) as changed:
        holder = Holder.objects.select_for_update().get(pk=holder.pk)
        if holder.until and holder.until <= until:
            raise HOLDING_ENDED(day=holder.until)
        rules.check_days(holder.since, until)
        write(changed, holder, {"until": until})
    return holder


def pair(
    actor: Actor, post: Post, region: Region, *, since: date, until: date | None = None
) -> Pairing:
    """Let a post answer for a region (包保).

    Raises:
        Problem: not permitted for the region or where the post stands; ``days-out-of-order``;
            ``paired-already``.
    """
    require(actor, acts.PAIR_LEADERS, place_of(post.seat))
    with performing(actor, acts.PAIR_LEADERS, place_in(region)) as changed:
        Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
        rules.check_days(since, until)
        for other in post.pairings.filter(region=region):
            if rules.overlap((since, until), (other.since, other.until)):
                raise PAIRED_ALREADY(
                    place="since", post=post, region=region, since=other.since,
                    until=other.until or _("until further notice"),
                )  # fmt: skip
        pairing = Pairing()
        values = {"post": post, "region": region, "since": since, "until": until}
        write(changed, pairing, values)
    return pairing


def end_pairing(actor: Actor, pairing: Pairing, *, until: date) -> Pairing:
    """End a pairing on a day.

    Raises:
        Problem: not permitted; ``days-out-of-order``; ``holding-ended``.
    """
    with performing(actor, acts.PAIR_LEADERS, place_in(pairing.region)) as changed:
        pairing = Pairing.objects.select_for_update().get(pk=pairing.pk)
        if pairing.until and pairing.until <= until:
            raise HOLDING_ENDED(day=pairing.until)
        rules.check_days(pairing.since, until)
        write(changed, pairing, {"until": until})
    return pairing


def log_engagement(
    actor: Actor,
    post: Post,
    *,
    deed: str,
    done_on: date,
    account_of_it: str,
    today: date,
    region: Region | None = None,
) -> Engagement:
    """Log one thing that the holder of a post did in person (四个亲自).

    Raises:
        Problem: not permitted; ``day-in-future``; ``post-vacant``: nobody held the post then.
    """
    with performing(actor, acts.LOG_ENGAGEMENT, place_of(post.seat)) as changed:
        rules.check_past(done_on, today, place="done_on")
        spans = ((each, (each.since, each.until)) for each in post.holders.all())
        holder = next((each for each, span in spans if rules.is_current(*span, done_on)), None)
        if holder is None:
            raise POST_VACANT(place="done_on", post=post, day=done_on)
        engagement = Engagement(person=holder.name)
        values = {
            "post": post, "deed": deed, "done_on": done_on, "region": region,
            "account_of_it": account_of_it,
        }  # fmt: skip
        write(changed, engagement, values)
    return engagement
