"""What an interview does with answers."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import pyxform
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.survey.engine.forms import NOON, compiled, started, state

from huiyin.survey import engine
from huiyin.survey.engine.form import read_form

CHOICES = """
|list_name|name|label|label::English (en)|exclusive|
|factor|1|盗窃|Theft||
|factor|2|诈骗|Fraud||
|factor|3|噪声|Noise||
|factor|97|都没有|None|yes|
|yn|1|是|Yes||
|yn|2|否|No||
"""
FACTORS = """
|type|name|label|dont_know|refused|constraint|required|
|select_multiple factor|factors|有哪些？|98|99|count-selected(.) <= 2|yes|
|integer|age|年龄？|998|999|. >= 16 and . <= 120|yes|
"""


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (["1", "2"], True), ("1 2", True), ("97", True), (["97", "1"], False), ("1 1", False),
        ("4", False), ("1 2 3", False), ("98", True), ("99", True), ("98 1", False),
    ],
)  # fmt: skip
def test_a_choice_that_stands_alone_goes_with_no_other(value: object, valid: bool) -> None:
    """000-13: select many with "none" and "don't know / refused" codes."""
    found = started(FACTORS, CHOICES).answer("factors", value)
    assert found.valid is valid
    assert bool(found.message) is not valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [(16, True), (15, False), (120, True), (121, False), (998, True), ("九十", False),
     ("１８", False), (18.0, True), (18.5, False), ("", True)],
)  # fmt: skip
def test_dont_know_and_refused_pass_the_constraint(value: object, valid: bool) -> None:
    assert started(FACTORS, CHOICES).answer("age", value).valid is valid


def test_a_wrong_answer_is_kept_as_it_came_and_marked() -> None:
    interview = started(FACTORS, CHOICES)
    interview.answer("age", "很老")
    assert state(interview, "age").value == "很老"
    assert [(each.path, each.code) for each in interview.problems()] == [
        ("/data/factors", "required"),
        ("/data/age", "not-a-whole-number"),
    ]
    assert interview.problems()[1].message == "请填写整数，只用数字。"


@pytest.mark.parametrize("path", ["nobody", "/data/nobody", "/data", "/data/age[2]", "", "/", "//"])
def test_an_answer_to_no_question_is_refused(path: str) -> None:
    with pytest.raises(engine.AnswerRefused) as wrong:
        started(FACTORS, CHOICES).answer(path, 1)
    assert wrong.value.code in ("unknown-question", "no-answer-here")
    assert path in wrong.value.in_language("zh")


def test_what_is_calculated_takes_no_answer() -> None:
    interview = started("|type|name|label|calculation|\n|calculate|c||1 + 1|")
    with pytest.raises(engine.AnswerRefused, match="no-answer-here"):
        interview.answer("c", 3)
    assert interview.values() == {"/data/c": "2"}


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("integer", ["0", "-3", "007"], ["1.0", "1e3", "x", "１", "--1"]),
        ("decimal", ["0.5", ".5", "-3", "3."], ["1,5", "x", "1e3"]),
        ("date", ["2026-02-28", date(2026, 2, 28)], ["2026-02-29", "2026-2-8", "28.2.2026", "x"]),
        ("time", ["09:00", "23:59:59", "09:00:00.000+08:00"], ["24:00", "9:00", "x"]),
        ("dateTime", ["2026-02-28T09:00", NOON], ["2026-02-28", "2026-02-30T09:00", "x"]),
        ("geopoint", ["26.6 109.9", "26.6 109.9 0 0"], ["26.6", "x y"]),
    ],
)
def test_an_answer_is_of_the_kind_that_is_asked(
    kind: str, right: list[object], wrong: list[object]
) -> None:
    interview = started(f"|type|name|label|\n|{kind}|a|A|")
    assert [value for value in right if not interview.answer("a", value).valid] == []
    assert [value for value in wrong if interview.answer("a", value).valid] == []


def test_what_is_not_asked_is_kept_but_not_given_out() -> None:
    """ODK XForms, bind attribute relevant: what is not relevant is not part of the record."""
    interview = started(
        "|type|name|label|relevant|required|\n|integer|a|A|||\n|text|b|B|${a} > 1|yes|"
    )
    interview.answer("a", 2)
    interview.answer("b", "x")
    interview.answer("a", 1)
    assert interview.values() == {"/data/a": "1"}
    assert interview.problems() == []
    interview.answer("a", 3)
    assert interview.values() == {"/data/a": "3", "/data/b": "x"}


def test_once_keeps_what_was_first() -> None:
    """ODK XForms, once(): evaluated only while the node is empty."""
    interview = started("|type|name|label|calculation|\n|text|a|A||\n|calculate|first||once(${a})|")
    interview.answer("a", "x")
    interview.answer("a", "y")
    assert interview.values()["/data/first"] == "x"


def test_the_clock_is_the_one_that_was_passed() -> None:
    survey = "|type|name|label|calculation|\n|today|day|||\n|start|begun|||\n|end|over|||\n"
    survey += "|calculate|c||today()|\n|calculate|n||now()|"
    interview = started(survey)
    assert interview.values() == {
        "/data/day": "2026-11-28",
        "/data/begun": "2026-11-28T12:00:00.000+08:00",
        "/data/c": "2026-11-28",
        "/data/n": "2026-11-28T12:00:00.000+08:00",
    }
    interview.finish(NOON + timedelta(minutes=9))
    assert interview.values()["/data/over"] == "2026-11-28T12:09:00.000+08:00"


def test_without_a_clock_only_a_form_that_asks_for_it_refuses_to_start() -> None:
    compiled("|type|name|label|\n|start|s||\n|text|a|A|").start(1)
    with pytest.raises(engine.NoMoment, match="now="):
        compiled("|type|name|label|calculation|\n|calculate|c||today()|").start(1)


PERSONS = """
|type|name|label|calculation|relevant|repeat_count|
|integer|many|几口人？||||
|begin_repeat|person|家人|||${many}|
|text|called|称呼||||
|integer|years|年龄||||
|calculate|which||position(..)|||
|end_repeat||||||
|begin_repeat|visit|走访||||
|text|who|谁？||||
|end_repeat||||||
|calculate|total||sum(${years})|||
|calculate|visits||count(${visit})|||
"""


def test_a_counted_repeat_has_as_many_instances_as_its_count_says() -> None:
    interview = started(PERSONS)
    assert interview.instances("person") == []
    interview.answer("many", 3)
    interview.answer("/data/person[3]/years", 30)
    assert interview.values()["/data/person[3]/which"] == "3"
    interview.answer("many", 1)
    assert interview.values()["/data/total"] == "0"
    interview.answer("many", 3)
    assert interview.values()["/data/total"] == "30"


@pytest.mark.parametrize(
    ("many", "instances"), [("", 0), (-1, 0), (2.9, 2), ("x", 0), (10**9, 1000)]
)
def test_a_count_that_is_none_asks_for_none(many: object, instances: int) -> None:
    interview = started(PERSONS)
    interview.answer("many", many)
    assert len(interview.instances("person")) == instances


def test_a_counted_repeat_is_not_added_to_by_hand() -> None:
    interview = started(PERSONS)
    for refused in (
        lambda: interview.add_repeat("/data/person"),
        lambda: interview.remove_repeat("/data/person", 1),
    ):
        with pytest.raises(engine.AnswerRefused, match="repeat-is-counted"):
            refused()


def test_an_uncounted_repeat_begins_with_one_and_grows_by_hand() -> None:
    interview = started(PERSONS)
    assert interview.add_repeat("/data/visit") == "/data/visit[2]"
    interview.answer("/data/visit[2]/who", "社区民警")
    interview.remove_repeat("/data/visit", 1)
    assert interview.values() == {
        "/data/visit[1]/who": "社区民警", "/data/total": "0", "/data/visits": "1",
    }  # fmt: skip
    for path, n in (("/data/visit", 2), ("/data/visit", 0), ("/data/nobody", 1)):
        with pytest.raises(engine.AnswerRefused, match="no-such-repeat"):
            interview.remove_repeat(path, n)


def test_an_instance_added_in_the_middle_of_a_thousand_costs_no_more() -> None:
    interview = started(PERSONS)
    for _ in range(999):
        interview.add_repeat("/data/visit")
    with pytest.raises(engine.AnswerRefused, match="too-many-instances"):
        interview.add_repeat("/data/visit")


# ruff: noqa: E501  (tables are wider than lines)
QUOTED = """
|type|name|label::中文 (zh)|label::English (en)|hint::中文 (zh)|hint::English (en)|constraint|constraint_message::中文 (zh)|constraint_message::English (en)|
|integer|a|什么叫“安全”和‘平安’？|What is “safe” and ‘calm’?|照“原话”读|Read “as is”|. > 1|须大于“1”|More than “1”|
|select_one l|b|选“一”|Choose “one”|||||
|note|n|您答了“${a}”||||||
"""
QUOTED_CHOICES = """
|list_name|name|label::中文 (zh)|label::English (en)|
|l|1|“好”|“Good”|
"""


def test_chinese_quotation_marks_survive_wherever_they_are_read_out() -> None:
    """000-14: pyxform turns “ ” into straight ones; they must survive."""
    interview = started(QUOTED, QUOTED_CHOICES)
    found = interview.answer("a", 1)
    assert (found.label, found.hint, found.message) == (
        "什么叫“安全”和‘平安’？", "照“原话”读", "须大于“1”",
    )  # fmt: skip
    assert [each.label for each in state(interview, "b").choices] == ["“好”"]
    assert state(interview, "n").label == "您答了“1”"
    interview.set_language("en")
    assert state(interview, "a").label == "What is “safe” and ‘calm’?"
    assert state(interview, "a").message == "More than “1”"
    assert state(interview, "b").choices[0].label == "“Good”"
    assert "“" in interview.questionnaire.to_xform()


def test_a_missing_translation_falls_back_to_the_default_language() -> None:
    interview = started(QUOTED, QUOTED_CHOICES, language="en")
    assert state(interview, "n").label == "您答了“”"


@pytest.mark.parametrize(
    ("asked", "named"),
    [("zh", "中文 (zh)"), ("zh-Hans", "中文 (zh)"), ("en", "English (en)"),
     ("English (en)", "English (en)"), ("fr", "中文 (zh)")],
)  # fmt: skip
def test_a_language_is_known_by_code_or_by_name(asked: str, named: str) -> None:
    settings_ = "|default_language|\n|中文 (zh)|"
    questionnaire = compiled(QUOTED, QUOTED_CHOICES, settings_)
    assert questionnaire.start(1, asked).language == named


def test_the_engine_itself_speaks_the_language_of_the_interview() -> None:
    for language, message in (("zh", "本题必须回答。"), ("en", "This question must be answered.")):
        survey = "|type|name|label|required|\n|text|a|A|yes|"
        assert started(survey, language=language).problems()[0].message == message


def test_choices_follow_from_the_answer_before() -> None:
    survey = """
    |type|name|label|choice_filter|
    |select_one c|county|县||
    |select_one t|town|镇|of = ${county}|
    """
    choices = "|list_name|name|label|of|\n|c|a|甲||\n|c|b|乙||\n|t|1|一|a|\n|t|2|二|b|"
    interview = started(survey, choices)
    interview.answer("county", "a")
    assert [each.value for each in state(interview, "town").choices] == ["1"]
    interview.answer("town", "1")
    interview.answer("county", "b")
    assert not state(interview, "town").valid


SECTIONS = """
|type|name|label|appearance|parameters|
|begin_group|all|全部|random-order||
|begin_group|one|一|||
|text|q1|一|||
|end_group|||||
|begin_group|two|二|||
|text|q2|二|||
|end_group|||||
|begin_group|three|三|||
|text|q3|三|||
|end_group|||||
|end_group|||||
|select_one factor|f|因素||randomize=true|
"""


def test_sections_and_options_are_asked_in_an_order_that_the_seed_draws() -> None:
    """000-13: randomised order of sections and options where asked, recorded."""
    questionnaire = compiled(SECTIONS, CHOICES)
    seen = set()
    for seed in range(40):
        interview = questionnaire.start(seed)
        orders = interview.orders()
        asked = [each.path.rpartition("/")[2] for each in interview.state()]
        place = {"one": "q1", "two": "q2", "three": "q3"}
        assert asked == [*(place[name] for name in orders["/data/all"]), "f"]
        offered = [each.value for each in state(interview, "f").choices]
        assert offered == orders["/data/f"] == questionnaire.start(seed).orders()["/data/f"]
        seen.add((*orders["/data/all"], *offered))
    assert len({order[:3] for order in seen}) == 6
    assert len({order[3:] for order in seen}) > 15


def test_an_order_does_not_change_while_it_is_looked_at() -> None:
    interview = started(SECTIONS, CHOICES)
    first = interview.state()
    interview.answer("/data/all/two/q2", "x")
    assert [each.path for each in interview.state()] == [each.path for each in first]
    assert state(interview, "f").choices == first[-1].choices


RANDOM = """
|type|name|label|calculation|
|integer|a|A||
|calculate|drawn||once(random())|
|calculate|arm||if(${drawn} < 0.5, 'x', 'y')|
|calculate|again||${a} * 0 + random()|
|calculate|id||once(uuid())|
|calculate|short||once(uuid(8))|
"""


def test_chance_follows_from_the_seed_alone() -> None:
    questionnaire = compiled(RANDOM)
    one, other = questionnaire.start(7), questionnaire.start(7)
    one.answer("a", 1)
    other.state()
    other.answer("a", 1)
    other.state()
    assert one.values() == other.values()
    assert one.values() != questionnaire.start(8).values()
    assert len(one.values()["/data/short"]) == 8
    assert len(one.values()["/data/id"]) == 36


def test_random_halves_are_halves() -> None:
    questionnaire = compiled("|type|name|label|calculation|\n|calculate|d||once(random())|")
    drawn = [float(questionnaire.start(seed).values()["/data/d"]) for seed in range(2000)]
    assert sum(each < 0.5 for each in drawn) == pytest.approx(1000, abs=90)  # 4 standard errors


STEPS = st.lists(
    st.tuples(st.sampled_from(["many", "add", "remove", "called", "who"]), st.integers(0, 4)),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(0, 12))
def test_an_interview_goes_on_exactly_where_it_was_saved(
    steps: list[tuple[str, int]], saved_after: int
) -> None:
    """Resume after a crash: what is saved and restored is the same, then and ever after."""
    questionnaire = SAVED
    interview = questionnaire.start(5, now=NOON)
    restored = None
    for number, step in enumerate(steps):
        if number == saved_after:
            dump = json.loads(json.dumps(interview.dump()))
            restored = questionnaire.resume(copy.deepcopy(dump))
            assert restored.dump() == dump
        for each in (interview, restored):
            if each is not None:
                _take(each, *step)
    if restored is not None:
        assert restored.dump() == interview.dump()
        assert restored.state() == interview.state()
    filled = questionnaire.start(5, now=NOON)
    filled.fill(interview.values())
    assert _given(filled) == _given(interview)


def _given(interview: engine.Interview) -> dict[str, str]:
    """What was answered, without chance and without instances in which nothing was."""
    given = interview.values()
    return {path: value for path, value in given.items() if path[6:] not in ("drawn", "visits")}


SAVED = compiled(
    PERSONS + "|calculate|drawn||random() + ${many}|||\n|select_one factor|f|因素||||", CHOICES
)


def _take(interview: engine.Interview, kind: str, value: int) -> None:
    persons, visits = interview.instances("person"), interview.instances("visit")
    if kind == "many":
        interview.answer("many", value)
    elif kind == "add":
        interview.add_repeat("/data/visit")
    elif kind == "remove" and len(visits) > 1:
        interview.remove_repeat("/data/visit", value % len(visits) + 1)
    elif kind == "called" and persons:
        interview.answer(f"{persons[value % len(persons)]}/called", f"n{value}")
        interview.answer(f"{persons[value % len(persons)]}/years", value)
    elif kind == "who":
        interview.answer(f"{visits[value % len(visits)]}/who", f"w{value}")


def test_a_dump_of_another_version_is_refused() -> None:
    dump = compiled(FACTORS, CHOICES).start(1).dump()
    with pytest.raises(engine.AnswerRefused, match="other-questionnaire"):
        compiled(PERSONS).resume(dump)


def test_a_whole_interview_is_filled_in_at_once_or_refused() -> None:
    interview = started(PERSONS)
    interview.fill({"/data/person[2]/years": 4, "/data/many": 2, "/data/visit[3]/who": "c",
                    "/data/visit[2]/who": "b", "/data/total": "999"})  # fmt: skip
    assert interview.values()["/data/total"] == "4"
    assert interview.values()["/data/visits"] == "3"
    for path in ("/data/person[3]/years", "/data/nobody", "/data/visit[1001]/who"):
        with pytest.raises(engine.AnswerRefused):
            started(PERSONS).fill({"/data/many": 2, path: "x"})


def test_instances_in_which_nothing_was_answered_are_filled_in_too() -> None:
    survey = """
    |type|name|label|
    |begin_repeat|home|H|
    |begin_repeat|room|R|
    |text|use|U|
    |end_repeat|||
    |end_repeat|||
    """
    interview = started(survey)
    interview.fill({"/data/home[3]/room[2]/use": "x"})
    assert interview.values() == {"/data/home[3]/room[2]/use": "x"}
    assert len(interview.instances("/data/home")) == 3


def test_only_what_depends_on_an_answer_is_evaluated_again() -> None:
    rows = "".join(f"|integer|a{at}|A|||\n|calculate|c{at}|||${{a{at}}} + 1|\n" for at in range(50))
    interview = started("|type|name|label|relevant|calculation|\n" + rows)
    evaluated = []
    original = interview.upkeep._applied
    interview.upkeep._applied = lambda rule: (evaluated.append(rule.at.name), original(rule))[1]  # type: ignore[method-assign]
    interview.answer("a7", 3)
    assert evaluated == ["c7"]


def test_state_gives_what_the_contract_names() -> None:
    found = state(started(FACTORS, CHOICES), "age").as_dict()
    assert set(found) == {
        "path", "label", "hint", "type", "relevant", "required", "readonly", "valid", "message",
        "value", "choices",
    }  # fmt: skip


REFERENCE = Path(pyxform.__file__).parent / "validators" / "xlsform_spec_test.xml"


def test_pyxforms_published_reference_form_is_read_whole() -> None:
    """The form that pyxform makes of the XLSForm specification's own test workbook."""
    form = read_form(REFERENCE.read_text(encoding="utf-8"))
    asked = [at for at in form.fields.values() if at.kind == "question"]
    assert len(asked) > 10
    assert all(at.texts.get("label") or at.texts.get("hint") for at in asked)
