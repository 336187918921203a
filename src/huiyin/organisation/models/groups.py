"""Groups that units form for a purpose: leading groups, commands, working groups, task forces."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.models import Upload
from huiyin.organisation.kinds import GroupKind, MeetingKind
from huiyin.organisation.models.units import Unit
from huiyin.territory.models import Region


class Group(models.Model):
    """A leading group, its office, a command, a working group or a task force."""

    name = models.CharField(_("Name"), max_length=100)
    kind = models.CharField(_("Kind"), max_length=20, choices=GroupKind)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="groups", verbose_name=_("Region")
    )
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates",
        verbose_name=_("Superior group"),
    )  # fmt: skip
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="groups_led",
        verbose_name=_("Lead unit"),
    )  # fmt: skip
    duties = models.JSONField(_("Duties"), default=list)
    founded_on = models.DateField(_("Founded on"), null=True, blank=True)
    dissolved_on = models.DateField(_("Dissolved on"), null=True, blank=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        default_permissions = ()
        ordering = ("region__code", "pk")
        constraints = (
            models.UniqueConstraint(fields=("region", "name"), name="group_name_once_in_a_region"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation:group", args=[self.pk])


class Member(models.Model):
    """A unit that takes part in a group beside its lead unit, and with what (000-08)."""

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="members", verbose_name=_("Group")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="memberships", verbose_name=_("Unit")
    )
    responsibility = models.TextField(_("Responsibility"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("member unit")
        verbose_name_plural = _("member units")
        default_permissions = ()
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("group", "unit"), name="member_once_in_a_group"),
        )

    def __str__(self) -> str:
        return str(self.unit)


class Charter(models.Model):
    """How a group is made up, what it does and by which rules it works (001-19); never edited."""

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="charters", verbose_name=_("Group")
    )
    number = models.PositiveSmallIntegerField(_("Edition"))
    adopted_on = models.DateField(_("Adopted on"))
    text = models.TextField(_("Text"), max_length=20000, blank=True)
    file = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("File")
    )

    class Meta:
        verbose_name = _("charter")
        verbose_name_plural = _("charters")
        default_permissions = ()
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="charter_edition_once"),
            models.CheckConstraint(
                condition=~Q(text="") | Q(file__isnull=False), name="charter_says_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} ({self.number})"


class Commitment(models.Model):
    """What the head of a group signed (组长表态; 001-20)."""

    group = models.ForeignKey(
        Group, models.CASCADE, related_name="commitments", verbose_name=_("Group")
    )
    signed_by = models.CharField(_("Signed by"), max_length=60)
    title = models.CharField(_("Post"), max_length=60, blank=True)
    signed_on = models.DateField(_("Signed on"))
    text = models.TextField(_("Text"), max_length=20000, blank=True)
    file = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("File")
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        default_permissions = ()
        ordering = ("-signed_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="") | Q(file__isnull=False), name="commitment_says_something"
            ),
        )

    def __str__(self) -> str:
        return self.signed_by


class Street(models.Model):
    """A street that a unit answers for: its patrol, its safety (责任街; 003-34)."""

    name = models.CharField(_("Name"), max_length=60)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="streets", verbose_name=_("Region")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="streets", verbose_name=_("Responsible unit")
    )
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name = _("responsibility street")
        verbose_name_plural = _("responsibility streets")
        default_permissions = ()
        ordering = ("region__code", "name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="street_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """A meeting of a group, numbered within its series: the group and the kind (000-04)."""

    group = models.ForeignKey(
        Group, models.PROTECT, related_name="meetings", verbose_name=_("Group")
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=MeetingKind)
    number = models.PositiveSmallIntegerField(_("Number"))
    held_on = models.DateField(_("Held on"))
    place = models.CharField(_("Place"), max_length=100, blank=True)
    chair = models.CharField(_("Chair"), max_length=60)
    attendees = models.TextField(_("Attendees"), max_length=4000)
    units = models.ManyToManyField(
        Unit, blank=True, related_name="meetings", verbose_name=_("Units present")
    )
    streets = models.ManyToManyField(
        Street, blank=True, related_name="meetings", verbose_name=_("Responsibility streets")
    )
    minutes = models.TextField(_("Minutes"), max_length=40000, blank=True)
    file = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("File")
    )

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        default_permissions = ()
        ordering = ("-held_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "kind", "number"), name="meeting_number_once_in_a_series"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="meeting_number_from_one"),
        )

    def __str__(self) -> str:
        return _("{group}: {kind} no. {number}").format(
            group=self.group, kind=self.get_kind_display(), number=self.number
        )

    def get_absolute_url(self) -> str:
        return reverse("organisation:meeting", args=[self.pk])


class Decision(models.Model):
    """What a meeting decided, who carries it out with whom, and until when (000-04, 000-08)."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="decisions", verbose_name=_("Meeting")
    )
    number = models.PositiveSmallIntegerField(_("Number"))
    text = models.TextField(_("Decision"), max_length=2000)
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="decisions", verbose_name=_("Lead unit")
    )
    member_units = models.ManyToManyField(
        Unit, blank=True, related_name="decisions_shared", verbose_name=_("Member units")
    )
    due_on = models.DateField(_("Due on"))
    done_on = models.DateField(_("Done on"), null=True, blank=True)
    outcome = models.TextField(_("Outcome"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ()
        ordering = ("meeting", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "number"), name="decision_number_once_in_a_meeting"
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]
