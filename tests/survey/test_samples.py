"""Draws: never twice, never whom one must not call, always the same from one seed (P-03, P-04)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin import measure
from huiyin.problems import Problem
from huiyin.survey import household_rules as household
from huiyin.survey import sample_rules as rules
from huiyin.survey.numbers import digest_of
from huiyin.survey.sample_rules import Block, Stratum, draw

SEEDS = st.integers(0, 2**63 - 1)


def mobile(wanted: int, segments: int = 3, key: str = "mobile/移动") -> Stratum:
    return Stratum(key, wanted, tuple(Block(f"138{at:04d}", 4) for at in range(segments)))


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 300))
def test_nobody_is_drawn_twice_and_all_lie_in_their_segment(seed: int, wanted: int) -> None:
    picks = draw(seed, [mobile(wanted)], set(), digest_of)
    assert len({pick.digest for pick in picks}) == len(picks) == wanted
    for pick in picks:
        assert pick.number.startswith(f"+86{pick.block}")
        assert len(pick.number) == 14
        assert pick.digest == digest_of(pick.number)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_same_seed_draws_the_same_and_another_does_not(seed: int) -> None:
    strata = [mobile(50), mobile(20, key="mobile/联通")]
    strata[1] = Stratum("mobile/联通", 20, (Block("1860001", 4),))
    one = draw(seed, strata, set(), digest_of)
    assert draw(seed, strata, set(), digest_of) == one
    assert rules.digest(one, strata) == rules.digest(draw(seed, strata, set(), digest_of), strata)
    assert draw((seed + 1) % 2**63, strata, set(), digest_of) != one


def test_a_draw_of_today_is_the_draw_of_any_year() -> None:
    """The numbers and digests are written down here, so no library may change them."""
    strata = [Stratum("mobile/移动", 3, (Block("1380001", 4), Block("1380002", 4)))]
    picks = draw(20261128, strata, set(), lambda text: text.encode())
    assert [pick.number for pick in picks] == ["+8613800021843", "+8613800017958", "+8613800023061"]


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sets(st.integers(0, 29_999), max_size=300))
def test_whoever_is_excluded_is_not_drawn(seed: int, barred: set[int]) -> None:
    stratum = mobile(400)
    excluded = {digest_of(stratum.at(index)[0]) for index in barred}
    picks = draw(seed, [stratum], excluded, digest_of)
    assert not excluded & {pick.digest for pick in picks}


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_what_is_drawn_in_one_stratum_does_not_depend_on_the_others(seed: int) -> None:
    alone = draw(seed, [mobile(40)], set(), digest_of)
    other = Stratum("landline/", 30, (Block("731845", 4),))
    both = draw(seed, [other, mobile(40)], set(), digest_of)
    assert {p.digest for p in alone} == {p.digest for p in both if p.stratum == 1}


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_whole_frame_can_be_drawn_to_the_last_number(seed: int) -> None:
    stratum = Stratum("landline/", 1000, (Block("7318451", 3),))
    assert len({p.digest for p in draw(seed, [stratum], set(), digest_of)}) == 1000


def test_one_number_more_than_there_are_left_is_refused() -> None:
    stratum = Stratum("landline/", 10, (Block("73184510", 1),))
    excluded = {digest_of(stratum.at(0)[0])}
    with pytest.raises(Problem) as raised:
        draw(1, [stratum], excluded, digest_of)
    assert raised.value.code == "sample-too-large"
    assert raised.value.values["left"] == 9


def test_two_strata_of_one_key_are_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="same key"):
        draw(1, [mobile(1), mobile(1)], set(), digest_of)


def test_batches_do_not_change_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stratum = Stratum("landline/", 990, (Block("7318451", 3),))
    before = draw(7, [stratum], set(), digest_of)
    monkeypatch.setattr(rules, "BATCH", 17)
    assert draw(7, [stratum], set(), digest_of) == before


def test_every_number_is_equally_likely() -> None:
    """Of 100 numbers 10 are drawn 2,000 times: each 200 times, ± 4.5 standard errors."""
    stratum = Stratum("landline/", 10, (Block("731845100", 2),))
    counts = dict.fromkeys(range(100), 0)
    for seed in range(2_000):
        for pick in draw(seed, [stratum], set(), lambda text: text.encode()):
            counts[int(pick.number[-2:])] += 1
    assert max(abs(count - 200) for count in counts.values()) < 4.5 * (2_000 * 0.1 * 0.9) ** 0.5


def test_exchanges_of_different_length_are_drawn_by_their_size() -> None:
    """Ten thousand numbers and one thousand: ten in eleven from the larger."""
    stratum = Stratum("landline/", 2_200, (Block("731845", 4), Block("7318261", 3)))
    picks = draw(3, [stratum], set(), digest_of)
    large = sum(pick.block == "731845" for pick in picks)
    assert abs(large - 2_000) < 60


def test_any_first_part_of_a_sample_mixes_all_strata() -> None:
    strata = [mobile(500), Stratum("mobile/联通", 500, (Block("1860001", 4),))]
    first = draw(5, strata, set(), digest_of)[:200]
    assert 60 < sum(pick.stratum for pick in first) < 140


def test_a_list_is_drawn_by_its_hashes() -> None:
    listed = tuple(digest_of(f"+861380000{at:04d}") for at in range(50))
    picks = draw(9, [Stratum("list/1/", 20, (), listed)], {listed[0]}, digest_of)
    assert len({p.digest for p in picks}) == 20
    assert {p.digest for p in picks} <= set(listed) - {listed[0]}
    assert not any(pick.number for pick in picks)


@given(st.integers(0, 10_000), st.dictionaries(st.text(max_size=3), st.integers(0, 5_000)))
def test_shares_add_up_and_none_exceeds_its_size(total: int, sizes: dict[str, int]) -> None:
    shared = rules.share_out(total, sizes)
    assert sum(shared.values()) == min(total, sum(sizes.values()))
    assert all(shared[name] <= size for name, size in sizes.items())


def test_the_users_of_the_carriers_share_a_sample_out() -> None:
    """003-29: 5.8 + 36 + 24 = 65.8 万户."""
    users = {"电信": 58_000, "移动": 360_000, "联通": 240_000}
    assert rules.share_out(6_580, users) == {"电信": 580, "移动": 3_600, "联通": 2_400}


def test_working_rates_of_small_segments_are_drawn_towards_that_of_all() -> None:
    rates = rules.working_rates({"1380001": (200, 120), "1380002": (2, 0), "1380003": (0, 0)})
    overall = 100 * 120 / 202
    assert rates["1380001"].percent == pytest.approx(60, abs=0.1)
    assert 50 < rates["1380002"].percent < overall
    assert rates["1380003"].percent == pytest.approx(overall)
    assert rules.working_rates({}) == rules.working_rates({"1380001": (0, 0)}) == {}


def test_base_weights_come_from_the_probabilities_that_a_draw_recorded() -> None:
    """P-04: two frames that overlap; 1 / (m_L/M_L · t_L/a + m_F/M_F · t_F), by hand."""
    landline = Stratum("landline/", 200, (Block("731845", 4),))
    strata = [mobile(300), landline]
    picks = draw(11, strata, set(), digest_of)
    people = [
        {"frame": "landline" if pick.stratum else "mobile", "lines": at % 2, "mobiles": 1 + at % 3,
         "eligible": 2}
        for at, pick in enumerate(picks)
        if not (pick.stratum and at % 2 == 0)
    ]  # fmt: skip
    import pandas as pd

    weighted, notes = measure.two_frame_weights(
        pd.DataFrame(people),
        frame="frame",
        landline_lines="lines",
        mobile_numbers="mobiles",
        eligible_in_household="eligible",
        drawn={"mobile": strata[0].wanted, "landline": landline.wanted},
        frame_size={"mobile": strata[0].size, "landline": landline.size},
    )
    rows = weighted.to_pyarrow().to_pylist()
    for row in rows:
        chance = row["lines"] / 2 * 200 / 10_000 + row["mobiles"] * 300 / 30_000
        assert row["base_weight"] == pytest.approx(1 / chance)
    assert notes["rows"] == len(people)


# within the household (P-05)


def test_kishs_tables_are_those_of_1949() -> None:
    """Kish 1949, JASA 44, 380–387: eight tables, their shares, whom they choose of 1 to 6."""
    published = """
        A  1/6  1 1 1 1 1 1
        B1 1/12 1 1 1 1 2 2
        B2 1/12 1 1 1 2 2 2
        C  1/6  1 1 2 2 3 3
        D  1/6  1 2 2 3 4 4
        E1 1/12 1 2 3 3 3 5
        E2 1/12 1 2 3 4 5 5
        F  1/6  1 2 3 4 5 6
    """
    for line in filter(str.strip, published.splitlines()):
        name, share, *chosen = line.split()
        assert household.KISH[name] == (Fraction(share), tuple(map(int, chosen)))
    assert sum(share for share, _row in household.KISH.values()) == 1


def test_everybody_has_the_same_chance_but_in_households_of_five() -> None:
    for eligible in (1, 2, 3, 4, 6):
        assert set(household.kish_chances(eligible)) == {Fraction(1, eligible)}
    sixth, fourth = Fraction(1, 6), Fraction(1, 4)
    assert household.kish_chances(5) == [sixth, sixth, fourth, sixth, fourth]


def test_twelve_households_in_a_row_use_each_table_as_often_as_kish_says() -> None:
    used = [household.kish_table(place) for place in range(24)]
    for name, (share, _row) in household.KISH.items():
        assert used.count(name) == share * 24


def test_men_are_numbered_before_women_and_the_older_before_the_younger() -> None:
    told = [household.Person("female", 70), household.Person("male", 30),
            household.Person("male", 55)]  # fmt: skip
    assert household.kish_person("A", told) == 2
    assert household.kish_person("C", told) == 1
    assert household.kish_person("F", told) == 0


def test_of_more_than_six_one_is_chosen_as_of_six() -> None:
    assert household.kish_number("F", 9) == 6


def test_an_empty_household_has_nobody_to_choose() -> None:
    from datetime import date

    for ask in (lambda: household.kish_number("A", 0),
                lambda: household.last_birthday([], date(2026, 11, 28))):  # fmt: skip
        with pytest.raises(ValueError, match="nobody"):
            ask()


def test_the_last_birthday_is_the_latest_that_has_come_round() -> None:
    from datetime import date

    today = date(2026, 11, 28)
    assert household.last_birthday([(11, 29), (11, 27), (1, 1)], today) == 1
    assert household.last_birthday([(11, 29), (11, 28)], today) == 1
    assert household.last_birthday([(12, 31), (11, 29)], today) == 0
    assert household.last_birthday([(2, 28), (2, 29)], date(2026, 3, 1)) == 1
