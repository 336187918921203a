"""Paging by the last row seen walks every row exactly once (P-32)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from huiyin.furniture.models import Job
from huiyin.furniture.tables import keyset
from huiyin.problems import Problem

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = st.lists(
    st.sampled_from(["title", "-title", "percent", "-percent", "started_at", "-started_at"]),
    max_size=3,
    unique_by=lambda name: name.removeprefix("-"),
)
#: Few values, so that there are many ties; a third without a value.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "B", "办", "é"]),
        st.integers(0, 3),
        st.none() | st.integers(0, 2),
    ),
    max_size=24,
)


def stored(rows: list[tuple[str, int, int | None]]) -> None:
    Job.objects.bulk_create(
        Job(
            task="t.t",
            title=title,
            percent=percent,
            started_at=None if tick is None else START + timedelta(microseconds=tick),
        )
        for title, percent, tick in rows
    )


def walk(order: list[str], size: int, *, backward: bool) -> list[list[int]]:
    """The keys on each page, in the order in which the pages are met."""
    rows = Job.objects.all()
    keys = keyset.keys_of(rows, order)
    at, pages = keyset.Position(backward=backward), []
    while True:
        page = keyset.page(rows, keys, at, size, "test")
        pages.append([row.pk for row in page.rows])
        if not (page.has_previous if backward else page.has_next):
            return pages
        cursor = page.first if backward else page.last
        at = keyset.position(cursor, keys, "test", backward=backward)


class Walking(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(rows=ROWS, order=ORDERS, size=st.integers(1, 7))
    def test_pages_hold_every_row_once_in_order_forward_and_backward(
        self, rows: list[Any], order: list[str], size: int
    ) -> None:
        """P-32, with ties, empty values, and columns in both directions."""
        stored(rows)
        keys = keyset.keys_of(Job.objects.all(), order)
        whole = [row.pk for row in keyset.ordered(Job.objects.all(), keys)]
        forward = walk(order, size, backward=False)
        backward = walk(order, size, backward=True)
        assert [pk for page in forward for pk in page] == whole
        assert [pk for page in reversed(backward) for pk in page] == whole
        assert all(len(page) == size for page in forward[:-1])

    @settings(max_examples=30, deadline=None)
    @given(rows=ROWS, order=ORDERS, size=st.integers(1, 5))
    def test_the_page_before_the_page_behind_is_the_page_itself(
        self, rows: list[Any], order: list[str], size: int
    ) -> None:
        """P-32."""
        stored(rows)
        keys = keyset.keys_of(Job.objects.all(), order)
        first = keyset.page(Job.objects.all(), keys, keyset.Position(), size, "t")
        if not first.has_next:
            return
        behind = keyset.position(first.last, keys, "t", backward=False)
        second = keyset.page(Job.objects.all(), keys, behind, size, "t")
        before = keyset.position(second.first, keys, "t", backward=True)
        again = keyset.page(Job.objects.all(), keys, before, size, "t")
        assert [row.pk for row in again.rows] == [row.pk for row in first.rows]
        assert again.has_next
        assert not again.has_previous


@pytest.mark.django_db
def test_empty_values_stand_last_in_both_directions() -> None:
    stored([("a", 0, None), ("b", 0, 1), ("c", 0, 2)])
    for order, titles in ((["started_at"], "bca"), (["-started_at"], "cba")):
        rows = Job.objects.all()
        page = keyset.page(rows, keyset.keys_of(rows, order), keyset.Position(), 9, "t")
        assert "".join(row.title for row in page.rows) == titles


@pytest.mark.django_db
def test_a_row_added_before_the_page_moves_nothing_to_or_from_the_next_page() -> None:
    stored([(title, 0, 0) for title in "bdfh"])
    rows = Job.objects.all()
    keys = keyset.keys_of(rows, ["title"])
    first = keyset.page(rows, keys, keyset.Position(), 2, "t")
    stored([("a", 0, 0)])
    behind = keyset.position(first.last, keys, "t", backward=False)
    assert [row.title for row in keyset.page(rows, keys, behind, 2, "t").rows] == ["f", "h"]


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["", "x", "abc:def", "eyJhIjoxfQ:1:1"])
def test_a_cursor_that_was_cut_off_or_altered_is_refused(broken: str) -> None:
    keys = keyset.keys_of(Job.objects.all(), ["title"])
    with pytest.raises(Problem) as wrong:
        keyset.position(broken, keys, "t", backward=False)
    assert wrong.value.code == "broken-cursor"


@pytest.mark.django_db
def test_a_cursor_of_another_order_or_table_is_refused() -> None:
    stored([("a", 1, 1), ("b", 2, 2)])
    rows = Job.objects.all()
    by_title = keyset.keys_of(rows, ["title"])
    page = keyset.page(rows, by_title, keyset.Position(), 1, "t")
    for order, salt in ((["-title"], "t"), (["percent"], "t"), (["title"], "other")):
        with pytest.raises(Problem):
            keyset.position(page.last, keyset.keys_of(rows, order), salt, backward=False)


@pytest.mark.django_db
def test_a_deep_page_is_read_by_ranges_of_the_index_and_not_by_skipping() -> None:
    stored([(title, 0, 0) for title in "abcdef"])
    rows = Job.objects.all()
    keys = keyset.keys_of(rows, ["title"])
    page = keyset.page(rows, keys, keyset.Position(), 2, "t")
    at = keyset.position(page.last, keys, "t", backward=False)
    for stretch in keyset._stretches(rows, keys, at):
        assert "OFFSET" not in str(stretch.query)
    assert all(a < b for a, b in pairwise(row.title for row in page.rows))
