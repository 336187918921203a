"""Events: who did what, when, from where, to which object; and the lanes in which they are chained.

Both tables are written by triggers (``sql/chain.sql``): what an event says of its lane, number,
hashes and time is the database's word, not the caller's.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huiyin.audit.rules import GENESIS


class Bigrams(models.Func):
    """All pairs of neighbouring letters of a text, in lower case: what finds a part of a label."""

    function = "audit_bigrams"
    arity = 1
    output_field = models.TextField()


class Event(models.Model):
    """One act that was done. The database numbers and chains it and refuses every later change."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("When"), db_default=Now(), editable=False)
    actor = models.BigIntegerField(_("Account"), null=True)
    actor_name = models.CharField(_("Who"), max_length=150)
    address = models.CharField(_("From"), max_length=45, blank=True)
    act = models.CharField(_("Act"), max_length=80)
    region = models.CharField(_("Region"), max_length=15, blank=True)
    kind = models.CharField(_("Kind of object"), max_length=80)
    key = models.CharField(_("Key"), max_length=80, blank=True)
    label = models.CharField(_("Object"), max_length=300, blank=True)
    before = models.JSONField(_("Before"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("After"), default=dict, encoder=DjangoJSONEncoder)
    lane = models.SmallIntegerField(_("Lane"), db_default=0, editable=False)
    number = models.BigIntegerField(_("Number in the lane"), db_default=0, editable=False)
    previous = models.CharField(
        _("Hash of the event before"), max_length=64, db_default="", editable=False
    )
    hash = models.CharField(_("Hash"), max_length=64, db_default="", editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("lane", "number"), name="audit_event_place"),
        )
        indexes = (
            models.Index(fields=("at", "id"), name="audit_event_at"),
            models.Index(fields=("actor", "id"), name="audit_event_actor"),
            models.Index(fields=("actor_name", "id"), name="audit_event_name"),
            models.Index(fields=("act", "id"), name="audit_event_act"),
            models.Index(fields=("address", "id"), name="audit_event_address"),
            models.Index(fields=("kind", "key", "id"), name="audit_event_thing"),
            models.Index(
                fields=("region", "id"),
                name="audit_event_region",
                opclasses=("varchar_pattern_ops", "int8_ops"),
            ),
            GinIndex(Bigrams("label"), name="audit_event_label"),
        )

    def __str__(self) -> str:
        return f"#{self.pk} {self.act}"


class Lane(models.Model):
    """One of the chains that run side by side, as far as it has come."""

    number = models.SmallIntegerField(_("Lane"), primary_key=True)
    length = models.BigIntegerField(_("Events"), default=0)
    hash = models.CharField(_("Hash of the last event"), max_length=64, default=GENESIS)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        default_permissions = ()
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}: {self.length}"
