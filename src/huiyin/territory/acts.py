"""What can be done with regions, their populations and their maps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import act

SEE_REGIONS = act("territory.see_regions", _("See regions"), changes=False)
ADD_REGION = act("territory.add_region", _("Add a region"), changes=True)
RENAME_REGION = act("territory.rename_region", _("Rename a region"), changes=True)
END_REGION = act("territory.end_region", _("End a region"), changes=True)
SUCCEED_REGION = act("territory.succeed_region", _("Record what follows a region"), changes=True)
IMPORT_DIVISIONS = act("territory.import_divisions", _("Import divisions"), changes=True)
SEE_POPULATIONS = act("territory.see_populations", _("See populations"), changes=False)
IMPORT_POPULATIONS = act("territory.import_populations", _("Import populations"), changes=True)
ATTACH_MAP = act("territory.attach_map", _("Attach a map"), changes=True)
REMOVE_MAP = act("territory.remove_map", _("Remove a map"), changes=True)
