from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    name = "huiyin.organisation"
    label = "organisation"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        from huiyin.furniture.home import add_provider
        from huiyin.furniture.navigation import Entry, add_entry
        from huiyin.organisation import account_acts, acts, home, region_section
        from huiyin.territory.sections import Section, register

        add_entry(
            Entry(
                _("Organisation"), "organisation:units", acts.SEE_UNITS, order=50,
                text=_("Units, posts, groups and their meetings"),
            )
        )  # fmt: skip
        add_entry(
            Entry(
                _("Accounts"), "organisation:accounts", account_acts.SEE_ACCOUNTS, order=60,
                text=_("Who signs in, and in which role"),
            )
        )  # fmt: skip
        add_provider(home.tasks)
        register(
            Section(
                "organisation", _("Units and who answers"), "organisation/of_region.html",
                region_section.context, acts.SEE_UNITS, order=60,
            )
        )  # fmt: skip
