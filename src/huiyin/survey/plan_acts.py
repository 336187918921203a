"""What can be done with the planner; behind the wall of samples, because it tells their sizes.

A plan is taken into a round by the act that sets a round's interviews (``survey.set_allocation``).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act
from huiyin.survey.frame_acts import WALL

USE_PLANNER = act("survey.use_planner", _("Plan a sample"), changes=False, guarded=WALL)
