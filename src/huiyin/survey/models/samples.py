"""Samples: how a round's numbers were drawn, and the numbers, encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huiyin.survey.models.frames import NumberList, SegmentTable
from huiyin.survey.models.rounds import Round


class FrameKind(models.TextChoices):
    MOBILE = "mobile", _("Mobile")
    LANDLINE = "landline", _("Landline")
    LIST = "list", _("List")


class Sample(models.Model):
    """One draw for a round: its seed makes it repeatable."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="samples")
    number = models.PositiveSmallIntegerField(_("Draw"))
    seed = models.BigIntegerField(_("Seed"))
    kinds = models.JSONField(_("Kinds drawn from"), default=list)
    table = models.ForeignKey(
        SegmentTable, models.PROTECT, null=True, blank=True, verbose_name=_("Segment table")
    )
    listed = models.ForeignKey(
        NumberList, models.PROTECT, null=True, blank=True, verbose_name=_("List of numbers")
    )
    account = models.BigIntegerField(_("Drawn by"), null=True)
    drawn_at = models.DateTimeField(_("Drawn at"), db_default=Now())
    digest = models.CharField(_("Digest of the draw"), max_length=64, blank=True)
    erased_at = models.DateTimeField(_("Numbers erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        default_permissions = ()
        ordering = ("round", "number")
        constraints = (
            models.UniqueConstraint(fields=("round", "number"), name="draw_once_in_a_round"),
        )

    def __str__(self) -> str:
        return f"{self.round} #{self.number}"


class Stratum(models.Model):
    """A part of the frame from which numbers were drawn by themselves."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="strata")
    frame = models.CharField(_("Frame"), max_length=10, choices=FrameKind)
    carrier = models.CharField(_("Carrier"), max_length=20, blank=True)
    region = models.ForeignKey(
        "territory.Region", models.PROTECT, null=True, blank=True, verbose_name=_("Region")
    )
    size = models.BigIntegerField(_("Numbers in the frame"))
    wanted = models.PositiveIntegerField(_("Numbers drawn"))
    #: What it was drawn from: key of the stratum and its blocks (prefix and open digits), so that
    #: the draw can be repeated whatever becomes of the frame.
    key = models.CharField(max_length=120, default="")
    blocks = models.JSONField(default=list)

    class Meta:
        verbose_name = _("stratum")
        verbose_name_plural = _("strata")
        default_permissions = ()

    def __str__(self) -> str:
        parts = (self.get_frame_display(), self.carrier, self.region.name if self.region else "")
        return " ".join(part for part in parts if part)

    @property
    def probability(self) -> float:
        """How likely a number of the frame was to be drawn: wanted / size.

        It holds without conditions, whatever was drawn from the frame earlier in the year:
        (1 − n₁/N) · n₂/(N − n₁) = n₂/N.
        """
        return self.wanted / self.size

    @property
    def one_in(self) -> float:
        """Of how many numbers of the frame one was drawn."""
        return self.size / self.wanted


class Drawn(models.Model):
    """A number that was drawn: encrypted, compared by its keyed hash, never shown in a list.

    After the field is closed for good the number is erased and the hash stays until the year's
    rounds are over, so that nobody is drawn twice in a year.
    """

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="numbers")
    stratum = models.ForeignKey(Stratum, models.PROTECT, related_name="numbers")
    order = models.PositiveIntegerField(_("Order of release"))
    year = models.PositiveSmallIntegerField(_("Year"))
    number = models.BinaryField(_("Number, encrypted"), null=True)
    digest = models.BinaryField(_("Keyed hash"), null=True)  # null = the year is over
    segment = models.CharField(_("Segment or exchange"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("drawn number")
        verbose_name_plural = _("drawn numbers")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("year", "digest"), name="number_once_a_year"),
            models.UniqueConstraint(fields=("sample", "order"), name="order_once_in_a_sample"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
