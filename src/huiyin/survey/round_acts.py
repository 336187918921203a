"""What can be done with series and their rounds.

A round tells of samples to be drawn and of results to come, so nobody who is judged by it sees one
before it is published; that there was one, and when, is all that he sees then.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Guarded, act
from huiyin.survey.round_rules import MOVES, Step


def _of_rounds(name: str, title: str | Promise, *, changes: bool = True) -> Act:
    return act(f"survey.{name}", title, changes=changes, guarded=(Guarded.UNPUBLISHED,))


SEE_ROUNDS = _of_rounds("see_rounds", _("See rounds"), changes=False)
SEE_PUBLISHED_ROUNDS = act(
    "survey.see_published_rounds", _("See which rounds are published"), changes=False
)
MANAGE_SERIES = _of_rounds("manage_series", _("Add and change survey series"))
ADD_ROUND = _of_rounds("add_round", _("Add a round"))
REMOVE_ROUND = _of_rounds("remove_round", _("Remove the draft of a round"))
CHANGE_ROUND = _of_rounds("change_round", _("Change a round"))
SET_ALLOCATION = _of_rounds("set_allocation", _("Set the interviews wanted"))
SET_HOURS = _of_rounds("set_hours", _("Set calling hours"))
SET_QUOTAS = _of_rounds("set_quotas", _("Set quotas"))
IMPORT_QUOTAS = _of_rounds("import_quotas", _("Import quotas"))
SET_STAFF = _of_rounds("set_staff", _("Assign staff to a round"))
IMPORT_STAFF = _of_rounds("import_staff", _("Import the staff of rounds"))
MARK_BREAK = _of_rounds("mark_break", _("Mark a break in the series"))

#: The act of each step.
STEP_ACTS: dict[Step, Act] = {
    step: _of_rounds(name, MOVES[step].title)
    for step, name in (
        (Step.READY, "make_round_ready"),
        (Step.BACK, "step_round_back"),
        (Step.OPEN, "open_field"),
        (Step.CLOSE, "close_field"),
        (Step.MEASURE, "take_round_as_measured"),
        (Step.PUBLISH, "publish_round"),
    )
}
