"""安和市, a city that never was: 8 counties, 102 townships, their codes, names and people.

The city is the same whatever the seed of a simulation. No county or township of this name exists;
province code 99 is not assigned (GB/T 2260).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NAME = "安和市"
CODE = "990100000000"

SEXES = (1, 2)
AGE_BANDS = (1, 2, 3, 4, 5)

# Code, name, subdistricts, towns, townships. The first town of a county is its seat.
_COUNTIES = (
    ("990102", "砚江区", "书湾 砚湖 杏亭 柳岸 云庄 桐口 霞台 碧渡", "砚泉 琴湾 雁口", ""),
    ("990103", "栎山区", "桃阁 浦亭 虹亭 丹桥 荷湾 竹堡 月市", "枫堡 沙潭 柏铺", ""),
    ("990121", "怀澄县", "", "怀潭 澄渡 澄川 澄坪 澄湾 怀桥 青泉 桥铺 和岭", "怀坡 茶坡 晴坪 霜湾"),
    (
        "990122", "枫原县", "", "枫河 枫川 枫泉 桐潭 橘潭 莲潭 桂潭 丹川 稻江",
        "岩坪 云坪 霞坪 墨坡 丹岭",
    ),
    ("990123", "鹭川县", "", "鹭桥 鹭源 鹭峰 翠湖 翠洲 兰渡 津川 紫江", "鹭岭 石谷 晴岭 碧洞"),
    (
        "990124", "檀源县", "", "檀河 檀湾 檀谷 松泉 瑞泉 迎泉 禾湾 麦坝",
        "檀坪 砚岭 星坪 梅坝 紫屏",
    ),
    (
        "990181", "麟川市", "鹿湖 梅湖 丹阁", "鹤埠 霞桥 桥源 书溪 素溪 雨堡 星湾 杏湾",
        "鹿田 柳谷 松屏",
    ),
    (
        "990182", "永栎市", "永峰 津湾 桐洲", "永堡 樟江 莲坡 浦滩 云洲 鲤湖 素洲 丹湾",
        "雁屏 竹潭 柳原 康源",
    ),
)  # fmt: skip

# First number of the code, suffix of the name, adults from and to. Codes of the third level:
# 001-099 subdistricts, 100-199 towns, 200-399 townships.
_KINDS = ((1, "街道", 22_000, 60_000), (100, "镇", 11_000, 36_000), (200, "乡", 6_000, 16_000))

_AGE_SHARES = {"urban": (0.22, 0.23, 0.20, 0.17, 0.18), "rural": (0.14, 0.16, 0.20, 0.22, 0.28)}


@dataclass(frozen=True)
class City:
    """Geography and population; towns in the order of their codes.

    Attributes:
        counties: codes of 12 digits.
        county_names: their names.
        towns: codes of 12 digits; the first 6 are those of the county.
        town_names: their names.
        county_of_town: index into ``counties``.
        urban: whether the township is urban.
        adults: people of 18 and over with a telephone by town, sex and age band, (towns, 2, 5).
    """

    counties: list[str]
    county_names: list[str]
    towns: list[str]
    town_names: list[str]
    county_of_town: IntArray
    urban: npt.NDArray[np.bool_]
    adults: IntArray

    @property
    def town_adults(self) -> IntArray:
        totals: IntArray = self.adults.sum(axis=(1, 2))
        return totals


def build_city() -> City:
    """The city, always the same."""
    rng = np.random.Generator(np.random.PCG64(20210601))
    towns, names, county, urban, sizes = [], [], [], [], []
    for at, (code, _, *groups) in enumerate(_COUNTIES):
        for (first, suffix, low, high), group in zip(_KINDS, groups, strict=True):
            for number, name in enumerate(group.split()):
                towns.append(f"{code}{first + number:03d}000")
                names.append(name + suffix)
                county.append(at)
                urban.append(first == 1 or (first == 100 and number == 0))
                sizes.append(rng.uniform(low, high))
    is_urban = np.array(urban)
    return City(
        [f"{code}000000" for code, *_ in _COUNTIES],
        [name for _, name, *_ in _COUNTIES],
        towns,
        names,
        np.array(county, dtype=np.int64),
        is_urban,
        _adults(np.array(sizes), is_urban, rng),
    )


def _adults(sizes: FloatArray, urban: npt.NDArray[np.bool_], rng: np.random.Generator) -> IntArray:
    """People by town, sex and age band; towns differ a little from the typical."""
    shares = np.where(urban[:, None], _AGE_SHARES["urban"], _AGE_SHARES["rural"])
    shares = shares * rng.lognormal(0, 0.08, shares.shape)
    shares /= shares.sum(axis=1, keepdims=True)
    men = rng.normal(0.505, 0.008, len(sizes))
    by_sex = np.stack([men, 1 - men], axis=1)
    people = sizes[:, None, None] * by_sex[:, :, None] * shares[:, None, :]
    return np.round(people).astype(np.int64)
