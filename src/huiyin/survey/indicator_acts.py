"""What can be done with indicators."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_INDICATORS = act("survey.see_indicators", _("See indicators"), changes=False)
ADD_INDICATOR_SET = act("survey.add_indicator_set", _("Add a set of indicators"), changes=True)
CHANGE_INDICATOR_SET = act(
    "survey.change_indicator_set", _("Rename a set of indicators"), changes=True
)
REMOVE_INDICATOR_SET = act(
    "survey.remove_indicator_set", _("Remove a set of indicators"), changes=True
)
SET_INDICATOR = act("survey.set_indicator", _("Add or change an indicator"), changes=True)
REMOVE_INDICATOR = act("survey.remove_indicator", _("Remove an indicator"), changes=True)
SET_COMPOSITE = act("survey.set_composite", _("Set the weights of a composite"), changes=True)
REMOVE_COMPOSITE = act("survey.remove_composite", _("Remove a composite"), changes=True)
IMPORT_INDICATORS = act("survey.import_indicators", _("Import indicators"), changes=True)
