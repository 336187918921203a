"""Who may do what: the one table of acts and roles, and the walls above it.

Views, actions and API ask :func:`refusal` (through ``huiyin.audit.acts``) and nothing else; the
site prints this table as a page, and a test walks every URL with every role against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import ACTS, Act, Actor, Guarded, Held, Place
from huiyin.organisation.account_rules import NEVER_TOGETHER
from huiyin.organisation.roles import Role
from huiyin.problems import BEHIND_A_WALL, NOT_PERMITTED, NUMBERS_AND_ANSWERS, Problem


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
OWN = dict.fromkeys(Role, Scope.OWN)

#: Act → role → how far.
# fmt: off
TABLE: dict[str, dict[Role, Scope]] = {
    # the audit: whoever manages accounts does not read what was done with them
    "audit.see_events": {R: Scope.ALL},
    "audit.export_events": {R: Scope.ALL},
    "audit.seal_chain": {R: Scope.ALL},
    "audit.verify_chain": {R: Scope.ALL},
    "site.see_api": EVERYBODY,
    # accounts
    "furniture.hand_in_file": dict.fromkeys(Role, Scope.OWN),
    "furniture.see_file": dict.fromkeys(Role, Scope.OWN),
    # jobs: the administrator sees that one works and may stop it, not what came of it
    "furniture.see_jobs": OWN,
    "furniture.see_job": OWN | {A: Scope.ALL},
    "furniture.see_job_result": OWN,
    "furniture.cancel_job": OWN | {A: Scope.ALL},
    "organisation.see_accounts": {A: Scope.REGION, R: Scope.ALL},
    "organisation.create_account": {A: Scope.REGION},
    "organisation.edit_account": {A: Scope.REGION},
    "organisation.invite_account": {A: Scope.REGION},
    "organisation.import_accounts": {A: Scope.REGION},
    "organisation.end_account": {A: Scope.REGION},
    "organisation.reopen_account": {A: Scope.REGION},
    "organisation.unlock_account": {A: Scope.REGION},
    "organisation.reset_second_factor": {A: Scope.REGION},
    "organisation.grant_role": {A: Scope.REGION},
    "organisation.revoke_role": {A: Scope.REGION},
    "organisation.see_permissions": EVERYBODY,
    "organisation.see_own_account": OWN,
    "organisation.end_own_sessions": OWN,
    "organisation.make_token": OWN,
    "organisation.revoke_token": OWN,
    "organisation.sign_in": OWN,
    "organisation.fail_to_sign_in": OWN,
    "organisation.lock_sign_in": OWN,
    "organisation.sign_out": OWN,
    "organisation.change_password": OWN,
    "organisation.change_second_factor": OWN,
    # units, posts and groups
    "organisation.see_units": EVERYBODY,
    "organisation.see_readiness": {
        A: Scope.ALL,
        O: Scope.REGION,
        L: Scope.REGION,
        R: Scope.ALL,
        U: Scope.UNIT,
        H: Scope.UNIT,
    },
    "organisation.manage_units": {A: Scope.ALL, O: Scope.REGION},
    "organisation.import_units": {A: Scope.ALL, O: Scope.REGION},
    "organisation.record_budget": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.manage_posts": {A: Scope.ALL, O: Scope.REGION, H: Scope.UNIT},
    "organisation.pair_leaders": {O: Scope.REGION},
    "organisation.log_engagement": {
        O: Scope.REGION,
        U: Scope.UNIT,
        H: Scope.UNIT,
        L: Scope.REGION,
    },
    "organisation.see_groups": dict.fromkeys((A, O, U, H, L, R), Scope.ALL),
    "organisation.see_group_readiness": {
        A: Scope.ALL,
        O: Scope.REGION,
        L: Scope.REGION,
        R: Scope.ALL,
        U: Scope.UNIT,
        H: Scope.UNIT,
    },
    "organisation.manage_groups": {A: Scope.ALL, O: Scope.REGION},
    "organisation.write_charter": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.attach_commitment": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.hold_meeting": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.record_decision": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.close_decision": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.manage_templates": {A: Scope.ALL, O: Scope.ALL},
    "organisation.lay_out": {A: Scope.ALL, O: Scope.REGION},
    "organisation.record_study": {O: Scope.REGION, U: Scope.UNIT, H: Scope.UNIT},
    "organisation.see_coverage": dict.fromkeys((A, O, U, H, L, R), Scope.ALL),
    "organisation.record_service": {O: Scope.REGION, U: Scope.REGION, H: Scope.REGION},
    "organisation.manage_streets": {O: Scope.REGION},
    "organisation.manage_campaign_types": {A: Scope.ALL, O: Scope.ALL},
    "site.see_home": EVERYBODY,
    # by command only, on the machine itself
    "site.make_backup": {},
    "site.restore_backup": {},
    "site.see_style": EVERYBODY,
    # survey: the room
    "survey.see_survey": dict.fromkeys((O, D, S, L, R), Scope.ALL),
    # survey: questionnaires
    "survey.see_questionnaires": dict.fromkeys((O, D, S, R), Scope.ALL),
    "survey.check_questionnaire": dict.fromkeys((O, D, S), Scope.ALL),
    "survey.evaluate_interview": dict.fromkeys((O, D, S, R), Scope.ALL),
    "survey.add_questionnaire": {D: Scope.ALL},
    "survey.rename_questionnaire": {D: Scope.ALL},
    "survey.hand_in_version": {D: Scope.ALL},
    "survey.copy_questionnaire": {D: Scope.ALL},
    "survey.fill_bank": {D: Scope.ALL},
    # survey: indicators
    "survey.see_indicators": dict.fromkeys((O, D, S, L, R), Scope.ALL),
    "survey.add_indicator_set": {D: Scope.ALL},
    "survey.change_indicator_set": {D: Scope.ALL},
    "survey.remove_indicator_set": {D: Scope.ALL},
    "survey.set_indicator": {D: Scope.ALL},
    "survey.remove_indicator": {D: Scope.ALL},
    "survey.set_composite": {D: Scope.ALL},
    "survey.remove_composite": {D: Scope.ALL},
    "survey.import_indicators": {D: Scope.ALL},
    # survey: rounds; whoever is judged by them sees only that they were, once they are published
    "survey.see_rounds": {
        O: Scope.REGION,
        D: Scope.REGION,
        S: Scope.REGION,
        L: Scope.REGION,
        R: Scope.ALL,
    },
    "survey.see_published_rounds": EVERYBODY,
    "survey.manage_series": {O: Scope.REGION},
    "survey.add_round": {O: Scope.REGION, D: Scope.REGION},
    "survey.remove_round": {O: Scope.REGION},
    "survey.change_round": {O: Scope.REGION, D: Scope.REGION},
    "survey.set_allocation": {O: Scope.REGION, D: Scope.REGION, S: Scope.REGION},
    "survey.set_hours": {O: Scope.REGION, D: Scope.REGION, S: Scope.REGION},
    "survey.set_quotas": {O: Scope.REGION, D: Scope.REGION},
    "survey.import_quotas": {O: Scope.REGION, D: Scope.REGION},
    "survey.set_staff": {S: Scope.REGION},
    "survey.import_staff": {S: Scope.REGION},
    "survey.mark_break": {O: Scope.REGION, D: Scope.REGION},
    "survey.make_round_ready": {O: Scope.REGION},
    "survey.step_round_back": {O: Scope.REGION},
    "survey.open_field": {O: Scope.REGION, S: Scope.REGION},
    "survey.close_field": {O: Scope.REGION, S: Scope.REGION},
    "survey.take_round_as_measured": {O: Scope.REGION, D: Scope.REGION},
    "survey.publish_round": {O: Scope.REGION},
    # survey: frames, samples, planner; all behind the wall of samples
    "survey.see_frames": dict.fromkeys((O, D, S, R), Scope.ALL),
    "survey.import_segments": {S: Scope.ALL},
    "survey.import_exchanges": {S: Scope.ALL},
    "survey.hand_in_list": {S: Scope.ALL},
    "survey.record_users": {S: Scope.REGION},
    "survey.see_do_not_call": {S: Scope.ALL, R: Scope.ALL},
    "survey.add_do_not_call": {S: Scope.ALL},
    "survey.lift_do_not_call": {S: Scope.ALL},
    # by command only, on the machine itself
    "survey.reseal_numbers": {},
    "survey.see_samples": {O: Scope.REGION, D: Scope.REGION, S: Scope.REGION, R: Scope.ALL},
    "survey.draw_sample": {S: Scope.REGION},
    "survey.check_draw": {S: Scope.REGION, R: Scope.ALL},
    "survey.look_up_number": {S: Scope.ALL},
    "survey.erase_numbers": {S: Scope.REGION},
    "survey.use_planner": dict.fromkeys((O, D, S, R), Scope.ALL),
    "territory.see_regions": EVERYBODY,
    "territory.add_region": {A: Scope.ALL, O: Scope.REGION},
    "territory.rename_region": {A: Scope.ALL, O: Scope.REGION},
    "territory.end_region": {A: Scope.ALL, O: Scope.REGION},
    "territory.succeed_region": {A: Scope.ALL, O: Scope.REGION},
    "territory.import_divisions": {A: Scope.ALL, O: Scope.REGION},
    "territory.see_populations": EVERYBODY,
    "territory.import_populations": {A: Scope.ALL, O: Scope.REGION},
    "territory.see_calendar": EVERYBODY,
    "territory.change_calendar": {A: Scope.ALL, O: Scope.ALL},
    "territory.import_calendar": {A: Scope.ALL, O: Scope.ALL},
    "territory.attach_map": {A: Scope.ALL, O: Scope.REGION},
    "territory.remove_map": {A: Scope.ALL, O: Scope.REGION},
}
# fmt: on

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
    if act.guarded & NEVER_TOGETHER and shown(roles_of(actor)) >= NEVER_TOGETHER:
        return NUMBERS_AND_ANSWERS(act=act.title)
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


def roles_of(actor: Actor) -> frozenset[Role]:
    """The roles that an actor holds, wherever."""
    return frozenset(Role(held.role) for held in actor.held)


def shown(roles: Iterable[Role]) -> frozenset[Guarded]:
    """What stands behind walls and is shown by the acts of any of these roles."""
    held = set(roles)
    return frozenset(
        kind
        for act in ACTS.values()
        if held & TABLE.get(act.name, {}).keys()
        for kind in act.guarded
    )


@dataclass(frozen=True)
class Reach:
    """How far an actor may do an act: what a list is narrowed to.

    Attributes:
        everywhere: no limit.
        regions: stems of the regions' codes below which he may.
        units: keys of the units for which he may.
        account: his own account, if he may for his own things.
    """

    everywhere: bool = False
    regions: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    account: int | None = None

    def query(self, *, region: str = "", unit: str = "", account: str = "") -> Q:
        """The condition that narrows a list to what the actor may see.

        Args:
            region: path to the 12-digit code of a row's region, such as ``unit__region__code``.
            unit: path to the key of its unit, such as ``unit_id``.
            account: path to the key of its account.
        """
        if self.everywhere:
            return Q()
        found = Q(pk__in=())
        for stem in self.regions if region else ():
            found |= Q(**{f"{region}__startswith": stem})
        if unit and self.units:
            found |= Q(**{f"{unit}__in": self.units})
        if account and self.account is not None:
            found |= Q(**{account: self.account})
        return found


def reach(actor: Actor, act: Act) -> Reach:
    """How far the actor may do the act; nowhere is an empty reach."""
    if actor.is_system:
        return Reach(everywhere=True)
    if refusal(actor, act, None) is not None:
        return Reach()
    row = TABLE.get(act.name, {})
    found = [(row[Role(held.role)], held) for held in actor.held if Role(held.role) in row]
    return Reach(
        everywhere=any(
            scope is Scope.ALL or (scope is Scope.REGION and held.region is None)
            for scope, held in found
        ),
        regions=tuple(
            held.region for scope, held in found if scope is Scope.REGION and held.region
        ),
        units=tuple(held.unit for scope, held in found if scope is Scope.UNIT and held.unit),
        account=actor.account if any(scope is Scope.OWN for scope, _held in found) else None,
    )
