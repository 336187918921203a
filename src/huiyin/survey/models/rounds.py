"""Rounds of a series: what is asked of whom, when, and how far it has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.models import Unit
from huiyin.organisation.roles import Role
from huiyin.survey.models.indicators import IndicatorSet
from huiyin.survey.models.questionnaires import Version
from huiyin.territory.models import Region


class Series(models.Model):
    """A survey that is repeated: 公众安全感满意度."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("Region"))
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        verbose_name = _("survey series")
        verbose_name_plural = _("survey series")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Half(models.TextChoices):
    H1 = "H1", _("First half")
    H2 = "H2", _("Second half")


class RoundStatus(models.TextChoices):
    """How far a round has come, in this order."""

    DRAFT = "draft", _("Draft")
    READY = "ready", _("Ready")
    FIELDING = "fielding", _("In the field")
    CLOSED = "closed", _("Field closed")
    MEASURED = "measured", _("Measured")
    PUBLISHED = "published", _("Published")


class Round(models.Model):
    """One round of a series."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="rounds")
    year = models.PositiveSmallIntegerField(_("Year"))
    half = models.CharField(_("Half"), max_length=2, choices=Half)
    status = models.CharField(
        _("State"), max_length=10, choices=RoundStatus, default=RoundStatus.DRAFT
    )
    field_from = models.DateField(_("Field from"), null=True, blank=True)
    field_until = models.DateField(_("Field until"), null=True, blank=True)
    centre = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="rounds",
        verbose_name=_("Survey centre"),
    )  # fmt: skip
    caller_id = models.CharField(_("Caller number"), max_length=20, default="12340")
    least_age = models.PositiveSmallIntegerField(_("Age from"), default=16)
    resident_months = models.PositiveSmallIntegerField(_("Months of residence"), default=6)
    version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="rounds",
        verbose_name=_("Questionnaire version"),
    )  # fmt: skip
    indicators = models.ForeignKey(
        IndicatorSet, models.PROTECT, null=True, blank=True, related_name="rounds",
        verbose_name=_("Indicators"),
    )  # fmt: skip
    allocation = models.JSONField(
        _("Interviews wanted"), default=dict, help_text=_("By the code of the region.")
    )
    quotas = models.JSONField(_("Quotas"), default=list)
    mode = models.CharField(_("Mode"), max_length=40, default="telephone")
    break_reason = models.TextField(
        _("Break in the series"),
        blank=True,
        help_text=_("Why this round is not compared with the one before; empty = it is."),
    )

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        default_permissions = ()
        ordering = ("series", "-year", "-half")
        constraints = (
            models.UniqueConstraint(fields=("series", "year", "half"), name="round_once"),
            models.CheckConstraint(
                condition=models.Q(field_from=None)
                | models.Q(field_until=None)
                | models.Q(field_until__gte=models.F("field_from")),
                name="field_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.year}{self.half}"


class CallingHours(models.Model):
    """From when to when residents are called, by weekday; 7 stands for public holidays."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="calling_hours")
    weekday = models.PositiveSmallIntegerField(_("Weekday"))  # 0 Monday … 6 Sunday, 7 holiday
    begins = models.TimeField(_("From"))
    ends = models.TimeField(_("Until"))

    class Meta:
        verbose_name = _("calling hours")
        verbose_name_plural = _("calling hours")
        default_permissions = ()
        ordering = ("round", "weekday", "begins")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(weekday__lte=7), name="calling_hours_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("begins")), name="calling_hours_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.weekday} {self.begins:%H:%M}–{self.ends:%H:%M}"


class Staff(models.Model):
    """Who works on a round, and as what."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="staff")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="rounds_worked_on"
    )
    role = models.CharField(_("Role"), max_length=20, choices=Role)

    class Meta:
        verbose_name = _("staff of a round")
        verbose_name_plural = _("staff of rounds")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("round", "account", "role"), name="staff_once_in_a_round"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} – {self.round}"
