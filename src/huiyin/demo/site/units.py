"""The units of the city, who holds their posts, and what each has set aside."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from huiyin.demo.city import CODE, NAME
from huiyin.demo.site.cast import MAKER, VACANT, Cast
from huiyin.organisation.actions.posts import add_post, appoint
from huiyin.organisation.actions.records import record_service
from huiyin.organisation.actions.units import add_unit, record_budget
from huiyin.organisation.models import PostKind, ServiceKind, Unit, UnitKind
from huiyin.territory.models import Region
from huiyin.territory.rules import Level


class Made(NamedTuple):
    """A unit to be made: short name, name with {region}, kind, whether judged (None = by kind)."""

    short: str
    name: str
    kind: UnitKind
    judged: bool | None = None


#: Units of the city and of each county; the first is the superior of the others.
_OF_BOTH = (
    Made("平安办", "{region}平安建设领导小组办公室", UnitKind.OFFICE),
    Made("政法委", "中共{region}委员会政法委员会", UnitKind.OFFICE),
    Made("公安局", "{region}公安局", UnitKind.POLICE),
    Made("法院", "{region}人民法院", UnitKind.COURT),
    Made("检察院", "{region}人民检察院", UnitKind.PROCURATORATE),
    Made("司法局", "{region}司法局", UnitKind.JUSTICE),
    Made("信访局", "{region}信访局", UnitKind.DEPARTMENT),
    Made("应急局", "{region}应急管理局", UnitKind.DEPARTMENT),
    Made("教育局", "{region}教育局", UnitKind.DEPARTMENT),
    Made("住建局", "{region}住房和城乡建设局", UnitKind.DEPARTMENT),
)
_OF_CITY = (
    Made("民调中心", "{region}社情民意调查中心", UnitKind.SURVEY_CENTRE),
    Made("政府办", "{region}人民政府办公室", UnitKind.DEPARTMENT, False),
    Made("审计局", "{region}审计局", UnitKind.DEPARTMENT, False),
    Made("工商银行", "中国工商银行{region}分行", UnitKind.OTHER),
)
#: Posts of a unit by kind, with the titles in a town and elsewhere.
_POSTS = (
    (PostKind.FIRST, "党（工）委书记", "主要负责人"),
    (PostKind.DIRECT, "政法委员", "分管负责人"),
    (PostKind.LIAISON, "平安建设联络员", "联络员"),
)
#: Yuan that a unit sets aside in a year, from and to.
_BUDGET = (20_000, 180_000)
#: Shares of villages with a legal adviser and with an auxiliary police officer.
_SERVICES = ((ServiceKind.ADVISER, 0.97), (ServiceKind.AUXILIARY, 0.92))


def make_units(cast: Cast) -> None:
    """Units of the city, of each county and of each town, with posts and budget."""
    chance = np.random.Generator(np.random.PCG64(20210604))
    city = cast.regions[CODE]
    _make_level(cast, city, _OF_BOTH + _OF_CITY, None, chance)
    for code in cast.city.counties:
        above = cast.units[CODE, "平安办"]
        _make_level(cast, cast.regions[code], _OF_BOTH, above, chance)
    for code, at in zip(cast.city.towns, cast.city.county_of_town, strict=True):
        above = cast.units[cast.city.counties[at], "平安办"]
        name = "{region}办事处" if cast.regions[code].name.endswith("街道") else "{region}人民政府"
        town = Made("", name, UnitKind.TOWN)
        _make(cast, cast.regions[code], town, above, chance)


def _make_level(
    cast: Cast, region: Region, wanted: tuple[Made, ...], above: Unit | None,
    chance: np.random.Generator,
) -> None:  # fmt: skip
    first = _make(cast, region, wanted[0], above, chance)
    for made in wanted[1:]:
        _make(cast, region, made, first, chance)


def _make(
    cast: Cast, region: Region, made: Made, above: Unit | None, chance: np.random.Generator
) -> Unit:
    unit = add_unit(
        MAKER, name=made.name.format(region=region.name), short_name=f"{region.name}{made.short}",
        kind=made.kind, region=region, parent=above, judged=made.judged,
    )  # fmt: skip
    cast.units[region.code, made.short] = unit
    for order, (kind, in_town, elsewhere) in enumerate(_POSTS, start=1):
        title = in_town if made.kind is UnitKind.TOWN else elsewhere
        post = add_post(MAKER, unit, title=title, kind=kind, order=order)
        if chance.random() > VACANT:
            appoint(MAKER, post, name=next(cast.names), since=cast.since)
    if chance.random() > VACANT:
        amount = Decimal(int(chance.integers(*_BUDGET)) // 1000 * 1000)
        record_budget(MAKER, unit, year=cast.today.year, amount=amount, source="平安建设经费")
    return unit


def make_village_services(cast: Cast) -> None:
    """Legal advisers and auxiliary police officers of the villages; nearly all have one."""
    chance = np.random.Generator(np.random.PCG64(20210605))
    villages = [region for region in cast.regions.values() if region.level == Level.VILLAGE]
    advisers = [next(cast.names) for _ in range(60)]
    for village in villages:
        for kind, share in _SERVICES:
            if chance.random() < share:
                name = advisers[int(chance.integers(len(advisers)))]
                employer = f"{NAME}律师事务所" if kind is ServiceKind.ADVISER else "派出所"
                record_service(
                    MAKER, village, kind=kind, name=name, since=cast.since, employer=employer
                )
