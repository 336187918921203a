"""Regions with official codes, their history, their populations, and the shapes of maps."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huiyin.territory import rules
from huiyin.territory.calendar_models import Day, DayKind

__all__ = [
    "Day",
    "DayKind",
    "DivisionImport",
    "ImportStatus",
    "Population",
    "PopulationKind",
    "Region",
    "RegionSet",
    "Residence",
    "Sex",
    "Shape",
    "Succession",
]

#: What a code of each level looks like: digits of its own, then zeros.
_CODE_PATTERNS = {
    1: r"^[0-9]{2}0{10}$",
    2: r"^[0-9]{4}0{8}$",
    3: r"^[0-9]{6}0{6}$",
    4: r"^[0-9]{9}0{3}$",
    5: r"^[0-9]{12}$",
    6: r"^[0-9]{15}$",
}


def _code_fits_level() -> Q:
    fits = Q()
    for level, pattern in _CODE_PATTERNS.items():
        fits |= Q(level=level, code__regex=pattern)
    return fits


class Region(models.Model):
    """A province, city, county, town, village or grid.

    A row stays the same region through a new name or code, so that whatever refers to it follows;
    what it was before is kept as an ended row beside it, linked by a :class:`Succession`.
    """

    code = models.CharField(_("Code"), max_length=15)
    name = models.CharField(_("Name"), max_length=100)
    level = models.PositiveSmallIntegerField(_("Level"), choices=list(rules.LEVEL_TITLES.items()))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name=_("Lies in"),
    )  # fmt: skip
    initials = models.CharField(_("Pinyin initials"), max_length=100, blank=True)
    urban_rural = models.CharField(
        _("Urban–rural class"), max_length=3, blank=True,
        choices=list(rules.URBAN_RURAL_TITLES.items()),
    )  # fmt: skip
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    source = models.ForeignKey(
        "DivisionImport", models.SET_NULL, null=True, blank=True, editable=False,
        related_name="regions", verbose_name=_("Imported by"), db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        default_permissions = ()
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("code",),
                condition=Q(valid_until=None),
                name="region_code_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("code", "valid_from"), nulls_distinct=False, name="region_code_once_from"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lte=F("valid_until")),
                name="region_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=_code_fits_level(), name="region_code_fits_level"),
            models.CheckConstraint(condition=~Q(name=""), name="region_has_a_name"),
        )
        indexes = (
            models.Index(
                fields=("code",), name="region_code_prefix", opclasses=("varchar_pattern_ops",)
            ),
            models.Index(
                fields=("initials",), name="region_initials", opclasses=("varchar_pattern_ops",)
            ),
            models.Index(fields=("name",), name="region_name", opclasses=("varchar_pattern_ops",)),
            models.Index(fields=("level", "code"), name="region_level_code"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        return rules.stem(self.code, self.level)


class Succession(models.Model):
    """One region followed another on a day."""

    before = models.ForeignKey(
        Region, models.PROTECT, related_name="successors", verbose_name=_("Before")
    )
    after = models.ForeignKey(
        Region, models.PROTECT, related_name="predecessors", verbose_name=_("After")
    )
    on = models.DateField(_("On"))
    reason = models.CharField(
        _("Reason"), max_length=10, choices=[(r.value, t) for r, t in rules.REASON_TITLES.items()]
    )
    source = models.ForeignKey(
        "DivisionImport", models.SET_NULL, null=True, blank=True, editable=False,
        related_name="successions",
    )  # fmt: skip

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        default_permissions = ()
        ordering = ("on", "id")
        constraints = (
            models.UniqueConstraint(fields=("before", "after"), name="succession_once"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="succession_not_of_self"),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in rules.Reason]), name="succession_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class ImportStatus(models.TextChoices):
    READING = "reading", _("Being read")
    PLANNED = "planned", _("Waits for confirmation")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Could not be read")


class DivisionImport(models.Model):
    """Division files that were handed in together, what they would change, and whether they did."""

    account = models.BigIntegerField(_("Handed in by"), null=True)
    files = models.JSONField(_("Files"), default=list)  # their names
    uploads = models.JSONField(default=list)  # their keys; none where a command imported them
    on = models.DateField(_("Changes hold from"))
    status = models.CharField(
        _("State"), max_length=10, choices=ImportStatus, default=ImportStatus.READING
    )
    counts = models.JSONField(_("Counts"), default=dict)
    examples = models.JSONField(_("Examples"), default=dict, encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64, blank=True)  # of the plan that was shown
    listing = models.FileField(upload_to="territory/%Y/%m/", blank=True)  # the whole plan
    problem = models.TextField(_("Problem"), blank=True)
    job = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("Handed in at"), db_default=Now())
    done_at = models.DateTimeField(_("Imported at"), null=True)

    class Meta:
        verbose_name = _("division import")
        verbose_name_plural = _("division imports")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"#{self.pk}"


class PopulationKind(models.TextChoices):
    CENSUS = "census", _("Census")
    ESTIMATE = "estimate", _("Estimate")


class Sex(models.TextChoices):
    ALL = "all", _("Both sexes")
    MALE = "male", _("Male")
    FEMALE = "female", _("Female")


class Residence(models.TextChoices):
    ALL = "all", _("Urban and rural")
    URBAN = "urban", _("Urban")
    RURAL = "rural", _("Rural")


class Population(models.Model):
    """People of one sex, age band and residence in a region in one year."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="populations", verbose_name=_("Region")
    )
    year = models.PositiveSmallIntegerField(_("Year"))
    kind = models.CharField(_("Kind"), max_length=10, choices=PopulationKind)
    sex = models.CharField(_("Sex"), max_length=6, choices=Sex, default=Sex.ALL)
    age_from = models.PositiveSmallIntegerField(_("Age from"), default=0)
    age_to = models.PositiveSmallIntegerField(_("Age to"), null=True, blank=True)
    residence = models.CharField(
        _("Residence"), max_length=5, choices=Residence, default=Residence.ALL
    )
    people = models.BigIntegerField(_("People"))
    source = models.CharField(_("Source"), max_length=200)

    class Meta:
        verbose_name = _("population")
        verbose_name_plural = _("populations")
        default_permissions = ()
        ordering = ("region", "-year", "kind", "sex", "age_from", "residence")
        constraints = (
            models.UniqueConstraint(
                fields=("region", "year", "kind", "sex", "age_from", "residence"),
                name="population_cell_once",
            ),
            models.CheckConstraint(condition=Q(people__gte=0), name="population_not_negative"),
            models.CheckConstraint(
                condition=Q(age_to=None) | Q(age_to__gte=F("age_from")), name="population_age_band"
            ),
            models.CheckConstraint(
                condition=Q(age_from__lte=120) & (Q(age_to=None) | Q(age_to__lte=150)),
                name="population_age",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1900, year__lte=2200), name="population_year"
            ),
            models.CheckConstraint(
                condition=Q(
                    sex__in=Sex.values,
                    residence__in=Residence.values,
                    kind__in=PopulationKind.values,
                ),
                name="population_words",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.year}"


class RegionSet(models.Model):
    """Shapes of regions that are drawn together, such as the counties of a city in 2023."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="region_sets",
        verbose_name=_("Map of"),
    )  # fmt: skip
    width = models.PositiveSmallIntegerField(default=1000)
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(_("Attached at"), db_default=Now())

    class Meta:
        verbose_name = _("map")
        verbose_name_plural = _("maps")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Shape(models.Model):
    """The outline of one region on a map, as the path of an SVG."""

    map = models.ForeignKey(RegionSet, models.CASCADE, related_name="shapes")
    code = models.CharField(_("Code"), max_length=15, db_index=True)
    path = models.TextField()
    label_x = models.FloatField()
    label_y = models.FloatField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("map", "code"), name="shape_once_on_a_map"),)

    def __str__(self) -> str:
        return self.code
