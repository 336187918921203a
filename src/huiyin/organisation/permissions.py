"""Who may do what: the one table of acts and roles, and the walls above it.

Views, actions and API ask :func:`refusal` (through ``huiyin.audit.acts``) and nothing else; the
site prints this table as a page, and a test walks every URL with every role against it.
"""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor, Guarded, Held, Place
from huiyin.organisation.roles import Role
from huiyin.problems import BEHIND_A_WALL, NOT_PERMITTED, Problem


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN = "own"  # one's own account's things
    UNIT = "unit"  # the unit in which the role is held
    REGION = "region"  # the region of the role and all below
    ALL = "all"


SCOPE_TITLES: dict[Scope, str | Promise] = {
    Scope.OWN: _("own"),
    Scope.UNIT: _("own unit"),
    Scope.REGION: _("own region and below"),
    Scope.ALL: _("everywhere"),
}

A, O, D, S, I, V, U, H, L, R = (  # noqa: E741  (columns of the table below)
    Role.ADMINISTRATOR, Role.OFFICE, Role.DESIGNER, Role.SUPERVISOR, Role.INTERVIEWER,
    Role.VERIFIER, Role.HANDLER, Role.HEAD, Role.LEADER, Role.AUDITOR,
)  # fmt: skip
EVERYBODY = dict.fromkeys(Role, Scope.ALL)

#: Act → role → how far.
TABLE: dict[str, dict[Role, Scope]] = {
    "site.see_api": EVERYBODY,
    "site.see_home": EVERYBODY,
    "site.see_style": EVERYBODY,
}

#: What nobody who belongs to a judged unit ever sees, whatever other roles he holds.
WALLED_FROM_JUDGED = frozenset({Guarded.SAMPLES, Guarded.INTERVIEWS, Guarded.UNPUBLISHED})


def refusal(actor: Actor, act: Act, place: Place | None) -> Problem | None:
    """Why the actor may not do the act at the place; None = he may.

    Args:
        place: where the act falls; None asks whether he may do it at any place at all.
    """
    if actor.is_system:
        return None
    if actor.scopes is not None and act.name not in actor.scopes:
        return NOT_PERMITTED(act=act.title)
    if actor.judged and act.guarded & WALLED_FROM_JUDGED:
        return BEHIND_A_WALL(act=act.title)
    row = TABLE.get(act.name, {})
    for held in actor.held:
        scope = row.get(Role(held.role))
        if scope is not None and _reaches(scope, held, actor, place):
            return None
    return NOT_PERMITTED(act=act.title)


def _reaches(scope: Scope, held: Held, actor: Actor, place: Place | None) -> bool:
    if place is None or scope is Scope.ALL:
        return True
    if scope is Scope.OWN:
        return place.account is not None and place.account == actor.account
    if scope is Scope.UNIT:
        return place.unit is not None and place.unit == held.unit
    return held.region is None or (bool(place.region) and place.region.startswith(held.region))
