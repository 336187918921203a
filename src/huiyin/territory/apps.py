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
        from huiyin.territory.sections import Section, register
        from huiyin.territory.views.regions import populations_section

        text = _("Divisions, their history, populations and maps")
        add_entry(Entry(_("Regions"), "territory:tree", acts.SEE_REGIONS, order=60, text=text))
        register(
            Section(
                "populations", _("Populations"), "territory/populations_section.html",
                populations_section, acts.SEE_POPULATIONS, order=20,
            )
        )  # fmt: skip
