"""The command of the city and of each county, who sits in it, and what it has met about."""

from __future__ import annotations

from datetime import timedelta

from huiyin.demo.city import CODE
from huiyin.demo.site.cast import MAKER, Cast
from huiyin.organisation.actions.groups import change_group, hold_meeting, record_decision
from huiyin.organisation.actions.groups import set_member as add_member
from huiyin.organisation.actions.posts import appoint, pair
from huiyin.organisation.actions.records import record_study
from huiyin.organisation.actions.structures import lay_out
from huiyin.organisation.models import Group, MeetingKind, Post, StructureTemplate

STRUCTURE = "一办两组六专班"
#: Which unit leads which task force.
_LEADS = {
    "安全生产专班": "应急局", "道路交通安全专班": "公安局", "防学生溺水专班": "教育局",
    "禁毒专班": "公安局", "反电诈专班": "公安局", "“利剑护蕾”专班": "检察院",
    "综合协调组": "平安办", "督导考评组": "政法委", "平安建设指挥部办公室": "平安办",
}  # fmt: skip
_MEMBERS = ("公安局", "法院", "检察院", "司法局", "信访局")
_STUDIES = (
    "《信访工作条例》", "群众安全感满意度民调工作要求", "“枫桥经验”与矛盾纠纷多元化解",
    "防范电信网络诈骗", "未成年人保护与“利剑护蕾”", "汛期安全隐患排查",
)  # fmt: skip


def make_groups(cast: Cast) -> None:
    """Lay out 一办两组六专班 in the city and in each county, and fill it."""
    lines = StructureTemplate.objects.get(name=STRUCTURE).lines
    for code in (CODE, *cast.city.counties):
        lay_out(MAKER, cast.regions[code], lines, on=cast.since)
    for group in Group.objects.select_related("region").order_by("pk"):
        _lead(cast, group)
    for post in Post.objects.filter(group__isnull=False).select_related("group").order_by("pk"):
        appoint(MAKER, post, name=next(cast.names), since=cast.since)
    _pair_leaders(cast)
    _meet(cast)
    _study(cast)


def _lead(cast: Cast, group: Group) -> None:
    """Give a group its lead unit, and task forces their members."""
    code = group.region.code
    short = _LEADS.get(group.name.removeprefix(group.region.name))
    if short is None:
        return
    change_group(MAKER, group, lead_unit=cast.units[code, short])
    if group.name.endswith("专班"):
        for member in _MEMBERS:
            if member != short:
                add_member(MAKER, group, cast.units[code, member])


def _pair_leaders(cast: Cast) -> None:
    """Each leader of a county answers for four or five of its towns (包保)."""
    for at, code in enumerate(cast.city.counties):
        towns = [
            town
            for town, county in zip(cast.city.towns, cast.city.county_of_town, strict=True)
            if county == at
        ]
        posts = Post.objects.filter(unit__region__code=code).order_by("pk")
        for number, town in enumerate(towns):
            post = posts[number // 5 * 3 % posts.count()]
            pair(MAKER, post, cast.regions[town], since=cast.since)


def _meet(cast: Cast) -> None:
    """Two meetings of the office's heads in the city, with decisions that are still open."""
    office = Group.objects.get(region__code=CODE, name__endswith="指挥部办公室")
    for weeks, decided in ((9, "各县（市、区）报送专班工作方案"), (3, "开展民调宣传月活动")):
        held = cast.today - timedelta(weeks=weeks)
        meeting = hold_meeting(
            MAKER, office, kind=MeetingKind.DIRECTORS, held_on=held, chair=next(cast.names),
            attendees="、".join(next(cast.names) for _ in range(5)), today=cast.today,
            place="市委二号会议室", minutes=f"会议研究了近期平安建设工作，决定{decided}。",
        )  # fmt: skip
        for code in cast.city.counties:
            record_decision(
                MAKER, meeting, text=decided, lead_unit=cast.units[code, "平安办"],
                due_on=held + timedelta(weeks=5),
            )  # fmt: skip


def _study(cast: Cast) -> None:
    """The city's office studied a topic in each of the last months."""
    unit, day = cast.units[CODE, "平安办"], cast.today.replace(day=1)
    for topic in _STUDIES:
        day = (day - timedelta(days=1)).replace(day=12)
        record_study(
            MAKER, unit, topic=topic, held_on=day, people=24, today=cast.today,
            speaker=next(cast.names),
        )  # fmt: skip
        day = day.replace(day=1)
