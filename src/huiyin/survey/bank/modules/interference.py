"""Whether somebody told residents what to answer: asked openly, and by an item-count experiment.

The experiment (Miller 1984; Blair & Imai 2012, Political Analysis 20): a random half hears four
harmless statements, the other half the same and the sensitive one; each says only how many apply,
so that nobody admits anything. ``list_count`` and ``list_treated`` go into
``huiyin.measure.integrity(list_experiment=…)``.
"""

from __future__ import annotations

from typing import Any

from huiyin.survey.bank.parts import Choice, Module, calculated, count, many, one, recorded

#: Some hold for most, some for few, so that hardly anybody says none or all (no floor, no ceiling).
HARMLESS = (
    ("上个星期我买过菜或者日用品", "Last week I bought food or things for the house"),
    ("上个月我坐过火车", "Last month I travelled by train"),
    ("我家养了狗", "We keep a dog"),
    ("今年我在电影院看过电影", "This year I have seen a film in a cinema"),
)
SENSITIVE = (
    "有人跟我说过接到满意度调查电话时该怎么回答",
    "Somebody has told me what to answer when such a survey calls",
)
#: The number of harmless statements, which the analysis needs.
CONTROL_ITEMS = len(HARMLESS)


def _asked(statements: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    size = len(statements)
    zh = "；".join(f"（{at}）{each[0]}" for at, each in enumerate(statements, 1))
    en = "; ".join(f"({at}) {each[1]}" for at, each in enumerate(statements, 1))
    return (
        f"下面我念{size}句话，请您只告诉我一共有几句符合您的情况，不用说是哪几句。{zh}。一共有几句？",
        f"I read {size} statements. Please tell me only how many of them hold for you, not which."
        f" {en}. How many?",
    )


_SHORT = _asked(HARMLESS)
_LONG = _asked((*HARMLESS[:2], SENSITIVE, *HARMLESS[2:]))
_COUNTED = "if(${list_half} = 'treated', ${list_long}, ${list_short})"
_ONCE: dict[str, Any] = {
    "hint_zh": "只记个数；不追问是哪几句",
    "hint_en": "Record the number only; do not ask which",
}

INTERFERENCE = Module(
    "interference", "调查是否受到干扰", "Interference with the survey",
    lists={
        "told_by": (
            Choice("community", "村（社区）工作人员", "Somebody of the village or community"),
            Choice("officials", "乡镇（街道）或部门的干部", "An official of township or office"),
            Choice("work", "工作单位", "The place of work"),
            Choice("school", "孩子的学校", "The children's school"),
            Choice("leaflet", "宣传单、短信、微信群", "A leaflet, text message, chat group"),
            Choice("other", "其他", "Somebody else"),
        ),
    },
    rows=(
        calculated("list_half", "once(if(random() < 0.5, 'treated', 'control'))"),
        count("list_short", *_SHORT, most=CONTROL_ITEMS,
              relevant="${list_half} = 'control'", **_ONCE),
        count("list_long", *_LONG, most=CONTROL_ITEMS + 1,
              relevant="${list_half} = 'treated'", **_ONCE),
        calculated("list_count", f"if({_COUNTED} < 90, {_COUNTED}, '')"),
        calculated("list_treated", "if(${list_half} = 'treated', 1, 0)"),
        one("told", "yes_no", "在这次访问之前，有没有人跟您说过接到调查电话时该怎么回答？",
            "Before this call, has anybody told you what to answer when a survey calls?"),
        many("told_by", "told_by", "是通过什么途径说的？【不问姓名】",
             "By which way? [Ask for no names]", relevant="${told} = 'yes'",
             hint_zh="可多选，逐项念出；不记录任何人的姓名",
             hint_en="Several; read each out. Record nobody's name"),
        recorded("prompted", "yes_no", "【访问员记录，不念】访问中是否听到旁人提示或者代为回答？",
                 "[Interviewer records, not read out] Was somebody heard prompting or answering?"),
    ),
)  # fmt: skip
