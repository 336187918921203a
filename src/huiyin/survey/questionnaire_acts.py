"""What can be done with questionnaires and their versions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_QUESTIONNAIRES = act("survey.see_questionnaires", _("See questionnaires"), changes=False)
CHECK_QUESTIONNAIRE = act("survey.check_questionnaire", _("Check a questionnaire"), changes=False)
EVALUATE_INTERVIEW = act(
    "survey.evaluate_interview", _("Try a questionnaire with answers"), changes=False
)
ADD_QUESTIONNAIRE = act("survey.add_questionnaire", _("Add a questionnaire"), changes=True)
RENAME_QUESTIONNAIRE = act("survey.rename_questionnaire", _("Rename a questionnaire"), changes=True)
HAND_IN_VERSION = act("survey.hand_in_version", _("Hand in a questionnaire version"), changes=True)
COPY_QUESTIONNAIRE = act("survey.copy_questionnaire", _("Copy a questionnaire"), changes=True)
FILL_BANK = act("survey.fill_bank", _("Fill the question bank"), changes=True)
