"""Jobs as people see them, and the files they hand in."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(models.Model):
    """Work done behind the page, as the one who started it sees it."""

    task = models.CharField(_("Task"), max_length=100)
    title = models.CharField(_("Works on"), max_length=200, blank=True)
    account = models.BigIntegerField(_("Started by"), null=True, db_index=True)
    queue_id = models.BigIntegerField(null=True, unique=True)
    status = models.CharField(
        _("State"), max_length=10, choices=JobStatus, default=JobStatus.WAITING
    )
    percent = models.PositiveSmallIntegerField(_("Percent"), default=0)
    phase = models.CharField(_("Phase"), max_length=200, blank=True)
    message = models.TextField(_("Message"), blank=True)
    result = models.JSONField(_("Result"), default=dict, encoder=DjangoJSONEncoder)
    problem = models.JSONField(null=True, encoder=DjangoJSONEncoder)  # why it failed
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("Asked at"), db_default=Now())
    started_at = models.DateTimeField(_("Started at"), null=True)
    heard_at = models.DateTimeField(_("Last heard of"), null=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        default_permissions = ()
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="job_percent"),
            models.CheckConstraint(
                condition=models.Q(status__in=JobStatus.values), name="job_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=("waiting", "running"), ended_at=None)
                | models.Q(status__in=("done", "failed", "cancelled"), ended_at__isnull=False),
                name="job_ended",
            ),
        )

    def __str__(self) -> str:
        return f"{self.task}: {self.title}" if self.title else self.task


class Upload(models.Model):
    """A file that somebody handed in; its content is checked, not its name."""

    account = models.BigIntegerField(_("Handed in by"), null=True, db_index=True)
    name = models.CharField(_("File name"), max_length=255)
    kind = models.CharField(_("Kind"), max_length=20)
    size = models.BigIntegerField(_("Size"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    file = models.FileField(upload_to="%Y/%m/")
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
