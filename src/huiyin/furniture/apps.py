from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FurnitureConfig(AppConfig):
    name = "huiyin.furniture"
    label = "furniture"
    verbose_name = _("Furniture")

    def ready(self) -> None:
        from huiyin.furniture.exchange import work  # noqa: F401 (declares its jobs)
