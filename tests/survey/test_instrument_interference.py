"""The interference module through the engine and through ``huiyin.measure``."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest
from tests.survey.instrument_cast import interview, question, value

from huiyin.measure import integrity
from huiyin.measure.integrity_checks.interviews import ListExperiment
from huiyin.measure.integrity_checks.list_experiment import list_design_effect, list_difference
from huiyin.survey.bank.modules.interference import CONTROL_ITEMS, SENSITIVE

INTERVIEWS = 600
COACHED = 0.3
#: How often each harmless statement holds.
HARMLESS = (0.9, 0.3, 0.35, 0.15)


@pytest.fixture(scope="module")
def residents() -> list[dict[str, str]]:
    """A city in which three in ten were told what to say, and hardly any admits it.

    Each is interviewed through the engine; what it calculates is what is analysed.
    """
    random, rows = Random(20261128), []
    for seed in range(INTERVIEWS):
        begun = interview(seed=seed)
        told = random.random() < COACHED
        treated = value(begun, "list_half") == "treated"
        holds = sum(random.random() < share for share in HARMLESS) + (told and treated)
        begun.answer("list_long" if treated else "list_short", holds)
        begun.answer("told", "yes" if random.random() < 0.03 else "no")
        begun.answer("safety", random.choice(["safe", "fairly", "unsafe"]))
        names = ("list_treated", "list_count", "told", "safety")
        rows.append({"area": f"镇{seed % 4}", **{name: value(begun, name) for name in names}})
    return rows


def test_the_halves_are_drawn_at_random_and_recorded() -> None:
    """004-17: of 800 interviews, within five standard deviations of one half."""
    halves = [value(interview(seed=seed), "list_half") for seed in range(800)]
    treated = halves.count("treated")
    assert abs(treated - 400) < 5 * (800 / 4) ** 0.5


def test_a_half_stays_as_it_was_drawn_whatever_is_answered_later() -> None:
    begun = interview(seed=3)
    before = value(begun, "list_half")
    begun.answer("told", "no")
    begun.answer("age", 50)
    assert value(begun, "list_half") == before


def test_only_the_treated_half_hears_the_sensitive_statement() -> None:
    """004-17."""
    halves = set()
    for seed in range(12):
        begun = interview(seed=seed)
        half = value(begun, "list_half")
        halves.add(half)
        short, long = question(begun, "list_short"), question(begun, "list_long")
        assert (short.relevant, long.relevant) == (half == "control", half == "treated")
        assert SENSITIVE[0] in long.label
        assert SENSITIVE[0] not in short.label
    assert halves == {"control", "treated"}


def test_a_count_above_the_number_of_statements_is_refused() -> None:
    for seed in range(8):
        begun = interview(seed=seed)
        treated = value(begun, "list_half") == "treated"
        name, most = ("list_long", 5) if treated else ("list_short", 4)
        assert begun.answer(name, most).valid
        assert not begun.answer(name, most + 1).valid


def test_a_refusal_is_no_count() -> None:
    """A refusal (99) must not enter the difference in means."""
    begun = interview()
    begun.answer("list_long" if value(begun, "list_half") == "treated" else "list_short", 99)
    assert value(begun, "list_count") == ""
    assert begun.answer("told", "99").valid


def test_answers_through_the_engine_give_back_the_share_that_was_coached(
    residents: list[dict[str, str]],
) -> None:
    """004-17: the difference in means finds what nobody admits (Blair & Imai 2012)."""
    count = [int(each["list_count"]) for each in residents]
    treated = [int(each["list_treated"]) for each in residents]
    found = list_difference(count, treated, CONTROL_ITEMS).to_pandas().iloc[0]
    assert 0 < found.ci_low < COACHED < found.ci_high
    assert list_design_effect(count, treated, CONTROL_ITEMS).notes["p"] > 0.05


def test_the_integrity_report_takes_the_columns_of_the_instrument(
    residents: list[dict[str, str]],
) -> None:
    """004-17: told, list_count and list_treated are what the report of a round asks for."""
    report = integrity(
        pa.Table.from_pylist(residents), items=["safety"], best={"safety": "safe"},
        told={"told": "yes"}, area="area",
        list_experiment=ListExperiment("list_count", "list_treated", CONTROL_ITEMS, treated=1),
    )  # fmt: skip
    wanted = {"told_how_to_answer_area", "list_difference", "list_design_effect"}
    assert wanted <= set(report.tables)
