"""Police, procuratorate, court and justice offices: asked in an order that is drawn.

What is asked first colours what follows. The four are asked in turn from a starting point drawn for
each interview; ``organ_turn`` records it, and the answers are gathered under the name of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.survey.bank.lists import GOOD, SATISFIED
from huiyin.survey.bank.parts import Choice, Module, Row, calculated, first_of, many, one, scale


@dataclass(frozen=True)
class Organ:
    """One of the four, and what its people are called."""

    key: str
    office: str
    office_en: str
    people: str
    people_en: str


ORGANS = (
    Organ("police", "公安机关", "police", "公安民警", "police officers"),
    Organ("procuratorate", "检察院", "procuratorate", "检察官", "procurators"),
    Organ("court", "法院", "court", "法官", "judges"),
    Organ("justice", "司法局（所）", "justice office", "司法行政干警", "staff of justice offices"),
)
_TURNS = range(1, len(ORGANS) + 1)


def _text_of(turn: int, attribute: str) -> str:
    cases = [(f"${{organ_{turn}}} = '{each.key}'", f"'{getattr(each, attribute)}'")
             for each in ORGANS[:-1]]  # fmt: skip
    return first_of(cases, f"'{getattr(ORGANS[-1], attribute)}'")


def _drawn() -> Iterator[Row]:
    yield calculated("organ_turn", f"once(int(random() * {len(ORGANS)}))")
    keys = " ".join(each.key for each in ORGANS)
    for turn in _TURNS:
        place = f"(${{organ_turn}} + {turn - 1}) mod {len(ORGANS)}"
        yield calculated(f"organ_{turn}", f"selected-at('{keys}', {place})")
        for attribute in ("office", "office_en", "people", "people_en"):
            yield calculated(f"{attribute}_{turn}", _text_of(turn, attribute))


def _asked() -> Iterator[Row]:
    for turn in _TURNS:
        yield scale(
            f"work_{turn}", SATISFIED, f"您对本地${{office_{turn}}}的工作",
            f"The work of the ${{office_en_{turn}}} here: how satisfied are you with it?",
        )  # fmt: skip
        yield scale(
            f"image_{turn}", GOOD, f"您对本地${{people_{turn}}}的整体形象怎么评价？",
            f"The ${{people_en_{turn}}} here: how do you judge the impression they give?",
        )  # fmt: skip


def _gathered() -> Iterator[Row]:
    for what in ("work", "image"):
        for organ in ORGANS:
            cases = [(f"${{organ_{turn}}} = '{organ.key}'", f"${{{what}_{turn}}}")
                     for turn in _TURNS]  # fmt: skip
            yield calculated(f"{organ.key}_{what}", first_of(cases))


IMAGE = Module(
    "image", "政法机关和政法队伍", "Police, procuratorate, court, justice offices",
    rows=(*_drawn(), *_asked(), *_gathered()),
)  # fmt: skip

LAW = Module(
    "law", "执法情况", "Law enforcement",
    lists={
        "law_problems": (
            Choice("rude", "态度粗暴", "Rude treatment"),
            Choice("slow", "拖延、推诿", "Delay, being sent elsewhere"),
            Choice("unfair", "处理不公正", "Unfair handling"),
            Choice("bribes", "吃拿卡要", "Asking for favours"),
            Choice("procedure", "程序不规范", "Procedure not kept"),
            Choice("other", "其他", "Something else"),
            Choice("none", "没有", "None", exclusive=True),
        ),
    },
    rows=(
        scale("law_enforcement", SATISFIED, "您对本地政法机关的执法工作",
              "Law enforcement here: how satisfied are you with it?"),
        one("law_contact", "yes_no",
            "最近12个月，您本人有没有因为报警、办案、调解等事情和政法机关打过交道？",
            "In the last 12 months, have you dealt with these offices yourself: a call to the"
            " police, a case, a mediation?"),
        many("law_problems", "law_problems", "打交道时，您遇到过下面哪些情况？",
             "Which of these did you meet with?", relevant="${law_contact} = 'yes'",
             hint_zh="可多选，逐项念出；“没有”不念，受访者主动说出时再选",
             hint_en="Several; read each out. “None” is not read out"),
    ),
)  # fmt: skip

OFFICIALS = Module(
    "officials", "其他党政干部", "Other party and government officials",
    rows=(
        scale("officials_image", GOOD,
              "除政法机关以外，您对本地其他党政干部的整体形象怎么评价？",
              "Apart from the offices just asked about: how do you judge the impression given by"
              " other party and government officials here?"),
    ),
)  # fmt: skip
