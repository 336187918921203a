"""Of what the tests of frames, samples and the planner speak: a city, its segments, a round."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.site import people

from huiyin.audit.acts import SYSTEM
from huiyin.survey import frame_rules as rules
from huiyin.survey.frame_actions import take_segments
from huiyin.survey.models import Exchange, Round, SegmentImport, SegmentTable, Series
from huiyin.survey.numbers import Number, normalise
from huiyin.territory.models import Population, PopulationKind, Region

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 28)
HEAD = "号段,省份,城市,运营商,类型"


def lines(
    carriers: dict[str, tuple[str, int]] | None = None, city: str = "安和"
) -> list[rules.Line]:
    """Rows of a table: so many segments of each carrier, from its prefix on."""
    wanted = carriers or {"移动": ("138", 30), "联通": ("186", 20), "电信": ("133", 10)}
    rows = [
        (f"{prefix}{at:04d}", "江南", city, carrier, "")
        for carrier, (prefix, count) in wanted.items()
        for at in range(count)
    ]
    return [rules.Line(number, *row) for number, row in enumerate(rows, start=2)]


def table(rows: list[rules.Line] | None = None, as_of: date = date(2026, 6, 30)) -> SegmentTable:
    """A table that was imported."""
    handed = SegmentImport.objects.create(
        file="号段.csv", name="2026 年上半年号段", origin="江南省通信管理局", as_of=as_of
    )
    return take_segments(SYSTEM, handed, rules.check(rows or lines()), leave_out=False)


def round_of(city: Region, half: str = "H2", year: int = 2026) -> Round:
    """A round of the city's series."""
    series, _made = Series.objects.get_or_create(name="公众安全感满意度", region=city)
    return Round.objects.create(
        series=series, year=year, half=half,
        field_from=date(year, 11, 1), field_until=date(year, 12, 20),
    )  # fmt: skip


def exchanges() -> None:
    """Landlines: one exchange that rings in 清河县, one of which nothing is known."""
    county = Region.objects.get(code="991101000000")
    for prefix, region in (("845", county), ("826", None)):
        Exchange.objects.create(area_code="0731", prefix=prefix, digits=7, region=region)


def populations() -> None:
    """People of the two counties."""
    for code, count in (("991101000000", 480_000), ("991102000000", 310_000)):
        region = Region.objects.get(code=code)
        Population.objects.create(
            region=region, year=2020, kind=PopulationKind.CENSUS, people=count, source="七普"
        )


def number(text: str = "13812345678") -> Number:
    return normalise(text)


city = people.city
