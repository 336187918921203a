"""A city that never was: 8 counties, 102 townships, 12 indicators, two rounds."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from huiyin.measure.bulletin import Fact, IndicatorInfo, Measurement, RoundInfo, Suppressed
from huiyin.measure.tidy import Tidy

ROUNDS = ("2024H1", "2024H2")
Z = 1.959963984540054
COUNTIES = ("东澜区", "西澜区", "青石区", "云岭县", "白鹭县", "望川县", "枫林县", "临浦市")
FIRST = "清明柳石沙竹松梅兰平安永和文"
SECOND = "溪河湖山桥岭湾塘坪洲泉庄"
WITHHELD = "few-answers"


def _indicator(name: str, zh: str, en: str, **options: Any) -> IndicatorInfo:
    return IndicatorInfo(name, {"zh": zh, "en": en}, **options)


INDICATORS = (
    _indicator("total", "平安建设总得分", "Total score", kind="score", composite=True),
    _indicator("safety", "群众安全感", "Feeling of safety"),
    _indicator("police", "公安工作满意率", "Satisfied with police"),
    _indicator("courts", "法院工作满意率", "Satisfied with courts"),
    _indicator("procuracy", "检察工作满意率", "Satisfied with procuracy"),
    _indicator("justice", "司法行政满意率", "Satisfied with justice offices"),
    _indicator("aware", "平安建设知晓率", "Aware of the programme"),
    _indicator("take_part", "平安建设参与率", "Takes part"),
    _indicator("disputes", "矛盾纠纷化解评价", "Handling of disputes", kind="score"),
    _indicator("traffic", "道路交通秩序评价", "Order in traffic", kind="score"),
    _indicator("fraud", "遭遇电信网络诈骗比例", "Met telephone or online fraud", good="lower"),
    _indicator("night", "夜间独行担忧比例", "Worried alone at night", good="lower"),
    _indicator(
        "wait", "报警后平均等候时间", "Wait after a call to the police", kind="mean",
        good="lower", unit={"zh": "分钟", "en": "minutes"},
    ),
)  # fmt: skip
LEVEL_MEAN = {
    "total": 76.1, "safety": 93.2, "police": 88.4, "courts": 81.3, "procuracy": 80.7,
    "justice": 82.9, "aware": 64.5, "take_part": 41.8, "disputes": 74.2, "traffic": 71.5,
    "fraud": 18.6, "night": 12.4, "wait": 11.7,
}  # fmt: skip
MOVE = {"total": 2.52, "safety": 0.3, "police": 1.9, "aware": 4.1, "fraud": -2.2, "traffic": -2.4}


def area_codes() -> tuple[dict[str, str], dict[str, str]]:
    """Counties and townships with division-like codes."""
    counties = {f"3391{n:02d}": name for n, name in enumerate(COUNTIES, 1)}
    names = [a + b for b in SECOND for a in FIRST]
    towns = {}
    for n in range(102):
        county = list(counties)[n * 8 // 102]
        ending = "街道" if county <= "339103" and n % 3 else "镇" if n % 5 else "乡"
        towns[f"{county}{n % 13 + 1:03d}"] = names[n] + ending
    towns[next(code for code in towns if code.startswith("339108"))] = "城关镇"
    towns[next(code for code in towns if code.startswith("339104"))] = "城关镇"
    return counties, towns


def _columns(names: str) -> dict[str, list[Any]]:
    return {name.strip(): [] for name in names.split(",")}


def _append(columns: dict[str, list[Any]], *values: Any) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


class City:
    """Draws truth, estimates and what follows from them."""

    def __init__(self, seed: int = 20) -> None:
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.counties, self.towns = area_codes()
        self.areas = [("all", "all")]
        self.areas += [("county", code) for code in self.counties]
        self.areas += [("town", code) for code in self.towns]
        self.size = {area: self._size(*area) for area in self.areas}
        self.shift = {area: self.rng.normal(0, self._spread(area[0])) for area in self.areas}
        self.figures: dict[tuple[str, str, str, str], tuple[float, float]] = {}
        for name in LEVEL_MEAN:
            for area in self.areas:
                self._draw(name, area)

    def _size(self, level: str, code: str) -> int:
        if level == "all":
            return 11_024
        return int(self.rng.integers(*((1150, 1600) if level == "county" else (22, 150))))

    @staticmethod
    def _spread(level: str) -> float:
        return {"all": 0.0, "county": 1.6, "town": 2.4}[level]

    def _draw(self, name: str, area: tuple[str, str]) -> None:
        spread = {"wait": 6.0, "total": 21.0}.get(name, 0.0)
        for at, round_name in enumerate(ROUNDS):
            truth = LEVEL_MEAN[name] + self.shift[area] + (at - 1) * MOVE.get(name, 0.0)
            truth = float(np.clip(truth, 2, 98))
            deviation = spread or float(np.sqrt(truth * (100 - truth)))
            se = 1.2 * deviation / np.sqrt(self.size[area])
            noise = 0.0 if name == "total" and area[0] == "all" else self.rng.normal(0, 0.7 * se)
            value = float(np.clip(truth + noise, 1, 99.5))
            self.figures[round_name, name, *area] = value, float(se)

    def published(self, area: tuple[str, str]) -> bool:
        return self.size[area] >= 30

    def estimates(self) -> Tidy:
        columns = _columns(
            "round,indicator,level,area,n,sum_of_weights,estimate,se,ci_low,ci_high,df,deff,"
            "n_effective,published,why_not"
        )
        for (round_name, name, level, code), (value, se) in self.figures.items():
            n, shown = self.size[level, code], self.published((level, code))
            _append(
                columns, round_name, name, level, code, n, n * 412.7, value, se, value - Z * se,
                value + Z * se, n - 8.0, 1.44, n / 1.44, shown, "" if shown else WITHHELD,
            )  # fmt: skip
        return Tidy.of(columns)

    def changes(self) -> Tidy:
        columns = _columns(
            "round,previous,indicator,level,area,change,se,ci_low,ci_high,p,p_adjusted,verdict"
        )
        for name in LEVEL_MEAN:
            for area in self.areas:
                new, se_new = self.figures[ROUNDS[1], name, *area]
                old, se_old = self.figures[ROUNDS[0], name, *area]
                change, se = new - old, float(np.hypot(se_new, se_old))
                limit = {"all": Z, "county": 2.73, "town": 3.49}[area[0]]
                real = abs(change) > limit * se
                verdict = ("up" if change > 0 else "down") if real else "not distinguishable"
                _append(
                    columns, ROUNDS[1], ROUNDS[0], name, *area, change, se, change - limit * se,
                    change + limit * se, 0.2, 0.4, verdict,
                )  # fmt: skip
        return Tidy.of(columns)

    def ranks(self) -> Tidy:
        columns = _columns(
            "round,indicator,level,area,rank,marginal_low,marginal_high,simultaneous_low,"
            "simultaneous_high,p_first,p_top5,p_bottom5,previous_rank,move,verdict"
        )
        for level in ("county", "town"):
            codes = [code for at, code in self.areas if at == level and self.published((at, code))]
            now, before = (self._ranked(r, level, codes) for r in ROUNDS)
            for k, code in enumerate(codes):
                move = before["rank"][k] - now["rank"][k]
                _append(
                    columns, ROUNDS[1], "total", level, code, int(now["rank"][k]),
                    *(int(now[side][k]) for side in ("low", "high", "all_low", "all_high")),
                    *(float(now[side][k]) for side in ("first", "top5", "bottom5")),
                    int(before["rank"][k]), int(move), "not distinguishable",
                )  # fmt: skip
        return Tidy.of(columns)

    def _ranked(self, round_name: str, level: str, codes: list[str]) -> dict[str, Any]:
        pairs = np.array([self.figures[round_name, "total", level, code] for code in codes])
        theta, se = pairs[:, 0], pairs[:, 1]
        draws = theta + se * self.rng.normal(size=(400, len(codes)))
        order = (-draws).argsort(axis=1).argsort(axis=1) + 1
        found = {"rank": (-theta).argsort().argsort() + 1}
        for side, wide in (("", 1.96), ("all_", 3.2)):
            gap = (theta[:, None] - theta[None]) / np.hypot(se[:, None], se[None])
            found[f"{side}low"] = 1 + (gap < -wide).sum(axis=1)
            found[f"{side}high"] = len(codes) - (gap > wide).sum(axis=1)
        found["first"] = (order == 1).mean(axis=0)
        found["top5"] = (order <= 5).mean(axis=0)
        found["bottom5"] = (order > len(codes) - 5).mean(axis=0)
        return found

    def small_area(self) -> Tidy:
        columns = _columns(
            "round,indicator,level,area,direct,direct_se,model,mse,benchmarked,weight_on_direct"
        )
        for code in self.towns:
            value, se = self.figures[ROUNDS[1], "total", "town", code]
            weight = 5.0 / (5.0 + se**2)
            model = weight * value + (1 - weight) * LEVEL_MEAN["total"]
            _append(
                columns, ROUNDS[1], "total", "town", code, value, se, model,
                weight * se**2, model + 0.02, weight,
            )  # fmt: skip
        return Tidy.of(columns)

    def withheld(self) -> list[Suppressed]:
        return [
            Suppressed(round_name, name, level, code, WITHHELD)
            for (round_name, name, level, code) in self.figures
            if not self.published((level, code))
        ]


@lru_cache(maxsize=1)
def drawn_city() -> tuple[City, dict[str, Tidy]]:
    """Drawn once: every test looks at the same city."""
    drawn = City()
    tables = {
        "estimates": drawn.estimates(),
        "changes": drawn.changes(),
        "ranks": drawn.ranks(),
        "small_area": drawn.small_area(),
        "drivers": drivers(),
    }
    return drawn, tables


def drivers() -> Tidy:
    rows = {
        "police": (41.3, 24.1, 88.4), "courts": (12.2, 8.3, 81.3), "procuracy": (6.4, 5.1, 80.7),
        "justice": (9.8, 7.7, 82.9), "disputes": (38.5, 21.6, 71.9), "traffic": (52.7, 18.4, 66.0),
        "fraud": (47.9, 10.2, 62.3), "night": (21.0, 4.6, 87.6),
    }  # fmt: skip
    columns = _columns(
        "item,stated,derived,derived_low,derived_high,satisfied,importance_satisfaction,quadrant"
    )
    for item, (stated, derived, satisfied) in rows.items():
        high = satisfied >= 81
        quadrant = (
            ("continued emphasis" if high else "opportunity for improvement")
            if stated >= 30
            else ("exceeding expectations" if high else "less important")
        )
        _append(
            columns, item, stated, derived, 0.8 * derived, 1.25 * derived, satisfied,
            stated / 100 * (1 - satisfied / 100), quadrant,
        )  # fmt: skip
    return Tidy.of(
        columns, {"importance": "stated", "lines": {"importance": 30.0, "satisfied": 81.0}}
    )


def integrity(towns: dict[str, str]) -> Tidy:
    columns = _columns("check,kind,unit,n,observed,expected,p_adjusted,flagged")
    for n, code in enumerate(towns):
        coached = n == 31
        _append(
            columns, "all_best", "area", code, 108, 0.6111 if coached else 0.2 + n % 7 / 100,
            0.2241, 0.00002 if coached else 0.9, coached,
        )  # fmt: skip
    for n in range(40):
        flagged = n == 7
        _append(
            columns, "usual_length", "interviewer", f"F{n:03d}", 276, 188.0 if flagged else 301.0,
            300.5, 0.012 if flagged else 0.8, flagged,
        )  # fmt: skip
    return Tidy.of(columns, {"fdr": 0.05, "expected_false_alarms": 0.1})


def response() -> Tidy:
    return Tidy.of(
        {
            "rate": ["RR1", "RR3", "COOP1", "REF1", "CON1"],
            "value": [21.345, 28.116, 61.9, 13.125, 34.5],
        }
    )


METHOD = (
    Fact(
        {"zh": "调查对象。", "en": "Population. "},
        {"zh": "在本市居住满六个月的18周岁及以上居民。",
         "en": "Residents aged 18 and over who have lived here for six months."},
    ),
    Fact(
        {"zh": "抽样方法。", "en": "Sampling. "},
        {"zh": "以乡镇（街道）为层，固定电话与移动电话双框随机抽样。",
         "en": "Townships are strata; random samples from landline and mobile frames."},
    ),
    Fact(
        {"zh": "加权。", "en": "Weights. "},
        {"zh": "按入样概率加权，并按性别、年龄和县（市、区）迭代校准。",
         "en": "By inclusion probability, raked to sex, age and county."},
    ),
)  # fmt: skip


def city(language: str = "zh", **changed: Any) -> Measurement:
    """The whole bulletin of the city."""
    drawn, tables = drawn_city()
    given: dict[str, Any] = {
        "title": {"zh": "安澜市群众安全感满意度调查情况通报", "en": "Survey of Safety in Anlan"},
        "language": language,
        "rounds": [
            RoundInfo("2024H1", 10_987, 4_534_335.0, {"zh": "电话调查", "en": "telephone survey"},
                      response()),
            RoundInfo("2024H2", 11_024, 4_549_604.8, {"zh": "电话调查", "en": "telephone survey"},
                      response()),
        ],
        "indicators": INDICATORS,
        "levels": ["all", "county", "town"],
        "area_names": {"all": {"all": "安澜市"}, "county": drawn.counties, "town": drawn.towns},
        "tables": tables,
        "integrity": integrity(drawn.towns),
        "method": METHOD,
        "weighting": {
            "2024H2": {"iterations": 14, "largest_margin_error": 3.2e-10, "deff_kish": 1.4375,
                       "min": 0.31, "max": 2.98, "trimmed": 0.0125},
        },
        "suppressed": drawn.withheld(),
        "warnings": [
            {"zh": "2024年下半年起新增电信诈骗题目的提示语，该指标两轮比较宜慎重。",
             "en": "The question on fraud has a new introduction since the second half of 2024; "
                   "compare its rounds with care."},
        ],
        "made_on": date(2025, 1, 10),
    }  # fmt: skip
    return Measurement(**(given | changed))


def published_only(language: str = "zh") -> Measurement:
    """Published shares without sample sizes: three boroughs, two tied, no intervals."""
    areas = [("all", "all"), ("borough", "b1"), ("borough", "b2"), ("borough", "b3")]
    figures = {"2023Q3": (61.0, 60.0, 59.0, 64.0), "2023Q4": (62.0, 63.0, 63.0, 60.125)}
    estimates = _columns(
        "round,indicator,level,area,n,estimate,se,ci_low,ci_high,published,why_not"
    )
    for name, values in figures.items():
        for area, value in zip(areas, values, strict=True):
            _append(estimates, name, "good_job", *area, None, value, None, None, None, True, "")
    changes = _columns("round,previous,indicator,level,area,change,se,ci_low,ci_high,verdict")
    for n, area in enumerate(areas):
        change = figures["2023Q4"][n] - figures["2023Q3"][n]
        _append(changes, "2023Q4", "2023Q3", "good_job", *area, change, None, None, None, None)
    ranks = _columns("round,indicator,level,area,rank,marginal_low,previous_rank,move,verdict")
    for area, rank, before in (("b1", 1, 2), ("b2", 1, 3), ("b3", 3, 1)):
        _append(
            ranks, "2023Q4", "good_job", "borough", area, rank, None, before, before - rank, None
        )
    return Measurement(
        title={"zh": "公众态度调查情况通报", "en": "Public Attitude Survey"},
        language=language,  # type: ignore[arg-type]
        rounds=[RoundInfo("2023Q3", None), RoundInfo("2023Q4", None)],
        indicators=[IndicatorInfo("good_job", {"zh": "警务工作好评率", "en": "Good job"})],
        levels=["all", "borough"],
        area_names={"borough": {"b1": "Kingston", "b2": "Greenwich", "b3": "Havering"}},
        tables={
            "estimates": Tidy.of(estimates),
            "changes": Tidy.of(changes),
            "ranks": Tidy.of(ranks),
        },
    )


def bare(language: str = "zh") -> Measurement:
    """A title, a round and an indicator: no table at all."""
    return Measurement(
        title={"zh": "空白通报", "en": "Nothing yet"},
        language=language,  # type: ignore[arg-type]
        rounds=[RoundInfo("wave 1", 12)],
        indicators=[IndicatorInfo("x", {"zh": "指标", "en": "Indicator"})],
    )
