from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveyConfig(AppConfig):
    name = "huiyin.survey"
    label = "survey"
    verbose_name = _("Survey")

    def ready(self) -> None:
        from huiyin.furniture.home import add_provider
        from huiyin.furniture.navigation import Entry, add_entry
        from huiyin.survey import acts, round_acts, round_home, round_section
        from huiyin.territory.sections import Section, register

        text = _("Rounds, questionnaires, indicators, frames and samples")
        add_entry(Entry(_("Survey"), "survey:home", acts.SEE_SURVEY, order=20, text=text))
        add_provider(round_home.tasks)
        register(
            Section(
                "rounds", _("Survey rounds"), "survey/round_section.html", round_section.context,
                round_acts.SEE_PUBLISHED_ROUNDS, order=70,
            )
        )  # fmt: skip
