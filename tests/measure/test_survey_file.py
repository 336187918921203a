"""The survey file is read whole, and every problem of it is said at once with key and line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huiyin.measure.design import Replicates, SurveyDesign
from huiyin.measure.errors import MeasureError
from huiyin.measure.survey_file import (
    SurveyFileError,
    load,
    read_area_names,
    read_counts,
    read_covariates,
    read_stated_codes,
    read_totals,
)
from huiyin.measure.survey_file.lines import key_lines
from huiyin.measure.survey_file.model import (
    CodedQuestion,
    Level,
    ListQuestion,
    Publish,
    Ranks,
    Survey,
    Title,
)

FULL = """\
[survey]
title = { zh = "平安满意度", en = "Safety survey" }

[[rounds]]
name = "2021H1"
data = "wave1.csv"

[[rounds]]
name = "2021H2"
data = "wave2.csv"
[rounds.design]
weights = "w"
replicates = { weights = "rep_*", type = "fay", rho = 0.5 }
[rounds.calibration]
method = "logit"
bounds = [0.3, 3.0]
[[rounds.calibration.margins]]
columns = "sex"
totals = "sex.csv"

[design]
weights = "w"
strata = ["s1", "s2"]
clusters = "psu"
fpc = "fpc"
nest = true
lonely = "centre"

[calibration]
method = "rake"
within = "region"
[[calibration.margins]]
columns = ["sex", "age"]
totals = "sex_age.csv"

[areas]
region = "region"
town = "town_code"
[area_names]
town = "towns.csv"

[[indicators]]
name = "safety"
title = { zh = "安全感" }
item = "q1"
scores = { 1 = 100, 2 = 60, 3 = 0 }
missing = [8, 9]
valid = [1, 2, 3]

[[indicators]]
name = "police"
item = "q2"
share_of = [1, "yes"]
missing = 9

[[indicators]]
name = "age"
item = "age"
numeric = true
statistic = "median"

[[indicators]]
name = "burden"
item = "spent"
ratio_to = "income"
good = "lower"

[[composites]]
name = "half"
parts = { safety = 1, police = 1 }
[[composites]]
name = "total"
title = "总分"
parts = { half = 0.5, police = 0.5 }

[ranks]
of = ["total"]
level = "region"
ties = "average"

[small_area]
of = "total"
level = "town"
covariates = "covariates.csv"
benchmark = "region"

[drivers]
outcome = "safety"
items = ["police"]
stated = { columns = ["q4_01", "q4_02"], codes = "codes.csv" }

[integrity]
items = ["q1", "q2"]
best = 1
area = "town"
interviewer = "who"
seconds = "length"
started = "start"
told = { column = "q9", codes = [1] }
list = { count = "q10", treatment = "version", items = 3 }

[response]
counts = "dispositions.csv"

[publish]
minimum_n = 50
language = "en"
max_half_width = 5
suppression = "complementary"
"""

FILES = {
    "wave1.csv": "w,x\n1,2\n",
    "wave2.csv": "w,x\n1,2\n",
    "sex.csv": "sex,total\n1,515700\n2,484300\n",
    "sex_age.csv": "region,sex,age,total\n010,1,1,100\n010,2,1,100\n",
    "towns.csv": "area,name\n010101,东风街道\n010102,前进镇\n",
    "covariates.csv": "area,name,income\n010101,东风街道,100000\n010102,前进镇,200000\n",
    "codes.csv": "code,item\n1,police\n99,none\n",
    "dispositions.csv": "disposition,count\n1.1,100\n2.10,50\n2.1,7\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def loaded(folder: Path, text: str) -> Survey:
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    return load(folder / "survey.toml")


def problems(folder: Path, text: str) -> dict[str, str]:
    """Code of each problem by its key."""
    with pytest.raises(SurveyFileError) as wrong:
        loaded(folder, text)
    assert all(found.message_zh for found in wrong.value.findings)
    return {found.key: found.code for found in wrong.value.findings}


HEAD = '[survey]\ntitle = "t"\n[[rounds]]\nname = "1"\ndata = "wave1.csv"\n'
ITEM = '[[indicators]]\nname = "i"\nitem = "x"\nshare_of = [1]\n'


def test_every_key_of_the_contract_is_read(folder: Path) -> None:
    survey = loaded(folder, FULL)
    assert survey.title == Title("平安满意度", "Safety survey")
    assert [each.name for each in survey.rounds] == ["2021H1", "2021H2"]
    assert survey.rounds[0].data == folder / "wave1.csv"
    assert survey.areas == (
        Level("region", "region"), Level("town", "town_code", folder / "towns.csv"),
    )  # fmt: skip
    assert survey.ranks == Ranks(("total",), "region", 0.95, "average", 10_000, 1)
    assert survey.small_area is not None
    assert survey.small_area.benchmark == "region"
    assert survey.drivers is not None
    assert survey.drivers.stated is not None
    assert survey.integrity is not None
    assert survey.integrity.told == CodedQuestion("q9", (1,))
    assert survey.integrity.list == ListQuestion("q10", "version", 3)
    assert survey.publish == Publish(50, "en", 5.0, "complementary")


def test_a_design_of_a_round_replaces_the_common_one_as_a_whole(folder: Path) -> None:
    first, second = loaded(folder, FULL).rounds
    assert first.design == SurveyDesign(
        "w", ("s1", "s2"), ("psu",), "fpc", nest=True, lonely="centre"
    )
    assert second.design == SurveyDesign(
        "w", replicates=Replicates("fay", weights=("rep_*",), rho=0.5)
    )
    assert (first.design_key, second.design_key) == ("design", "rounds[2].design")


def test_a_calibration_of_a_round_replaces_the_common_one_as_a_whole(folder: Path) -> None:
    first, second = (each.calibration for each in loaded(folder, FULL).rounds)
    assert first is not None
    assert (first.method, first.within, first.bounds) == ("rake", ("region",), None)
    assert first.margins[0].columns == ("sex", "age")
    assert second is not None
    assert (second.method, second.within, second.bounds) == ("logit", (), (0.3, 3.0))


def test_indicators_become_statistics(folder: Path) -> None:
    survey = loaded(folder, FULL)
    safety, police, age, burden = survey.indicators
    assert safety.title == Title("安全感", "安全感")
    assert safety.as_statistic().scores == ((1, 100.0), (2, 60.0), (3, 0.0))
    assert police.as_statistic().of == (1, "yes")
    assert police.missing == (9,)
    assert [each.kind for each in survey.indicators] == ["score", "share", "median", "ratio"]
    assert burden.as_statistic().denominator == "income"
    with pytest.raises(MeasureError):
        age.as_statistic()


def test_composites_of_composites_come_down_to_indicators_whose_weights_sum_to_one(
    folder: Path,
) -> None:
    survey = loaded(folder, FULL)
    half, total = survey.composites
    assert half.parts == (("safety", 0.5), ("police", 0.5))
    assert total.parts == (("safety", 0.25), ("police", 0.75))
    warned = {found.key: found.code for found in survey.warnings}
    assert warned == {"composites[1].parts": "weights-normalised"}


def test_score_keys_are_codes_and_leading_zeros_stay_text(folder: Path) -> None:
    text = HEAD + ITEM.replace("share_of = [1]", 'scores = { 1 = 9, "1.5" = 8, 01 = 7, yes = 6 }')
    codes = [code for code, _ in loaded(folder, text).indicators[0].scores]
    assert codes == [1, 1.5, "01", "yes"]


def test_defaults_are_those_of_the_documentation(folder: Path) -> None:
    survey = loaded(folder, HEAD + ITEM)
    assert survey.rounds[0].design == SurveyDesign()
    assert survey.publish == Publish(30, "zh", None, "primary")
    assert (survey.ranks, survey.small_area, survey.drivers) == (None, None, None)
    assert survey.indicators[0].good == "higher"
    assert survey.indicators[0].title == Title("i", "i")


def test_all_problems_are_said_at_once_in_the_order_of_the_file(folder: Path) -> None:
    text = HEAD.replace("title", "titel").replace("wave1", "wave9") + ITEM + "[ranks]\nof = 'j'\n"
    with pytest.raises(SurveyFileError) as wrong:
        loaded(folder, text)
    found = wrong.value.findings
    assert [(each.key, each.line) for each in found] == [
        ("survey.title", 1), ("survey.titel", 2), ("rounds[1].data", 5), ("ranks.level", 10),
        ("ranks.of", 11),
    ]  # fmt: skip
    assert wrong.value.code == "survey-file"
    for each in found:
        assert each.in_language("en") in str(wrong.value)
        assert each.in_language("zh") in wrong.value.in_language("zh")
    assert "did you mean 'title'" in str(wrong.value)
    assert "'wave1.csv'" in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("", "survey", "missing-key"),
        ('[survey]\ntitle = "t"\n', "rounds", "missing-key"),
        (HEAD, "indicators", "missing-key"),
        (HEAD.replace('"1"', "2021") + ITEM, "rounds[1].name", "wrong-type"),
        (HEAD.replace('"1"', "2021-06-30") + ITEM, "rounds[1].name", "wrong-type"),
        (HEAD.replace('"wave1.csv"', '"wave1.docx"') + ITEM, "rounds[1].data", "missing-file"),
        (HEAD.replace('"t"', "{}") + ITEM, "survey.title", "empty-text"),
        (HEAD + HEAD.partition("\n")[2].partition("\n")[2] + ITEM, "rounds[2].name",
         "duplicate-name"),
        (HEAD + ITEM + ITEM, "indicators[2].name", "duplicate-name"),
        (HEAD + ITEM + "scores = {1 = 2}\n", "indicators[1].scores", "contradictory-options"),
        (HEAD + ITEM + "numeric = true\n", "indicators[1].numeric", "contradictory-options"),
        (HEAD + ITEM + "statistic = 'mean'\n", "indicators[1].statistic",
         "contradictory-options"),
        (HEAD + ITEM + "missing = [1, 2]\n", "indicators[1].missing", "contradictory-options"),
        (HEAD + ITEM + "valid = [2]\n", "indicators[1].valid", "contradictory-options"),
        (HEAD + ITEM + "good = 'up'\n", "indicators[1].good", "unknown-option"),
        (HEAD + ITEM.replace("[1]", "[]"), "indicators[1].share_of", "empty-list"),
        (HEAD + ITEM.replace("[1]", "[nan]"), "indicators[1].share_of", "wrong-type"),
        (HEAD + ITEM.replace("[1]", "[[1]]"), "indicators[1].share_of", "wrong-type"),
        (HEAD + ITEM.replace("share_of", "share_off"), "indicators[1].share_off", "unknown-key"),
        (HEAD + ITEM + "[indicatrs]\n", "indicatrs", "unknown-key"),
        (HEAD + ITEM + "[design]\nlonely = 'fial'\n", "design.lonely", "unknown-option"),
        (HEAD + ITEM + "[design]\nnest = true\n", "design.nest", "contradictory-options"),
        (HEAD + ITEM + "[design]\nnest = 1\n", "design.nest", "wrong-type"),
        (HEAD + ITEM + "[design]\nreplicates = { weights = 'r*' }\n", "design.replicates.type",
         "missing-key"),
        (HEAD + ITEM + "[design]\nreplicates = { type = 'fay' }\n", "design.replicates.rho",
         "missing-key"),
        (HEAD + ITEM + "[design]\nreplicates = { type = 'bootstrap' }\n",
         "design.replicates.weights", "missing-key"),
        (HEAD + ITEM + "[design]\nreplicates = { type = 'jk1', count = 9 }\n",
         "design.replicates.count", "contradictory-options"),
        (HEAD + ITEM + "[calibration]\n", "calibration.margins", "missing-key"),
        (HEAD + ITEM + "[calibration]\nbounds = [2, 3]\n", "calibration.bounds", "out-of-range"),
        (HEAD + ITEM + "[calibration]\nmethod = 'logit'\n", "calibration.bounds", "missing-key"),
        (HEAD + ITEM + "[areas]\nall = 'x'\n", "areas.all", "reserved-name"),
        (HEAD + ITEM + "[areas]\nr = 'x'\n[area_names]\nq = 'towns.csv'\n", "area_names.q",
         "unknown-key"),
        (HEAD + ITEM + "[[composites]]\nname = 'c'\n", "composites[1].parts", "missing-key"),
        (HEAD + ITEM + "[[composites]]\nname = 'c'\nparts = { j = 1 }\n",
         "composites[1].parts.j", "unknown-indicator"),
        (HEAD + ITEM + "[[composites]]\nname = 'c'\nparts = { i = 0 }\n",
         "composites[1].parts.i", "out-of-range"),
        (HEAD + ITEM + "[[composites]]\nname = 'i'\nparts = { i = 1 }\n", "composites[1].name",
         "duplicate-name"),
        (HEAD + ITEM + ITEM.replace("'i'", "'j'").replace('"i"', '"j"') + "good = 'lower'\n"
         "[[composites]]\nname = 'c'\nparts = { i = 1, j = 1 }\n", "composites[1].parts",
         "mixed-directions"),
        (HEAD + ITEM + "[areas]\nr = 'x'\n[ranks]\nof = 'i'\nlevel = 'q'\n", "ranks.level",
         "unknown-level"),
        (HEAD + ITEM + "[areas]\nr = 'x'\n[ranks]\nof = 'i'\nlevel = 'r'\nconfidence = 95\n",
         "ranks.confidence", "out-of-range"),
        (HEAD + ITEM + "[areas]\nr = 'x'\n[ranks]\nof = 'i'\nlevel = 'r'\ndraws = 1.5\n",
         "ranks.draws", "wrong-type"),
        (HEAD + ITEM + "[areas]\nr = 'x'\nq = 'x'\n[small_area]\nof = 'i'\nlevel = 'r'\n"
         "covariates = 'covariates.csv'\nbenchmark = 'q'\n", "small_area.benchmark",
         "contradictory-options"),
        (HEAD + ITEM + "[drivers]\noutcome = 'i'\nitems = ['i']\n", "drivers.items",
         "contradictory-options"),
        (HEAD + ITEM + "[publish]\nminimum_n = 0\n", "publish.minimum_n", "out-of-range"),
        (HEAD + ITEM + "[publish]\nlanguage = 'fr'\n", "publish.language", "unknown-option"),
        (HEAD + ITEM + "[response]\n", "response.counts", "missing-key"),
        (HEAD + ITEM + "[integrity]\nitems = ['x']\nbest = [1]\narea = 'r'\n", "integrity.best",
         "wrong-type"),
    ],
)  # fmt: skip
def test_a_problem_is_named_by_its_key(folder: Path, text: str, key: str, code: str) -> None:
    assert problems(folder, text)[key] == code


@pytest.mark.parametrize("text", ["x = ", "a = 1\na = 2", "[a]\n[a]", "a = [" * 5000, "name: 1"])
def test_what_is_no_toml_is_said_with_its_line(folder: Path, text: str) -> None:
    assert problems(folder, text) == {"": "not-toml"}


def test_a_survey_file_in_gbk_is_refused(folder: Path) -> None:
    (folder / "survey.toml").write_bytes(FULL.encode("gbk"))
    with pytest.raises(MeasureError) as wrong:
        load(folder / "survey.toml")
    assert wrong.value.code == "unknown-encoding"


def test_a_missing_survey_file_names_the_nearest(folder: Path) -> None:
    (folder / "survey.toml").write_text(FULL, encoding="utf-8")
    with pytest.raises(MeasureError) as wrong:
        load(folder / "surwey.toml")
    assert "survey.toml" in str(wrong.value)


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(folder: Path) -> None:
    (folder / "survey.toml").write_bytes(FULL.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(folder / "survey.toml").indicators[0].name == "safety"


@pytest.mark.parametrize(
    ("file", "content", "key", "code"),
    [
        ("sex.csv", "sex,count\n1,2\n", "rounds[2].calibration.margins[1].totals",
         "unknown-column"),
        ("sex_age.csv", "sex,age,total\n1,1,5\n", "calibration.margins[1].totals",
         "unknown-column"),
        ("sex.csv", "sex,total\n1,many\n", "rounds[2].calibration.margins[1].totals",
         "not-a-number"),
        ("towns.csv", "area,name\n1,a\n1,b\n", "area_names.town", "duplicate-area"),
        ("towns.csv", "area,name\n1,\n", "area_names.town", "empty-field"),
        ("covariates.csv", "area,income\n1,x\n", "small_area.covariates", "not-a-number"),
        ("covariates.csv", "area,name\n1,x\n", "small_area.covariates", "no-covariates"),
        ("codes.csv", "number,item\n1,x\n", "drivers.stated.codes", "unknown-column"),
        ("dispositions.csv", "disposition,n\n1,2\n", "response.counts", "unknown-column"),
    ],
)  # fmt: skip
def test_a_side_file_that_does_not_fit_is_named_by_the_key_that_names_it(
    folder: Path, file: str, content: str, key: str, code: str
) -> None:
    (folder / file).write_text(content, encoding="utf-8")
    assert problems(folder, FULL) == {key: code}


def test_side_files_keep_codes_as_text_and_counts_as_numbers(folder: Path) -> None:
    survey = loaded(folder, FULL)
    plan = survey.rounds[0].calibration
    assert plan is not None
    totals = read_totals(plan.margins[0], plan)
    assert totals.column_names == ["region", "sex", "age", "total"]
    assert totals["region"].to_pylist() == ["010", "010"]
    own = survey.rounds[1].calibration
    assert own is not None
    # Totals of six digits are numbers all the same, not codes.
    assert read_totals(own.margins[0], own)["total"].to_pylist() == [515700.0, 484300.0]
    assert read_area_names(survey.areas[1]) == {"010101": "东风街道", "010102": "前进镇"}
    assert survey.small_area is not None
    covariates = read_covariates(survey.small_area)
    assert covariates.to_pydict() == {"area": ["010101", "010102"], "income": [1e5, 2e5]}
    assert survey.response is not None
    counts = read_counts(survey.response)
    assert counts["disposition"].to_pylist() == ["1.1", "2.10", "2.1"]
    assert survey.drivers is not None
    assert survey.drivers.stated is not None
    assert read_stated_codes(survey.drivers.stated)["code"].to_pylist() == [1, 99]


def test_lines_of_keys_are_found() -> None:
    text = (
        'a = 1\n"b.c" = 2\n[t]\nx.y = """\nz = 1\n"""\n'
        "[[l]]\nk = [\n  1,\n]\n[l.m]\nn = 1\n[[l]]\nk = 1\n"
    )
    assert key_lines(text) == {
        "a": 1, "b.c": 2, "t": 3, "t.x.y": 4, "l[1]": 7, "l[1].k": 8, "l[1].m": 11,
        "l[1].m.n": 12, "l[2]": 13, "l[2].k": 14,
    }  # fmt: skip


WORDS = ["[", "]", "=", '"', "{}", "true", "-1", "nan", "1e400", "9" * 400, "\n", "#", "'", "甲",
         "2021-01-01", "[[rounds]]", "[design]", "parts", "..", "*", "\\"]  # fmt: skip
REUSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=80, deadline=None, suppress_health_check=REUSED)
@given(
    st.lists(
        st.tuples(st.integers(0, len(FULL)), st.integers(0, 12), st.sampled_from(WORDS)),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_no_change_of_the_text_gives_any_error_but_a_measure_error(
    folder: Path, changes: list[tuple[int, int, str]]
) -> None:
    text = FULL
    for at, cut, put in changes:
        text = text[:at] + put + text[at + cut :]
    with contextlib.suppress(MeasureError):
        loaded(folder, text)


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-5, 5), st.just(2**70), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab1"), inner, max_size=2)
    ),
    max_leaves=3,
)
KEYS = [line.partition(" =")[0] for line in FULL.splitlines() if " = " in line]


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        kept = "".join(c for c in value if c.isalnum() or c in " ./*")
        return f'"{kept}"'
    return repr(value)


@settings(max_examples=80, deadline=None, suppress_health_check=REUSED)
@given(st.integers(0, len(KEYS) - 1), VALUES)
def test_a_value_of_any_type_gives_no_error_but_a_measure_error(
    folder: Path, number: int, value: object
) -> None:
    lines = FULL.splitlines()
    at = [index for index, line in enumerate(lines) if " = " in line][number]
    lines[at] = f"{KEYS[number]} = {as_toml(value)}"
    with contextlib.suppress(MeasureError):
        loaded(folder, "\n".join(lines))
