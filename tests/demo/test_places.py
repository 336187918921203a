"""The made-up city has villages and people, always the same."""

from __future__ import annotations

from itertools import islice

from huiyin.demo.city import build_city
from huiyin.demo.places import people, villages

CITY = build_city()


def test_the_city_has_about_eleven_hundred_villages_whose_codes_are_all_different() -> None:
    made = villages(CITY)
    assert 1000 <= len(made) <= 1200
    assert len({village.code for village in made}) == len(made)


def test_a_village_lies_in_its_town_and_has_a_name_that_is_there_once() -> None:
    made = villages(CITY)
    assert {village.town for village in made} == set(CITY.towns)
    assert all(village.code.startswith(village.town[:9]) for village in made)
    assert len({(village.town, village.name) for village in made}) == len(made)


def test_urban_towns_have_neighbourhoods_and_rural_ones_villages_with_their_codes() -> None:
    for village in villages(CITY):
        assert village.name.endswith("社区") == (int(village.code[9:]) < 200)


def test_city_and_names_are_the_same_each_time_and_no_official_is_named_twice() -> None:
    assert villages(CITY) == villages(build_city())
    named = list(islice(people(), 900))
    assert named == list(islice(people(), 900))
    assert len(set(named)) == 900
