"""The standard instrument: twelve indicators, their questions, codes, scores and weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

DO_NOT_KNOW = 8
REFUSED = 9
NOT_VISITED = 7

_SATISFIED = (("很满意", "Very satisfied"), ("比较满意", "Fairly satisfied"), ("一般", "So-so"),
              ("不太满意", "Not very satisfied"), ("很不满意", "Not at all satisfied"))  # fmt: skip
_SAFE = (("很安全", "Very safe"), ("比较安全", "Fairly safe"), ("一般", "So-so"),
         ("不太安全", "Not very safe"), ("很不安全", "Not safe at all"))  # fmt: skip
_EFFECT = (("成效很大", "Very effective"), ("成效较大", "Fairly effective"), ("一般", "So-so"),
           ("成效不大", "Not very effective"), ("没有成效", "Not effective"))  # fmt: skip
_VISITS = (("来过多次", "Several times"), ("来过一两次", "Once or twice"), ("没有来过", "Never"))
_AWARE = (("知道", "Knows of it"), ("听说过", "Has heard of it"), ("没听说过", "Has not heard"))
_TAKES_PART = (("参加过", "Has taken part"), ("没参加过", "Has not"))

_FIVE = (100, 80, 60, 30, 0)

# Where a latent opinion of mean 0 and variance 1 turns into the next worse answer.
_FIVE_CUTS = (0.55, -0.55, -1.45, -2.10)


@dataclass(frozen=True)
class Question:
    """One question and the indicator it makes.

    Attributes:
        name: of the column and of the indicator.
        zh, en: title of the indicator.
        answers: labels of the codes 1, 2, ..., best first.
        scores: what each code counts; 100 and 0 for a share.
        share: the indicator is a share in percent, otherwise a score.
        weight: in the total score.
        cuts: where the latent opinion turns into the next worse answer, falling.
        loading: correlation of the opinion with what a person thinks of everything.
        first, change: value in the first round and change to the second, about.
        unknown: share that does not know, at middle age.
        of_town: how much the opinion follows that of the township, 1 = like the others.
    """

    name: str
    zh: str
    en: str
    answers: tuple[tuple[str, str], ...]
    scores: tuple[int, ...]
    share: bool
    weight: float
    cuts: tuple[float, ...]
    loading: float
    first: float
    change: float
    unknown: float
    of_town: float = 1.0


def _scored(
    name: str, zh: str, en: str, answers: tuple[tuple[str, str], ...], weight: float,
    first: float, change: float, unknown: float,
) -> Question:  # fmt: skip
    return Question(name, zh, en, answers, _FIVE, False, weight, _FIVE_CUTS, 0.68,
                    first, change, unknown)  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question("safety", "群众安全感", "Feels safe", _SAFE, (100, 100, 0, 0, 0), True, 0.20,
             (0.35, -1.20, -1.90, -2.50), 0.62, 88.0, 1.6, 0.004),
    _scored("police", "公安机关满意度", "Police", _SATISFIED, 0.10, 80.5, 2.4, 0.03),
    _scored("procuratorate", "检察机关满意度", "Procuratorate", _SATISFIED, 0.08, 76.8, 2.1, 0.13),
    _scored("courts", "审判机关满意度", "Courts", _SATISFIED, 0.08, 71.5, 3.0, 0.11),
    _scored("justice", "司法行政机关满意度", "Judicial administration", _SATISFIED, 0.08,
            77.5, 1.8, 0.14),
    _scored("enforcement", "执法满意度", "Law enforcement", _SATISFIED, 0.10, 72.5, 3.1, 0.05),
    _scored("governance", "社会治理满意度", "Social governance", _SATISFIED, 0.08, 70.5, 3.4, 0.04),
    _scored("campaign", "扫黑除恶专项斗争成效", "Campaign against organised crime", _EFFECT, 0.08,
            78.6, 4.2, 0.06),
    Question("visits", "干部入户走访", "Visits by officials", _VISITS, (100, 60, 0), False, 0.06,
             (0.80, 0.0), 0.30, 41.0, 1.18, 0.008, 1.5),
    Question("awareness", "知晓率", "Awareness", _AWARE, (100, 100, 0), True, 0.05,
             (0.50, -0.50), 0.25, 68.0, 5.0, 0.0, 0.8),
    Question("participation", "参与率", "Participation", _TAKES_PART, (100, 0), True, 0.04,
             (0.0,), 0.25, 31.0, 2.6, 0.003, 1.2),
    _scored("window", "窗口服务满意度", "Service windows", _SATISFIED, 0.05, 72.0, 2.2, 0.01),
)  # fmt: skip

NAMES = tuple(question.name for question in QUESTIONS)
WEIGHTS: FloatArray = np.array([question.weight for question in QUESTIONS])
LOADINGS: FloatArray = np.array([question.loading for question in QUESTIONS])
OF_TOWN: FloatArray = np.array([question.of_town for question in QUESTIONS])
WINDOW = NAMES.index("window")
AWARENESS = NAMES.index("awareness")

#: Questions answered on the five-point scale, in order.
FIVE_POINT = tuple(question.name for question in QUESTIONS if len(question.answers) == 5)

#: Cuts padded with −∞ to four per question, (12, 4), and what crossing each adds to the score.
CUTS: FloatArray = np.array([[*q.cuts, *[-np.inf] * (4 - len(q.cuts))] for q in QUESTIONS])
STEPS: FloatArray = np.array(
    [
        [a - b for a, b in zip(q.scores, q.scores[1:], strict=False)] + [0] * (4 - len(q.cuts))
        for q in QUESTIONS
    ],
    dtype=np.float64,
)

#: What respondents may name as most in need of improvement: code, item, zh, en.
CONCERNS: tuple[tuple[int, str, str, str], ...] = (
    (1, "police", "公安工作", "Police"),
    (2, "procuratorate", "检察工作", "Procuratorate"),
    (3, "courts", "法院工作", "Courts"),
    (4, "justice", "司法行政工作", "Judicial administration"),
    (5, "enforcement", "执法规范", "Law enforcement"),
    (6, "governance", "社会治理", "Social governance"),
    (7, "campaign", "扫黑除恶", "Campaign against organised crime"),
    (8, "visits", "干部走访", "Visits by officials"),
    (9, "window", "窗口服务", "Service windows"),
    (10, "traffic", "交通秩序", "Traffic"),
    (11, "fraud", "电信网络诈骗", "Telephone and online fraud"),
    (12, "neighbours", "邻里纠纷", "Disputes between neighbours"),
)
NO_CONCERN = 99

#: Right answer to the question what the campaign is about; 1-4 are offered.
RIGHT_CONTENT = 3

#: Statements of the list that are not sensitive.
LIST_ITEMS = 4
