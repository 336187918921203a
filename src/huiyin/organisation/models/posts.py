"""Posts, who holds them from when to when, and what leaders answer for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.organisation.kinds import Deed, PostKind
from huiyin.organisation.models.groups import Group
from huiyin.organisation.models.units import Unit
from huiyin.territory.models import Region


class Post(models.Model):
    """A seat in a unit or in a group: the responsibility stays when the person goes."""

    title = models.CharField(_("Title"), max_length=60)
    kind = models.CharField(_("Kind"), max_length=20, choices=PostKind)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("Unit")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("Group")
    )
    order = models.PositiveSmallIntegerField(_("Order"), default=0)
    abolished_on = models.DateField(_("Abolished on"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        default_permissions = ()
        ordering = ("order", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(unit=None, group__isnull=False) | Q(unit__isnull=False, group=None),
                name="post_in_a_unit_or_in_a_group",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("organisation:post", args=[self.pk])

    @property
    def seat(self) -> Unit | Group:
        """Where the post stands."""
        seat = self.unit or self.group
        assert seat is not None  # the database holds it
        return seat


class Holder(models.Model):
    """A person in a post between two days, both included; never two at a time.

    The database refuses overlapping holders by the exclusion constraint ``post_one_holder``
    (migration 0002), built on ranges alone, because ``btree_gist`` is an extension.
    """

    post = models.ForeignKey(Post, models.CASCADE, related_name="holders", verbose_name=_("Post"))
    name = models.CharField(_("Person's name"), max_length=60)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="posts",
        verbose_name=_("Account"),
    )  # fmt: skip
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name = _("holder")
        verbose_name_plural = _("holders")
        default_permissions = ()
        ordering = ("-since",)
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="holder_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Pairing(models.Model):
    """A post answers for a region between two days (包保; 000-10)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="pairings", verbose_name=_("Post"))
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="pairings", verbose_name=_("Region")
    )
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        default_permissions = ()
        ordering = ("-since",)
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="pairing_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.post} – {self.region}"


class Engagement(models.Model):
    """One thing that a leader did in person (003-33)."""

    post = models.ForeignKey(
        Post, models.PROTECT, related_name="engagements", verbose_name=_("Post")
    )
    deed = models.CharField(_("What was done in person"), max_length=10, choices=Deed)
    person = models.CharField(_("Person's name"), max_length=60)
    done_on = models.DateField(_("Day"))
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("Region")
    )
    account_of_it = models.TextField(_("What happened"), max_length=2000)

    class Meta:
        verbose_name = _("leader's engagement")
        verbose_name_plural = _("leaders' engagements")
        default_permissions = ()
        ordering = ("-done_on", "-pk")

    def __str__(self) -> str:
        return f"{self.person}: {self.get_deed_display()}"
