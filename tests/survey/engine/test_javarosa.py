"""Whole interviews held beside JavaRosa: what is asked, what is calculated, what is allowed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.survey.engine.forms import NOON, compiled
from tests.survey.engine.oracle import JavaRosa

from huiyin.survey import engine
from huiyin.survey.engine.instance import field_of

pytestmark = pytest.mark.needs_java

HOUSEHOLD = """
|type|name|label|calculation|default|trigger|relevant|repeat_count|constraint|
|integer|a|A|||||||
|calculate|next||${a} + 1||||||
|calculate|more||${a} > 1||||||
|calculate|chained||${next} * 2||||||
|text|word|Word||abc|||||
|text|greeting|Greeting||concat('x', ${next}, '-')|||||
|text|stamp|Stamp|concat('s', ${a})||${a}||||
|begin_group|g|G||||${a} > 2|||
|integer|b|B||||||. > ${a}|
|calculate|twice||${b} * 2||||||
|begin_repeat|person|Person|||||||
|text|called|Name||concat('n', position(..))|||||
|integer|years|Years||||||. < 10|
|calculate|full||concat(${called}, ${a})||||||
|calculate|count_inside||count(${person})||||||
|calculate|everyone||count(../../person)||||||
|text|noted||concat('w', ${years})||${years}||||
|select_one yn|asked|Asked||||${years} > 4|||
|begin_repeat|child|Child|||||${years}||
|integer|age|Age|||||||
|calculate|place||concat(position(../..), '/', position(..))||||||
|end_repeat||||||||
|calculate|ages||sum(${age})||||||
|end_repeat||||||||
|end_group||||||||
|calculate|total||sum(${years})||||||
|calculate|names||join(',', ${called})||||||
|calculate|all_ages||sum(${age})||||||
|calculate|children||count(${child})||||||
|calculate|second||indexed-repeat(${age}, ${person}, 1, ${child}, 2)||||||
|text|last|Last||||${total} > 5 and ${more} = 'true'|||
"""
YES_NO = "|list_name|name|label|\n|yn|y|Yes|\n|yn|n|No|"


@pytest.fixture(scope="module")
def javarosa() -> Iterator[JavaRosa]:
    with JavaRosa() as oracle:
        yield oracle


def positioned(path: str) -> str:
    """An address with the position of every step, as JavaRosa gives it."""
    steps = path[1:].split("/")
    return "/" + "/".join(step if "[" in step else f"{step}[1]" for step in steps)


def theirs(oracle: JavaRosa) -> dict[str, tuple[str, bool]]:
    """What JavaRosa asks: value and whether the constraint holds, by address."""
    return {
        path: (value, holds == "true")
        for path, relevant, value, holds in oracle.must("dump")
        if relevant == "true" and "/meta[1]" not in path
    }


def ours(interview: engine.Interview) -> dict[str, tuple[str, bool]]:
    found = {}
    for node in interview.root.below():
        at = field_of(node)
        if node.relevant and not at.children and not at.is_meta:
            judged = node.value and "constraint" in at.rules
            holds = not judged or interview.holds(node, "constraint")
            found[positioned(node.path)] = (node.value, holds)
    return found


class Both:
    """One interview held with both engines, step by step."""

    def __init__(self, oracle: JavaRosa, questionnaire: engine.Questionnaire) -> None:
        self.oracle = oracle
        self.interview = questionnaire.start(1, now=NOON)
        oracle.open(questionnaire.to_xform())
        self.agree("start")

    def answer(self, path: str, value: str, *, agree: bool = True) -> None:
        self.interview.answer(path, value)
        self.oracle.must("set", path, value)
        if agree:
            self.agree(f"{path} = {value}")

    def add(self, path: str) -> str:
        added = self.interview.add_repeat(path)
        self.oracle.must("add", positioned(added))
        return added

    def remove(self, path: str, n: int) -> None:
        self.interview.remove_repeat(path, n)
        self.oracle.must("remove", positioned(f"{path}[{n}]"))

    def agree(self, step: str) -> None:
        one, other = theirs(self.oracle), ours(self.interview)
        differing = {
            path: (one.get(path), other.get(path))
            for path in one.keys() | other.keys()
            if one.get(path) != other.get(path)
        }
        assert not differing, f"after {step}: (JavaRosa, ours) {differing}"


HOUSEHOLD_FORM = compiled(HOUSEHOLD, YES_NO)
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "word", "called", "years", "age", "asked", "add", "remove"]),
        st.integers(0, 3),
        st.integers(0, 12),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_a_household_is_asked_as_javarosa_asks_it(javarosa: JavaRosa, steps: list[Step]) -> None:
    """000-13: relevance, calculation, constraint, counted and nested repeats, defaults, triggers.

    The number of children only grows: JavaRosa never takes an instance back, not even the one that
    it begins with, while we ask for as many as the number says. After a removal one age is given
    anew: JavaRosa's sum over a repeat in a repeat still counts what is gone until then, ours does
    not.
    """
    both = Both(javarosa, HOUSEHOLD_FORM)
    both.answer("/data/a", "5", agree=False)  # the group is asked
    both.answer("/data/g/person[1]/years", "1")
    for kind, where, value in steps:
        persons = both.interview.instances("/data/g/person")
        if kind == "add":
            if len(persons) < 4:
                both.answer(f"{both.add('/data/g/person')}/years", str(value or 1))
        elif kind == "remove":
            if len(persons) > 1:
                both.remove("/data/g/person", where % len(persons) + 1)
                both.answer("/data/g/person[1]/child[1]/age", str(value))
        elif kind in ("a", "b", "word"):
            at = {"a": "/data/a", "b": "/data/g/b", "word": "/data/word"}[kind]
            both.answer(at, str(value + 3 if kind == "a" else value))
        elif persons:
            _answer_person(both, persons[where % len(persons)], kind, value)


def _answer_person(both: Both, person: str, kind: str, value: int) -> None:
    children = both.interview.instances(f"{person}/child")
    if kind != "age":
        texts = {
            "called": f"p{value}",
            "years": str(max(value, len(children))),
            "asked": "y" if value % 2 else "n",
        }
        both.answer(f"{person}/{kind}", texts[kind])
    elif children:
        both.answer(f"{children[value % len(children)]}/age", str(value))


def made_form(source: random.Random) -> tuple[str, list[str]]:
    """A form of questions in a row, each with rules over those before it; and the questions."""
    rows, names = ["|type|name|label|relevant|calculation|constraint|"], []
    for number in range(12):
        name = f"q{number}"
        relevant = _condition(source, names) if names and source.random() < 0.6 else ""
        if names and source.random() < 0.3:
            rows.append(f"|calculate|{name}||{relevant}|{_formula(source, names)}||")
        else:
            constraint = f". < 9 and ({_condition(source, names)})" if names else ""
            rows.append(f"|integer|{name}|{name}|{relevant}||{constraint}|")
        names.append(name)
    asked = [row.split("|")[2] for row in rows[1:] if row.startswith("|integer")]
    return "\n".join(rows), asked


def _condition(source: random.Random, names: list[str]) -> str:
    one, other = source.choice(names), source.choice(names)
    number = source.randint(0, 9)
    return source.choice(
        [
            f"${{{one}}} > {number}",
            f"${{{one}}} = {number} or ${{{other}}} < {number}",
            f"not(${{{one}}} = '') and ${{{other}}} != {number}",
            f"${{{one}}}",
            f"coalesce(${{{one}}}, ${{{other}}}) >= {number}",
            f"if(${{{one}}} > {number}, true(), ${{{other}}} = '')",
        ]
    )


def _formula(source: random.Random, names: list[str]) -> str:
    one, other = source.choice(names), source.choice(names)
    return source.choice(
        [
            f"${{{one}}} + ${{{other}}}",
            f"concat(${{{one}}}, '/', ${{{other}}})",
            f"round(${{{one}}} div 4, 1)",
            f"if(${{{one}}} > ${{{other}}}, ${{{one}}}, ${{{other}}})",
            f"string-length(${{{one}}})",
            f"${{{one}}} mod 3",
            f"int(${{{one}}} * 1.5)",
        ]
    )


def _made(survey: str) -> engine.Questionnaire | None:
    """The questionnaire; None where a condition can never hold, by chance."""
    try:
        return compiled(survey)
    except engine.QuestionnaireError as wrong:
        if {each.code for each in wrong.findings} != {"never-asked"}:
            raise
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 11), st.integers(-1, 12))))
def test_a_made_form_runs_as_it_does_in_javarosa(
    javarosa: JavaRosa, seed: int, answers: list[tuple[int, int]]
) -> None:
    survey, asked = made_form(random.Random(seed))
    questionnaire = _made(survey)
    if questionnaire is None:
        return
    both = Both(javarosa, questionnaire)
    for which, value in answers[:15]:
        both.answer(f"/data/{asked[which % len(asked)]}", "" if value < 0 else str(value))


TRIGGERS = """
|type|name|label|default|calculation|trigger|
|integer|a|A|3|||
|integer|b|B|${a} + 1|||
|text|c|C||concat('a=', ${a})|${b}|
|text|d|D||concat('c=', ${c})|${c}|
"""


def test_defaults_and_triggers_set_off_what_they_do_in_javarosa(javarosa: JavaRosa) -> None:
    both = Both(javarosa, compiled(TRIGGERS))
    assert both.interview.values() == {
        "/data/a": "3", "/data/b": "4", "/data/c": "a=3", "/data/d": "c=a=3",
    }  # fmt: skip
    for name, value in (("a", "5"), ("b", "9"), ("c", "zz"), ("b", "9"), ("b", "10"), ("b", "")):
        both.answer(f"/data/{name}", value)


INSIDE = {
    "count(/data/g/person)": "1",
    "count(../../person)": "3",
    "count(../../person[years > 2])": "2",
    "count(/data/g/person[years > 2])": "2",
    "sum(/data/g/person/years)": "3",
    "sum(../../person/years)": "9",
    "position(..)": "2",
    "position(/data/g/person)": "2",
    "/data/g/person[position() = 1]/years": "2",
    "/data/g/person[position() = position(current()/..)]/years": "3",
    "indexed-repeat(/data/g/person/years, /data/g/person, 1)": "2",
    "indexed-repeat(../years, .., 3)": "4",
    "count(/data/g/person/child)": "3",
    "../years": "3",
    "current()/../years": "3",
    "/data/g/person[years = 3]/called": "n2",
    "../../person[years = current()/../years]/called": "n2",
    "join(',', ../../person/called)": "n1,n2,n3",
    "indexed-repeat(/data/g/person/child/place, /data/g/person, 3, /data/g/person/child, 2)": "3/2",
    "join(' ', /data/g/person/child/place)": "2/1 2/2 2/3",
}


def test_paths_inside_a_repeat_mean_what_they_mean_to_javarosa(javarosa: JavaRosa) -> None:
    """An absolute path is bound to the instance at hand, a relative or filtered one is not."""
    from huiyin.survey.engine.context import Context
    from huiyin.survey.engine.evaluation import compiled as evaluated
    from huiyin.survey.engine.syntax import parse
    from huiyin.survey.engine.values import to_string

    both = Both(javarosa, HOUSEHOLD_FORM)
    both.answer("/data/a", "5", agree=False)
    for number, years in enumerate(("2", "3", "4"), start=1):
        if number > 1:
            both.add("/data/g/person")
        both.answer(f"/data/g/person[{number}]/years", years)
    node = both.interview.find("/data/g/person[2]/full")
    assert node is not None
    for text, expected in INSIDE.items():
        assert javarosa.must("at", "/data/g/person[2]/full", text)[0][1] == expected, text
        value = evaluated(parse(text))(Context(node, node, both.interview))
        assert to_string(value) == expected, text


PLACES = """
|type|name|label|
|geoshape|shape|Shape|
|geotrace|trace|Trace|
|geopoint|point|Point|
"""
SHAPE = "7.9377 -11.5845 0 0;7.9324 -11.5902 0 0;7.927 -11.5857 0 0;7.925 -11.578 0 0"
CLOSED = f"{SHAPE};7.9377 -11.5845 0 0"


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("area(/data/shape)", 1e-4),  # JavaRosa lays the shape on a plane, Enketo and we do not
        ("enclosed-area(/data/shape)", 1e-4),
        ("distance(/data/shape)", 1e-6),
        ("distance(/data/trace)", 1e-6),
        ("geofence(/data/point, /data/shape)", 0),
    ],
)
def test_places_are_measured_as_javarosa_measures_them(
    javarosa: JavaRosa, text: str, tolerance: float
) -> None:
    from huiyin.survey.engine.context import Context
    from huiyin.survey.engine.evaluation import compiled as evaluated
    from huiyin.survey.engine.syntax import parse
    from huiyin.survey.engine.values import to_string

    questionnaire = compiled(PLACES)
    for point in ("7.930 -11.583 0 0", "7.900 -11.583 0 0"):
        both = Both(javarosa, questionnaire)
        for name, value in (("shape", CLOSED), ("trace", SHAPE), ("point", point)):
            both.interview.answer(name, value)
            javarosa.must("set", f"/data/{name}", value)
        root = both.interview.root
        found = to_string(evaluated(parse(text))(Context(root, root, both.interview)))
        kind, said = javarosa.value(text)
        if kind == "Boolean":
            assert found == said
        else:
            assert float(found) == pytest.approx(float(said), rel=tolerance)


LISTS = """
|type|name|label|choice_filter|parameters|
|select_one county|county|County|||
|select_one town|town|Town|county = ${county}||
|integer|seed|Seed|||
|select_one town|shuffled|Shuffled||randomize=true, seed=${seed}|
|begin_repeat|person|Person|||
|text|called|Name|||
|end_repeat||||
|select_one ${called}|head|Head|||
|rank town|ranked|Ranked|||
"""
TOWNS = """
|list_name|name|label|county|
|county|a|A||
|county|b|B||
|town|a1|A1|a|
|town|a2|A2|a|
|town|b1|B1|b|
|town|b2|B2|b|
|town|b3|B3|b|
"""


def test_choices_are_offered_as_javarosa_offers_them(javarosa: JavaRosa) -> None:
    both = Both(javarosa, compiled(LISTS, TOWNS))
    both.add("/data/person")
    both.answer("/data/person[1]/called", "Ana")
    both.answer("/data/person[2]/called", "Bo")
    for county, seed in (("", "1"), ("a", "2"), ("b", "999"), ("b", "2147483647"), ("", "")):
        both.answer("/data/county", county)
        both.answer("/data/seed", seed)
        offered = {each.path: each.choices for each in both.interview.state()}
        for name in ("county", "town", "shuffled", "head", "ranked"):
            said = javarosa.must("choices", f"/data[1]/{name}[1]")
            found = [[choice.value, choice.label] for choice in offered[f"/data/{name}"]]
            assert found == said, (name, county, seed)


def test_the_oracle_itself_says_no_where_it_should(javarosa: JavaRosa) -> None:
    javarosa.open(HOUSEHOLD_FORM.to_xform())
    assert re.match("error", javarosa.ask("eval", "no-such-function()")[0][0])
