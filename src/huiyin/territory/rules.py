"""The arithmetic of division codes.

A statistical division code has 12 digits: 2 province, 2 city, 2 county, 3 town, 3 village
(《统计用区划代码和城乡划分代码编制规则》). A grid has no official code; it is given 3 more digits
below its village.
"""

from __future__ import annotations

from enum import IntEnum

from django.utils.translation import gettext_lazy as _


class Level(IntEnum):
    """The six levels, from large to small."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWN = 4
    VILLAGE = 5
    GRID = 6


LEVEL_TITLES = {
    Level.PROVINCE: _("Province"),
    Level.CITY: _("City"),
    Level.COUNTY: _("County"),
    Level.TOWN: _("Town"),
    Level.VILLAGE: _("Village"),
    Level.GRID: _("Grid"),
}
#: How many digits of a code say something, by level.
STEM_LENGTH = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12, 6: 15}
CODE_LENGTH = 12


def stem(code: str, level: int) -> str:
    """The digits of a code that say something at its level: what all codes below begin with."""
    return code[: STEM_LENGTH[level]]


def lies_in(code: str, region_stem: str) -> bool:
    """Whether the region of this code is the region with that stem, or lies below it."""
    return code.startswith(region_stem)
