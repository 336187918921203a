"""Indicators: which answers to which question count how."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class IndicatorSet(models.Model):
    """Indicators that belong together and are bound to rounds as a whole."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    note = models.TextField(_("Note"), blank=True)

    class Meta:
        verbose_name = _("indicator set")
        verbose_name_plural = _("indicator sets")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")


class Scoring(models.TextChoices):
    SHARE = "share", _("Share of chosen answers")
    SCORE = "score", _("Score of 0 to 100")


class Indicator(models.Model):
    """One indicator: a question, how its answers count, and which direction is good."""

    set = models.ForeignKey(IndicatorSet, models.CASCADE, related_name="indicators")
    code = models.SlugField(_("Code"), max_length=40)
    name = models.CharField(_("Name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    question = models.CharField(_("Question"), max_length=100)
    scoring = models.CharField(_("Scoring"), max_length=10, choices=Scoring)
    counts = models.JSONField(
        _("Answers"),
        default=dict,
        help_text=_("Code of each answer and what it counts: 0 or 1 of a share, 0 to 100."),
    )
    missing = models.JSONField(_("No answer"), default=list)
    direction = models.CharField(
        _("Direction"), max_length=10, choices=Direction, default=Direction.HIGHER
    )
    order = models.PositiveSmallIntegerField(_("Order"), default=0)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        default_permissions = ()
        ordering = ("set", "order", "code")
        constraints = (
            models.UniqueConstraint(fields=("set", "code"), name="indicator_code_once_in_a_set"),
        )

    def __str__(self) -> str:
        return self.name


class Composite(models.Model):
    """A weighted sum of indicators: the total score of a round, or a part of it."""

    set = models.ForeignKey(IndicatorSet, models.CASCADE, related_name="composites")
    code = models.SlugField(_("Code"), max_length=40)
    name = models.CharField(_("Name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    is_total = models.BooleanField(_("Total score"), default=False)

    class Meta:
        verbose_name = _("composite")
        verbose_name_plural = _("composites")
        default_permissions = ()
        ordering = ("set", "code")
        constraints = (
            models.UniqueConstraint(fields=("set", "code"), name="composite_code_once_in_a_set"),
            models.UniqueConstraint(
                fields=("set",),
                condition=models.Q(is_total=True),
                name="one_total_score_in_a_set",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """An indicator, or another composite, in a composite, with its weight."""

    composite = models.ForeignKey(Composite, models.CASCADE, related_name="parts")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="parts"
    )
    nested = models.ForeignKey(
        Composite, models.PROTECT, null=True, blank=True, related_name="held_by"
    )
    weight = models.DecimalField(_("Weight"), max_digits=7, decimal_places=4)

    class Meta:
        verbose_name = _("part of a composite")
        verbose_name_plural = _("parts of composites")
        default_permissions = ()
        ordering = ("composite", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("composite", "indicator"), name="indicator_once_in_a_composite"
            ),
            models.UniqueConstraint(
                fields=("composite", "nested"), name="composite_once_in_a_composite"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gt=0), name="weight_of_a_part_above_zero"
            ),
            models.CheckConstraint(
                condition=models.Q(indicator=None) ^ models.Q(nested=None),
                name="part_is_an_indicator_or_a_composite",
            ),
            models.CheckConstraint(
                condition=models.Q(nested=None) | ~models.Q(nested=models.F("composite")),
                name="composite_not_part_of_itself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.composite} {self.of} × {self.weight}"

    @property
    def of(self) -> Indicator | Composite:
        """What has the weight."""
        part = self.indicator or self.nested
        assert part is not None, "a constraint of the table"
        return part
