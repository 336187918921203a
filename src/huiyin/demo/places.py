"""The villages of the city and the names of its people, made up and always the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from huiyin.demo.city import City

_FIRST = "青白石龙凤云松竹梅兰荷柳杨桂枫樟清平安和长新金银玉双三大小上下东西南北"
_SECOND = "溪坪塘湾岭冲坝桥田源泉井洲坡垄园庄屋口山湖林峰"
_NEIGHBOURHOOD = (  # noqa: SIM905
    "文昌 迎春 朝阳 建设 解放 人民 和平 幸福 学府 "
    "滨江 广场 新华 东风 友谊 光明 团结 胜利 育才 "
    "振兴 康乐 锦绣 翠竹 梧桐 望江 沿河 古城 北正 "
    "南正 西园 中和"
).split()
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩"
    "冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN = (  # noqa: SIM905
    "伟 建国 志强 晓明 海燕 丽华 国平 文军 秀英 "
    "春梅 卫东 立新 小红 俊杰 思源 雅琴 永康 德胜 "
    "慧敏 新民 玉兰 少华 景行 若兰 明远 子涵 一鸣 "
    "静怡 宏伟 爱民"
).split()


class Village(NamedTuple):
    """A village or neighbourhood: 12-digit code, name, and the town it belongs to."""

    code: str
    name: str
    town: str


def villages(city: City) -> list[Village]:
    """About 1,100 villages, 6 to 16 in each town; neighbourhoods where the town is urban.

    Codes of the fourth level: 001-199 neighbourhoods, 200-399 villages.
    """
    rng = np.random.Generator(np.random.PCG64(20210602))
    made = []
    for town, urban in zip(city.towns, city.urban, strict=True):
        count = int(rng.integers(6, 16))
        split = count if urban else 1
        names = _names(rng, split, count - split)
        for number, name in enumerate(names):
            place = number + 1 if number < split else 200 + number - split
            made.append(Village(f"{town[:9]}{place:03d}", name, town))
    return made


def _names(rng: np.random.Generator, neighbourhoods: int, rural: int) -> list[str]:
    towns = rng.choice(len(_NEIGHBOURHOOD), size=neighbourhoods, replace=False)
    pairs = rng.choice(len(_FIRST) * len(_SECOND), size=rural, replace=False)
    return [_NEIGHBOURHOOD[at] + "社区" for at in towns] + [
        _FIRST[at // len(_SECOND)] + _SECOND[at % len(_SECOND)] + "村" for at in pairs
    ]


def people(seed: int = 20210603) -> Iterator[str]:
    """Names of officials, one after the other, none twice."""
    rng = np.random.Generator(np.random.PCG64(seed))
    for at in rng.permutation(len(_SURNAMES) * len(_GIVEN)):
        yield _SURNAMES[at // len(_GIVEN)] + _GIVEN[at % len(_GIVEN)]
