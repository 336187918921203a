"""The arithmetic of division codes, and of the dates between which a region holds.

A statistical division code has 12 digits: 2 province, 2 city, 2 county, 3 town, 3 village
(《统计用区划代码和城乡划分代码编制规则》, 国统字〔2009〕91号). GB/T 2260 gives the first six.
A grid has no official code; it is given 3 more digits below its village.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from enum import IntEnum, StrEnum

from django.utils.translation import gettext_lazy as _

from huiyin.problems import CELL_LOST_DIGITS, DIVISION_CODE, DIVISION_DATE, DIVISION_NAME


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
GRID_LENGTH = 15
LONGEST_NAME = 100

#: The urban–rural classes of statistics (《统计上划分城乡的规定》, 国函〔2008〕60号).
URBAN_RURAL_TITLES = {
    "111": _("Main urban area"),
    "112": _("Urban fringe"),
    "121": _("Town centre"),
    "122": _("Town fringe"),
    "123": _("Special area"),
    "210": _("Township centre"),
    "220": _("Village area"),
}


class Reason(StrEnum):
    """Why one region followed another."""

    RENAMED = "renamed"  # a new name, the same code
    UPGRADED = "upgraded"  # county to city, town to subdistrict: a new name and a new code
    RECODED = "recoded"  # a new code only, mostly because the region above was upgraded
    MERGED = "merged"  # several became one
    SPLIT = "split"  # one became several


REASON_TITLES = {
    Reason.RENAMED: _("Renamed"),
    Reason.UPGRADED: _("Changed in kind"),
    Reason.RECODED: _("Code changed"),
    Reason.MERGED: _("Merged"),
    Reason.SPLIT: _("Split"),
}

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
_KIND = re.compile(
    "(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|特区|矿区|新区|街道办事处|街道|民族乡|镇|乡"
    "|苏木|社区居民委员会|社区居委会|居民委员会|居委会|村民委员会|村委会|社区|村|省|盟|州|市|区|县|旗)$"
)


def stem(code: str, level: int) -> str:
    """The digits of a code that say something at its level: what all codes below begin with."""
    return code[: STEM_LENGTH[level]]


def lies_in(code: str, region_stem: str) -> bool:
    """Whether the region of this code is the region with that stem, or lies below it."""
    return code.startswith(region_stem)


def full_code(region_stem: str) -> str:
    """A stem filled up with zeros to 12 digits; a grid's 15 stay."""
    return region_stem.ljust(CODE_LENGTH, "0")


def common_stem(codes: Collection[str]) -> str:
    """The stem of the smallest region that holds all of some codes; "" = none does."""
    if not codes:
        return ""
    low, high = min(codes), max(codes)
    same = next((at for at in range(len(low)) if low[at] != high[at : at + 1]), len(low))
    return low[: max((n for n in STEM_LENGTH.values() if n <= same), default=0)]


def half_width(text: str) -> str:
    """Full-width digits, letters and spaces as plain ones (４３０５ → 4305), ends trimmed."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def level_of(code: str) -> Level:
    """The level of a full code of 12 or 15 digits: where its zeros begin."""
    if len(code) == GRID_LENGTH:
        return Level.GRID
    for level in (Level.VILLAGE, Level.TOWN, Level.COUNTY, Level.CITY):
        if code[STEM_LENGTH[level - 1] : STEM_LENGTH[level]].strip("0"):
            return level
    return Level.PROVINCE


def parse_code(text: str) -> tuple[str, Level]:
    """A code as people write it, as full code and level.

    Takes 2, 4, 6, 9, 12 and 15 digits, full-width or not, also where Excel made a number of it
    (``430582.0``). A code with zeros at its end is the region that they are filled up from:
    430500 is the city 4305.

    Raises:
        Problem: ``division-code``; ``cell-lost-digits`` where Excel made 4.31E+11 of it.
    """
    digits = half_width(text).removesuffix(".0")
    if digits[:2].strip("0") and len(digits) in STEM_LENGTH.values() and _is_digits(digits):
        code = full_code(digits)
        if len(code) == CODE_LENGTH or code[STEM_LENGTH[Level.VILLAGE] :].strip("0"):
            return code, level_of(code)
    if _SCIENTIFIC.fullmatch(digits):
        raise CELL_LOST_DIGITS(value=digits)
    raise DIVISION_CODE(given=text[:40])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def parse_name(text: str) -> str:
    """A name without the spaces and line breaks that files bring along.

    Raises:
        Problem: ``division-name``: none, too long, or no name but a number or a formula.
    """
    name = " ".join(text.replace("\u3000", " ").split())
    if not name or len(name) > LONGEST_NAME or name[0] in "=#" or _is_digits(half_width(name)):
        raise DIVISION_NAME(given=name[:40])
    return name


def parse_date(text: str) -> date:
    """A day as people write it: 2019-07-12, 2019/7/12, 2019.7.12, 20190712, 2019年7月12日.

    A month without a day is its first day.

    Raises:
        Problem: ``division-date``.
    """
    given = half_width(text).split(" ")[0].split("T")[0]
    parts = [int(part) for part in re.findall(r"\d+", given)]
    if len(given) == 8 and _is_digits(given):
        parts = [int(given[:4]), int(given[4:6]), int(given[6:])]
    if len(parts) == 2:
        parts.append(1)
    try:
        if len(parts) != 3 or parts[0] < 1900:
            raise ValueError(given)
        return date(*parts)
    except ValueError as wrong:
        raise DIVISION_DATE(given=text[:40]) from wrong


def ancestors(code: str) -> Iterator[str]:
    """The full codes of all levels above, the nearest first.

    Cities without counties (东莞 4419) number their towns below the city's own code with two more
    zeros, so a level that adds only zeros is no level of its own: 441900003000 → 4419, 44.
    """
    for level in range(level_of(code) - 1, 0, -1):
        above = full_code(code[: STEM_LENGTH[level]])
        if level_of(above) == level:
            yield above


def base_name(name: str) -> str:
    """A name without the word for its kind: 邵东县 and 邵东市 are both 邵东.

    A name of one character and its kind stays whole (滦县), because one character says too little.
    """
    base = _KIND.sub("", name)
    return base if len(base) > 1 else name


def is_urban(urban_rural: str) -> bool | None:
    """Whether an urban–rural class counts as urban (1xx); None = not known."""
    return urban_rural.startswith("1") if urban_rural else None


def holds_on(valid_from: date | None, valid_until: date | None, on: date) -> bool:
    """Whether a region with these dates holds on a day; both ends belong to it."""
    return (valid_from is None or valid_from <= on) and (valid_until is None or on <= valid_until)


class Asked(StrEnum):
    """What a person typed into the one search box."""

    CODE = "code"
    INITIALS = "initials"
    NAME = "name"


def understand(text: str) -> tuple[Asked, str] | None:
    """What is searched for: digits are a code, letters pinyin initials, all else a name."""
    wanted = "".join(half_width(text).split())[:LONGEST_NAME]
    if not wanted:
        return None
    if _is_digits(wanted):
        return Asked.CODE, wanted[:GRID_LENGTH]
    if wanted.isascii() and wanted.isalnum():
        return Asked.INITIALS, wanted.lower()
    return Asked.NAME, wanted
