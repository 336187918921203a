"""What can be done with the furniture itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

HAND_IN_FILE = act("furniture.hand_in_file", _("Hand in a file"), changes=True)
SEE_FILE = act("furniture.see_file", _("Fetch a file one has handed in"), changes=False)
