"""Frames: the numbers that can be drawn, and those that are never called."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SegmentTable(models.Model):
    """A table of mobile number segments as it was imported; rounds name the one they draw from."""

    name = models.CharField(_("Name"), max_length=100)
    origin = models.CharField(_("Origin"), max_length=200)
    as_of = models.DateField(_("As of"))
    segments = models.PositiveIntegerField(_("Segments"), default=0)
    account = models.BigIntegerField(_("Imported by"), null=True)
    created_at = models.DateTimeField(_("Imported at"), db_default=Now())

    class Meta:
        verbose_name = _("segment table")
        verbose_name_plural = _("segment tables")
        default_permissions = ()
        ordering = ("-as_of", "-id")

    def __str__(self) -> str:
        return self.name


class SegmentKind(models.TextChoices):
    MOBILE = "mobile", _("Mobile")
    VIRTUAL = "virtual", _("Virtual operator")
    DATA = "data", _("Data or internet of things")


class Segment(models.Model):
    """The 10,000 mobile numbers that begin with the same seven digits."""

    table = models.ForeignKey(SegmentTable, models.CASCADE, related_name="rows")
    prefix = models.CharField(_("Segment"), max_length=7)
    province = models.CharField(_("Province"), max_length=40)
    city = models.CharField(_("City"), max_length=40)
    carrier = models.CharField(_("Carrier"), max_length=20)
    kind = models.CharField(
        _("Kind"), max_length=10, choices=SegmentKind, default=SegmentKind.MOBILE
    )

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("table", "prefix"), name="segment_once_in_a_table"),
        )
        indexes = (models.Index(fields=("table", "city", "carrier"), name="segment_by_city"),)

    def __str__(self) -> str:
        return self.prefix


class Exchange(models.Model):
    """Landline numbers of a city that begin with the same digits, and where they ring."""

    area_code = models.CharField(_("Area code"), max_length=4)
    prefix = models.CharField(_("Exchange prefix"), max_length=5)
    digits = models.PositiveSmallIntegerField(_("Digits of a number"))  # without the area code
    carrier = models.CharField(_("Carrier"), max_length=20, blank=True)
    region = models.ForeignKey(
        "territory.Region", models.PROTECT, null=True, blank=True, verbose_name=_("Region")
    )

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("area_code", "prefix"), name="exchange_once"),
        )

    def __str__(self) -> str:
        return f"{self.area_code}-{self.prefix}"


class NumberList(models.Model):
    """A list of numbers that was handed in as a frame of its own."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    origin = models.CharField(_("Origin"), max_length=200)
    numbers = models.PositiveIntegerField(_("Numbers"), default=0)
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())

    class Meta:
        verbose_name = _("list of numbers")
        verbose_name_plural = _("lists of numbers")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class DoNotCall(models.Model):
    """A number that is never called, by its keyed hash alone."""

    digest = models.BinaryField(_("Keyed hash"), unique=True)
    reason = models.CharField(_("Reason"), max_length=200)
    since = models.DateTimeField(_("Since"), db_default=Now())

    class Meta:
        verbose_name = _("number not to call")
        verbose_name_plural = _("numbers not to call")
        default_permissions = ()

    def __str__(self) -> str:
        return f"#{self.pk}"
