"""How a question stands, and the words in which the engine itself speaks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from huiyin.survey.engine.choices import Choice


@dataclass(frozen=True)
class QuestionState:
    """How a question stands.

    Attributes:
        path: its address.
        label: what is asked, values filled in.
        hint: what helps.
        type: select1, select, rank, or the type of the bind.
        relevant: whether it is asked.
        required: whether it must be answered.
        readonly: whether it takes no answer.
        valid: whether its answer can stand; one that is missing is no invalid answer.
        message: what is wrong with it.
        value: the answer as text.
        choices: those now on offer.
    """

    path: str
    label: str
    hint: str
    type: str
    relevant: bool
    required: bool
    readonly: bool
    valid: bool
    message: str
    value: str
    choices: list[Choice]

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return asdict(self)


_WORDS: dict[str, tuple[str, str]] = {
    "required": ("This question must be answered.", "本题必须回答。"),
    "constraint": ("This answer is not possible here.", "这个回答不符合要求，请核对。"),
    "not-a-choice": (
        "This is none of the choices; take one that is offered.",
        "不在选项之内，请从所列选项中选择。",
    ),
    "chosen-twice": ("The same choice stands twice.", "同一选项重复选择，请只选一次。"),
    "not-alone": (
        "This choice goes with no other; take it alone or take it out.",
        "该选项不能与其他选项同时选择，请只选该项或取消该项。",
    ),
    "not-all-ranked": ("Put every choice into its place.", "请给所有选项排序。"),
    "not-a-whole-number": ("Enter a whole number, digits only.", "请填写整数，只用数字。"),
    "not-a-number": ("Enter a number, such as 3 or 3.5.", "请填写数字，例如 3 或 3.5。"),
    "out-of-range": ("The number is outside what is asked.", "数字超出范围，请核对。"),
    "not-a-date": ("Enter a date, such as 2026-07-31.", "请填写日期，例如 2026-07-31。"),
    "not-a-moment": (
        "Enter date and time, such as 2026-07-31T09:00.",
        "请填写日期和时间，例如 2026-07-31T09:00。",
    ),
    "not-a-time": ("Enter a time, such as 09:00.", "请填写时间，例如 09:00。"),
    "not-a-place": ("Enter latitude and longitude.", "请填写纬度和经度。"),
    "unknown-question": (
        "There is no question {path} in this questionnaire.",
        "本问卷没有题目 {path}。",
    ),
    "no-answer-here": (
        "{path} takes no answer: it is a group, or calculated.",
        "{path} 不能填写：它是分组，或由系统计算。",
    ),
    "no-such-repeat": ("There is no such repeat: {path}.", "没有这个重复部分：{path}。"),
    "too-many-instances": (
        "{path} is asked often enough; no more can be added.",
        "{path} 的个数已到上限，不能再增加。",
    ),
    "other-questionnaire": (
        "This interview was held with another version of the questionnaire {path}.",
        "这份访问所用的问卷与 {path} 的这一版本不同。",
    ),
    "repeat-is-counted": (
        "How often {path} is asked follows from another answer; change that one.",
        "{path} 的个数由另一题决定，请修改那一题。",
    ),
}


def words(code: str, language: str) -> str:
    """What the engine says, in Chinese or English, by the language of the interview."""
    english, chinese = _WORDS[code]
    return english if spoken(language) == "en" else chinese


def spoken(language: str) -> str:
    """The language in which the engine itself speaks where a form's language is in use."""
    name = language.lower()
    return "en" if name.startswith(("en", "英")) or "(en" in name else "zh"
