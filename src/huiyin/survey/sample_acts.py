"""What can be done with samples; behind the wall of samples."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act
from huiyin.survey.frame_acts import WALL

SEE_SAMPLES = act("survey.see_samples", _("See samples"), changes=False, guarded=WALL)
DRAW_SAMPLE = act("survey.draw_sample", _("Draw a sample"), changes=True, guarded=WALL)
CHECK_DRAW = act("survey.check_draw", _("Repeat a draw to check it"), changes=True, guarded=WALL)
LOOK_UP_NUMBER = act(
    "survey.look_up_number", _("Look whether a number was drawn"), changes=True, guarded=WALL
)
ERASE_NUMBERS = act(
    "survey.erase_numbers", _("Erase the numbers of a sample"), changes=True, guarded=WALL
)
