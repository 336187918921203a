"""Kinds that rounds know: halves, states, modes, how a year's result comes about."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Annual(TextChoices):
    """How the result of a year comes about from its two rounds (000-17)."""

    POOLED = "pooled", _("Both rounds pooled: every interview counts by its weight")
    MEAN = "mean", _("Mean of the two rounds' results")


class Half(TextChoices):
    H1 = "H1", _("First half")
    H2 = "H2", _("Second half")


class RoundStatus(TextChoices):
    """How far a round has come, in this order."""

    DRAFT = "draft", _("Draft")
    READY = "ready", pgettext_lazy("of a round", "Ready")
    FIELDING = "fielding", _("In the field")
    CLOSED = "closed", _("Field closed")
    MEASURED = "measured", _("Measured")
    PUBLISHED = "published", _("Published")


class Mode(TextChoices):
    """How residents are asked."""

    TELEPHONE = "telephone", _("By telephone (CATI)")
    WEB = "web", _("On the web")
    VISIT = "visit", _("Face to face")
