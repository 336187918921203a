"""Regions with official codes and the dates between which they hold."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from huiyin.territory import rules


class Region(models.Model):
    """A province, city, county, town, village or grid."""

    code = models.CharField(_("Code"), max_length=15)
    name = models.CharField(_("Name"), max_length=100)
    level = models.PositiveSmallIntegerField(_("Level"), choices=list(rules.LEVEL_TITLES.items()))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    initials = models.CharField(_("Pinyin initials"), max_length=100, blank=True)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        default_permissions = ()
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        return rules.stem(self.code, self.level)
