from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveyConfig(AppConfig):
    name = "huiyin.survey"
    label = "survey"
    verbose_name = _("Survey")

    def ready(self) -> None:
        from huiyin.furniture.navigation import Entry, add_entry
        from huiyin.survey import acts

        text = _("Rounds, questionnaires, indicators, frames and samples")
        add_entry(Entry(_("Survey"), "survey:home", acts.SEE_SURVEY, order=20, text=text))
