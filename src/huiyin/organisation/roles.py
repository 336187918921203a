"""The roles that people hold."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A role is held by an account, in a unit or a region, between two dates."""

    ADMINISTRATOR = "administrator", _("System administrator")
    OFFICE = "office", _("Office")
    DESIGNER = "designer", _("Survey designer")
    SUPERVISOR = "supervisor", _("Survey supervisor")
    INTERVIEWER = "interviewer", _("Interviewer")
    VERIFIER = "verifier", _("Verifier")
    HANDLER = "handler", _("Unit handler")
    HEAD = "head", _("Unit head")
    LEADER = "leader", _("Leader")
    AUDITOR = "auditor", _("Auditor")


#: Roles of the survey centre.
CENTRE = frozenset({Role.DESIGNER, Role.SUPERVISOR, Role.INTERVIEWER, Role.VERIFIER})
#: Roles of units that are judged by what residents say.
JUDGED = frozenset({Role.HANDLER, Role.HEAD})
