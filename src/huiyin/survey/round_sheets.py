"""Quotas and staff of rounds from Excel or CSV, with a preview of every change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.utils import timezone
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
    code,
    rejected,
    text,
    whole,
)
from huiyin.organisation.models import Account
from huiyin.organisation.roles import Role
from huiyin.problems import (
    DIVISION_UNKNOWN,
    QUOTA_TWICE,
    REGION_OUTSIDE_SERIES,
    ROUND_NEEDS_CENTRE,
    ROUND_STAFF_STRANGER,
    STAFF_TWICE,
    Problem,
)
from huiyin.survey import round_acts as acts
from huiyin.survey import round_queries as queries
from huiyin.survey import round_rules as rules
from huiyin.survey.models import STAFF_ROLES, Quota, Round, RoundStatus, Staff
from huiyin.survey.round_actions import check_quota
from huiyin.territory.models import Region, Sex
from huiyin.territory.population_rules import Cell, check_cells, parse_ages
from huiyin.territory.rules import parse_code

_SERIES = Field("series", (_("Survey series"), "调查项目", "系列", "series"),
                note=_("Only where several series have the round"))  # fmt: skip
_ROUND = Field("round", (_("Round"), "轮次", "round"), required=True, parse=text(20),
               note=_("2026H1 or 2026年上半年"), sample="2026H2")  # fmt: skip


class _OfRounds(Sheet):
    """A file that names the round in each row."""

    #: The part of a round that it changes, and what a person calls it.
    part: ClassVar[str]
    part_title: ClassVar[Any]
    back = "survey:rounds"

    def place_of(self, row: Row) -> Place | None:
        try:
            return queries.place_of(_named(row))
        except Problem:
            return None  # the row is rejected for want of its round

    def rounds_of(self, rows: Sequence[Row]) -> dict[tuple[str, str], Round | Problem]:
        """The round of each pair of names; a problem where there is none, or it is frozen."""
        pairs = {(row["round"], row.get("series", "")): row for row in rows}
        return {pair: self._round(row) for pair, row in pairs.items()}

    def _round(self, row: Row) -> Round | Problem:
        try:
            found = _named(row)
            rules.check_open(RoundStatus(found.status), (self.part,), self.part_title)
        except Problem as wrong:
            return row.wrong(wrong.kind, "round", **wrong.values)
        return found


def _named(row: Row) -> Round:
    return queries.round_named(row["round"], row.get("series", ""))


def _pair(row: Row) -> tuple[str, str]:
    return row["round"], row.get("series", "")


def _code(cell: Any) -> str:
    return parse_code(code()(cell))[0]


_WORDS = {"男": "male", "女": "female", "合计": "all", "全部": "all", "不分": "all"}
_known_sex = choice(Sex)


def _sex(cell: Any) -> str:
    said = str(cell).strip()
    return _WORDS[said] if said in _WORDS else str(_known_sex(cell))


def _ages(cell: Any) -> tuple[int, int | None]:
    return parse_ages(str(cell))


class QuotaImport(_OfRounds):
    """One row for each sex and age band in a region; a target of 0 drops the quota."""

    name = "survey-quotas"
    title = _("Import quotas")
    act: ClassVar[Act] = acts.IMPORT_QUOTAS
    part, part_title = "quotas", _("Quotas")
    lead = _(
        "One row for each sex and age band in a region. What is not told apart is left empty;"
        " 0 drops the quota. The export of a round's quotas can be handed in again."
    )
    columns = (
        _SERIES,
        _ROUND,
        Field("code", (_("Division code"), "区划代码", "代码", "code"), required=True, parse=_code,
              sample="430582101000"),
        Field("sex", (_("Sex"), "性别", "sex"), parse=_sex, choices=Sex.labels,
              note=_("Empty = both"), sample="女"),
        Field("ages", (_("Age band"), "年龄段", "年龄", "ages"), parse=_ages,
              note=_("18-24, 60+; empty = all ages"), sample="18-39"),
        Field("target", (_("Interviews wanted"), "目标样本量", "目标", "配额", "target"),
              required=True, parse=whole(0, 1_000_000), sample="30"),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do; whoever would be counted twice is rejected."""
        rounds, regions = self.rounds_of(rows), queries.regions_of(row["code"] for row in rows)
        kept = _kept(rounds.values(), regions.values())
        seen: dict[Key, Row] = {}
        changes = [_quota(row, rounds[_pair(row)], regions, kept, seen) for row in rows]
        return _without_overlap(changes, kept)

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        for change in changes:
            old, wanted = change.thing
            if old is not None and change.outcome is not Outcome.UNCHANGED:
                old.delete()
            if wanted.target and change.outcome is not Outcome.UNCHANGED:
                wanted.save()


#: Round, region, sex and first age: what tells quotas apart.
Key = tuple[int, int, str, int]


def _key(quota: Quota) -> Key:
    return quota.round_id, quota.region_id, quota.sex, quota.age_from


def _kept(rounds: Iterable[Round | Problem], regions: Iterable[Region]) -> dict[Key, Quota]:
    found = [round for round in rounds if isinstance(round, Round)]
    rows = Quota.objects.filter(round__in=found, region__in=list(regions)).select_related("region")
    return {_key(quota): quota for quota in rows}


def _quota(
    row: Row, round: Round | Problem, regions: dict[str, Region], kept: dict[Key, Quota],
    seen: dict[Key, Row],
) -> Change:  # fmt: skip
    if isinstance(round, Problem):
        return rejected(row, round)
    region = regions.get(row["code"])
    if region is None:
        return rejected(row, row.wrong(DIVISION_UNKNOWN, "code", code=row["code"]))
    if not queries.lies_in(region, round.series):
        place = {"code": region.code, "region": round.series.region}
        return rejected(row, row.wrong(REGION_OUTSIDE_SERIES, "code", **place))
    low, high = row.get("ages", (0, None))
    wanted = Quota(
        round=round, region=region, sex=row.get("sex", Sex.ALL.value), age_from=low, age_to=high,
        target=row["target"],
    )  # fmt: skip
    first = seen.setdefault(_key(wanted), row)
    if first is not row:
        return rejected(row, row.wrong(QUOTA_TWICE, "code", other=first.place()))
    return _planned(row, wanted, kept.get(_key(wanted)))


def _planned(row: Row, wanted: Quota, old: Quota | None) -> Change:
    try:
        check_quota(wanted, ())
    except Problem as wrong:
        return rejected(row, row.wrong(wrong.kind, "ages", **wrong.values))
    after = {"target": wanted.target, "ages": wanted.ages}
    label = f"{wanted.round.code} {wanted}"
    if old is None and wanted.target:
        return added(row, label, after, (None, wanted))
    before = {"target": old.target, "ages": old.ages} if old else after
    return changed(row, label, before, after, (old, wanted))


def _without_overlap(changes: list[Change], kept: dict[Key, Quota]) -> list[Change]:
    """Rows after which somebody of a region would be counted by two quotas are rejected."""
    stays = dict(kept)
    for change in changes:
        if change.thing:
            stays[_key(change.thing[1])] = change.thing[1]
    groups: dict[tuple[int, int], set[Cell]] = {}
    for quota in stays.values():
        if quota.target:
            cell = Cell(quota.sex, quota.age_from, quota.age_to)
            groups.setdefault((quota.round_id, quota.region_id), set()).add(cell)
    bad = {group: wrong for group, cells in groups.items() if (wrong := _overlap(cells))}
    return [_checked(change, bad) for change in changes]


def _overlap(cells: set[Cell]) -> Problem | None:
    try:
        check_cells(sorted(cells, key=str))
    except Problem as wrong:
        return wrong
    return None


def _checked(change: Change, bad: dict[tuple[int, int], Problem]) -> Change:
    wanted = change.thing[1] if change.thing else None
    wrong = bad.get((wanted.round_id, wanted.region_id)) if wanted else None
    if wrong is None or change.row is None or change.outcome is Outcome.UNCHANGED:
        return change
    problem = change.row.wrong(wrong.kind, "ages", **wrong.values)
    return rejected(change.row, problem, label=change.label)


class StaffImport(_OfRounds):
    """One row for each person and role."""

    name = "survey-staff"
    title = _("Import the staff of rounds")
    act: ClassVar[Act] = acts.IMPORT_STAFF
    part, part_title = "staff", _("The staff")
    lead = _(
        "One row for each person and role. Only people who hold the role in the round's survey"
        " centre are taken; nobody is taken off by a file."
    )
    columns = (
        _SERIES,
        _ROUND,
        Field("username", (_("Sign-in name"), "登录名", "账号", "username"), required=True,
              parse=text(150), sample="wang.fang"),
        Field("role", (_("Role"), "角色", "岗位", "role"), required=True, parse=choice(Role),
              choices=[role.label for role in STAFF_ROLES], sample="访问员"),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], actor: Actor) -> list[Change]:
        """What each row would do; strangers, and verifiers of their own work, are rejected."""
        rounds = self.rounds_of(rows)
        people = _people(rounds.values())
        taken: dict[tuple[int, int], dict[Role, Row | None]] = {}
        return [_staff(row, rounds[_pair(row)], people, taken) for row in rows]

    def apply(self, changes: Sequence[Change], actor: Actor) -> None:
        Staff.objects.bulk_create(
            change.thing for change in changes if change.outcome is Outcome.ADDED
        )


#: Who can be staff, and as what, by the key of the round and the sign-in name.
People = dict[tuple[int, str], dict[Role, Account]]


def _people(rounds: Iterable[Round | Problem]) -> People:
    found: People = {}
    today = timezone.localdate()  # a file is read on the day on which it is handed in
    for round in rounds:
        if isinstance(round, Round) and round.centre:
            for held in queries.candidates(round.centre, today):
                of = found.setdefault((round.pk, held.account.username.lower()), {})
                of[Role(held.role)] = held.account
    return found


def _staff(
    row: Row, round: Round | Problem, people: People,
    taken: dict[tuple[int, int], dict[Role, Row | None]],
) -> Change:  # fmt: skip
    if isinstance(round, Problem):
        return rejected(row, round)
    if round.centre is None:
        return rejected(row, row.wrong(ROUND_NEEDS_CENTRE, "round"))
    role, known = Role(row["role"]), people.get((round.pk, row["username"].lower()), {})
    if role not in known:
        wrong = row.wrong(
            ROUND_STAFF_STRANGER, "role", name=row["username"], role=role.label,
            centre=round.centre.name,
        )  # fmt: skip
        return rejected(row, wrong)
    account = known[role]
    if (round.pk, account.pk) not in taken:
        held = round.staff.filter(account=account).values_list("role", flat=True)
        taken[round.pk, account.pk] = {Role(each): None for each in held}
    return _placed(row, round, account, role, taken[round.pk, account.pk])


def _placed(
    row: Row, round: Round, account: Account, role: Role, roles: dict[Role, Row | None]
) -> Change:
    label = f"{round.code} {account}"
    if (first := roles.get(role)) is not None:
        return rejected(row, row.wrong(STAFF_TWICE, "username", other=first.place()))
    try:
        rules.check_staff(roles, role)
    except Problem as wrong:
        return rejected(row, row.wrong(wrong.kind, "role", **wrong.values), label=label)
    after = {"role": str(role.label)}
    if role in roles:
        return changed(row, label, after, after)
    roles[role] = row
    return added(row, label, after, Staff(round=round, account=account, role=role))
