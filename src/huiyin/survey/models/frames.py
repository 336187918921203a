"""Frames: the numbers that can be drawn, and those that are never called."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SegmentTable(models.Model):
    """A table of mobile number segments as it was imported; rounds name the one they draw from."""

    name = models.CharField(_("Name"), max_length=100)
    origin = models.CharField(_("Origin"), max_length=200)
    as_of = models.DateField(_("As of"))
    #: "" = of all cities.
    city = models.CharField(pgettext_lazy("of a frame", "City"), max_length=40, blank=True)
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
    SPECIAL = "special", _("Satellite or emergency")


class Segment(models.Model):
    """The 10,000 mobile numbers that begin with the same seven digits."""

    table = models.ForeignKey(SegmentTable, models.CASCADE, related_name="rows")
    prefix = models.CharField(_("Segment"), max_length=7)
    province = models.CharField(_("Province"), max_length=40)
    city = models.CharField(pgettext_lazy("of a frame", "City"), max_length=40)
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
    origin = models.CharField(_("Origin"), max_length=200, blank=True)
    as_of = models.DateField(_("As of"), null=True, blank=True)

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


class ListedNumber(models.Model):
    """A number of a list: encrypted on arrival, compared by its keyed hash."""

    listed = models.ForeignKey(NumberList, models.CASCADE, related_name="rows")
    number = models.BinaryField(_("Number, encrypted"), null=True)  # null = erased
    digest = models.BinaryField(_("Keyed hash"))
    kind = models.CharField(_("Kind"), max_length=10)
    region = models.ForeignKey(
        "territory.Region", models.PROTECT, null=True, blank=True, verbose_name=_("Region")
    )

    class Meta:
        verbose_name = _("number of a list")
        verbose_name_plural = _("numbers of lists")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("listed", "digest"), name="number_once_in_a_list"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class DoNotCall(models.Model):
    """A number that is never called, by its keyed hash alone.

    Lifted, it stays as it was, so that an earlier draw can still be repeated.
    """

    digest = models.BinaryField(_("Keyed hash"))
    reason = models.CharField(_("Reason"), max_length=200)
    since = models.DateTimeField(_("Since"), db_default=Now())
    until = models.DateTimeField(_("Lifted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("number not to call")
        verbose_name_plural = _("numbers not to call")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("digest",), condition=models.Q(until=None), name="not_called_once"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class Subscribers(models.Model):
    """How many users a carrier has in a city, as the carrier reported (the frame's true size)."""

    region = models.ForeignKey("territory.Region", models.PROTECT, verbose_name=_("Region"))
    carrier = models.CharField(_("Carrier"), max_length=20)
    users = models.PositiveIntegerField(_("Users"))
    as_of = models.DateField(_("As of"))
    source = models.CharField(_("Source"), max_length=200)

    class Meta:
        verbose_name = _("users of a carrier")
        verbose_name_plural = _("users of carriers")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("region", "carrier"), name="users_once_of_a_carrier"),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.carrier}"


class ImportState(models.TextChoices):
    READING = "reading", _("Being read")
    PLANNED = "planned", _("Waits for confirmation")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Could not be read")


class SegmentImport(models.Model):
    """A segment table that was handed in: what was found in it, and whether it was taken."""

    account = models.BigIntegerField(_("Handed in by"), null=True)
    upload = models.BigIntegerField(null=True)
    file = models.CharField(_("File"), max_length=255)
    name = models.CharField(_("Name"), max_length=100)
    origin = models.CharField(_("Origin"), max_length=200)
    as_of = models.DateField(_("As of"))
    city = models.CharField(pgettext_lazy("of a frame", "City"), max_length=40, blank=True)
    status = models.CharField(
        _("State"), max_length=10, choices=ImportState, default=ImportState.READING
    )
    counts = models.JSONField(_("Counts"), default=dict)
    findings = models.JSONField(_("Findings"), default=list)  # row, place, reason; the first 2,000
    problem = models.TextField(_("Problem"), blank=True)
    digest = models.CharField(max_length=64, blank=True)
    job = models.BigIntegerField(null=True)
    table = models.ForeignKey(
        SegmentTable, models.SET_NULL, null=True, blank=True, verbose_name=_("Segment table")
    )
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())

    class Meta:
        verbose_name = _("import of segments")
        verbose_name_plural = _("imports of segments")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} – {self.file}"
