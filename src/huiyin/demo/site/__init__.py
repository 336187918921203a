"""安和市 on a site of its own: regions, populations, units, groups, people, accounts, rounds.

Everything is made by the same acts that people use, so that the audit holds how it came about.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from huiyin.demo.city import build_city
from huiyin.demo.site import accounts, groups, regions, rounds, units
from huiyin.demo.site.cast import Cast

Tell = Callable[[float, str], None]


def build(tell: Tell) -> str:
    """Build the city unless it is there, and give what to print: its accounts.

    Args:
        tell: called with the share done (0–1) and what is being done.
    """
    if not regions.exist():
        with override("zh-hans"), transaction.atomic():  # the audit tells it in Chinese
            _build(tell)
    return accounts.announcement()


def _build(tell: Tell) -> None:
    cast = Cast(build_city(), now=timezone.now())
    for share, phase, make in (
        (0.0, "行政区划 · regions", regions.make_regions),
        (0.01, "人口 · populations", regions.make_populations),
        (0.02, "机构 · units", units.make_units),
        (0.18, "指挥部与专班 · groups", groups.make_groups),
        (0.37, "村（社区）法律顾问和辅警 · village services", units.make_village_services),
        (0.68, "账号 · accounts", accounts.make_accounts),
        (0.72, "调查轮次 · rounds", rounds.make_rounds),
    ):
        tell(share, phase)
        make(cast)
    tell(1.0, "完成 · done")
