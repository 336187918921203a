"""How the place is run: governance, visits by officials, awareness, participation, windows."""

from __future__ import annotations

from huiyin.survey.bank.lists import GOOD, KNOWN, SATISFIED
from huiyin.survey.bank.parts import Choice, Module, many, one, scale

_READ = {
    "hint_zh": "可多选，逐项念出；“没有”不念，受访者主动说出时再选，且不与其他选项同选",
    "hint_en": "Several; read each out. “None” is not read out: take it only when said, alone",
}

GOVERNANCE = Module(
    "governance", "社会治理", "Social governance",
    rows=(
        scale("governance", SATISFIED, "您对本地社会治理的总体情况",
              "All in all, how this place is governed: how satisfied are you?"),
        scale("mediation", SATISFIED, "对本地化解邻里、家庭、土地等矛盾纠纷的工作，您",
              "The settling of disputes between neighbours, in families, about land: how satisfied"
              " are you with it?"),
    ),
)  # fmt: skip

VISITS = Module(
    "visits", "干部入户", "Household visits by officials",
    rows=(
        one("visited", "yes_no",
            "最近6个月，有没有干部到您家里走访、了解情况？",
            "In the last 6 months, has an official come to your home to learn how things are?"),
        scale("visits", GOOD, "您对干部入户走访的情况怎么评价？",
              "How do you judge these visits?", relevant="${visited} = 'yes'"),
        one("visit_answered", "yes_no", "走访时您反映的事情，后来有没有答复？",
            "Was there an answer later to what you had raised?", relevant="${visited} = 'yes'"),
    ),
)  # fmt: skip

PARTICIPATION = Module(
    "participation", "知晓和参与", "Awareness and participation",
    lists={
        "activities": (
            Choice("patrol", "治安巡逻、看家护院", "Patrols, watching over houses"),
            Choice("mediation", "调解邻里纠纷", "Mediation between neighbours"),
            Choice("reporting", "反映治安隐患或线索", "Reporting hazards or clues"),
            Choice("publicity", "平安法治宣传", "Spreading knowledge of law and safety"),
            Choice("meeting", "村（居）民议事会", "Residents' meetings"),
            Choice("volunteer", "其他志愿服务", "Other voluntary service"),
        ),
    },
    rows=(
        scale("awareness", KNOWN, "对本地开展的平安建设工作，您",
              "The work for a safe community that is going on here:"),
        one("took_part", "yes_no",
            "最近12个月，您本人或者家人有没有参加过平安建设方面的活动，比如治安巡逻、纠纷调解、"
            "反映隐患、志愿服务？",
            "In the last 12 months, have you or your family taken part in such work, for example"
            " patrols, mediation, reporting hazards, voluntary service?"),
        many("activities", "activities", "参加过哪些？", "In which?",
             relevant="${took_part} = 'yes'",
             hint_zh="可多选，逐项念出", hint_en="Several; read each out"),
    ),
)  # fmt: skip

#: The four complaints about windows, named in the field by these words.
FOUR_COMPLAINTS = (
    Choice("door", "门难进", "Hard to get in"),
    Choice("face", "脸难看", "Unfriendly faces"),
    Choice("words", "话难听", "Harsh words"),
    Choice("matter", "事难办", "Hard to get things done"),
)

WINDOWS = Module(
    "windows", "窗口服务", "Window services",
    lists={
        "complaints": (*FOUR_COMPLAINTS, Choice("none", "没有", "None", exclusive=True)),
    },
    rows=(
        one("window_used", "yes_no", "最近12个月，您有没有到政府部门的服务窗口办过事？",
            "In the last 12 months, have you been to a service window of a public office?"),
        scale("windows", SATISFIED, "对窗口的服务，您", "Their service: how satisfied are you?",
              relevant="${window_used} = 'yes'"),
        many("complaints", "complaints", "办事时您遇到过下面哪些情况？",
             "Which of these did you meet with there?", relevant="${window_used} = 'yes'", **_READ),
    ),
)  # fmt: skip
