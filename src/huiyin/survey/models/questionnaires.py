"""Questionnaires and their versions: a version is never changed, only followed by another."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Questionnaire(models.Model):
    """A questionnaire, through all its versions."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    note = models.TextField(_("Note"), blank=True)
    in_bank = models.BooleanField(
        _("In the question bank"),
        default=False,
        help_text=_("A standard instrument that others are made from."),
    )

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        default_permissions = ()
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One version: the workbook as it was handed in, and what it compiles to."""

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("Version"))
    title = models.CharField(_("Title"), max_length=200, blank=True)
    note = models.CharField(_("What changed"), max_length=300, blank=True)
    workbook = models.BinaryField(_("Workbook"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    languages = models.JSONField(_("Languages"), default=list)
    questions = models.PositiveIntegerField(_("Questions"), default=0)
    warnings = models.JSONField(_("Warnings"), default=list)
    account = models.BigIntegerField(_("Handed in by"), null=True)
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())

    class Meta:
        verbose_name = _("questionnaire version")
        verbose_name_plural = _("questionnaire versions")
        default_permissions = ()
        ordering = ("questionnaire", "-number")
        constraints = (
            models.UniqueConstraint(fields=("questionnaire", "number"), name="version_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.questionnaire} v{self.number}"

    @property
    def short(self) -> str:
        """What it is called where its questionnaire stands beside it."""
        return gettext("Version {number}").format(number=self.number)


class Check(models.Model):
    """A workbook that somebody handed in, and what was found in it.

    A version is made only of one without mistakes; what is wrong with the others is kept here for
    whoever handed them in, and nothing else of them is.
    """

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="checks")
    upload = models.ForeignKey("furniture.Upload", models.CASCADE, related_name="+")
    note = models.CharField(_("What changed"), max_length=300, blank=True)
    account = models.BigIntegerField(_("Handed in by"), null=True)
    findings = models.JSONField(_("Findings"), null=True)  # None = not yet looked at
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())

    class Meta:
        verbose_name = _("check of a questionnaire")
        verbose_name_plural = _("checks of questionnaires")
        default_permissions = ()
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(version=None) | models.Q(findings__isnull=False),
                name="version_only_after_its_check",
            ),
        )

    def __str__(self) -> str:
        return f"{self.questionnaire}: {self.upload}"
