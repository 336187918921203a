"""What the room as a whole can be asked for; each part declares its own in ``<part>_acts.py``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_SURVEY = act("survey.see_survey", _("Open the survey room"), changes=False)
