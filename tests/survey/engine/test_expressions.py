"""Every expression of expressions.tsv gives what its source says.

The table's columns: the expression, what it gives (the nodes of a node-set with | between), where
the expectation comes from, and, where we side with another source than JavaRosa, what JavaRosa
gives and why we do not follow it. Expectations marked "JavaRosa" are what JavaRosa itself printed,
and the last test lets it print them again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import rxeval
from tests.survey.engine.forms import NOON, compiled, findings
from tests.survey.engine.oracle import JavaRosa

from huiyin.survey import engine
from huiyin.survey.engine.context import Context
from huiyin.survey.engine.evaluation import compiled as evaluated
from huiyin.survey.engine.functions import REFUSED, TABLE
from huiyin.survey.engine.importing.expressions import KNOWN
from huiyin.survey.engine.syntax import parse
from huiyin.survey.engine.values import to_string

SURVEY = """
|type|name|label|calculation|
|text|empty|Empty||
|integer|age|Age||
|decimal|weight|Weight||
|date|day|Day||
|text|word|Word||
|select_multiple fruit|fruits|Fruits||
|begin_repeat|person|Person||
|text|called|Name||
|integer|years|Years||
|end_repeat||||
|calculate|half||0.5|
"""
CHOICES = """
|list_name|name|label|
|fruit|a|Apple|
|fruit|b|Banana|
|fruit|c|Cherry|
|fruit|d|Date|
|fruit|e|Elder|
|fruit|f|Fig|
"""
ANSWERS = {
    "/data/age": "42",
    "/data/weight": "3.25",
    "/data/day": "2026-08-07",
    "/data/word": "Hello World",
    "/data/fruits": "a c",
    "/data/person[1]/called": "Ana",
    "/data/person[1]/years": "30",
    "/data/person[2]/called": "Bo",
    "/data/person[2]/years": "7",
}
Row = dict[str, str]
with Path(__file__).with_name("expressions.tsv").open(encoding="utf-8", newline="") as table:
    ROWS: list[Row] = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))

#: The functions of the ODK XForms specification, section "XPath Functions", and of ODK's manual,
#: page "Form Operators and Functions", as the two list them.
LISTED = [
    "string",
    "concat",
    "join",
    "substr",
    "substring-before",
    "substring-after",
    "translate",
    "string-length",
    "normalize-space",
    "contains",
    "starts-with",
    "ends-with",
    "uuid",
    "digest",
    "pulldata",
    "if",
    "coalesce",
    "once",
    "true",
    "false",
    "boolean",
    "boolean-from-string",
    "not",
    "regex",
    "checklist",
    "weighted-checklist",
    "number",
    "random",
    "int",
    "sum",
    "max",
    "min",
    "round",
    "pow",
    "log",
    "log10",
    "abs",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sqrt",
    "exp",
    "exp10",
    "pi",
    "count",
    "count-non-empty",
    "position",
    "instance",
    "current",
    "randomize",
    "today",
    "now",
    "format-date",
    "format-date-time",
    "date",
    "decimal-date-time",
    "decimal-time",
    "selected",
    "selected-at",
    "count-selected",
    "jr:choice-name",
    "jr:itext",
    "indexed-repeat",
    "area",
    "distance",
    "base64-decode",
    "extract-signed",
    "geofence",
    "intersects",
]


@pytest.fixture(scope="module")
def interview() -> engine.Interview:
    held = compiled(SURVEY, CHOICES).start(1, "en", now=NOON)
    for _ in range(2):
        held.add_repeat("/data/person")
    for path, value in ANSWERS.items():
        held.answer(path, value)
    return held


def result(interview: engine.Interview, text: str) -> str:
    value = evaluated(parse(text))(Context(interview.root, interview.root, interview))
    if isinstance(value, str | float | bool):
        return to_string(value)
    return "|".join(node.text() for node in value)


def same(one: str, other: str) -> bool:
    """Equal, or the same number but for its last digits."""
    try:
        return one == other or float(one) == pytest.approx(float(other), rel=1e-7, abs=1e-12)
    except ValueError:
        return False


@pytest.mark.parametrize("row", ROWS, ids=[row["expression"] for row in ROWS])
def test_an_expression_gives_what_its_source_says(interview: engine.Interview, row: Row) -> None:
    """000-13: questionnaires that run the same everywhere."""
    found = result(interview, row["expression"])
    assert same(found, row["value"]), f"{found} ({row['source']})"


def test_where_javarosa_is_not_followed_the_table_says_why() -> None:
    assert all(row["why"] for row in ROWS if row["source"] != "JavaRosa")
    assert sum(row["source"] == "JavaRosa" for row in ROWS) > 300


@pytest.mark.parametrize("name", LISTED)
def test_every_function_of_the_odk_list_works_or_is_refused_by_name(name: str) -> None:
    assert (name in KNOWN) != (name in REFUSED)
    if name in REFUSED:
        found = findings(f"|type|name|label|calculation|\n|calculate|c||{name}('a', 'b')|")
        assert [(each.code, each.row, each.column) for each in found] == [
            ("refused-function", 2, "calculation")
        ]


@pytest.mark.parametrize("name", LISTED)
def test_every_function_that_works_has_an_expectation_from_elsewhere(name: str) -> None:
    elsewhere = {
        "once": "test_interviews",
        "random": "test_random",
        "uuid": "test_random",
        "today": "test_interviews",
        "now": "test_interviews",
        "area": "test_javarosa",
        "geofence": "test_javarosa",
        "current": "test_javarosa",
        "jr:itext": "test_languages",
    }
    told = any(f"{name}(" in row["expression"] for row in ROWS)
    assert told or name in elsewhere or name in REFUSED


def test_no_function_is_known_that_odk_does_not_list() -> None:
    """What JavaRosa knows beside its list is known too: the names below are in its source."""
    beside = {"date-time", "is-selected", "enclosed-area", "version"}
    assert set(TABLE) - set(LISTED) == beside


@pytest.fixture(scope="module")
def javarosa() -> Iterator[JavaRosa]:
    with JavaRosa() as oracle:
        oracle.open(compiled(SURVEY, CHOICES).to_xform())
        for number in (2, 3):
            oracle.must("add", f"/data[1]/person[{number}]")
        for path, value in ANSWERS.items():
            oracle.must("set", path, value)
        yield oracle


@pytest.mark.needs_java
def test_javarosa_says_what_the_table_says_of_it(javarosa: JavaRosa) -> None:
    wrong = []
    for row in ROWS:
        kind, *values = javarosa.value(row["expression"])
        said = "error" if kind == "error" else "|".join(values)
        expected = row["value"] if row["source"] == "JavaRosa" else row["javarosa"]
        if not same(said, expected):
            wrong.append((row["expression"], said, expected))
    assert not wrong


#: Where rxeval goes another way than JavaRosa, which then decides, or knows less.
RXEVAL_DIFFERS = {
    "number", "boolean", "not", "round", "max", "min", "sum", "regex", "selected", "string",
    "distance", "format-date-time", "a path",
}  # fmt: skip


def test_rxeval_agrees_but_for_the_functions_named_here() -> None:
    """A third engine, decided by its authors on JavaRosa and Enketo; needs no Java."""
    session = rxeval.Session(compiled(SURVEY, CHOICES).to_xform())
    for _ in range(2):
        session.add_row("/data/person")
    for path, value in ANSWERS.items():
        session.set(path, value)
    record, agreed, differing = session.instance_xml(), 0, set()
    for row in ROWS:
        try:
            said = str(rxeval.eval_expression(row["expression"], record)).replace("|", "")
        except Exception:  # what it does not know it refuses, by an exception of no one class
            continue
        if same(said.removesuffix(".0"), row["value"]) or said.lower() == row["value"]:
            agreed += 1
        else:
            name = row["expression"].partition("(")[0]
            differing.add(name if name in KNOWN else "a path")
    assert differing <= RXEVAL_DIFFERS
    assert agreed > 220
