"""Two rounds of the city: frame, standard instrument, plan, sample, staff; as far as they may go.

The numbers lead nowhere: no carrier uses the segments 154 and no city the area code 0399 (the
metadata of libphonenumber know neither). Each round takes the steps that its checklist lets it
take, as of the first day of its field; whether a field is over is for the room of calls to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

import numpy as np
from django.utils import timezone

from huiyin.audit.actions import performing
from huiyin.demo.city import CODE, NAME
from huiyin.demo.site.cast import MAKER, Cast
from huiyin.organisation.models import Account
from huiyin.organisation.roles import Role
from huiyin.survey import bank, frame_acts, frame_rules, plan_queries, plan_rules
from huiyin.survey import round_actions as actions
from huiyin.survey.bank.indicators import SETS
from huiyin.survey.frame_actions import record_users, take_segments
from huiyin.survey.models import (
    STAFF_ROLES,
    Annual,
    Exchange,
    Half,
    IndicatorSet,
    Round,
    RoundStatus,
    SegmentImport,
    SegmentTable,
    Series,
    Version,
)
from huiyin.survey.questionnaire_actions import copy_questionnaire
from huiyin.survey.round_checklist import holds
from huiyin.survey.round_queries import facts_of
from huiyin.survey.round_rules import Step, default_dates
from huiyin.survey.sample_actions import draw_sample
from huiyin.survey.sample_queries import Wish
from huiyin.territory.models import Region

SERIES = "公众安全感满意度"
ORIGIN = "示例：154 号段和 0399 区号均未启用，号码全部虚构"
#: Segments of each carrier, of 10,000 numbers each; some are no telephones that people carry.
_SEGMENTS = (("移动", 64), ("联通", 28), ("电信", 40), ("广电", 8))
_KINDS = ((40, frame_rules.MOBILE), (3, frame_rules.VIRTUAL), (3, frame_rules.DATA))
_USERS = {"移动": 1_440_000, "联通": 590_000, "电信": 870_000, "广电": 60_000}
_AREA_CODE = "0399"
#: Of the numbers dialled, those that are landlines.
_LANDLINES = 0.2
_DESIGN = (
    "手机、固定电话双框随机抽样。手机按运营商分层，在号段内随机生成尾号；固定电话按县（市、区）分层，"
    "在局号内随机生成尾号，户内以“最近过生日者”选人。各县（市、区）样本量按 95% 置信水平、"
    "综合得分误差不超过 ±3 分测算。"
)


def make_rounds(cast: Cast) -> None:
    """The series, its frame and instrument, and the two latest rounds that have begun."""
    city = cast.regions[CODE]
    table = _make_segments(cast)
    _make_exchanges(cast)
    record_users(MAKER, city, _USERS, cast.since, "示例数据")
    version = _take_instrument(city)
    series = actions.add_series(
        MAKER, name=SERIES, region=city, annual=Annual.POOLED,
        note="每年两轮；上半年到7月底，下半年11月至12月。",
    )  # fmt: skip
    for year, half in latest_halves(cast.today):
        made = _fill(cast, series, year, half, version, table)
        _draw(made, table, _began(made))
        _advance(made, _began(made))


def latest_halves(today: date) -> list[tuple[int, Half]]:
    """The two halves whose field began last, the earlier first."""
    begun = [
        (year, half)
        for year in range(today.year - 1, today.year + 1)
        for half in Half
        if default_dates(year, half)[0] <= today
    ]
    return begun[-2:]


def _make_segments(cast: Cast) -> SegmentTable:
    """A table of segments, checked and taken as one that is handed in."""
    checked = frame_rules.check(_lines(), NAME)
    handed = SegmentImport.objects.create(
        file="安和市号段.xlsx", name="安和市号段表（示例）", origin=ORIGIN, as_of=cast.since,
        city=NAME, counts=checked.counts(),
    )  # fmt: skip
    return take_segments(MAKER, handed, checked, leave_out=False)


def _lines() -> Iterator[frame_rules.Line]:
    chance = np.random.Generator(np.random.PCG64(20210606))
    row = 1
    for carrier, count in _SEGMENTS:
        for _segment in range(count):
            row += 1
            kinds, weights = [kind for _n, kind in _KINDS], [n for n, _kind in _KINDS]
            kind = str(chance.choice(kinds, p=np.array(weights) / sum(weights)))
            yield frame_rules.Line(row, f"154{row:04d}", "示例省", NAME, carrier, kind)


def _make_exchanges(cast: Cast) -> None:
    """Three exchanges of each county, that of its seat first."""
    with performing(MAKER, frame_acts.IMPORT_EXCHANGES) as changed:
        made = Exchange.objects.bulk_create(
            Exchange(
                area_code=_AREA_CODE, prefix=f"6{at}{number}", digits=7, carrier="电信",
                region=cast.regions[county], origin=ORIGIN, as_of=cast.since,
            )
            for at, county in enumerate(cast.city.counties, start=1)
            for number in range(3)
        )  # fmt: skip
        changed.kind, changed.label = Exchange._meta.label_lower, ORIGIN
        changed.after = {"added": len(made)}


def _take_instrument(city: Region) -> Version:
    """The standard instrument from the bank, as a questionnaire of the city's own."""
    standard = bank.install(MAKER, city)
    own = copy_questionnaire(MAKER, standard, f"{NAME}{SERIES}调查问卷", "取自标准问卷")
    return own.versions.get()


def _fill(
    cast: Cast, series: Series, year: int, half: Half, version: Version, table: SegmentTable
) -> Round:
    made = actions.add_round(MAKER, series, year=year, half=half)
    since, until = default_dates(year, half)
    centre = cast.units[CODE, "民调中心"]
    actions.change_dates(MAKER, made, centre=centre, field_from=since, field_until=until)
    actions.change_content(
        MAKER, made, version=version, indicators=IndicatorSet.objects.get(name=next(iter(SETS))),
        modes=["telephone"], least_age=16, resident_months=6,
    )  # fmt: skip
    actions.change_sample(MAKER, made, frames=["mobile", "landline"], table=table, design=_DESIGN)
    actions.set_allocation(MAKER, made, _planned(cast.regions[CODE]))
    people = Account.objects.filter(unit=centre).prefetch_related("holdings")
    staff = [
        (account, Role(held.role))
        for account in people
        for held in account.holdings.all()
        if held.role in STAFF_ROLES
    ]
    return actions.add_staff(MAKER, made, staff, today=cast.today)


def _planned(city: Region) -> dict[str, int]:
    """Interviews of each township, so that every county is within ±3 points."""
    areas, names = plan_queries.areas_of(city, towns=True)
    plan = plan_rules.plan(areas, names, plan_rules.Wanted(), plan_rules.Assumptions())
    return {line.code: line.interviews for line in plan.areas}


def _draw(made: Round, table: SegmentTable, now: datetime) -> None:
    wanted = plan_rules.dial(sum(made.allocation.values()), plan_rules.Assumptions())
    landlines = round(wanted * _LANDLINES)
    wish = Wish(table=table, mobile=wanted - landlines, landline=landlines, by="users")
    draw_sample(MAKER, made, wish, seed=made.year * 10 + int(made.half[1]), now=now)


def _began(made: Round) -> datetime:
    """Nine in the morning of the first day of the field."""
    assert made.field_from is not None
    return timezone.make_aware(datetime.combine(made.field_from, time(9)))


def _advance(made: Round, now: datetime) -> None:
    """Ready and to the field, if everything holds."""
    for step in (Step.READY, Step.OPEN):
        if not holds(facts_of(made, now), step):
            return
        made = actions.take_step(MAKER, made, step, now=now)
    assert made.status == RoundStatus.FIELDING
