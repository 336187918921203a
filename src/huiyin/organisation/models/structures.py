"""Templates of structures, and records that units keep: study topics, villages, campaign types."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.models import Upload
from huiyin.organisation.kinds import ServiceKind
from huiyin.organisation.models.units import Unit
from huiyin.territory.models import Region


class StructureTemplate(models.Model):
    """A named structure of groups, written one group a line (002-16, 004-02).

    The lines' notation is read by ``rules.read_parts``.
    """

    name = models.CharField(_("Name"), max_length=60, unique=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    lines = models.TextField(_("Groups, one a line"), max_length=8000)

    class Meta:
        verbose_name = _("structure template")
        verbose_name_plural = _("structure templates")
        default_permissions = ()
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation:template", args=[self.pk])


class StudyTopic(models.Model):
    """The topic that a unit studied in a month (一月一专题; 004-06)."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="study_topics", verbose_name=_("Unit")
    )
    year = models.PositiveSmallIntegerField(_("Year"))
    month = models.PositiveSmallIntegerField(_("Month"))
    topic = models.CharField(_("Topic"), max_length=200)
    held_on = models.DateField(_("Held on"))
    speaker = models.CharField(_("Speaker"), max_length=60, blank=True)
    people = models.PositiveSmallIntegerField(_("People present"))
    notes = models.TextField(_("Notes"), max_length=4000, blank=True)
    file = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("File")
    )

    class Meta:
        verbose_name = _("study topic")
        verbose_name_plural = _("study topics")
        default_permissions = ()
        ordering = ("-year", "-month", "unit")
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "year", "month"), name="study_topic_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="study_topic_month_of_a_year"
            ),
        )

    def __str__(self) -> str:
        return self.topic


class VillageService(models.Model):
    """The legal adviser or auxiliary police officer of a village (一村一辅警、一村一法律顾问)."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="services", verbose_name=_("Village")
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=ServiceKind)
    name = models.CharField(_("Person's name"), max_length=60)
    employer = models.CharField(_("Law firm or police station"), max_length=100, blank=True)
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name = _("village service")
        verbose_name_plural = _("village services")
        default_permissions = ()
        ordering = ("region__code", "kind", "-since")
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="service_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.name


class CampaignType(models.Model):
    """A type of campaign, such as 大学习, 大调研, 大宣讲 (000-05); a city may add its own."""

    name = models.CharField(_("Name"), max_length=40, unique=True)
    purpose = models.CharField(_("Purpose"), max_length=200, blank=True)
    in_use = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("campaign type")
        verbose_name_plural = _("campaign types")
        default_permissions = ()
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
