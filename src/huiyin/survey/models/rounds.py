"""Rounds of a series: what is asked of whom, when, and how far it has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.models import Unit
from huiyin.organisation.roles import Role
from huiyin.survey.models.frames import SegmentTable
from huiyin.survey.models.indicators import IndicatorSet
from huiyin.survey.models.questionnaires import Version
from huiyin.survey.round_kinds import Annual, Half, Mode, RoundStatus
from huiyin.territory.models import Region, Sex

#: The number that residents know the survey by; no other is shown to them (000-14).
CALLER_ID = "12340"
#: Who can be staff of a round.
STAFF_ROLES = (Role.SUPERVISOR, Role.INTERVIEWER, Role.VERIFIER)


class Series(models.Model):
    """A survey that is repeated: 公众安全感满意度."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("Region"))
    annual = models.CharField(
        _("Annual result"), max_length=10, choices=Annual, default=Annual.POOLED
    )
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        verbose_name = _("survey series")
        verbose_name_plural = _("survey series")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


def telephone() -> list[str]:
    """How residents are asked, until somebody says otherwise."""
    return [Mode.TELEPHONE.value]


def mobile() -> list[str]:
    """The frame of a round, until somebody says otherwise."""
    return ["mobile"]  # a FrameKind, which stands above this module


class Round(models.Model):
    """One round of a series."""

    series = models.ForeignKey(
        Series, models.PROTECT, related_name="rounds", verbose_name=_("Survey series")
    )
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
    caller_id = models.CharField(_("Caller number"), max_length=20, default=CALLER_ID)
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
    frames = models.JSONField(_("Frames"), default=mobile)
    table = models.ForeignKey(
        SegmentTable, models.PROTECT, null=True, blank=True, related_name="rounds",
        verbose_name=_("Segment table"),
    )  # fmt: skip
    design = models.TextField(_("Sample design"), blank=True)
    allocation = models.JSONField(
        _("Interviews wanted"), default=dict, help_text=_("By the code of the region.")
    )
    modes = models.JSONField(_("Modes"), default=telephone)
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
                condition=Q(field_from=None)
                | Q(field_until=None)
                | Q(field_until__gte=F("field_from")),
                name="field_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(caller_id=CALLER_ID), name="round_calls_from_12340"),
            models.CheckConstraint(
                condition=Q(least_age__gte=16, least_age__lte=120), name="round_asks_from_sixteen"
            ),
            models.CheckConstraint(
                condition=Q(resident_months__in=(6, 12)), name="round_asks_residents"
            ),
        )

    def __str__(self) -> str:
        return gettext("{series} {name}").format(series=self.series, name=self.name)

    def get_absolute_url(self) -> str:
        return reverse("survey:round", args=[self.pk])

    @property
    def name(self) -> str:
        """The round within its series: 2026年上半年."""
        return gettext("{year} {half}").format(year=self.year, half=self.get_half_display())

    @property
    def code(self) -> str:
        """The round within its series, as files name it: 2026H1."""
        return f"{self.year}{self.half}"


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
            models.CheckConstraint(condition=Q(weekday__lte=7), name="calling_hours_weekday"),
            models.UniqueConstraint(
                fields=("round", "weekday", "begins"), name="calling_hours_once"
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")), name="calling_hours_in_order"
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
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in STAFF_ROLES]),
                name="staff_of_the_centre",
            ),
            # nobody verifies interviews of a round in which he makes some
            models.UniqueConstraint(
                fields=("round", "account"),
                condition=Q(role__in=[Role.INTERVIEWER.value, Role.VERIFIER.value]),
                name="staff_asks_or_verifies",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} – {self.round}"


class Quota(models.Model):
    """How many interviews are wanted of people of one sex and age band in a region."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="quotas")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("Region"))
    sex = models.CharField(_("Sex"), max_length=6, choices=Sex, default=Sex.ALL)
    age_from = models.PositiveSmallIntegerField(_("Age from"), default=0)
    age_to = models.PositiveSmallIntegerField(_("Age to"), null=True, blank=True)
    target = models.PositiveIntegerField(_("Interviews wanted"))

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        default_permissions = ()
        ordering = ("round", "region__code", "sex", "age_from")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "region", "sex", "age_from"), name="quota_once_in_a_round"
            ),
            models.CheckConstraint(condition=Q(target__gt=0), name="quota_above_zero"),
            models.CheckConstraint(
                condition=Q(age_to=None) | Q(age_to__gte=F("age_from")), name="quota_age_band"
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.get_sex_display()} {self.ages}".strip()

    @property
    def ages(self) -> str:
        """The age band as people write it: 18-24, 60+; "" = all ages."""
        if self.age_to is None:
            return f"{self.age_from}+" if self.age_from else ""
        return f"{self.age_from}-{self.age_to}"
