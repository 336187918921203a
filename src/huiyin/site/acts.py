"""What can be done with the site itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_API = act("site.see_api", _("See the description of the API"), changes=False)
SEE_HOME = act("site.see_home", _("See one's home page"), changes=False)
SEE_STYLE = act("site.see_style", _("See the furniture of pages"), changes=False)
MAKE_BACKUP = act("site.make_backup", _("Make a backup"), changes=True)
RESTORE_BACKUP = act("site.restore_backup", _("Restore a backup"), changes=True)
