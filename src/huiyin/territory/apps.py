from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TerritoryConfig(AppConfig):
    name = "huiyin.territory"
    label = "territory"
    verbose_name = _("Territory")

    def ready(self) -> None:
        from huiyin.furniture.navigation import Entry, add_entry
        from huiyin.territory import acts

        add_entry(Entry(_("Regions"), "territory:tree", acts.SEE_REGIONS, order=60))
