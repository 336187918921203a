"""A list as a room declares it: columns, filters, order, and which rows the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act
from huiyin.furniture.tables.columns import Column
from huiyin.furniture.tables.filters import Filter

#: Names in addresses that no filter may take.
RESERVED = frozenset({"sort", "after", "before", "end", "size", "columns", "export", "page"})
SIZES = (25, 50, 100, 200)


@dataclass(frozen=True)
class Empty:
    """What is said where there is nothing yet, and what to do next.

    Attributes:
        title: that there is nothing.
        text: what to do.
        url_name: where it is done; "" = nowhere in particular.
        action: what the button says.
        act: only who may do this act is shown the button; None = everybody.
    """

    title: str | Promise
    text: str | Promise = ""
    url_name: str = ""
    action: str | Promise = ""
    act: Act | None = None

    @property
    def url(self) -> str:
        return reverse(self.url_name) if self.url_name else ""


class Table:
    """A list. A room subclasses it; :func:`~huiyin.furniture.tables.table_response` shows it.

    Attributes:
        name: unique among tables; letters, digits and hyphens.
        title: its caption, and the name of exported files.
        columns: from left to right.
        filters: in the order in which they are offered.
        order: ORM paths, ``-`` before those that descend. The primary key is added where the last
            one is not unique.
        empty: what is said where there are no rows at all.
        exports: the formats offered.
        export_act: an act that stands for exporting this list (personal data); who may not do it is
            refused, and each export leaves an event.
        size: rows on a page until somebody chooses otherwise.
        count_limit: rows are counted up to this number, beyond it "more than" is said.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    columns: Sequence[Column] = ()
    filters: Sequence[Filter] = ()
    order: Sequence[str] = ()
    empty: Empty = Empty(_("Nothing here yet"))
    exports: Sequence[str] = ("xlsx", "csv")
    export_act: Act | None = None
    size: int = 50
    count_limit: int = 10_000

    def __init_subclass__(cls) -> None:
        names = [name for each in cls.filters for name in each.names]
        taken = RESERVED.intersection(names) | {n for n in names if names.count(n) > 1}
        if taken:
            raise ValueError(f"{cls.__name__}: filters may not be called {sorted(taken)}")

    def rows(self, request: Any) -> QuerySet[Any]:
        """The rows that the actor may see, not yet filtered or ordered."""
        raise NotImplementedError

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)
