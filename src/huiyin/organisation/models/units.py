"""Units: who is responsible for what, and where."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.kinds import UnitKind
from huiyin.territory.models import Region


class Unit(models.Model):
    """A government office, department, court, town government, or another such as a bank."""

    name = models.CharField(_("Name"), max_length=100)
    short_name = models.CharField(_("Short name"), max_length=40, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=UnitKind)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="units", verbose_name=_("Region")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name=_("Superior unit"),
    )  # fmt: skip
    judged = models.BooleanField(
        _("Judged by survey results"),
        default=True,
        help_text=_("Its members never see samples, interviews or unpublished results."),
    )
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("region", "name"), name="unit_name_once_in_a_region"),
        )

    def __str__(self) -> str:
        return self.short_name or self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation:unit", args=[self.pk])


class BudgetLine(models.Model):
    """What a unit set aside for this work in a year (专费; 002-04, 002-17)."""

    unit = models.ForeignKey(
        Unit, models.CASCADE, related_name="budget_lines", verbose_name=_("Unit")
    )
    year = models.PositiveSmallIntegerField(_("Year"))
    amount = models.DecimalField(_("Amount (yuan)"), max_digits=14, decimal_places=2)
    source = models.CharField(_("Budget item"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        default_permissions = ()
        ordering = ("-year",)
        constraints = (
            models.UniqueConstraint(fields=("unit", "year"), name="budget_line_once_a_year"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="budget_line_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"
