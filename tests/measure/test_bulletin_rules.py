"""What the bulletin says and what it keeps back, before it has a format (P-31)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.measure.bulletin_fixture import bare, city, published_only

from huiyin.measure.bulletin import IndicatorInfo, Measurement, RoundInfo, Suppressed
from huiyin.measure.bulletin.compose import compose
from huiyin.measure.bulletin.context import CHART_CAP, TABLE_CAP, TABLE_ENDS, Context
from huiyin.measure.bulletin.document import Document, Figure, Points, Section, Table
from huiyin.measure.bulletin.labels import Frame, place
from huiyin.measure.bulletin.ranking import ties
from huiyin.measure.errors import MeasureError
from huiyin.measure.tidy import Tidy

SAFETY = IndicatorInfo("safety", {"zh": "安全感", "en": "Safety"})
FRAUD = IndicatorInfo("fraud", {"zh": "诈骗", "en": "Fraud"}, good="lower")


@pytest.fixture(scope="module")
def document() -> Document:
    return compose(Context(city()))


def section(document: Document, anchor: str) -> Section:
    return next(found for found in document.sections if found.anchor == anchor)


def tables(document: Document, anchor: str) -> list[Table]:
    return [block for block in section(document, anchor).blocks if isinstance(block, Table)]


def figures(document: Document) -> list[Figure]:
    return [b for found in document.sections for b in found.blocks if isinstance(b, Figure)]


def said(document: Document, anchor: str = "overview") -> str:
    blocks = section(document, anchor).blocks
    points = [item for block in blocks if isinstance(block, Points) for item in block.items]
    return "\n".join(item.lead + item.text for item in points)


def two_rounds(
    verdict: str | None,
    change: float = 1.0,
    info: IndicatorInfo = SAFETY,
    now: float = 61.0,
    language: Any = "zh",
) -> Measurement:
    """One indicator, the whole area, two rounds."""
    se = None if verdict is None else 0.5
    low, high = (None, None) if verdict is None else (change - 1, change + 1)
    common = {"indicator": [info.name], "level": ["all"], "area": ["all"]}
    both = {"indicator": [info.name] * 2, "level": ["all"] * 2, "area": ["all"] * 2}
    estimates = {
        "round": ["2024H1", "2024H2"], **both, "estimate": [now - change, now],
        "se": [se, se], "ci_low": [None if se is None else 60.0] * 2,
        "ci_high": [None if se is None else 62.0] * 2, "published": [True, True],
        "why_not": [None, None],
    }  # fmt: skip
    changes = {
        "round": ["2024H2"], "previous": ["2024H1"], **common, "change": [change],
        "ci_low": [low], "ci_high": [high], "verdict": [verdict],
    }  # fmt: skip
    return Measurement(
        title="t",
        rounds=[RoundInfo("2024H1", 100), RoundInfo("2024H2", 100)],
        indicators=[info],
        language=language,
        tables={"estimates": Tidy.of(estimates), "changes": Tidy.of(changes)},
    )


def test_sections_come_in_the_order_an_official_reads(document: Document) -> None:
    assert [found.anchor for found in document.sections] == [
        "overview", "overall", "areas", "ranks", "priorities", "modelled", "quality", "method",
        "samples", "withheld", "reading", "appendix-town", "ranks-town",
    ]  # fmt: skip
    assert [found.number for found in document.sections[:3]] == ["一、", "二、", "三、"]
    assert document.sections[10].number == "十一、"


def test_a_real_change_is_called_one() -> None:
    assert "上升1.00个百分点（区间0.00～+2.00），变化超出抽样误差范围" in said(
        compose(Context(two_rounds("up")))
    )


def test_a_change_within_noise_is_never_called_a_rise() -> None:
    text = said(compose(Context(two_rounds("not distinguishable"))))
    assert "在抽样误差范围内，与上轮相比无显著变化" in text
    assert "属显著" not in text


def test_without_sampling_errors_no_change_is_judged() -> None:
    text = said(compose(Context(two_rounds(None))))
    assert "不判断变化是否显著" in text
    assert "没有样本量和抽样误差" in text


def test_a_change_that_rounds_to_zero_is_level() -> None:
    assert "与2024年上半年持平" in said(
        compose(Context(two_rounds("not distinguishable", change=0.004)))
    )


@pytest.mark.parametrize(
    ("verdict", "info", "words", "tone"),
    [
        ("up", SAFETY, "显著上升", "good"),
        ("down", SAFETY, "显著下降", "bad"),
        ("up", FRAUD, "显著上升（变差）", "bad"),
        ("down", FRAUD, "显著下降（向好）", "good"),
        ("not distinguishable", FRAUD, "无显著变化", "noise"),
    ],
)
def test_a_verdict_says_what_is_better_where_less_is(
    verdict: str, info: IndicatorInfo, words: str, tone: str
) -> None:
    document = compose(Context(two_rounds(verdict, 1.0 if verdict == "up" else -1.0, info)))
    cell = tables(document, "overall")[0].rows[0].cells[-1]
    assert (cell.text, cell.tone) == (words, tone)


def test_a_table_says_so_when_differences_seem_not_to_add() -> None:
    seeming = compose(Context(two_rounds("up", change=2.529, now=76.094)))
    adding = compose(Context(two_rounds("up", change=2.5, now=76.0)))
    assert any("末位1个单位" in note for note in tables(seeming, "overall")[0].notes)
    assert not any("末位1个单位" in note for note in tables(adding, "overall")[0].notes)


def test_a_withheld_figure_is_a_dash_with_the_sign_of_its_reason(document: Document) -> None:
    rows = tables(document, "appendix-town")[0].rows
    withheld = [row for row in rows if not row.group and row.cells[2].text.startswith("—")]
    assert withheld
    for row in withheld:
        printed = [cell.text for cell in row.cells[2:]]
        assert printed[:2] + printed[3:] == ["—①"] * 5
        assert printed[2] != "—①"  # the model-based figure, marked as such
        assert row.cells[4].tone == "model"
    assert any("① 作答人数过少" in note for note in tables(document, "appendix-town")[0].notes)


def test_a_change_is_withheld_when_the_earlier_figure_is() -> None:
    given = two_rounds("up")
    hidden = Suppressed("2024H1", "safety", "all", "all", "few-answers")
    withheld = Measurement(
        title="t", rounds=given.rounds, indicators=given.indicators, tables=given.tables,
        suppressed=[hidden],
    )  # fmt: skip
    cells = tables(compose(Context(withheld)), "overall")[0].rows[0].cells
    assert [cell.text for cell in cells][1:] == ["61.00", "60.00～62.00", "—①", "—①"]


def test_a_rank_of_a_withheld_area_is_not_told() -> None:
    full = city()
    code = next(iter(full.area_names["county"]))
    hidden = [*full.suppressed, Suppressed("2024H2", "total", "county", code, "wide-interval")]
    document = compose(Context(city(suppressed=hidden)))
    name = full.area_names["county"][code]
    row = next(r for r in tables(document, "ranks")[0].rows if r.cells[0].text == name)
    assert {cell.text for cell in row.cells[1:]} == {"—①"}
    assert name not in said(document).split("分项指标")[0]


def test_published_figures_without_samples_keep_ranks_and_ties_and_say_why() -> None:
    document = compose(Context(published_only()))
    columns = [column.title for column in tables(document, "areas")[0].columns]
    assert columns == ["自治市", "本轮（%）", "较上轮变化"]
    rows = [[cell.text for cell in row.cells] for row in tables(document, "ranks")[0].rows]
    assert rows == [
        ["Kingston", "1", "2", "升1位"],
        ["Greenwich", "1", "3", "升2位"],
        ["Havering", "3", "1", "降2位"],
    ]
    assert "最高的是Kingston、Greenwich" in said(document)
    assert "取其中最好的名次" in section(document, "ranks").blocks[0].text  # type: ignore[union-attr]
    assert "没有区间，只能参考" in said(document, "reading")


def test_a_measurement_without_tables_still_makes_a_document() -> None:
    document = compose(Context(bare()))
    assert [found.anchor for found in document.sections] == [
        "overview", "method", "samples", "reading",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ranks", "rule"),
    [
        ([1, 2, 3], ""),
        ([1, 1, 3], "min"),
        ([2, 2, 3], "max"),
        ([1.5, 1.5, 3], "average"),
        ([1, 2, 2, 2, 5], "min"),
        ([], ""),
    ],
)
def test_how_ties_were_ranked_is_seen_from_the_ranks(ranks: list[float], rule: str) -> None:
    assert ties(ranks) == rule


def many_areas(count: int) -> Measurement:
    codes = [f"a{n:05d}" for n in range(count)]
    estimates = {
        "round": ["r"] * count, "indicator": ["safety"] * count, "level": ["county"] * count,
        "area": codes, "n": [100] * count, "estimate": [float(n % 100) for n in range(count)],
        "se": [1.0] * count, "ci_low": [0.0] * count, "ci_high": [100.0] * count,
        "published": [True] * count, "why_not": [None] * count,
    }  # fmt: skip
    ranks = {
        "round": ["r"] * count, "indicator": ["safety"] * count, "level": ["county"] * count,
        "area": codes, "rank": list(range(1, count + 1)), "marginal_low": [1] * count,
        "marginal_high": [count] * count,
    }  # fmt: skip
    return Measurement(
        title="t", rounds=[RoundInfo("r", 1)], indicators=[SAFETY], levels=["all", "county"],
        tables={"estimates": Tidy.of(estimates), "ranks": Tidy.of(ranks)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "printed"), [(TABLE_CAP, TABLE_CAP), (TABLE_CAP + 1, TABLE_ENDS)]
)
def test_a_long_table_is_cut_to_its_ends_and_says_where_the_rest_is(
    count: int, printed: int
) -> None:
    document = compose(Context(many_areas(count)))
    (table,) = tables(document, "areas")
    assert len(table.rows) == printed
    assert any("Excel" in note for note in table.notes) is (count > TABLE_CAP)


def test_a_chart_shows_only_so_many_areas() -> None:
    for figure in figures(compose(Context(many_areas(500)))):
        specification = figure.specification(640)
        parts = [specification, *specification["layer"]]
        drawn = max(len(part["data"]["values"]) for part in parts if "data" in part)
        assert drawn == CHART_CAP + 1  # and the line of dots


def test_areas_of_one_name_are_told_apart_by_the_area_above() -> None:
    context = Context(city())
    twins = [code for code, name in context.measurement.area_names["town"].items()
             if name == "城关镇"]  # fmt: skip
    assert [context.area("town", code) for code in twins] == ["云岭县城关镇", "临浦市城关镇"]


def test_an_area_without_a_name_prints_its_code_with_its_zero() -> None:
    assert Context(city()).area("town", "010203") == "010203"


def test_a_reason_nobody_has_translated_prints_as_it_is() -> None:
    assert Context(city()).reason("house rule 7") == "house rule 7"


def test_names_in_a_chart_do_not_lie_on_each_other() -> None:
    spots = [(50.0, 10.0), (50.4, 10.2), (50.2, 10.9), (80.0, 40.0), (49.0, 9.5)]
    frame = Frame.around(spots, 600, 400)
    centres = [frame.to_pixels(spot) for spot in place(["四个汉字"] * 5, spots, frame, 11)]
    for n, (x, y) in enumerate(centres):
        for a, b in centres[n + 1 :]:
            assert abs(x - a) >= 44 or abs(y - b) >= 11


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"rounds": []}, "empty-bulletin", "rounds"),
        ({"indicators": []}, "empty-bulletin", "indicators"),
        ({"title": ""}, "empty-bulletin", "title"),
        ({"language": "fr"}, "unknown-language", "language"),
        ({"tables": {"estimate": Tidy.of({"a": [1]})}}, "unknown-table", "tables"),
    ],
)
def test_a_wrong_measurement_is_refused_with_its_place(
    changed: dict[str, Any], code: str, place: str
) -> None:
    given: dict[str, Any] = {
        "title": "t", "rounds": [RoundInfo("r", 1)], "indicators": [SAFETY], **changed,
    }  # fmt: skip
    with pytest.raises(MeasureError) as refused:
        Measurement(**given)
    assert (refused.value.code, refused.value.place) == (code, place)
    assert refused.value.message_zh
