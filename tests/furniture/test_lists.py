"""What is listed can be filtered, sorted, paged and exported, all from one declaration (P-32)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import openpyxl
import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from huiyin.audit.acts import Actor
from huiyin.audit.models import Event
from huiyin.furniture import acts
from huiyin.furniture.models import Job, JobStatus
from huiyin.furniture.tables import (
    Choice,
    Column,
    DateRange,
    Empty,
    Flag,
    MultiChoice,
    NumberRange,
    RegionFilter,
    Search,
    Table,
    listing_of,
    table_response,
)
from huiyin.furniture.tables.export import guarded
from huiyin.furniture.tables.filters import stem_of
from huiyin.problems import Problem

Ask = Callable[..., Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
TASKS = ("430582000000", "430582101000", "430521000000", "010000000000")


class Jobs(Table):
    name = "test-jobs"
    title = "Jobs"
    columns = (
        Column("task", "Task", field="task"),
        Column("title", "Title", field="title", link=lambda row: f"/jobs/{row.pk}/"),
        Column("status", "State", field="status", value=lambda row: row.get_status_display()),
        Column("percent", "Percent", field="percent", numeric=True),
        Column("created_at", "Asked at", field="created_at"),
        Column("message", "Message", shown=False),
    )
    filters = (
        Search("q", "Find", fields=("title", "task")),
        Choice("status", "State", field="status", choices=JobStatus),
        MultiChoice("any", "States", field="status", choices=lambda: JobStatus.choices),
        DateRange("made", "Made", field="created_at"),
        NumberRange("percent", "Percent", field="percent"),
        RegionFilter("region", "Region", field="task"),
        Flag("begun", "Begun", condition=Q(started_at__isnull=False)),
    )
    order = ("-created_at", "-id")
    empty = Empty("No jobs yet", "Import something.", url_name="home", action="Go")

    def rows(self, request: Any) -> Any:
        return Job.objects.all()


def make(count: int, **fields: Any) -> None:
    Job.objects.bulk_create(
        Job(
            **{
                "task": TASKS[at % 4],
                "title": f"t{at:03}",
                "percent": at % 5,
                "created_at": START + timedelta(hours=at),
                "status": JobStatus.values[at % 2],
                **fields,
            }
        )
        for at in range(count)
    )


def titles(ask: Ask, query: str) -> list[str]:
    return [row.title for row in listing_of(ask(f"/jobs/{query}"), Jobs()).page.rows]


def page(ask: Ask, query: str = "", **more: Any) -> str:
    with override("en"):
        return table_response(
            ask(f"/jobs/{query}", **more), Jobs(), "furniture/table.html"
        ).content.decode()


def exported(ask: Ask, query: str) -> list[list[Any]]:
    with override("en"):
        answer = table_response(ask(f"/jobs/{query}"), Jobs())
        content = b"".join(answer.streaming_content)
    if "csv" in answer["Content-Type"]:
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    return [list(row) for row in sheet.iter_rows(values_only=True)]


# Filters


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=t00+4305&size=25", {"t000", "t001", "t002", "t004", "t005", "t006", "t008", "t009"}),
        ("?status=waiting&q=t00", {f"t00{at}" for at in (0, 2, 4, 6, 8)}),
        ("?any=waiting&any=running&q=t00", {f"t00{at}" for at in range(10)}),
        ("?percent_from=4&q=t00", {"t004", "t009"}),
        ("?percent_from=%EF%BC%93&percent_to=3&q=t00", {"t003", "t008"}),
        ("?region=430582000000&q=t00", {f"t00{at}" for at in (0, 1, 4, 5, 8, 9)}),
        ("?region=4305821&q=t00", {"t001", "t005", "t009"}),
        ("?made_from=2026-01-01&made_to=2026年1月1日&q=t01", {f"t01{at}" for at in range(6)}),
        ("?begun=yes", set()),
    ],
)  # fmt: skip
def test_each_filter_narrows_to_what_it_says(ask: Ask, query: str, expected: set[str]) -> None:
    make(40)
    assert set(titles(ask, query)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?made_from=yesterday", "“yesterday” is not a date"),
        ("?made_from=2026-02-30", "is not a date"),
        ("?percent_to=many", "“many” is not a number"),
        ("?status=lost", "“lost” is not among the choices"),
        ("?region=43x", "not a division code"),
    ],
)
def test_a_filter_that_cannot_be_read_says_so_beside_its_field_and_shows_no_rows(
    ask: Ask, query: str, says: str
) -> None:
    make(3)
    found = page(ask, query)
    assert says in found
    assert 'aria-invalid="true"' in found
    assert "t001" not in found
    with pytest.raises(Problem):
        table_response(ask(f"/jobs/{query}&export=csv"), Jobs())


@pytest.mark.django_db
def test_zero_bytes_and_percent_signs_in_a_search_harm_nothing(ask: Ask) -> None:
    make(3)
    assert titles(ask, "?q=%00") == ["t002", "t001", "t000"]
    assert titles(ask, "?q=%25") == []


@pytest.mark.parametrize(
    ("code", "stem"),
    [
        ("430000000000", "43"), ("430500000000", "4305"), ("430582000000", "430582"),
        ("430582101000", "430582101"), ("430582101001", "430582101001"), ("4305", "4305"),
    ],
)  # fmt: skip
def test_a_region_is_found_with_all_below_it(code: str, stem: str) -> None:
    assert stem_of(code) == stem


# Order, pages, count


@pytest.mark.django_db
def test_a_column_sorts_and_a_second_press_turns_the_order(ask: Ask) -> None:
    make(6)
    assert titles(ask, "?sort=title")[0] == "t000"
    assert titles(ask, "?sort=percent,-title")[:2] == ["t005", "t000"]
    found = page(ask, "?sort=title")
    assert 'aria-sort="ascending"' in found
    assert "sort=-title" in found


@pytest.mark.django_db
def test_a_sort_by_something_unknown_or_not_sortable_is_passed_over(ask: Ask) -> None:
    make(3)
    assert titles(ask, "?sort=message,password,-__proto__") == titles(ask, "")


@pytest.mark.django_db
def test_the_links_of_the_pages_lead_through_all_rows(ask: Ask) -> None:
    make(60)
    seen, query = [], "?size=25&sort=percent"
    while query:
        listing = listing_of(ask(f"/jobs/{query}"), Jobs())
        seen += [row.title for row in listing.page.rows]
        query = listing.next_url.removeprefix("/jobs/")
    assert len(seen) == len(set(seen)) == 60
    last = listing_of(ask("/jobs/?size=25&sort=percent&end=1"), Jobs())
    assert [row.title for row in last.page.rows] == seen[-25:]


@pytest.mark.django_db
def test_rows_are_counted_exactly_up_to_the_limit_and_said_to_be_more_beyond(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "count_limit", 60)
    make(60)
    with override("en"):
        assert listing_of(ask("/jobs/"), Jobs()).count_text == "60 rows"
        make(1)
        assert listing_of(ask("/jobs/"), Jobs()).count_text == "more than 60 rows"


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_rows(ask: Ask) -> None:
    counts = []
    for _time in range(2):
        make(60)
        with CaptureQueriesContext(connection) as queries:
            page(ask, "?size=200&sort=title")
        counts.append(len(queries))
    assert counts[0] == 1
    assert counts[1] == 1
    make(200)
    with CaptureQueriesContext(connection) as queries:
        page(ask, "?size=25&sort=title")
    assert len(queries) == 2


# What is shown


@pytest.mark.django_db
def test_nothing_yet_and_nothing_matches_are_said_differently(ask: Ask) -> None:
    assert "No jobs yet" in page(ask)
    make(1)
    found = page(ask, "?q=nothing")
    assert "Nothing matches these filters" in found
    assert "No jobs yet" not in found


@pytest.mark.django_db
def test_values_are_escaped_and_links_are_kept(ask: Ask) -> None:
    make(1, title="<b>&")
    found = page(ask)
    assert ">&lt;b&gt;&amp;</a>" in found
    assert "<b>" not in found


@pytest.mark.django_db
def test_htmx_gets_the_list_alone(ask: Ask) -> None:
    make(1)
    found = table_response(ask("/jobs/", htmx="table-test-jobs"), Jobs()).content.decode()
    assert "<html" not in found
    assert 'id="table-test-jobs"' in found


@pytest.mark.django_db
def test_the_columns_chosen_are_kept_for_the_session_and_exported(ask: Ask) -> None:
    make(1)
    session: dict[str, Any] = {}
    listing_of(ask("/jobs/?columns=message&columns=task", session=session), Jobs())
    later = listing_of(ask("/jobs/", session=session), Jobs())
    assert [column.name for column in later.columns] == ["task", "message"]
    assert exported(ask, "?columns=title&export=csv") == [["Title"], ["t000"]]


def test_no_filter_may_take_a_name_that_the_list_needs() -> None:
    with pytest.raises(ValueError, match="sort"):

        class Wrong(Table):
            filters: ClassVar = (Search("sort", "Sort"),)


# Exports


class Agreeing(TestCase):
    @pytest.fixture(autouse=True)
    def _asking(self, ask: Ask) -> None:
        self.ask = ask

    @settings(max_examples=20, deadline=None)
    @given(
        sort=st.sampled_from(["", "title", "-percent", "status,-title"]),
        narrowed=st.sampled_from(["", "&status=running", "&q=1", "&percent_from=2", "&region=43"]),
        kind=st.sampled_from(["xlsx", "csv"]),
    )
    def test_a_file_holds_exactly_the_rows_of_all_pages_in_their_order(
        self, sort: str, narrowed: str, kind: str
    ) -> None:
        """P-32."""
        make(31)
        query = f"?sort={sort}{narrowed}"
        seen, url = [], f"{query}&size=25"
        while url:
            listing = listing_of(self.ask(f"/jobs/{url}"), Jobs())
            seen += [row.title for row in listing.page.rows]
            url = listing.next_url.removeprefix("/jobs/")
        rows = exported(self.ask, f"{query}&export={kind}")
        assert [row[1] for row in rows[1:]] == seen


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("start", [*"=+-@＝＋－＠", "\t=", " ="])
def test_text_that_begins_like_a_formula_stays_text(ask: Ask, kind: str, start: str) -> None:
    make(1, title=f"{start}cmd|'/c calc'!A1")
    value = exported(ask, f"?export={kind}")[1][1]
    assert value.startswith("'") if kind == "csv" else value == f"{start}cmd|'/c calc'!A1"


def test_numbers_below_zero_are_no_formulas() -> None:
    assert guarded(-5) == -5
    assert guarded("-5") == "'-5"


@pytest.mark.django_db
def test_a_workbook_keeps_codes_as_text_with_zeros_and_numbers_and_moments_typed(ask: Ask) -> None:
    make(4)
    row = exported(ask, "?q=t003&export=xlsx")[1]
    assert row == ["010000000000", "t003", "Running", 3, datetime(2026, 1, 1, 11)]


@pytest.mark.django_db
def test_too_many_rows_for_a_workbook_are_refused_with_the_way_out(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huiyin.furniture.tables.export.XLSX_ROWS", 3)
    make(3)
    assert len(exported(ask, "?export=xlsx")) == 4
    make(1)
    with pytest.raises(Problem) as wrong:
        table_response(ask("/jobs/?export=xlsx"), Jobs())
    assert wrong.value.code == "export-too-large"
    assert len(exported(ask, "?export=csv")) == 5


@pytest.mark.django_db
def test_a_format_that_is_not_offered_is_refused(ask: Ask) -> None:
    with pytest.raises(Problem) as wrong:
        table_response(ask("/jobs/?export=exe"), Jobs())
    assert wrong.value.code == "unknown-export"


@pytest.mark.django_db
def test_an_export_of_personal_data_leaves_an_event_and_may_be_refused(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "export_act", acts.HAND_IN_FILE)
    make(2)
    table_response(ask("/jobs/?q=t001&export=csv"), Jobs())
    event = Event.objects.latest("id")
    assert (event.key, event.after["filters"]) == ("test-jobs", {"q": "t001"})
    request = ask("/jobs/?export=csv")
    request.actor = Actor(1, "li", held=())
    with pytest.raises(Problem) as wrong:
        table_response(request, Jobs())
    assert wrong.value.code == "not-permitted"
    assert "export=" not in page_of(request)


def page_of(request: Any) -> str:
    request.GET = request.GET.copy()
    request.GET.pop("export")
    return table_response(request, Jobs(), "furniture/table.html").content.decode()
