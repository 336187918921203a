"""A list that can be imported, as a room declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from huiyin.audit.acts import Act, Actor, Place
from huiyin.furniture.exchange.parsing import Parse, text
from huiyin.furniture.exchange.places import Where
from huiyin.problems import Problem, ProblemKind


@dataclass(frozen=True)
class Field:
    """One column of the file.

    Attributes:
        name: the name under which a row holds the value.
        titles: what may stand in the head; the first is what the blank form says. Translated
            titles are recognised in every language of the site.
        required: whether the column, and a value in each row, must be there.
        parse: turns what a cell holds into a value; see ``huiyin.furniture.exchange.parsing``.
        note: what the blank form says of it.
        choices: titles offered as a list in the blank form.
        sample: a value that the blank form gives as an example.
    """

    name: str
    titles: Sequence[str | Promise]
    required: bool = False
    parse: Parse = field(default_factory=text)
    note: str | Promise = ""
    choices: Sequence[str | Promise] = ()
    sample: str = ""

    @property
    def title(self) -> str:
        return str(self.titles[0])


@dataclass(frozen=True)
class Row:
    """One row of a file whose cells could all be read.

    Attributes:
        where: its sheet and number.
        values: by the fields' names; None where the cell is empty or the column is missing.
        columns: letter and title of each field's column, to name it in a problem.
        raw: the cells as they were, for the file of rejected rows.
    """

    where: Where
    values: Mapping[str, Any]
    columns: Mapping[str, str] = field(default_factory=dict)
    raw: tuple[Any, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        value = self.values.get(name)
        return default if value is None else value

    def place(self, name: str = "") -> str:
        """Sheet, row and column, for a message."""
        return str(Where(self.where.sheet, self.where.row, self.columns.get(name, "")))

    def wrong(self, kind: ProblemKind, column: str = "", **values: Any) -> Problem:
        """A problem of this row, at one of its columns."""
        return kind(place=self.place(column), **values)


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


OUTCOME_TITLES = {
    Outcome.ADDED: pgettext_lazy("of a row", "Added"),
    Outcome.CHANGED: pgettext_lazy("of a row", "Changed"),
    Outcome.UNCHANGED: pgettext_lazy("of a row", "Unchanged"),
    Outcome.REJECTED: pgettext_lazy("of a row", "Rejected"),
}


@dataclass(frozen=True)
class Change:
    """What a row would do; make one with the functions below.

    Attributes:
        outcome: what becomes of the row.
        row: the row; None for what follows without one, such as an entry that is left out.
        label: what a person calls the thing.
        before: the values that change, as they are; keys are field names or titles.
        after: the same, as they would be.
        problems: why it is rejected.
        thing: whatever ``apply`` needs, such as the stored object; it is not kept.
    """

    outcome: Outcome
    row: Row | None
    label: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    thing: Any = field(default=None, compare=False)


def added(row: Row | None, label: str, after: Mapping[str, Any], thing: Any = None) -> Change:
    """The row adds something."""
    return Change(Outcome.ADDED, row, label, {}, after, thing=thing)


def changed(
    row: Row | None,
    label: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    thing: Any = None,
) -> Change:
    """The row changes something, if any value differs; else it is unchanged."""
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return Change(Outcome.UNCHANGED, row, label, thing=thing)
    return Change(
        Outcome.CHANGED,
        row,
        label,
        {name: before.get(name) for name in names},
        {name: after[name] for name in names},
        thing=thing,
    )


def rejected(row: Row, *problems: Problem, label: str = "") -> Change:
    """The row cannot be taken."""
    return Change(Outcome.REJECTED, row, label, problems=problems)


class Sheet:
    """What can be imported. A room subclasses it and adds :func:`import_pages` to its addresses.

    Attributes:
        name: unique among sheets; letters, digits and hyphens.
        title: what a person calls it.
        act: who may do this act may import; each import leaves one event of it.
        columns: the fields.
        lead: what the page of the import says of the file.
        back: name of the address to return to.
        row_limit: more rows are refused.
        job_rows: more rows are written by a job.
        max_bytes: a larger file is refused.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    act: ClassVar[Act]
    columns: ClassVar[Sequence[Field]]
    lead: ClassVar[str | Promise] = ""
    back: ClassVar[str] = "home"
    row_limit: ClassVar[int] = 200_000
    job_rows: ClassVar[int] = 5_000
    max_bytes: ClassVar[int] = 20 * 2**20

    def place(self, actor: Actor) -> Place | None:
        """Where the import as a whole falls; None = anywhere the actor may do it."""
        return None

    def place_of(self, row: Row) -> Place | None:
        """Where a row falls; a row where the actor may not do the act is rejected."""
        return None

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do. Reads, never writes; the same rows give the same changes.

        Raises:
            Problem: the file as a whole cannot be taken.
        """
        raise NotImplementedError

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        """Write the changes that are added or changed; called inside a transaction."""
        raise NotImplementedError
