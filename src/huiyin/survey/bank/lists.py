"""Lists of choices that several modules use."""

from __future__ import annotations

from collections.abc import Sequence

from huiyin.survey.bank.parts import NAMES, Choice

YES_NO = (Choice("yes", "是", "Yes"), Choice("no", "否", "No"))
SAFE = (
    Choice("safe", "安全", "Safe"),
    Choice("fairly", "比较安全", "Fairly safe"),
    Choice("not_very", "不太安全", "Not very safe"),
    Choice("unsafe", "不安全", "Unsafe"),
)
SATISFIED = (
    Choice("satisfied", "满意", "Satisfied"),
    Choice("fairly", "比较满意", "Fairly satisfied"),
    Choice("neither", "一般", "Neither satisfied nor dissatisfied"),
    Choice("not_very", "不太满意", "Not very satisfied"),
    Choice("dissatisfied", "不满意", "Dissatisfied"),
)
GOOD = (
    Choice("good", "好", "Good"),
    Choice("fairly", "比较好", "Fairly good"),
    Choice("neither", "一般", "Neither good nor poor"),
    Choice("rather_poor", "比较差", "Rather poor"),
    Choice("poor", "差", "Poor"),
)
HOW_MUCH = (
    Choice("many", "很多", "Very much of it"),
    Choice("some", "比较多", "Rather much"),
    Choice("few", "比较少", "Rather little"),
    Choice("none", "没有", "None"),
)
CHANGE = (
    Choice("better", "变好了", "Better"),
    Choice("same", "没有变化", "The same"),
    Choice("worse", "变差了", "Worse"),
)
KNOWN = (
    Choice("well", "了解", "Know about it"),
    Choice("heard", "听说过但不了解", "Have heard of it without knowing more"),
    Choice("unknown", "没有听说过", "Have not heard of it"),
)

#: By the name that the workbook gives them.
SHARED: dict[str, Sequence[Choice]] = {
    "yes_no": YES_NO,
    "safe": SAFE,
    "satisfied": SATISFIED,
    "good": GOOD,
    "how_much": HOW_MUCH,
    "change": CHANGE,
    "known": KNOWN,
}
NAMES.update({id(choices): name for name, choices in SHARED.items()})
