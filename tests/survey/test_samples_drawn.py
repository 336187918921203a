"""Samples in the database: drawn, checked, looked up, erased (P-03, P-04)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.survey import frames_cast as cast

from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.problems import Problem
from huiyin.survey import frame_actions, sample_queries
from huiyin.survey import sample_actions as actions
from huiyin.survey.models import Drawn, ListedNumber, Round, RoundStatus, Sample
from huiyin.survey.numbers import unseal
from huiyin.survey.sample_queries import Wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def round() -> Round:
    return cast.round_of(cast.city())


def drawn(round: Round, seed: int = 1, **wanted: Any) -> Sample:
    if wanted.get("mobile", 0) or not wanted:
        wanted = {"table": cast.table(), "mobile": 600} | wanted
    return actions.draw_sample(SYSTEM, round, Wish(**wanted), seed=seed, now=cast.NOW)


def digests(sample: Sample) -> list[bytes]:
    return [
        bytes(d or b"") for d in sample.numbers.order_by("order").values_list("digest", flat=True)
    ]


def code_of(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(Problem) as raised:
        call(*args, **options)
    return raised.value.code


def test_a_sample_is_stratified_by_carrier_in_proportion_to_its_numbers(round: Round) -> None:
    sample = drawn(round)
    found = {each.carrier: (each.size, each.wanted) for each in sample.strata.all()}
    assert found == {"移动": (300_000, 300), "联通": (200_000, 200), "电信": (100_000, 100)}
    assert all(each.probability == 1 / 1000 for each in sample.strata.all())


def test_numbers_are_stored_encrypted_in_the_order_of_release(round: Round) -> None:
    sample = drawn(round)
    rows = list(sample.numbers.order_by("order"))
    assert [row.order for row in rows] == list(range(1, 601))
    for row in rows[:20]:
        number = unseal(bytes(row.number or b""), bytes(row.digest or b""))
        assert number.national.startswith(row.segment)
        assert row.year == 2026


def test_numbers_can_be_shared_out_by_the_users_of_the_carriers(round: Round) -> None:
    """003-29."""
    told = {"移动": 360_000, "联通": 240_000, "电信": 58_000}
    frame_actions.record_users(SYSTEM, round.series.region, told, date(2026, 6, 30), "上报")
    sample = drawn(round, mobile=658, by="users")
    assert {s.carrier: s.wanted for s in sample.strata.all()} == {"移动": 360, "联通": 240,
                                                                  "电信": 58}  # fmt: skip


def test_data_segments_are_never_drawn_and_virtual_ones_only_if_asked(round: Round) -> None:
    rows = cast.lines({"移动": ("138", 2), "联通": ("171", 2), "电信": ("149", 2)})
    table = cast.table(rows)
    sample = drawn(round, table=table, mobile=100)
    assert [each.carrier for each in sample.strata.all()] == ["移动"]
    both = drawn(round, table=table, mobile=100, kinds=("mobile", "virtual"))
    assert {each.carrier for each in both.strata.all()} == {"移动", "联通"}


def test_two_draws_of_a_year_have_no_number_in_common(round: Round) -> None:
    table = cast.table(cast.lines({"移动": ("138", 1)}))
    first = drawn(round, seed=5, table=table, mobile=4_000)
    other = cast.round_of(round.series.region, half="H1")
    second = drawn(other, seed=5, table=table, mobile=4_000)
    assert not set(digests(first)) & set(digests(second))
    assert code_of(drawn, round, table=table, mobile=2_001) == "sample-too-large"
    next_year = cast.round_of(round.series.region, half="H1", year=2027)
    assert digests(drawn(next_year, seed=5, table=table, mobile=4_000)) == digests(first)


def test_the_database_itself_keeps_a_number_from_being_drawn_twice_a_year(round: Round) -> None:
    sample = drawn(round)
    row = sample.numbers.first()
    assert row is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Drawn.objects.create(sample=sample, stratum=row.stratum, order=9_999, year=2026,
                             digest=row.digest)  # fmt: skip


def test_whoever_is_on_the_do_not_call_list_is_not_drawn(round: Round) -> None:
    table = cast.table(cast.lines({"移动": ("138", 1)}))
    for tail in range(20):
        number = cast.number(f"1380000{tail:04d}")
        frame_actions.never_call(SYSTEM, number, "本人要求")
    later = cast.NOW + timedelta(days=1)
    wish = Wish(table=table, mobile=9_980)
    sample = actions.draw_sample(SYSTEM, round, wish, seed=1, now=later + timedelta(days=300))
    barred = {cast.number(f"1380000{tail:04d}").digest() for tail in range(20)}
    assert not barred & set(digests(sample))


def test_a_repeated_draw_gives_the_very_numbers(round: Round) -> None:
    first = drawn(round)
    second = drawn(round, seed=2, table=first.table, mobile=600)
    for sample in (first, second):
        found = actions.check_draw(SYSTEM, sample)
        assert found.same
        assert found.stored
        assert found.digest == sample.digest
    assert Event.objects.filter(act="survey.check_draw").count() == 2


def test_a_draw_can_be_repeated_though_a_number_was_barred_or_lifted_since(round: Round) -> None:
    sample = drawn(round)
    row = sample.numbers.first()
    assert row is not None
    number = unseal(bytes(row.number or b""), bytes(row.digest or b""))
    entry = frame_actions.never_call(SYSTEM, number, "本人要求")
    entry.since = cast.NOW + timedelta(hours=1)
    entry.save()
    assert actions.check_draw(SYSTEM, sample).same


def test_a_number_slipped_in_is_found_by_repeating_the_draw(round: Round) -> None:
    sample = drawn(round)
    row = sample.numbers.first()
    assert row is not None
    Drawn.objects.filter(pk=row.pk).update(digest=cast.number().digest())
    found = actions.check_draw(SYSTEM, sample)
    assert found.same
    assert not found.stored


def test_landlines_are_stratified_by_the_region_that_they_ring_in(round: Round) -> None:
    cast.exchanges()
    sample = drawn(round, landline=200)
    strata = list(sample.strata.select_related("region"))
    assert [(s.frame, s.region.code if s.region else "", s.size, s.wanted) for s in strata] == [
        ("landline", "", 10_000, 100), ("landline", "991101000000", 10_000, 100),
    ]  # fmt: skip
    assert actions.check_draw(SYSTEM, sample).same


def test_a_list_is_drawn_from_and_its_ciphertexts_are_handed_on(round: Round) -> None:
    entries = [frame_actions.Entry(at, cast.number(f"1391234{at:04d}")) for at in range(50)]
    listed = frame_actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=False)
    sample = drawn(round, listed=listed, listed_wanted=20)
    row = sample.numbers.first()
    assert row is not None
    assert unseal(bytes(row.number or b""), bytes(row.digest or b"")).national.startswith("139")
    assert actions.check_draw(SYSTEM, sample).same
    assert code_of(drawn, round, listed=listed, listed_wanted=31) == "sample-too-large"


def test_what_cannot_be_drawn_is_refused_with_the_reason(round: Round) -> None:
    table = cast.table([cast.lines(city="湘潭")[0]])
    assert code_of(drawn, round, mobile=0, table=table) == "sample-empty"
    assert code_of(drawn, round, mobile=10, table=table) == "frame-empty"
    assert code_of(drawn, round, landline=10) == "frame-empty"
    Round.objects.filter(pk=round.pk).update(status=RoundStatus.CLOSED)
    round.refresh_from_db()
    assert code_of(drawn, round, mobile=10, table=table) == "sample-round-over"
    assert not Sample.objects.exists()


def test_a_resident_who_asks_is_told_whether_he_was_drawn(round: Round) -> None:
    sample = drawn(round)
    row = sample.numbers.first()
    assert row is not None
    number = unseal(bytes(row.number or b""), bytes(row.digest or b""))
    found = actions.look_up(SYSTEM, number)
    assert [each.sample for each in found.drawn] == [sample]
    assert found.masked == number.masked()
    event = Event.objects.get(act="survey.look_up_number")
    assert number.national not in f"{event.label} {event.after}"


# erased in time


def close(round: Round, until: date) -> None:
    Round.objects.filter(pk=round.pk).update(
        status=RoundStatus.CLOSED, field_from=until, field_until=until
    )


def test_numbers_stay_while_the_field_is_open(round: Round) -> None:
    sample = drawn(round)
    assert code_of(actions.erase_numbers, SYSTEM, sample, cast.NOW) == "sample-round-open"
    assert actions.erase_due(SYSTEM, cast.NOW, cast.TODAY)["samples"] == 0


@pytest.mark.parametrize(("days", "erased"), [(29, 0), (30, 1)])
def test_numbers_go_thirty_days_after_the_field_and_hashes_stay(
    round: Round, days: int, erased: int
) -> None:
    sample = drawn(round)
    close(round, cast.TODAY - timedelta(days=days))
    assert actions.erase_due(SYSTEM, cast.NOW, cast.TODAY) == {"samples": erased, "hashes": 0}
    assert sample.numbers.filter(number=None).count() == 600 * erased
    assert not sample.numbers.filter(digest=None).exists()


def test_hashes_go_when_the_year_is_over_and_no_sooner(round: Round) -> None:
    sample = drawn(round)
    close(round, date(2026, 11, 1))
    actions.erase_due(SYSTEM, cast.NOW, date(2026, 12, 31))
    assert not sample.numbers.filter(digest=None).exists()
    assert actions.erase_due(SYSTEM, cast.NOW, date(2027, 1, 1))["hashes"] == 600
    assert code_of(actions.check_draw, SYSTEM, sample) == "sample-hashes-gone"


def test_a_lists_numbers_go_with_the_last_sample_drawn_from_it(round: Round) -> None:
    entries = [frame_actions.Entry(at, cast.number(f"1391234{at:04d}")) for at in range(50)]
    listed = frame_actions.hand_in_list(SYSTEM, "窗口", "政务中心", entries, leave_out=False)
    one, two = (drawn(round, listed=listed, listed_wanted=10) for _n in range(2))
    close(round, date(2026, 11, 1))
    actions.erase_numbers(SYSTEM, one, cast.NOW)
    assert ListedNumber.objects.exclude(number=None).count() == 50
    actions.erase_numbers(SYSTEM, two, cast.NOW)
    assert not ListedNumber.objects.exclude(number=None).exists()
    assert code_of(actions.erase_numbers, SYSTEM, two, cast.NOW) == "sample-erased"


def test_counts_of_a_sample_say_what_is_drawn_and_what_is_kept(round: Round) -> None:
    sample = drawn(round)
    assert sample_queries.counts_of(sample) == {"drawn": 600, "kept": 600}
    close(round, date(2026, 10, 1))
    actions.erase_numbers(SYSTEM, sample, cast.NOW)
    assert sample_queries.counts_of(sample) == {"drawn": 600, "kept": 0}
