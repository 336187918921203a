from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditorConfig(AppConfig):
    name = "huiyin.auditor"
    label = "auditor"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from huiyin.audit.acts import SEE_EVENTS
        from huiyin.auditor.home import tasks
        from huiyin.furniture.home import add_provider
        from huiyin.furniture.navigation import Entry, add_entry

        text = _("Who did what, when and to which object; and the proof that the record is whole.")
        add_entry(Entry(_("Audit"), "audit:events", SEE_EVENTS, order=80, text=text))
        add_provider(tasks)
