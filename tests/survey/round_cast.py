"""A survey centre and its people, a questionnaire, indicators and a table of segments."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from openpyxl import Workbook
from tests.site.people import city

from huiyin.audit.acts import Actor, Held
from huiyin.organisation.models import Account, Holding, Unit, UnitKind
from huiyin.organisation.roles import Role
from huiyin.survey import round_actions as actions
from huiyin.survey.models import (
    Drawn,
    Indicator,
    IndicatorSet,
    Questionnaire,
    Round,
    Sample,
    SegmentTable,
    Series,
    Stratum,
    Version,
)
from huiyin.territory.models import Region

#: A day on which the field of 2026H2 is on, ten in the morning.
NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 28)
OFFICE = Actor(1, "office", held=(Held(Role.OFFICE, "9911"),))
SUPERVISOR = Actor(2, "supervisor", held=(Held(Role.SUPERVISOR, "9911"),))
COUNTY = Actor(3, "county", held=(Held(Role.OFFICE, "991101"),))
TOWN, OTHER_TOWN = "991101001000", "991101002000"
CHOICES = (("1", "安全"), ("2", "比较安全"), ("3", "不太安全"), ("4", "不安全"))


def workbook(
    label: str = "您觉得在本地生活安全吗？", choices: Iterable[tuple[str, str]] = CHOICES
) -> bytes:
    """A questionnaire of one question on safety, and one that no indicator rests on."""
    book = Workbook()
    sheet = book.active
    sheet.title = "survey"
    sheet.append(["type", "name", "label::中文 (zh)"])
    sheet.append(["select_one safety", "safety", label])
    sheet.append(["integer", "age", "您今年多大年纪？"])
    listed = book.create_sheet("choices")
    listed.append(["list_name", "name", "label::中文 (zh)"])
    for code, said in choices:
        listed.append(["safety", code, said])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def version(content: bytes | None = None, number: int = 1) -> Version:
    """A version of the one questionnaire."""
    content = content or workbook()
    of, _made = Questionnaire.objects.get_or_create(name="平安建设调查问卷")
    return Version.objects.create(
        questionnaire=of, number=number, workbook=content, digest=sha256(content).hexdigest(),
        questions=2,
    )  # fmt: skip


def indicators() -> IndicatorSet:
    """One indicator: the share of those who feel safe or fairly safe."""
    made = IndicatorSet.objects.create(name="标准指标")
    Indicator.objects.create(
        set=made, code="safety", name="安全感", question="safety", scoring="share",
        counts={"1": 1, "2": 1, "3": 0, "4": 0},
    )  # fmt: skip
    return made


@dataclass
class Cast:
    """Who and what a test needs."""

    region: Region
    centre: Unit
    series: Series
    people: dict[str, Account]


def cast() -> Cast:
    """A city with its survey centre, a supervisor, two interviewers, a verifier, and a series."""
    region = city()
    centre = Unit.objects.create(
        name="安和市社情民意调查中心", kind=UnitKind.SURVEY_CENTRE, region=region, judged=False
    )
    people = {}
    for username, role in (
        ("supervisor", Role.SUPERVISOR), ("caller1", Role.INTERVIEWER),
        ("caller2", Role.INTERVIEWER), ("verifier", Role.VERIFIER),
    ):  # fmt: skip
        people[username] = Account.objects.create_user(username, name=username, unit=centre)
        Holding.objects.create(account=people[username], role=role, region=region)
    series = actions.add_series(OFFICE, name="公众安全感满意度", region=region, annual="pooled")
    return Cast(region, centre, series, people)


def filled(cast: Cast, *, year: int = 2026, half: str = "H2", asks: Version | None = None) -> Round:
    """A draft of which everything holds that must hold before it is ready."""
    made = actions.add_round(OFFICE, cast.series, year=year, half=half)
    made = actions.change_dates(
        OFFICE, made, centre=cast.centre, field_from=made.field_from, field_until=made.field_until
    )  # type: ignore[arg-type]
    bound = IndicatorSet.objects.first() or indicators()
    made = actions.change_content(
        OFFICE, made, version=asks or Version.objects.first() or version(), indicators=bound,
        modes=["telephone"], least_age=16, resident_months=6,
    )  # fmt: skip
    table = SegmentTable.objects.first() or SegmentTable.objects.create(
        name="虚构号段表", origin="演示", as_of=TODAY
    )
    made = actions.change_sample(
        OFFICE, made, frames=["mobile"], table=table, design="按运营商分层，层内等概率。"
    )
    made = actions.set_allocation(OFFICE, made, {TOWN: 3, OTHER_TOWN: 2})
    roles = {name: Role(a.holdings.get().role) for name, a in cast.people.items()}
    pairs = [(cast.people[name], role) for name, role in roles.items()]
    return actions.add_staff(SUPERVISOR, made, pairs, today=TODAY)


def drawn(round: Round, numbers: int = 5) -> None:
    """Numbers drawn for a round, as far as rounds look at them."""
    sample = Sample.objects.create(round=round, number=1, seed=1)
    stratum = Stratum.objects.create(sample=sample, frame="mobile", size=10_000, wanted=numbers)
    Drawn.objects.bulk_create(
        Drawn(
            sample=sample, stratum=stratum, order=at, year=round.year,
            digest=f"{round.pk}-{at}".encode(),
        )
        for at in range(numbers)
    )  # fmt: skip
