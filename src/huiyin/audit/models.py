"""Events: who did what, when, from where, to which object."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()

    def __str__(self) -> str:
        return f"#{self.pk} {self.act}"
