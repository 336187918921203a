"""The indicators that come with the standard instrument.

Twelve make up the default set: the nine aspects that bulletins rank by name (003-27), satisfaction
with law enforcement (000-12), awareness and participation (000-11). The wider set adds social
governance (003-28), household visits (003-04) and windows (002-12) for rounds that report on them.
Figures and weights are a beginning; whoever runs the survey sets his own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from huiyin.survey.bank.parts import DONT_KNOW, REFUSED
from huiyin.survey.indicator_rules import SCORE, SHARE, Content, Scored, Weighted

_NO_ANSWER = (DONT_KNOW, REFUSED)
_GOOD = {"good": 100, "fairly": 80, "neither": 60, "rather_poor": 30, "poor": 0}
_NONE = {"none": 100, "few": 70, "some": 30, "many": 0}
_SATISFIED = {"satisfied": 1, "fairly": 1, "neither": 0, "not_very": 0, "dissatisfied": 0}
_SCORED = {"satisfied": 100, "fairly": 80, "neither": 60, "not_very": 30, "dissatisfied": 0}


def _share(code: str, name: str, en: str, question: str, counts: Mapping[str, float]) -> Scored:
    return Scored(code, name, question, SHARE, counts, _NO_ANSWER, name_en=en)


def _score(code: str, name: str, en: str, question: str, counts: Mapping[str, float]) -> Scored:
    return Scored(code, name, question, SCORE, counts, _NO_ANSWER, name_en=en)


TWELVE = (
    _share("safety", "安全感受", "Sense of safety", "safety",
           {"safe": 1, "fairly": 1, "not_very": 0, "unsafe": 0}),
    _score("gangs", "黑恶势力犯罪现象", "Organised crime", "gangs", _NONE),
    _score("theft", "盗窃抢劫犯罪现象", "Theft and robbery", "theft", _NONE),
    _score("vice", "卖淫嫖娼现象", "Prostitution", "vice", _NONE),
    _score("police", "公安民警整体形象", "Police officers", "police_image", _GOOD),
    _score("procurators", "检察官整体形象", "Procurators", "procuratorate_image", _GOOD),
    _score("judges", "法官整体形象", "Judges", "court_image", _GOOD),
    _score("justice", "司法行政干警整体形象", "Staff of justice offices", "justice_image", _GOOD),
    _score("officials", "其他党政干部整体形象", "Other party and government officials",
           "officials_image", _GOOD),
    _share("enforcement", "执法满意度", "Satisfaction with law enforcement", "law_enforcement",
           _SATISFIED),
    _share("awareness", "平安建设知晓率", "Awareness", "awareness",
           {"well": 1, "heard": 1, "unknown": 0}),
    _share("participation", "平安建设参与率", "Participation", "took_part", {"yes": 1, "no": 0}),
)  # fmt: skip
MORE = (
    _score("governance", "社会治理评价", "Social governance", "governance", _SCORED),
    _score("visits", "干部入户评价", "Household visits", "visits", _GOOD),
    _score("windows", "窗口服务评价", "Window services", "windows", _SCORED),
)

_ORGANS = {code: Decimal("0.25") for code in ("police", "procurators", "judges", "justice")}
_CRIME = {"gangs": Decimal("0.4"), "theft": Decimal("0.4"), "vice": Decimal("0.2")}


def _composites(total: dict[str, str]) -> tuple[Weighted, ...]:
    weights = {code: Decimal(weight) for code, weight in total.items()}
    return (
        Weighted("crime", "违法犯罪现象", _CRIME, name_en="Crime"),
        Weighted("organs", "政法队伍形象", _ORGANS, name_en="Organs of justice"),
        Weighted("total", "综合得分", weights, is_total=True, name_en="Total score"),
    )


DEFAULT = Content(
    TWELVE,
    _composites({
        "safety": "0.3", "crime": "0.2", "organs": "0.2", "officials": "0.05",
        "enforcement": "0.15", "awareness": "0.05", "participation": "0.05",
    }),
)  # fmt: skip
WIDER = Content(
    (*TWELVE, *MORE),
    _composites({
        "safety": "0.25", "crime": "0.15", "organs": "0.15", "officials": "0.05",
        "enforcement": "0.1", "awareness": "0.05", "participation": "0.05", "governance": "0.1",
        "visits": "0.05", "windows": "0.05",
    }),
)  # fmt: skip
#: By the name under which each is stored.
SETS: dict[str, Content] = {
    "群众安全感满意度（12项指标）": DEFAULT,
    "群众安全感满意度（15项指标，含社会治理、干部入户、窗口服务）": WIDER,
}
