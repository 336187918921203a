"""What can be done with frames and with the numbers that are never called.

All of it stands behind the wall of samples: whoever is judged by the result learns nothing of whom
it was asked.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Guarded, act

WALL = (Guarded.SAMPLES,)

SEE_FRAMES = act("survey.see_frames", _("See frames"), changes=False, guarded=WALL)
IMPORT_SEGMENTS = act(
    "survey.import_segments", _("Import mobile segments"), changes=True, guarded=WALL
)
IMPORT_EXCHANGES = act(
    "survey.import_exchanges", _("Import landline exchanges"), changes=True, guarded=WALL
)
HAND_IN_LIST = act(
    "survey.hand_in_list", _("Hand in a list of numbers"), changes=True, guarded=WALL
)
RECORD_USERS = act("survey.record_users", _("Record users of carriers"), changes=True, guarded=WALL)
SEE_DO_NOT_CALL = act(
    "survey.see_do_not_call", _("See the do-not-call list"), changes=False, guarded=WALL
)
ADD_DO_NOT_CALL = act(
    "survey.add_do_not_call", _("Add to the do-not-call list"), changes=True, guarded=WALL
)
LIFT_DO_NOT_CALL = act(
    "survey.lift_do_not_call", _("Lift from the do-not-call list"), changes=True, guarded=WALL
)
RESEAL_NUMBERS = act("survey.reseal_numbers", _("Encrypt numbers anew"), changes=True, guarded=WALL)
