from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "huiyin.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        post_migrate.connect(lay_lanes, sender=self)


def lay_lanes(using: str, **_others: Any) -> None:
    """Give a database the lanes that it does not have yet; a lane that is there stays as it is."""
    from huiyin.audit.models import Lane
    from huiyin.audit.rules import LANES

    lanes = [Lane(number=number) for number in range(LANES)]
    Lane.objects.using(using).bulk_create(lanes, ignore_conflicts=True)
