"""What can be done with the furniture itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

HAND_IN_FILE = act("furniture.hand_in_file", _("Hand in a file"), changes=True)
SEE_FILE = act("furniture.see_file", _("Fetch a file one has handed in"), changes=False)
SEE_JOBS = act("furniture.see_jobs", _("See the list of one's jobs"), changes=False)
SEE_JOB = act("furniture.see_job", _("See how far a job is"), changes=False)
SEE_JOB_RESULT = act("furniture.see_job_result", _("See what came of a job"), changes=False)
CANCEL_JOB = act("furniture.cancel_job", _("Stop a job"), changes=True)
