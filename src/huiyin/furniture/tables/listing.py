"""A table as one request asks for it: filtered, ordered, one page of it, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from huiyin.audit.acts import may
from huiyin.furniture.tables import keyset
from huiyin.furniture.tables.columns import Column, printed
from huiyin.furniture.tables.filters import Choice, Filter, RegionFilter
from huiyin.furniture.tables.table import SIZES, Table
from huiyin.furniture.views import Request
from huiyin.problems import Problem

#: Where the columns that somebody chose are kept in his session.
CHOSEN = "table_columns"


@dataclass(frozen=True)
class Header:
    """The head of a column.

    Attributes:
        url: address that sorts by it, or turns its order; "" = not sortable.
        sorted: "ascending", "descending" or "".
    """

    column: Column
    url: str
    sorted: str


@dataclass(frozen=True)
class Cell:
    column: Column
    text: Any
    url: str
    tone: str


@dataclass(frozen=True)
class Control:
    """A filter with what it is set to.

    Attributes:
        id: what its field is called in the page.
        values: what stands in its fields: one, two of a range, or all that are ticked.
        options: value, title and whether it is chosen.
        says: what it narrows to, for people; "" = it does not.
        wrong: what is wrong with what was entered; "" = nothing.
        clear_url: the list without it.
    """

    id: str
    filter: Filter
    values: list[str]
    options: list[tuple[str, str, bool]]
    says: str
    wrong: str
    clear_url: str


class Listing:
    """What a template shows of a table."""

    def __init__(self, request: Request, table: Table) -> None:
        self.request, self.table, self.asked = request, table, request.GET
        self.wrong: dict[str, Problem] = {}
        self.id = f"table-{table.name}"

    # What is in it

    @cached_property
    def all_rows(self) -> QuerySet[Any]:
        return self.table.rows(self.request)

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """The rows that match the filters. A filter that cannot be read narrows to nothing."""
        rows = self.all_rows
        for each in self.table.filters:
            try:
                rows = each.narrow(rows, self.asked, self.request)
            except Problem as wrong:
                self.wrong[each.name] = wrong
                rows = rows.none()
        return rows

    @cached_property
    def sort(self) -> list[str]:
        """The columns that it is sorted by, ``-`` before those that descend."""
        names = [name for name in self.asked.get("sort", "").split(",") if name][:3]
        columns = [self.table.column(name.removeprefix("-")) for name in names]
        return [
            name for name, column in zip(names, columns, strict=True) if column and column.field
        ]

    @cached_property
    def order(self) -> list[str]:
        """ORM paths to order by."""
        if not self.sort:
            return list(self.table.order)
        return [_signed(name, str(self._column(name).field)) for name in self.sort]

    def _column(self, name: str) -> Column:
        column = self.table.column(name.removeprefix("-"))
        assert column is not None
        return column

    @cached_property
    def keys(self) -> tuple[keyset.Key, ...]:
        return keyset.keys_of(self.all_rows, self.order)

    @cached_property
    def ordered_rows(self) -> QuerySet[Any]:
        """All rows that match, in order: what is exported."""
        return keyset.ordered(self.rows, self.keys)

    @cached_property
    def page(self) -> keyset.Page:
        return keyset.page(self.rows, self.keys, self._position(), self.size, self._salt)

    @property
    def _salt(self) -> str:
        return f"table.{self.table.name}"

    def _position(self) -> keyset.Position:
        if after := self.asked.get("after", ""):
            return keyset.position(after, self.keys, self._salt, backward=False)
        if before := self.asked.get("before", ""):
            return keyset.position(before, self.keys, self._salt, backward=True)
        return keyset.Position(backward="end" in self.asked)

    @cached_property
    def size(self) -> int:
        asked = self.asked.get("size", "")
        return int(asked) if asked in map(str, SIZES) else self.table.size

    # How many

    @cached_property
    def count(self) -> int:
        """How many rows match, counted no further than one past the table's limit."""
        page = self.page
        if not page.has_previous and not page.has_next:
            return len(page.rows)
        return self.rows.order_by()[: self.table.count_limit + 1].count()

    @property
    def count_text(self) -> str:
        """How many rows match, as it is said."""
        limit = self.table.count_limit
        if self.count > limit:
            return _("more than {limit:,} rows").format(limit=limit)
        return _("{count:,} rows").format(count=self.count)

    @cached_property
    def is_filtered(self) -> bool:
        return any(control.says for control in self.controls)

    @property
    def filters_said(self) -> str:
        """What the list is narrowed to, for people."""
        return _(", ").join(control.says for control in self.controls if control.says)

    # What is shown

    @cached_property
    def chosen(self) -> list[str]:
        """Names of the columns shown: as asked now, as chosen before, or as the table says."""
        kept = self.request.session.get(CHOSEN, {}) if hasattr(self.request, "session") else {}
        names = self.asked.getlist("columns") or kept.get(self.table.name, [])
        known = [column.name for column in self.table.columns if column.name in names]
        return known or [column.name for column in self.table.columns if column.shown]

    def keep_choice(self) -> None:
        """Remember the columns chosen in this request for the session."""
        if self.asked.getlist("columns"):
            kept = dict(self.request.session.get(CHOSEN, {}))
            kept[self.table.name] = self.chosen
            self.request.session[CHOSEN] = kept

    @cached_property
    def columns(self) -> list[Column]:
        return [column for column in self.table.columns if column.name in self.chosen]

    @property
    def column_choices(self) -> list[tuple[Column, bool]]:
        return [(column, column.name in self.chosen) for column in self.table.columns]

    @cached_property
    def headers(self) -> list[Header]:
        return [self._header(column) for column in self.columns]

    def _header(self, column: Column) -> Header:
        if not column.field:
            return Header(column, "", "")
        now = self._sorted(column)
        turned = f"-{column.name}" if now == "ascending" else column.name
        return Header(column, self.url(sort=turned), now)

    def _sorted(self, column: Column) -> str:
        first = (self.sort or [""])[0]
        if not first and self.order and self.order[0].removeprefix("-") == column.field:
            first = _signed(self.order[0], column.name)
        if first.removeprefix("-") != column.name:
            return ""
        return "descending" if first.startswith("-") else "ascending"

    @cached_property
    def body(self) -> list[list[Cell]]:
        return [[self._cell(column, row) for column in self.columns] for row in self.page.rows]

    def _cell(self, column: Column, row: Any) -> Cell:
        return Cell(
            column,
            printed(column.of(row), grouped=column.grouped),
            url=column.link(row) if column.link else "",
            tone=column.tone(row) if column.tone else "",
        )

    @cached_property
    def controls(self) -> list[Control]:
        _ = self.rows  # reads the filters, and so knows what is wrong with them
        return [self._control(each) for each in self.table.filters]

    def _control(self, each: Filter) -> Control:
        values = [value for name in each.names for value in self.asked.getlist(name) or [""]]
        options = each.options(self.request) if isinstance(each, (Choice, RegionFilter)) else []
        wrong = self.wrong.get(each.name)
        return Control(
            f"{self.id}-{each.name}",
            each,
            values,
            [(value, title, value in values) for value, title in options],
            says=each.says(self.asked, self.request),
            wrong=wrong.message if wrong else "",
            clear_url=self.url(**dict.fromkeys(each.names)),
        )

    # Where else to go

    def url(self, **changes: str | None) -> str:
        """The address of this list with some values changed, from the first page on."""
        asked = self.asked.copy()
        for name in ("after", "before", "end", "export", "columns"):
            asked.pop(name, None)
        for name, value in changes.items():
            asked.pop(name, None)
            if value is not None:
                asked[name] = value
        for name in [name for name in asked if asked.getlist(name) == [""]]:
            del asked[name]
        return f"{self.request.path}?{asked.urlencode()}" if asked else self.request.path

    @property
    def first_url(self) -> str:
        return self.url() if self.page.has_previous else ""

    @property
    def previous_url(self) -> str:
        return self.url(before=self.page.first) if self.page.has_previous else ""

    @property
    def next_url(self) -> str:
        return self.url(after=self.page.last) if self.page.has_next else ""

    @property
    def last_url(self) -> str:
        return self.url(end="1") if self.page.has_next else ""

    @property
    def sizes(self) -> list[tuple[int, bool]]:
        return [(size, size == self.size) for size in sorted({*SIZES, self.size})]

    @property
    def exports(self) -> list[tuple[str, str]]:
        """The formats offered to this actor, with their addresses."""
        act = self.table.export_act
        if act and not may(self.request.actor, act):
            return []
        return [(kind, self.url(export=kind)) for kind in self.table.exports]

    @property
    def clear_url(self) -> str:
        names = [name for each in self.table.filters for name in each.names]
        return self.url(**dict.fromkeys(names))

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form carries on besides its own fields."""
        return [(name, self.asked[name]) for name in ("sort",) if self.asked.get(name)]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the form of columns and page size carries on besides its own fields."""
        names = ["sort", *(name for each in self.table.filters for name in each.names)]
        return [(name, value) for name in names for value in self.asked.getlist(name) if value]

    @property
    def empty_url(self) -> str:
        empty = self.table.empty
        return empty.url if empty.act is None or may(self.request.actor, empty.act) else ""

    @property
    def title(self) -> str | Promise:
        return self.table.title

    def exported(self) -> Iterator[list[Any]]:
        """All rows that match, in order, as values of the columns shown."""
        for row in self.ordered_rows.iterator(chunk_size=2000):
            yield [column.exported(row) for column in self.columns]


def _signed(like: str, name: str) -> str:
    return f"-{name}" if like.startswith("-") else name
