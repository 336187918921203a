"""Populations from Excel or CSV, with a preview of every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from huiyin.audit.acts import Act, Actor, Place
from huiyin.furniture.exchange import (
    Change,
    Field,
    Outcome,
    Row,
    Sheet,
    added,
    changed,
    choice,
    rejected,
    text,
    whole,
)
from huiyin.problems import DIVISION_UNKNOWN, POPULATION_TWICE, Problem
from huiyin.territory import acts, rules
from huiyin.territory.models import Population, PopulationKind, Region, Residence, Sex
from huiyin.territory.population_rules import Cell, check_cells, parse_ages, said
from huiyin.territory.queries import living

#: Region (primary key), year, kind: within it all cells must be apart.
Group = tuple[int, int, str]


def _code(cell: Any) -> str:
    return rules.parse_code(str(int(cell)) if isinstance(cell, float) else str(cell))[0]


def _ages(cell: Any) -> tuple[int, int | None]:
    return parse_ages(str(cell))


def _word(words: dict[str, str]) -> Callable[[Any], str]:
    """Words that tables of statistics use beside the titles of the choices."""
    return lambda cell: words[str(cell).strip()]


def _said_as(choices: Any, others: dict[str, str]) -> Callable[[Any], Any]:
    known, other = choice(choices), _word(others)
    return lambda cell: other(cell) if str(cell).strip() in others else known(cell)


class PopulationImport(Sheet):
    """One row for each cell: sex, age band and residence in a region and a year."""

    name = "territory-populations"
    title = _("Import populations")
    act: ClassVar[Act] = acts.IMPORT_POPULATIONS
    lead = _("One row for each group of people. What is not told apart is left empty.")
    back = "territory:populations"
    columns = (
        Field("code", (_("Division code"), "区划代码", "代码", "code"), required=True, parse=_code,
              note=_("2 to 12 digits, as text"), sample="430582101000"),
        Field("year", (_("Year"), "年份", "年度", "year"), required=True,
              parse=whole(1900, 2200), sample="2020"),
        Field("kind", (_("Kind"), "类别", "口径", "kind"), required=True,
              parse=_said_as(PopulationKind, {"普查": "census", "人口普查": "census",
                                              "估计": "estimate", "推算": "estimate"}),
              choices=PopulationKind.labels, sample="普查"),
        Field("sex", (_("Sex"), "性别", "sex"),
              parse=_said_as(Sex, {"男": "male", "女": "female", "合计": "all", "全部": "all"}),
              choices=Sex.labels, note=_("Empty = both"), sample="女"),
        Field("ages", (_("Age band"), "年龄段", "年龄组", "年龄", "ages"), parse=_ages,
              note=_("18-24, 80+; empty = all ages"), sample="18-24"),
        Field("residence", (_("Residence"), "城乡", "居住地", "residence"),
              parse=_said_as(Residence, {"城": "urban", "城镇": "urban", "乡": "rural",
                                         "乡村": "rural", "农村": "rural", "合计": "all"}),
              choices=Residence.labels, note=_("Empty = both"), sample="城镇"),
        Field("people", (_("People"), "人口数", "人数", "people"), required=True, parse=whole(0),
              note=_("A whole number"), sample="1234"),
        Field("source", (_("Source"), "来源", "数据来源", "source"), required=True, parse=text(200),
              note=_("Where the figure comes from"), sample="第七次全国人口普查"),
    )  # fmt: skip

    def place_of(self, row: Row) -> Place:
        return Place(region=row["code"])

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do; rows that would count somebody twice are rejected."""
        codes = {row["code"] for row in rows}
        regions = {region.code: region for region in living().filter(code__in=codes)}
        kept = _kept(list(regions.values()))
        seen: dict[tuple[Group, Cell], Row] = {}
        changes = [_change(row, regions.get(row["code"]), kept, seen) for row in rows]
        bad = _groups_that_overlap(kept, seen)
        return [_checked(change, bad) for change in changes]

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        made = [change.thing for change in changes if change.outcome is not Outcome.UNCHANGED]
        Population.objects.bulk_create(
            made,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["region", "year", "kind", "sex", "age_from", "residence"],
            update_fields=["age_to", "people", "source"],
        )


def _kept(regions: Sequence[Region]) -> dict[tuple[Group, Cell], Population]:
    rows = Population.objects.filter(region__in=regions)
    return {((p.region_id, p.year, p.kind), cell_of(p)): p for p in rows}


def cell_of(stored: Population) -> Cell:
    """Who is counted in a stored row."""
    return Cell(stored.sex, stored.age_from, stored.age_to, stored.residence)


def _change(
    row: Row,
    region: Region | None,
    kept: dict[tuple[Group, Cell], Population],
    seen: dict[tuple[Group, Cell], Row],
) -> Change:
    if region is None:
        return rejected(row, row.wrong(DIVISION_UNKNOWN, "code", code=row["code"]))
    low, high = row.get("ages", (0, None))
    cell = Cell(row.get("sex", Sex.ALL), low, high, row.get("residence", Residence.ALL))
    group = (region.pk, row["year"], row["kind"])
    first = seen.setdefault((group, cell), row)
    if first is not row:
        return rejected(row, row.wrong(POPULATION_TWICE, "code", other=first.place()))
    thing = Population(
        region=region, year=row["year"], kind=row["kind"], sex=cell.sex, age_from=cell.age_from,
        age_to=cell.age_to, residence=cell.residence, people=row["people"], source=row["source"],
    )  # fmt: skip
    label = f"{region.name} {row['year']} {said(cell)}"
    after = {"people": row["people"], "source": row["source"]}
    old = kept.get((group, cell))
    if old is None:
        return added(row, label, after, thing)
    return changed(row, label, {"people": old.people, "source": old.source}, after, thing)


def _groups_that_overlap(
    kept: dict[tuple[Group, Cell], Population], seen: dict[tuple[Group, Cell], Row]
) -> dict[Group, Problem]:
    """Groups in which, after the import, somebody would be counted twice."""
    groups: defaultdict[Group, set[Cell]] = defaultdict(set)
    for group, cell in [*kept, *seen]:
        groups[group].add(cell)
    bad = {}
    for group, cells in groups.items():
        try:
            check_cells(sorted(cells, key=str))
        except Problem as wrong:
            bad[group] = wrong
    return bad


def _checked(change: Change, bad: dict[Group, Problem]) -> Change:
    thing = change.thing
    wrong = bad.get((thing.region_id, thing.year, thing.kind)) if thing else None
    if wrong is None or change.row is None or change.outcome is Outcome.UNCHANGED:
        return change
    problem = change.row.wrong(wrong.kind, "ages", **wrong.values)
    return rejected(change.row, problem, label=change.label)
