"""Acts on units, posts and groups; those on accounts stand in ``account_acts``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_UNITS = act("organisation.see_units", _("See units and posts"), changes=False)
SEE_READINESS = act("organisation.see_readiness", _("See which units are ready"), changes=False)
MANAGE_UNITS = act("organisation.manage_units", _("Add and change units"), changes=True)
IMPORT_UNITS = act("organisation.import_units", _("Import units"), changes=True)
RECORD_BUDGET = act("organisation.record_budget", _("Record a budget line"), changes=True)
MANAGE_POSTS = act("organisation.manage_posts", _("Add and fill posts"), changes=True)
PAIR_LEADERS = act("organisation.pair_leaders", _("Pair leaders with regions"), changes=True)
LOG_ENGAGEMENT = act(
    "organisation.log_engagement", _("Log what a leader did in person"), changes=True
)

SEE_GROUPS = act("organisation.see_groups", _("See groups and their meetings"), changes=False)
SEE_GROUP_READINESS = act(
    "organisation.see_group_readiness", _("See whether a group's units are ready"), changes=False
)
MANAGE_GROUPS = act("organisation.manage_groups", _("Add and change groups"), changes=True)
WRITE_CHARTER = act("organisation.write_charter", _("Adopt a group's charter"), changes=True)
ATTACH_COMMITMENT = act(
    "organisation.attach_commitment", _("Attach a signed commitment"), changes=True
)
HOLD_MEETING = act("organisation.hold_meeting", _("Record a meeting"), changes=True)
RECORD_DECISION = act("organisation.record_decision", _("Record a decision"), changes=True)
CLOSE_DECISION = act("organisation.close_decision", _("Report a decision done"), changes=True)

MANAGE_TEMPLATES = act(
    "organisation.manage_templates", _("Change structure templates"), changes=True
)
LAY_OUT = act("organisation.lay_out", _("Lay out a structure"), changes=True)
RECORD_STUDY = act("organisation.record_study", _("Record a study topic"), changes=True)
SEE_COVERAGE = act(
    "organisation.see_coverage", _("See villages with advisers and streets"), changes=False
)
RECORD_SERVICE = act(
    "organisation.record_service", _("Record a village's adviser or officer"), changes=True
)
MANAGE_STREETS = act(
    "organisation.manage_streets", _("Assign responsibility streets"), changes=True
)
MANAGE_CAMPAIGN_TYPES = act(
    "organisation.manage_campaign_types", _("Change campaign types"), changes=True
)
