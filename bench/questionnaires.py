"""Compiling a questionnaire, one answer on it, and checking the interviews of a round.

The form of 200 questions is made: conditions over the answers before, calculations, constraints,
filtered lists, in groups of ten. The standard instrument is the one of the question bank.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from io import BytesIO
from itertools import count, islice
from typing import TYPE_CHECKING

import openpyxl

from bench.harness import Case
from huiyin.survey.engine.instance import Node, field_of

if TYPE_CHECKING:
    from huiyin.survey import engine

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=timezone(timedelta(hours=8)))
INTERVIEWS = 10_000
#: Answers of an interview that went through to the end.
LONG = 40
COLUMNS = ("type", "name", "label::中文 (zh)", "label::English (en)", "relevant", "constraint",
           "calculation", "choice_filter", "required")  # fmt: skip


def workbook(questions: int) -> bytes:
    """A made questionnaire of so many questions."""
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(COLUMNS)
    for number in range(questions):
        if number % 10 == 0:
            group = f"g{number // 10}"
            survey.append(("begin_group", group, "分组", "Group", f"${{q{number - 1}}} != '8'"
                           if number else ""))  # fmt: skip
        survey.append(row(number))
        if number % 10 == 9 or number == questions - 1:
            survey.append(("end_group",))
    choices = book.create_sheet("choices")
    choices.append(("list_name", "name", "label::中文 (zh)", "label::English (en)", "of"))
    for code in range(1, 9):
        choices.append(("safe", str(code), f"选项{code}", f"Choice {code}", str(code % 3)))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def row(number: int) -> tuple[str, ...]:
    """One question; every tenth is calculated, and most depend on one before."""
    before = max(0, number - 1 - number % 7)
    name, zh, en = f"q{number}", f"第 {number} 题“如何”？", f"Question {number}"
    relevant = f"${{q{before}}} != '' or ${{q0}} > 0" if number % 3 == 1 and number > 1 else ""
    if number % 10 == 5:
        return ("calculate", name, "", "", "", "", f"coalesce(${{q{before}}}, ${{q0}}) * 2 + 1")
    if number % 4 == 0:
        return ("integer", name, zh, en, relevant, ". >= 0 and . <= 120", "", "", "yes")
    if number % 4 == 1:
        return ("select_multiple safe", name, zh, en, relevant, "count-selected(.) <= 3")
    chosen = f"of = '0' or of = ${{q{before}}} mod 3" if number % 8 == 2 else ""
    return ("select_one safe", name, zh, en, relevant, "", "", chosen, "yes")


def compiling(content: Callable[[], bytes]) -> float:
    from huiyin.survey import engine

    source = content()
    engine.compile(workbook(3))  # pyxform is loaded
    start = time.perf_counter()
    engine.compile(source)
    return time.perf_counter() - start


def answers_of(questionnaire: engine.Questionnaire, seed: int) -> dict[str, object]:
    """Answers of a finished interview: what is asked is answered from what is offered."""
    drawn = random.Random(seed)
    interview = questionnaire.start(seed, now=NOW)
    for node in list(interview.questions()):
        if not node.relevant or "calculate" in field_of(node).rules:
            continue
        for _ in range(20):  # until the answer is one that can stand
            value = drawn_answer(interview, node, drawn)
            if value is None or interview.answer(node.path, value).valid:
                break
    return dict(interview.values())


def drawn_answer(interview: engine.Interview, node: Node, drawn: random.Random) -> object:
    """Some answer to a question; None where it takes none."""
    choices = [choice.value for choice in interview.choices(node)]
    if choices:
        return drawn.choice(choices)
    at = field_of(node)
    if at.type == "int":
        return drawn.randint(0, 99)
    written = at.control == "input" and at.type == "string" and "readonly" not in at.rules
    return "无" if written else None


def answering(stated: Callable[[list[float]], float], *, screen: bool) -> float:
    """Seconds of one answer on the form of 200 questions, with the whole screen or without."""
    from huiyin.survey import engine

    questionnaire = engine.compile(workbook(200))
    seconds = []
    for seed in range(5):
        interview = questionnaire.start(seed, now=NOW)
        for path, value in answers_of(questionnaire, seed).items():
            if "calculate" in questionnaire.form.fields[path].rules:
                continue
            start = time.perf_counter()
            interview.answer(path, value)
            if screen:
                interview.state()
            seconds.append(time.perf_counter() - start)
    return stated(seconds)


def percentile_95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def standard_workbook() -> bytes:
    """The standard instrument of the question bank for a made city of 5 counties, 60 townships."""
    from huiyin.survey.bank.standard import Area, Setting, standard

    counties = tuple(
        Area(f"4399{county:02}", f"第{county}县", parts=tuple(
            Area(f"4399{county:02}{town:03}", f"第{county}县{town}镇") for town in range(1, 13)
        ))
        for county in range(1, 6)
    )  # fmt: skip
    return standard(Setting("安和市", counties))


def finished(questionnaire: engine.Questionnaire) -> Iterator[tuple[int, dict[str, object]]]:
    """Interviews that were not broken off at the screening, and in which nothing is wrong."""
    for seed in count():
        answers = answers_of(questionnaire, seed)
        interview = questionnaire.start(seed, now=NOW)
        interview.fill(answers)
        if len(answers) >= LONG and not interview.problems():
            yield seed, answers


def validating() -> float:
    """Seconds in which 10,000 finished interviews are read, recalculated and judged."""
    from huiyin.survey import engine

    questionnaire = engine.compile(standard_workbook())
    kept = list(islice(finished(questionnaire), 100))
    stored = [(seed, json.dumps(answers)) for seed, answers in kept] * (INTERVIEWS // 100)
    start = time.perf_counter()
    found = 0
    for seed, text in stored:
        interview = questionnaire.start(seed, now=NOW)
        interview.fill(json.loads(text))
        found += len(interview.problems())
    assert found == 0, found
    return time.perf_counter() - start


CASES = [
    Case("compile, 200 questions", partial(compiling, partial(workbook, 200)), seconds=1),
    Case("compile, 2,000 questions", partial(compiling, partial(workbook, 2000)),
         baseline="compile, 200 questions", ratio=16, note="linear = 10", repeats=3),
    Case("compile, 10,000 questions", partial(compiling, partial(workbook, 10_000)),
         baseline="compile, 2,000 questions", ratio=8, note="linear = 5", repeats=1),
    Case("compile, standard instrument", partial(compiling, standard_workbook), seconds=1),
    Case("one answer, p95", partial(answering, percentile_95, screen=False), seconds=0.02,
         note="200 questions, five interviews"),
    Case("one answer, slowest", partial(answering, max, screen=False), note="the same"),
    Case("one answer and the whole screen, p95", partial(answering, percentile_95, screen=True),
         seconds=0.02, note="with the state of all 200 questions"),
    Case("10,000 interviews", validating, seconds=60, note="standard instrument, one core",
         repeats=3),
]  # fmt: skip
