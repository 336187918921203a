"""Public holidays, and the weekends on which people work instead."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", _("Public holiday")
    WORKDAY = "workday", _("Make-up working day")


class Day(models.Model):
    """A day that is not what its weekday says.

    The State Council announces the days of a year in the year before: days off, and the weekends
    that are worked instead. Every other day follows its weekday.
    """

    date = models.DateField(_("Day"), unique=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=DayKind)
    name = models.CharField(_("Name"), max_length=40)
    source = models.CharField(_("Source"), max_length=200)

    class Meta:
        verbose_name = _("day of the calendar")
        verbose_name_plural = _("days of the calendar")
        default_permissions = ()
        ordering = ("-date",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=DayKind.values), name="day_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=DayKind.HOLIDAY) | models.Q(date__iso_week_day__gte=6),
                name="only_weekends_are_made_up",
            ),
        )

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
