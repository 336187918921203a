"""What can be done with the calendar of holidays."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_CALENDAR = act("territory.see_calendar", _("See the calendar of holidays"), changes=False)
CHANGE_CALENDAR = act(
    "territory.change_calendar", _("Change the calendar of holidays"), changes=True
)
IMPORT_CALENDAR = act("territory.import_calendar", _("Import days of the calendar"), changes=True)
